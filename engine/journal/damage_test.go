package journal

import (
	"errors"
	"slices"
	"testing"

	"parallax/engine"
)

// verdict opens a damaged copy of a journal. Whatever is damaged, what is recovered
// must be a beginning of the truth; and if something is missing below the confirmed
// length, it must be ErrCorrupt. Only a damaged mark is made good.
func verdict(t *testing.T, m memory, truth []Record, confirmed bool, what string, args ...any) {
	t.Helper()
	_, got, err := recovered(m, 4, small)
	switch {
	case err != nil && !errors.Is(err, ErrCorrupt):
		t.Errorf(what+": %v", append(args, err)...)
	case err != nil:
	case confirmed && !equal(got, truth):
		t.Errorf(what+": only %s was recovered, without notice", append(args, show(got))...)
	case len(got) > len(truth) || !equal(got, truth[:len(got)]):
		t.Errorf(what+": invented %s", append(args, show(got))...)
	}
}

// below reports, for every file, up to which byte it is confirmed by something
// behind: the next segment, or the mark at its end.
func below(m memory, truth []Record) map[string]int64 {
	confirmed := map[string]int64{}
	for file, b := range m {
		confirmed[file] = int64(len(b))
	}
	last := truth[len(truth)-1].At
	confirmed[last.segment().name("state")] = last.Offset + frameBytes + int64(last.Length)
	return confirmed
}

func TestOracleBitRot(t *testing.T) {
	m, truth := written(t)
	confirmed := below(m, truth)
	for file, b := range m {
		for i := range b {
			for _, flip := range []byte{1, 0x80, 0xff} {
				c := m.clone()
				c[file][i] ^= flip
				verdict(t, c, truth, int64(i) < confirmed[file], "%s byte %d ^ %#x", file, i, flip)
			}
		}
	}
}

// A segment that ends early, with a good one behind it, is a hole and not a torn
// tail.
func TestOracleTruncation(t *testing.T) {
	m, truth := written(t)
	files := m.Files()
	for n, file := range files {
		isLast := n == len(files)-1
		for size := range m[file] {
			c := m.clone()
			c[file] = c[file][:size]
			verdict(t, c, truth, !isLast, "%s cut to %d bytes", file, size)
		}
		c := m.clone()
		delete(c, file)
		verdict(t, c, truth, !isLast, "%s missing", file)
	}
}

// A good frame in the wrong place is no good frame.
func TestOracleMisdirectedWrites(t *testing.T) {
	m, truth := written(t)
	confirmed := below(m, truth)
	for _, from := range truth {
		for _, to := range truth {
			if from.At == to.At {
				continue
			}
			c := m.clone()
			src := m[from.At.segment().name("state")][from.At.Offset:][:frameBytes+from.At.Length]
			file := to.At.segment().name("state")
			n := copy(c[file][to.At.Offset:], src)
			if slices.Equal(c[file], m[file]) {
				continue
			}
			// With the last frame gone nothing speaks for the ones before.
			hit := to.At.Offset+int64(n) <= confirmed[file]
			verdict(t, c, truth, hit, "record at %v written over %v", from.At, to.At)
		}
	}
	files := m.Files()
	for n, a := range files {
		for _, b := range files {
			if a != b {
				c := m.clone()
				c[a] = m[b]
				verdict(t, c, truth, n < len(files)-1, "%s has the bytes of %s", a, b)
			}
		}
	}
}

// Within one incarnation a predecessor may lack its end only as long as nothing
// says that it was durable.
func TestOracleHoleInOneIncarnation(t *testing.T) {
	for _, durable := range []bool{false, true} {
		m := memory{}
		j, _, err := recovered(m, 1, small)
		if err != nil {
			t.Fatal(err)
		}
		var fx engine.Effects
		j.Append(&fx, make([]byte, 100))
		first := fx.Persists[0]
		if durable {
			m.apply(&fx)
		}
		j.Append(&fx, make([]byte, 100))
		m.apply(&fx)
		m[first.File] = first.Data[:len(first.Data)-frameBytes-1]
		_, got, err := recovered(m, 2, small)
		if errors.Is(err, ErrCorrupt) != durable || len(got) != 0 {
			t.Errorf("first segment durable before the second was begun: %v: recovered %s, %v", durable, show(got), err)
		}
	}
}

// When the next segment was begun while this one was being written, and nothing says that
// both became durable, no byte of either can be damaged such that a record is missing
// without notice. The mark that ends the first is no record: with it gone all are there.
func TestOracleRotInOneIncarnation(t *testing.T) {
	m := memory{}
	j, _, err := recovered(m, 1, small)
	if err != nil {
		t.Fatal(err)
	}
	var fx engine.Effects
	for range 3 {
		j.Append(&fx, make([]byte, 60))
	}
	m.apply(&fx)
	_, truth, err := recovered(m, 2, small)
	if err != nil || len(truth) != 3 || len(m) != 3 {
		t.Fatalf("undamaged: %d records in %d files, %v", len(truth), len(m), err)
	}
	for file, b := range m {
		for i := range b {
			c := m.clone()
			c[file][i] ^= 4
			_, got, err := recovered(c, 2, small)
			mark := i >= len(b)-frameBytes
			if mark && (err != nil || !equal(got, truth)) || !mark && !errors.Is(err, ErrCorrupt) {
				t.Errorf("%s byte %d of %d: recovered %s, %v", file, i, len(b), show(got), err)
			}
		}
		c := m.clone()
		c[file] = c[file][:len(b)-frameBytes]
		if _, got, err := recovered(c, 2, small); err != nil || !equal(got, truth) {
			t.Errorf("%s without its mark: recovered %s, %v", file, show(got), err)
		}
	}
}

