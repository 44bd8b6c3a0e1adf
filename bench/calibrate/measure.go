//go:build !js && !wasip1

package calibrate

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"time"

	"parallax/bench/costs"
)

// tries is how often each thing is measured; the quickest counts.
const tries = 5

// Options of a measurement.
type Options struct {
	Dir      string            // on the disk that is measured; "": the system's folder for what is temporary
	Progress func(what string) // is told what comes next; may be nil
}

// Measure proposes a table for the machine at hand. It takes some seconds.
func Measure(ctx context.Context, o Options) (costs.Table, error) {
	dir, err := os.MkdirTemp(o.Dir, "calibrate")
	if err != nil {
		return costs.Table{}, fmt.Errorf("calibrate: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	t := costs.Table{Version: costs.Default().Version + 1, Of: fmt.Sprintf("measured: %s, %s, %d processors", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())}
	for _, step := range []struct {
		what    string
		measure func(ctx context.Context, dir string, t *costs.Table) error
	}{
		{"the processor: a row, and a byte", processor},
		{"the disk: syncs, writes, reads", disk},
		{"the driver: a start", start},
		{"the loopback: messages", messages},
	} {
		if o.Progress != nil {
			o.Progress(step.what)
		}
		if err := ctx.Err(); err != nil {
			return costs.Table{}, err
		}
		if err := step.measure(ctx, dir, &t); err != nil {
			return costs.Table{}, fmt.Errorf("calibrate: %s: %w", step.what, err)
		}
	}
	return t, nil
}

// quickest is the least time of some tries, in ns.
func quickest(do func() error) (ns int64, err error) {
	for i := range tries {
		begin := time.Now()
		if err := do(); err != nil {
			return 0, err
		}
		if took := time.Since(begin).Nanoseconds(); i == 0 || took < ns {
			ns = took
		}
	}
	return ns, nil
}

// slope is the price of a byte, in ps, if so many more of them take so much longer.
func slope(smallNs, largeNs, bytes int64) int64 {
	return max(0, largeNs-smallNs) * 1000 / bytes
}
