//go:build !js && !wasip1

package osenv

import (
	"context"
	"errors"
	"math"
	"os"
	"os/exec"
	"testing"
	"time"

	"parallax/engine"
)

// The environment of a child process.
const (
	childDirEnv  = "OSENV_TEST_CHILD_DIR"
	childPeerEnv = "OSENV_TEST_CHILD_PEER"
)

// TestChildLedger is the child process of TestKill: a ledger without end.
func TestChildLedger(t *testing.T) {
	dir := os.Getenv(childDirEnv)
	if dir == "" {
		t.Skip("it runs as the child process of TestKill")
	}
	start := startLedger(math.MaxUint64, audienceID, func(engine.Env, uint64) {})
	err := Run(context.Background(), Options{
		ID: 1, Dir: dir, Decode: decodeLedger,
		Peers: func(engine.NodeID) string { return os.Getenv(childPeerEnv) },
	}, start)
	t.Fatal(err) // nothing but a signal ends it
}

// waitFor waits until cond holds.
func waitFor(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(500 * time.Microsecond) {
		if cond() {
			return
		}
	}
	t.Fatalf("waited in vain for %s", what)
}

// A process that is killed with SIGKILL at any moment leaves what it has
// acknowledged, and its lock dies with it. (That says nothing about syncs: the
// page cache survives. The crash states do.)
func TestKill(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var heard audience
	dir := t.TempDir()
	shown, err := Open(t.Context(), Options{ID: audienceID, Dir: t.TempDir(), Decode: decodeLedger}, heard.start)
	if err != nil {
		t.Fatal(err)
	}
	for round := range 4 {
		child := exec.Command(exe, "-test.run=^TestChildLedger$")
		child.Env = append(os.Environ(), childDirEnv+"="+dir, childPeerEnv+"="+shown.Addr())
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		_, before := heard.last()
		waitFor(t, "acknowledgements", func() bool {
			_, n := heard.last()
			return n > before+20*(round+1)
		})
		if _, err := Open(t.Context(), Options{ID: 1, Dir: dir, Decode: decodeLedger}, heard.start); !errors.Is(err, ErrLocked) {
			t.Errorf("the directory of a running process: %v", err)
		}
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := child.Wait(); err == nil {
			t.Error("the child ended by itself")
		}
		acked, _ := heard.last()
		if err := check(t, ledgerSubject, dir, promises{least: acked, most: math.MaxUint64}); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
	}
	if err := shown.Stop(); err != nil {
		t.Error(err)
	}
	acked, _ := heard.last()
	t.Logf("%d records", acked)
}
