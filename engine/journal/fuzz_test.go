package journal

import (
	"errors"
	"testing"

	"parallax/engine"
)

// Whatever is in the files, opening never panics and never fails but by ErrCorrupt;
// and a journal that opens can be written, and then has one record more.
func FuzzOpen(f *testing.F) {
	m, _ := written(f)
	files := m.Files()
	for i := range files[1:] {
		f.Add(m[files[i]], m[files[i+1]])
	}
	f.Add([]byte{}, []byte(magic))
	f.Add(m[files[0]], make([]byte, 200))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		m := memory{files[0]: a, files[1]: b, "state": nil, "state-0000000001-000000001A.log": a}
		j, before, err := recovered(m, 7, small)
		if err != nil {
			if !errors.Is(err, ErrCorrupt) {
				t.Fatal(err)
			}
			return
		}
		var fx engine.Effects
		j.Append(&fx, []byte("one more"))
		m.apply(&fx)
		_, after, err := recovered(m, 8, small)
		if err != nil || len(after) != len(before)+1 || !equal(after[:len(before)], before) {
			t.Fatalf("after one more: %s, %v; before: %s", show(after), err, show(before))
		}
	})
}
