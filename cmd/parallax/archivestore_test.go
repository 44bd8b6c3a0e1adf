//go:build unix

package main

import (
	"context"
	"testing"

	"parallax/engine/blob/store"
	"parallax/engine/osenv"
)

// TestVectorArchiveStore: a store of this machine starts in the folder, which then lists the
// same files.
func TestVectorArchiveStore(t *testing.T) {
	folder(t)
	outputs(t, "archive", "clicks.yaml", "--out", "lake", "-q")
	before := outputs(t, "files", "lake")
	node, err := osenv.Open(context.Background(), osenv.Options{ID: 2, Dir: "lake", Decode: store.Decode}, store.Start(store.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Stop(); err != nil || node.Boot() != 2 {
		t.Errorf("boot %d: %v", node.Boot(), err)
	}
	if after := outputs(t, "files", "lake", "--check"); after != before {
		t.Errorf("behind a store's start:\n%swant\n%s", after, before)
	}
}
