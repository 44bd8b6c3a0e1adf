package journal

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"parallax/engine"
)

var errBoot = errors.New("journal: a file of this or a later incarnation is there already")

// recovery finds out which segments of a disk hold the journal.
type recovery struct {
	disk     engine.Disk
	defect   Defect
	segments []*segment // all files of the prefix, by id
}

// list inspects all files of the journal.
func (r *recovery) list(boot uint32, prefix string) error {
	for _, file := range r.disk.Files() {
		a, ok := parseName(prefix, file)
		if !ok {
			continue
		}
		if a.boot >= boot {
			return fmt.Errorf("%w: %s, boot %d", errBoot, file, boot)
		}
		s, err := inspect(r.disk, file, a, a.key(prefix, r.defect))
		if err != nil {
			return err
		}
		r.segments = append(r.segments, s)
	}
	slices.SortFunc(r.segments, func(a, b *segment) int { return a.id.compare(b.id) })
	return nil
}

func (r *recovery) find(a id) *segment {
	i, ok := slices.BinarySearchFunc(r.segments, a, func(s *segment, a id) int { return s.id.compare(a) })
	if !ok {
		return nil
	}
	return r.segments[i]
}

// tail is the newest segment that a crash may have left as the last one, nil if
// there is none.
func (r *recovery) tail() (*segment, error) {
	for _, s := range slices.Backward(r.segments) {
		stands, err := r.stands(s)
		if err != nil || stands {
			return s, err
		}
	}
	return nil, nil
}

// stands reports whether s can end the journal. If not, no Then of it has left:
// the segment itself, or what comes before it, never was durable.
func (r *recovery) stands(s *segment) (bool, error) {
	x, err := r.extent(s)
	if err != nil {
		return false, err
	}
	if !s.good {
		return false, s.damaged(x)
	}
	if s.base && x.frames == 0 {
		return false, r.void(s, x)
	}
	begin := s.begin
	for s.id != begin && !s.sealed && !x.sealed && r.defect != DefectNoPredecessor {
		p := r.find(s.pred)
		holds, err := r.holds(p, s)
		if err != nil || !holds {
			return false, err
		}
		s = p
		if x, err = r.extent(s); err != nil {
			return false, err
		}
	}
	// Whatever comes before was durable. If it does not fit, replay will say so.
	return true, nil
}

// extent loads s and measures what is good in it.
func (r *recovery) extent(s *segment) (extent, error) {
	if err := s.load(r.disk); err != nil || !s.good {
		return extent{}, err
	}
	return s.scan(math.MaxInt64, nil)
}

// holds reports whether p, nil if it is missing, has all that its successor s
// builds upon.
func (r *recovery) holds(p, s *segment) (bool, error) {
	if p == nil {
		return false, nil
	}
	if err := p.load(r.disk); err != nil {
		return false, err
	}
	var x extent
	if p.good {
		x, _ = p.scan(s.predEnd, nil) // without a visitor it cannot fail
		if p.reaches(x, s) {
			return true, nil
		}
	}
	return false, p.damaged(x)
}

// void checks that a base whose frame is missing was torn: then what it should have
// replaced is still there.
func (r *recovery) void(s *segment, x extent) error {
	if err := s.damaged(x); err != nil {
		return err
	}
	if !s.sealed || s.pred == (id{}) {
		return nil
	}
	holds, err := r.holds(r.find(s.pred), s)
	if err == nil && !holds {
		err = corrupt(s.file, headerBytes, "the base is missing, and so is what it replaced")
	}
	return err
}

// chain lists the segments from the tail's begin to the tail.
func (r *recovery) chain(tail *segment) ([]*segment, error) {
	chain := []*segment{tail}
	for s := tail; s.id != tail.begin; {
		p := r.find(s.pred)
		switch {
		case r.defect == DefectNoPredecessor && (p == nil || !p.good):
			slices.Reverse(chain)
			return chain, nil
		case p == nil:
			return nil, corrupt(s.file, 0, "its predecessor is missing: boot and number "+fmt.Sprint(s.pred.boot, s.pred.number))
		case !p.good:
			return nil, corrupt(p.file, 0, "damaged header")
		case p.id.compare(tail.begin) < 0:
			return nil, corrupt(s.file, 0, "the chain misses its beginning")
		}
		chain = append(chain, p)
		s = p
	}
	slices.Reverse(chain)
	return chain, nil
}

// replay hands the records of the chain to visit, and returns the tail's extent.
func (r *recovery) replay(chain []*segment, visit func(Record) error) (extent, error) {
	var x extent
	for i, s := range chain {
		if err := s.load(r.disk); err != nil {
			return x, err
		}
		limit := int64(math.MaxInt64)
		last := i == len(chain)-1
		if !last {
			limit = chain[i+1].predEnd
		}
		var err error
		x, err = s.scan(limit, func(f frame, off int64) error {
			at := Position{Boot: s.id.boot, Number: s.id.number, Offset: off, Length: len(f.record)}
			return visit(Record{Data: f.record, At: at, Base: s.base && off == headerBytes})
		})
		if err != nil {
			return x, err
		}
		if last {
			err = s.damaged(x)
		} else if !s.reaches(x, chain[i+1]) {
			err = corrupt(s.file, x.end, fmt.Sprintf("it ends or differs before byte %d, which was durable", limit))
		}
		if err != nil && r.defect != DefectNoPredecessor {
			return x, err
		}
		s.bytes = nil // the visitor may have kept it; we need not
	}
	return x, nil
}
