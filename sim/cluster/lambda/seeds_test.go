package lambda

import (
	"fmt"
	"os"
	"reflect"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"testing"
	"time"

	"parallax/engine"
)

// Times of a drawn run.
const (
	stormNs = 10 * engine.Second
	calmNs  = 20 * engine.Second
)

// seeds is which to run: PARALLAX_SEEDS=A..B in a soak, else 1..n.
func seeds(t *testing.T, n uint64) (from, to uint64) {
	t.Helper()
	if os.Getenv("PARALLAX_SOAK") == "" {
		return 1, n
	}
	if _, err := fmt.Sscanf(os.Getenv("PARALLAX_SEEDS"), "%d..%d", &from, &to); err != nil {
		t.Fatalf("PARALLAX_SEEDS=%q: want A..B", os.Getenv("PARALLAX_SEEDS"))
	}
	return from, to
}

// errorsMost is behind how many failures a campaign ends.
const errorsMost = 10

// campaign runs drawn seeds, on all cores: a run shares nothing with another one. It sums
// up what they have shown, and says every so often in a soak how far it is.
func campaign(t *testing.T, from, to uint64, r runs) (sum Tally) {
	t.Helper()
	var (
		mu     sync.Mutex
		all    sync.WaitGroup
		next   = from
		ended  uint64
		failed int
		began  = time.Now()
		told   = began
	)
	take := func() (seed uint64, ok bool) {
		mu.Lock()
		defer mu.Unlock()
		if next > to || failed > errorsMost {
			return 0, false
		}
		next++
		return next - 1, true
	}
	note := func(seed uint64, n Tally, err error) {
		mu.Lock()
		defer mu.Unlock()
		if ended++; err != nil {
			failed++
			t.Errorf("seed %d: %v\n%s", seed, err, r.reproduce(seed))
		}
		sum.add(n)
		if time.Since(told) > time.Minute {
			told = time.Now()
			t.Logf("%d of %d seeds, %d failed, %.1f a second", ended, to-from+1, failed, float64(ended)/time.Since(began).Seconds())
		}
	}
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for seed, ok := take(); ok; seed, ok = take() {
				n, err := r.play(seed)
				note(seed, n, err)
			}
		})
	}
	all.Wait()
	t.Logf("seeds %d to %d in %v: %+v", from, to, time.Since(began).Round(time.Millisecond), sum)
	return sum
}

// runs are drawn runs of one kind.
type runs struct {
	test   string                                            // its name, for the line that plays a seed again; or ""
	draw   func(uint64, func(*Options)) (*Deployment, error) // nil means Drawn
	change func(*Options)                                    // or nil
	look   func(uint64, *Deployment)                         // is shown how a run has ended; or nil
}

// reproduce is the line that plays a seed again.
func (r *runs) reproduce(seed uint64) string {
	return fmt.Sprintf("PARALLAX_SOAK=1 PARALLAX_SEEDS=%d..%d go test -run %s ./sim/cluster/lambda", seed, seed, r.test)
}

// play is one run.
func (r *runs) play(seed uint64) (n Tally, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	draw := r.draw
	if draw == nil {
		draw = Drawn
	}
	d, err := draw(seed, func(o *Options) {
		if r.test != "" {
			o.World.Reproduce = r.reproduce(seed)
		}
		if r.change != nil {
			r.change(o)
		}
	})
	if err == nil {
		err = d.Run(stormNs, calmNs)
	}
	if err != nil {
		return Tally{}, err
	}
	if r.look != nil {
		r.look(seed, d)
	}
	if n = d.Tally(); n.Compared == 0 && d.Excused() == nil {
		return n, fmt.Errorf("nothing was compared: %+v", n)
	}
	return n, nil
}

// add adds the counters of another run.
func (t *Tally) add(o Tally) {
	a, b := reflect.ValueOf(t).Elem(), reflect.ValueOf(o)
	for i := range a.NumField() {
		a.Field(i).SetUint(a.Field(i).Uint() + b.Field(i).Uint())
	}
}

// unseen lists the counters that are 0, but for some.
func (t *Tally) unseen(but ...string) (names []string) {
	v := reflect.ValueOf(*t)
	for i := range v.NumField() {
		if v.Field(i).Uint() == 0 && !slices.Contains(but, v.Type().Field(i).Name) {
			names = append(names, v.Type().Field(i).Name)
		}
	}
	return names
}

// TestDifferentialLambdaSeeds: whatever breaks, every answer of every server is the
// oracle's at the cut that it states, and everything catches up.
func TestDifferentialLambdaSeeds(t *testing.T) {
	from, to := seeds(t, 300)
	sum := campaign(t, from, to, runs{test: "TestDifferentialLambdaSeeds"})
	if list := sum.unseen("Again"); to-from > 100 && len(list) > 0 {
		t.Errorf("never seen: %v", list)
	}
}
