package lambda

import (
	"os"
	"runtime/debug"
	"testing"
)

// Runs are many and small: most of what they allocate is garbage soon.
func TestMain(m *testing.M) {
	debug.SetGCPercent(800)
	os.Exit(m.Run())
}
