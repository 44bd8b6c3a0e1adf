package journal

import (
	"bytes"
	"fmt"
	"os"

	"parallax/engine"
	"parallax/sim"
)

// A history is what one incarnation does, a letter a step: "a" appends a short
// record, "A" one that does not fit behind another, "b" writes a base, "r"
// releases all segments before that of the newest record, "s" syncs the disk.
type history string

// entry is one persist of the journal, as the model remembers it.
type entry struct {
	rec  Record
	keep *Position // a release
}

// model knows what was asked of the journal, in order.
type model struct {
	entries []entry
	durable int // entries that a sync has covered
	serial  int // makes records differ
}

// after is what the first n entries amount to.
func (m *model) after(n int) []Record {
	var out []Record
	for _, e := range m.entries[:n] {
		switch {
		case e.keep != nil:
			first := e.keep.segment()
			for len(out) > 0 && out[0].At.segment().compare(first) < 0 {
				out = out[1:]
			}
		case e.rec.Base:
			out = []Record{e.rec}
		default:
			out = append(out, e.rec)
		}
	}
	return out
}

func equal(a, b []Record) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].At != b[i].At || a[i].Base != b[i].Base || !bytes.Equal(a[i].Data, b[i].Data) {
			return false
		}
	}
	return true
}

// explains returns the number of entries whose effect was recovered, which must
// include all durable ones, or -1.
func (m *model) explains(got []Record) int {
	for n := len(m.entries); n >= m.durable; n-- {
		if equal(got, m.after(n)) {
			return n
		}
	}
	return -1
}

// node is one incarnation at work.
type node struct {
	disk *sim.Disk
	j    *Journal
	m    model
}

var small = Options{SegmentBytesMax: headerBytes + 5*frameBytes + 40}

// boot opens the journal on disk; what it recovers is all that counts from then on.
func boot(disk *sim.Disk, number uint32, opts Options) (*node, error) {
	n := &node{disk: disk}
	var err error
	n.j, err = Open(disk, number, "state", opts, func(r Record) error {
		n.m.entries = append(n.m.entries, entry{rec: r})
		return nil
	})
	n.m.durable = len(n.m.entries)
	n.m.serial = int(number) * 1000
	return n, err
}

// step does one letter of a history.
func (n *node) step(letter byte) error {
	var fx engine.Effects
	n.m.serial++
	data := fmt.Appendf(nil, "%d", n.m.serial)
	switch letter {
	case 'a':
		n.m.entries = append(n.m.entries, entry{rec: Record{Data: data, At: n.j.Append(&fx, data)}})
	case 'A':
		data = append(data, bytes.Repeat([]byte{'.'}, 60)...)
		n.m.entries = append(n.m.entries, entry{rec: Record{Data: data, At: n.j.Append(&fx, data)}})
	case 'b':
		n.m.entries = append(n.m.entries, entry{rec: Record{Data: data, At: n.j.Base(&fx, data), Base: true}})
	case 'r':
		if all := n.m.after(len(n.m.entries)); len(all) > 0 {
			keep := all[len(all)-1].At
			if n.j.Release(&fx, keep); len(fx.Persists) > 0 {
				n.m.entries = append(n.m.entries, entry{keep: &keep})
			}
		}
	case 's':
		n.disk.Sync()
		n.m.durable = len(n.m.entries)
		return nil
	}
	return n.disk.Issue(&fx)
}

// edges are the places at which a write is worth tearing: around the parts of a
// header and a frame. A soak tries more of them.
func edges(size int) (offsets []int) {
	places := []int{headerBytes, size - 1}
	if os.Getenv("PARALLAX_SOAK") != "" {
		places = []int{1, frameBytes - 1, headerBytes - 1, headerBytes, headerBytes + frameBytes, size - 1}
	}
	for _, o := range places {
		if o < size && (len(offsets) == 0 || o > offsets[len(offsets)-1]) {
			offsets = append(offsets, o)
		}
	}
	return offsets
}
