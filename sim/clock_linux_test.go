package sim_test

import (
	"syscall"
	"time"
)

// cpu is the processor time that the process has used, its garbage collector's
// included, so that the machine's other work counts less.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
