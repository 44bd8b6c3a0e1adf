package cluster

import (
	"os"
	"runtime/debug"
	"testing"
)

// Runs are many and small: most of what they allocate is garbage soon, and
// collecting it at a heap of 4 MiB takes as long as all the rest.
func TestMain(m *testing.M) {
	debug.SetGCPercent(800)
	os.Exit(m.Run())
}
