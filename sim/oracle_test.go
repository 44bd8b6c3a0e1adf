package sim

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"parallax/engine"
)

// modelFile is a file as the rules of package engine describe it, kept without
// any of Disk's bookkeeping.
type modelFile struct {
	name    string
	durable []byte
	known   bool     // durably created
	pending [][]byte // unsynced writes in order
	removal string   // "", "asked": waits for persists, "done": may be undone, "final"
}

// allows says whether a crash may leave the file with this content, nil for not
// at all. It is the rule itself, tried for every prefix, tear and fill.
func (f *modelFile) allows(content []byte, exists bool) bool {
	if !exists || f.removal == "final" {
		return !exists && (f.removal == "done" || f.removal == "final" || !f.known)
	}
	whole := f.durable
	for i := 0; ; i++ {
		if bytes.Equal(content, whole) {
			return true
		}
		if i == len(f.pending) {
			return false
		}
		next := f.pending[i]
		for keep := 1; keep < len(next); keep++ {
			torn := slices.Concat(whole, next[:keep])
			filled := slices.Concat(torn, make([]byte, len(next)-keep))
			if bytes.Equal(content, torn) || bytes.Equal(content, filled) {
				return true
			}
		}
		whole = slices.Concat(whole, next)
	}
}

// history is a Disk and its model under the same operations.
type history struct {
	disk  *Disk
	model []*modelFile
}

func (h *history) file(name string) *modelFile {
	for _, f := range h.model {
		if f.name == name {
			return f
		}
	}
	f := &modelFile{name: name}
	h.model = append(h.model, f)
	return f
}

// step issues one write, one removal, or both.
func (h *history) step(t *rapid.T, write, remove string, size int) {
	var fx engine.Effects
	if write != "" && h.file(write).removal == "" {
		data := bytes.Repeat([]byte{byte('a' + size)}, size)
		fx.Persist(write, data)
		h.file(write).pending = append(h.file(write).pending, data)
	}
	if f := h.file(remove); remove != "" && f.removal == "" && (f.known || len(f.pending) > 0) {
		fx.Remove(remove)
		f.removal = "asked"
	}
	if err := h.disk.Issue(&fx); err != nil {
		t.Fatal(err)
	}
	h.settle()
}

// settle lets removals take effect for which nothing is left to wait.
func (h *history) settle() {
	if slices.ContainsFunc(h.model, func(f *modelFile) bool { return len(f.pending) > 0 }) {
		return
	}
	for _, f := range h.model {
		if f.removal == "asked" {
			f.removal = "done"
		}
	}
}

func (h *history) sync() {
	h.disk.Sync()
	for _, f := range h.model {
		f.known = f.known || len(f.pending) > 0
		f.durable = slices.Concat(append([][]byte{f.durable}, f.pending...)...)
		f.pending = nil
	}
	for _, f := range h.model {
		if f.removal == "done" {
			f.removal = "final"
		}
	}
	h.settle()
}

// fits reports the first file whose state breaks the rules.
func (h *history) fits(d *Disk) error {
	for _, name := range d.Files() {
		if !slices.ContainsFunc(h.model, func(f *modelFile) bool { return f.name == name }) {
			return fmt.Errorf("%s exists", name)
		}
	}
	for _, f := range h.model {
		content := make([]byte, d.Size(f.name))
		if _, err := d.ReadAt(f.name, content, 0); err != nil && len(content) > 0 {
			return err
		}
		if !f.allows(content, slices.Contains(d.Files(), f.name)) {
			return fmt.Errorf("%s is %q after durable %q, pending %q, removal %q", f.name, content, f.durable, f.pending, f.removal)
		}
	}
	return nil
}

// Every crash state that a world can draw, and every one that is enumerated,
// keeps the rules; and what is drawn is among what is enumerated.
func TestOracleCrashKeepsTheRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := &history{disk: NewDisk()}
		name := rapid.SampledFrom([]string{"", "a", "b", "c"})
		for range rapid.IntRange(1, 8).Draw(t, "operations") {
			if rapid.IntRange(0, 3).Draw(t, "sync") == 0 {
				h.sync()
				continue
			}
			h.step(t, name.Draw(t, "write"), name.Draw(t, "remove"), rapid.IntRange(0, 3).Draw(t, "size"))
		}
		var all []string
		for state := range h.disk.CrashStates(nil) {
			if err := h.fits(state); err != nil {
				t.Fatal(err)
			}
			if all = append(all, contents(state)); len(all) > 5000 {
				return // too many to compare; others will do
			}
		}
		w := New(Options{Seed: rapid.Uint64().Draw(t, "seed")})
		for i := range uint64(20) {
			n := &node{disk: h.disk.clone()}
			w.lose(n, w.drawnLoss(i))
			if err := h.fits(n.disk); err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(all, contents(n.disk)) {
				t.Fatalf("drawn but not enumerated: %s", contents(n.disk))
			}
		}
	})
}

func contents(d *Disk) string {
	var b bytes.Buffer
	for _, f := range d.files {
		fmt.Fprintf(&b, "%s=%q ", f.name, f.data)
	}
	return b.String()
}
