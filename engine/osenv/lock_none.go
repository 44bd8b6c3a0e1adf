//go:build !js && !wasip1 && !linux && !darwin && !freebsd && !netbsd && !openbsd && !dragonfly && !windows

package osenv

import (
	"errors"
	"fmt"
	"os"
	"runtime"
)

// lock fails: running a directory twice would destroy it.
func lock(string) (*os.File, error) {
	return nil, fmt.Errorf("osenv: no lock that dies with its process on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
