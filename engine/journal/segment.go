package journal

import (
	"errors"
	"fmt"

	"parallax/engine"
)

// ErrCorrupt marks damage that no crash explains, also what a disk cannot read any
// more; the text names file and byte.
var ErrCorrupt = errors.New("journal: corrupt")

func corrupt(file string, off int64, why string) error {
	return fmt.Errorf("%w: %s at byte %d: %s", ErrCorrupt, file, off, why)
}

// segment is one file of the journal as it was found.
type segment struct {
	header
	id    id
	file  string
	key   key
	good  bool   // the header is good
	chain uint64 // its start, if the header is good
	bytes []byte // nil until loaded
}

// extent is what is good in a segment, from the header on.
type extent struct {
	end    int64 // behind the last good frame
	chain  uint64
	frames int  // with records
	sealed bool // one of the frames says so
	marked bool // the last good frame is a mark
}

// readFull reads len(p) bytes, all of which were there when they were last looked at.
// A short read without an error is one, too.
func readFull(disk engine.Disk, file string, p []byte, off int64) error {
	n, err := disk.ReadAt(file, p, off)
	if n == len(p) {
		return nil
	}
	return fmt.Errorf("%w: read %d of %d bytes of %s at %d: %w", ErrCorrupt, n, len(p), file, off, err)
}

// inspect reads the header of a file.
func inspect(disk engine.Disk, file string, a id, k key) (*segment, error) {
	s := &segment{id: a, file: file, key: k}
	b := make([]byte, min(headerBytes, disk.Size(file)))
	if err := readFull(disk, file, b, 0); err != nil {
		return nil, err
	}
	s.header, s.chain, s.good = decodeHeader(b, a, k)
	return s, nil
}

// load reads the whole file into memory, once.
func (s *segment) load(disk engine.Disk) error {
	if s.bytes != nil {
		return nil
	}
	b := make([]byte, disk.Size(s.file))
	if err := readFull(disk, s.file, b, 0); err != nil {
		return err
	}
	s.bytes = b
	return nil
}

// scan visits the good frames up to byte limit, or to the first that is not good.
// The segment is loaded and its header good.
func (s *segment) scan(limit int64, visit func(f frame, off int64) error) (extent, error) {
	x := extent{end: headerBytes, chain: s.chain}
	limit = min(limit, int64(len(s.bytes)))
	for x.end < limit {
		f, ok := s.key.decodeFrame(s.bytes[x.end:limit], x.end)
		if !ok {
			break
		}
		if visit != nil && !f.mark {
			if err := visit(f, x.end); err != nil {
				return x, err
			}
		}
		x.end += frameBytes + int64(len(f.record))
		x.chain = link(x.chain, f.sum)
		if !f.mark {
			x.frames++
		}
		x.sealed, x.marked = x.sealed || f.sealed, f.mark
	}
	return x, nil
}

// reaches reports whether x, what is good in s, is all that the segment next builds upon.
// The mark at its end may be missing: it says nothing that its place does not, and the
// chain that next names tells whether it stood there.
func (s *segment) reaches(x extent, next *segment) bool {
	if x.end+frameBytes == next.predEnd && !x.marked {
		_, sum := s.key.sums(x.end, markBit, nil)
		x.end, x.chain = next.predEnd, link(x.chain, sum)
	}
	return x.end == next.predEnd && x.chain == next.predChain
}

// wreck reports a good frame from byte from on, behind damage at byte at, or what is
// left of a mark. A torn write has nothing behind it, so that is not the work of a crash.
func (s *segment) wreck(at, from int64) error {
	for off := from; off+frameBytes <= int64(len(s.bytes)); off++ {
		if _, ok := s.key.decodeFrame(s.bytes[off:], off); ok {
			return corrupt(s.file, at, fmt.Sprintf("damage before a good record at byte %d", off))
		}
		if s.key.wasMark(s.bytes[off:off+frameBytes], off) {
			return corrupt(s.file, at, fmt.Sprintf("damage before a damaged mark at byte %d", off))
		}
	}
	return nil
}

// damaged is wreck for whatever is wrong with a loaded segment: its header, or the
// bytes behind its extent.
func (s *segment) damaged(x extent) error {
	if !s.good {
		return s.wreck(0, headerBytes)
	}
	return s.wreck(x.end, x.end+1)
}