// Read checks what it reads.
func TestOracleRead(t *testing.T) {
	m, truth := written(t)
	j, _, err := recovered(m, 4, small)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range truth {
		if data, err := j.Read(r.At); err != nil || string(data) != string(r.Data) {
			t.Errorf("%v: %q, %v", r.At, data, err)
		}
		at := r.At
		at.Length++
		if _, err := j.Read(at); err == nil {
			t.Errorf("%v with one byte more was read", at)
		}
		m[r.At.segment().name("state")][r.At.Offset+3] ^= 1
		if _, err := j.Read(r.At); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%v damaged: %v", r.At, err)
		}
	}
}

// What was written last can be told from a crash as long as its record or most of its
// mark is left, whatever has taken the rest. A write that goes astray over both leaves what a
// torn write leaves, and one disk alone cannot tell: the record is gone without a word.
// Whoever must not lose it keeps another copy, and faults strike elsewhere (sim,
// "misdirected").
func TestOracleWhatOneDiskCannotTell(t *testing.T) {
	m, truth := written(t)
	last := truth[len(truth)-1].At
	file := last.segment().name("state")
	record, mark := last.Offset, last.Offset+frameBytes+int64(last.Length)
	end := int64(len(m[file]))
	if end != mark+frameBytes {
		t.Fatalf("the last record ends at %d, the file at %d", mark, end)
	}
	first := truth[0].At
	astray := m[first.segment().name("state")][first.Offset:]
	for _, c := range []struct {
		from, to int64
		noticed  bool
		lost     int // without notice
	}{
		{record, record + 1, true, 0},
		{record, mark, true, 0},
		{mark, mark + 1, false, 0}, // the record is still there
		{mark, end, false, 0},
		{record, end, false, 1},
		{mark - 1, end, false, 1},
		{record, mark + 1, true, 0},
		{record, mark + markBytesLost, true, 0},
		{record, mark + markBytesLost + 1, false, 1},
	} {
		damaged := m.clone()
		for i := c.from; i < c.to; i++ {
			damaged[file][i] = ^damaged[file][i] ^ astray[(i-c.from)%int64(len(astray))]
		}
		_, got, err := recovered(damaged, 4, small)
		if errors.Is(err, ErrCorrupt) != c.noticed {
			t.Errorf("bytes %d to %d of %d: %v", c.from, c.to, end, err)
		}
		if !c.noticed && !equal(got, truth[:len(truth)-c.lost]) {
			t.Errorf("bytes %d to %d: recovered %s", c.from, c.to, show(got))
		}
	}
}

// Without marks, rot in the last record looks like the work of a crash, and what was
// promised is gone without a word.
func TestOracleMarkIsNeeded(t *testing.T) {
	for _, defect := range []Defect{DefectNone, DefectNoMark} {
		opts := small
		opts.Defect = defect
		m := memory{}
		j, _, err := recovered(m, 1, opts)
		if err != nil {
			t.Fatal(err)
		}
		var fx engine.Effects
		at := j.Append(&fx, []byte("promised"))
		m.apply(&fx)
		m[at.segment().name("state")][at.Offset+frameBytes] ^= 1
		_, got, err := recovered(m, 2, opts)
		if errors.Is(err, ErrCorrupt) != (defect == DefectNone) || len(got) != 0 {
			t.Errorf("defect %d: recovered %s, %v", defect, show(got), err)
		}
	}
}

// A record that a crash has left without its mark says so. When something was appended
// behind it, no byte of it can be damaged without notice.
func TestOracleUnmarked(t *testing.T) {
	m, _ := written(t)
	j, truth, err := recovered(m, 4, small)
	if err != nil || j.Unmarked() {
		t.Fatalf("whole, and unmarked: %v; %v", j.Unmarked(), err)
	}
	last := truth[len(truth)-1].At
	file, end := last.segment().name("state"), last.Offset+frameBytes+int64(last.Length)
	m[file] = m[file][:end]
	j, left, err := recovered(m, 4, small)
	if err != nil || !equal(left, truth) || !j.Unmarked() {
		t.Fatalf("without its mark: unmarked %v, %d records of %d; %v", j.Unmarked(), len(left), len(truth), err)
	}
	var fx engine.Effects
	j.Append(&fx, []byte("spoken for"))
	m.apply(&fx)
	if j.Unmarked() {
		t.Error("still unmarked")
	}
	for i := last.Offset; i < end; i++ {
		c := m.clone()
		c[file][i] ^= 8
		if _, _, err := recovered(c, 5, small); !errors.Is(err, ErrCorrupt) {
			t.Errorf("byte %d: not noticed: %v", i, err)
		}
	}
}
