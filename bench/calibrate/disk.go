//go:build !js && !wasip1

package calibrate

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"parallax/bench/costs"
)

// A small and a large write, and how many of the small ones are timed together.
const (
	smallWrite = 512
	largeWrite = 8 << 20
	smallReads = 1000
)

// disk measures group commits and reads.
func disk(_ context.Context, dir string, t *costs.Table) (err error) {
	f, err := os.OpenFile(filepath.Join(dir, "log"), os.O_CREATE|os.O_EXCL|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	commit := func(size int) (int64, error) {
		record := make([]byte, size)
		return quickest(func() error {
			if _, err := f.Write(record); err != nil {
				return err
			}
			return f.Sync()
		})
	}
	small, err := commit(smallWrite)
	if err != nil {
		return err
	}
	large, err := commit(largeWrite)
	if err != nil {
		return err
	}
	t.FsyncNs, t.WriteBytePs = small, slope(small, large, largeWrite-smallWrite)

	p := make([]byte, largeWrite)
	seek, err := quickest(func() error {
		for i := range smallReads {
			if _, err := f.ReadAt(p[:smallWrite], int64(i*7919%largeWrite)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	whole, err := quickest(func() error {
		_, err := f.ReadAt(p, smallWrite)
		return err
	})
	t.ReadNs = seek / smallReads
	t.ReadBytePs = slope(t.ReadNs, whole, largeWrite)
	return err
}
