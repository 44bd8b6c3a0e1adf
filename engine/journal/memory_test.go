package journal

import (
	"bytes"
	"io/fs"
	"maps"
	"slices"
	"testing"

	"parallax/engine"
)

// memory is a disk without rules, for damage that no crash does: whatever is
// written is durable, and any file may be written.
type memory map[string][]byte

func (m memory) Files() []string        { return slices.Sorted(maps.Keys(m)) }
func (m memory) Size(file string) int64 { return int64(len(m[file])) }
func (m memory) ReadAt(file string, p []byte, off int64) (int, error) {
	b, ok := m[file]
	if !ok {
		return 0, fs.ErrNotExist
	}
	return bytes.NewReader(b).ReadAt(p, off)
}

func (m memory) apply(fx *engine.Effects) {
	for _, p := range fx.Persists {
		m[p.File] = append(m[p.File], p.Data...)
	}
	for _, file := range fx.Removes {
		delete(m, file)
	}
	fx.Reset()
}

func (m memory) clone() memory {
	c := memory{}
	for file, b := range m {
		c[file] = slices.Clone(b)
	}
	return c
}

// recovered opens the journal named state and returns its records.
func recovered(disk engine.Disk, boot uint32, opts Options) (*Journal, []Record, error) {
	var out []Record
	j, err := Open(disk, boot, "state", opts, func(r Record) error {
		out = append(out, r)
		return nil
	})
	return j, out, err
}

// written is a journal of three incarnations and six segments, all durable, with
// its records.
func written(t testing.TB) (memory, []Record) {
	t.Helper()
	m := memory{}
	var fx engine.Effects
	for number, sizes := range [][]int{{5, 0, 17, 60, 3}, {9, 70, 9}, {1, 30, 1}} {
		j, _, err := recovered(m, uint32(number+1), small)
		if err != nil {
			t.Fatal(err)
		}
		for i, size := range sizes {
			j.Append(&fx, bytes.Repeat([]byte{byte('a' + i)}, size))
			m.apply(&fx)
		}
	}
	_, all, err := recovered(m, 4, small)
	if err != nil || len(all) != 11 || len(m) < 6 {
		t.Fatalf("%d records in %d files: %v", len(all), len(m), err)
	}
	return m, all
}
