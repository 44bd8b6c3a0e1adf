//go:build !linux

package sim_test

import "time"

var started = time.Now()

// cpu is the time gone by: the best there is without a processor clock.
func cpu() time.Duration { return time.Since(started) }
