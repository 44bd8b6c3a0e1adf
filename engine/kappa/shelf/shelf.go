package shelf

import (
	"errors"
	"fmt"

	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/blob/caller"
	"parallax/engine/commitlog/protocol"
)

// Options of a shelf. Timer is the key of the first of two timers, the actor's own.
type Options struct {
	Store  engine.NodeID
	Prefix string // of the names of its objects
	Env    engine.Env
	Retry  int64 // ns
	Timer  uint64
	Defect Defect
}

// Defect is a mistake that can be switched on, to see that it is found.
type Defect string

// The defects. DefectEarlyPin is one of whoever uses a shelf.
const (
	DefectBlindSwap  Defect = "blind-swap"  // swaps the head whatever it is by now
	DefectEarlyPin   Defect = "early-pin"   // moves the log's pin when a checkpoint is on its way, before the head is swapped
	DefectEarlySweep Defect = "early-sweep" // removes what a base replaces before the head is swapped
)

// Shelf is an attempt's hold of a job's checkpoints: a state machine over messages of a
// store, and a part of an actor's state.
type Shelf struct {
	opts   Options
	caller caller.Caller
	step   step

	head    Head   // as it is known to be, or to have been
	version uint64 // of its name then
	next    Head   // that is wanted instead

	records [][]byte // that were read, or are to be written
	at      int      // the one in hand
	sweep   sweep
}

// step is what a shelf waits for.
type step uint8

const (
	idle          step = iota
	readHead           // to take over
	takeOver           // its own head
	readObject         // of the last checkpoint
	confirmObject      // the head, because an object of its is not there
	writeObject        // of the next one
	swapHead           // to the next checkpoint
	confirmSwap        // the head, because it was another one
)

// News is what an answer of the store has come to.
type News uint8

// The news.
const (
	None   News = iota
	Opened      // the shelf is taken over, and Records are those of the last checkpoint
	Saved       // what was put last is the last checkpoint
)

// ErrReplaced is returned when the shelf is a later attempt's.
var ErrReplaced = errors.New("shelf: a later attempt has taken the checkpoints over")

// ErrDamaged is returned when the store does not have what it was given.
var ErrDamaged = errors.New("shelf: the store lacks what a checkpoint needs")

// Open begins to take a shelf over.
func Open(opts Options, fx *engine.Effects) (*Shelf, error) {
	if name := HeadName(opts.Prefix); !blob.GoodName(name) {
		return nil, fmt.Errorf("shelf: objects cannot be called %q", name)
	}
	s := &Shelf{opts: opts}
	first := uint64(opts.Env.Boot) << 32
	s.caller = caller.Caller{Store: opts.Store, Retry: opts.Retry, Timer: opts.Timer, Request: first}
	s.sweep.caller = caller.Caller{Store: opts.Store, Retry: opts.Retry, Timer: opts.Timer + 1, Request: first | 1<<31}
	s.get(readHead, HeadName(opts.Prefix), fx)
	return s, nil
}

// Attempt is the number of the attempt, greater than that of every other so far.
func (s *Shelf) Attempt() uint32 { return s.head.Attempt }

// Head is the head as it was last known. It is the shelf's own and is not to be changed.
func (s *Shelf) Head() *Head { return &s.head }

// Records are those of the last checkpoint: of a base and its deltas, in their order. The
// shelf forgets them.
func (s *Shelf) Records() [][]byte {
	list := s.records
	s.records = nil
	return list
}

// Put makes records the next checkpoint, at some cuts: a base, or a delta behind what there
// is. The one before must be saved.
func (s *Shelf) Put(records [][]byte, base bool, cuts []protocol.Cut, fx *engine.Effects) {
	s.next = s.head
	s.next.Cuts = cuts
	s.next.Objects = nil
	if !base {
		s.next.Objects = append(s.next.Objects, s.head.Objects...)
	}
	for _, rec := range records {
		s.next.Number++
		s.next.Objects = append(s.next.Objects, Object{
			Attempt: s.next.Attempt, Number: s.next.Number, Size: int64(len(rec)), Sum: Checksum(rec),
		})
	}
	s.records, s.at = records, 0
	s.write(fx)
}

// Take takes in what the store has answered, or a timer.
func (s *Shelf) Take(m engine.Message, fx *engine.Effects) (News, error) {
	if again, ok := m.(caller.Again); ok {
		s.caller.Again(again, fx)
		s.sweep.caller.Again(again, fx)
		return None, nil
	}
	if s.sweep.caller.Answers(m, fx) {
		s.swept(m, fx)
		return None, nil
	}
	if !s.caller.Answers(m, fx) {
		return None, nil
	}
	switch m := m.(type) {
	case blob.Got:
		return s.got(m, fx)
	case blob.Done:
		return s.done(m, fx)
	}
	return None, nil
}

func (s *Shelf) get(next step, name string, fx *engine.Effects) {
	s.step = next
	s.caller.Ask(blob.Get{Request: s.caller.Next(), Name: name, Length: -1}, fx)
}

func (s *Shelf) got(m blob.Got, fx *engine.Effects) (News, error) {
	if s.step == readObject {
		return s.gotObject(m, fx)
	}
	var head Head
	switch m.Code {
	case blob.OK:
		h, err := DecodeHead(m.Data)
		if err != nil {
			return None, fmt.Errorf("%w: %s: %w", ErrDamaged, HeadName(s.opts.Prefix), err)
		}
		head = *h
	case blob.Missing:
	default:
		return None, fmt.Errorf("%w: %s is %s", ErrDamaged, HeadName(s.opts.Prefix), m.Code)
	}
	if s.step == readHead {
		return s.gotHead(head, m.Info.Version, fx)
	}
	return s.confirm(&head, m.Info.Version, fx)
}

// gotHead takes the shelf over from whoever has it, unless that is this attempt already:
// it was told nothing of what it did.
func (s *Shelf) gotHead(head Head, version uint64, fx *engine.Effects) (News, error) {
	if s.next.Attempt != 0 && head.by(&s.next) {
		return s.taken(version, fx)
	}
	s.head, s.version = head, version
	s.next = head
	s.next.Attempt = max(head.Attempt+1, s.opts.Env.Boot)
	s.next.Owner, s.next.Boot, s.next.Number = s.opts.Env.ID, s.opts.Env.Boot, 0
	s.swap(takeOver, fx)
	return None, nil
}

// swap puts the next head in the place of the one that is known.
func (s *Shelf) swap(next step, fx *engine.Effects) {
	s.step = next
	put := blob.Put{Request: s.caller.Next(), Name: HeadName(s.opts.Prefix), Expect: s.version, Data: s.next.AppendTo(nil)}
	if s.opts.Defect == DefectBlindSwap {
		put.Expect = blob.Any
	}
	s.caller.Ask(put, fx)
}

// taken reads the last checkpoint: the shelf is this attempt's.
func (s *Shelf) taken(version uint64, fx *engine.Effects) (News, error) {
	if s.next.Attempt > 1 {
		s.sometimes("kappa.checkpoint-takeover")
	}
	s.head, s.version = s.next, version
	s.records, s.at = nil, 0
	return s.read(fx)
}

func (s *Shelf) read(fx *engine.Effects) (News, error) {
	if s.at < len(s.head.Objects) {
		s.get(readObject, s.head.Objects[s.at].Name(s.opts.Prefix), fx)
		return None, nil
	}
	s.step = idle
	s.clean(&s.head, fx)
	return Opened, nil
}

func (s *Shelf) gotObject(m blob.Got, fx *engine.Effects) (News, error) {
	o := &s.head.Objects[s.at]
	switch {
	case m.Code == blob.Missing: // or this attempt was replaced, and somebody has cleaned up
		s.get(confirmObject, HeadName(s.opts.Prefix), fx)
		return None, nil
	case m.Code != blob.OK:
		return None, fmt.Errorf("%w: %s is %s", ErrDamaged, o.Name(s.opts.Prefix), m.Code)
	case int64(len(m.Data)) != o.Size || Checksum(m.Data) != o.Sum:
		return None, fmt.Errorf("%w: %s is not what was written", ErrDamaged, o.Name(s.opts.Prefix))
	}
	s.records = append(s.records, m.Data)
	s.at++
	return s.read(fx)
}

// write writes the records one after another, and then the head that names them.
func (s *Shelf) write(fx *engine.Effects) {
	if s.at == len(s.records) {
		s.records = nil
		if s.opts.Defect == DefectEarlySweep {
			s.clean(&s.next, fx)
		}
		s.swap(swapHead, fx)
		return
	}
	o := s.object()
	s.step = writeObject
	s.caller.Ask(blob.Put{Request: s.caller.Next(), Name: o.Name(s.opts.Prefix), Expect: blob.Absent, Data: s.records[s.at]}, fx)
}

// object is the one that is being written.
func (s *Shelf) object() *Object { return &s.next.Objects[len(s.next.Objects)-len(s.records)+s.at] }

func (s *Shelf) done(m blob.Done, fx *engine.Effects) (News, error) {
	if m.Code != blob.OK && m.Code != blob.Mismatch {
		return None, fmt.Errorf("shelf: %s: the store says %s", s.opts.Prefix, m.Code)
	}
	switch ok := m.Code == blob.OK; {
	case s.step == writeObject:
		if o := s.object(); !ok && m.Info.Size != o.Size {
			return None, fmt.Errorf("%w: %s is there with another content", ErrDamaged, o.Name(s.opts.Prefix))
		} else if !ok {
			// It is this attempt's: nobody else uses the name, and it does so once.
			s.sometimes("kappa.checkpoint-written-before")
		}
		s.at++
		s.write(fx)
	case s.step == takeOver && ok:
		return s.taken(m.Info.Version, fx)
	case s.step == takeOver:
		s.get(readHead, HeadName(s.opts.Prefix), fx)
	case ok:
		s.saved(m.Info.Version, fx)
		return Saved, nil
	default:
		s.get(confirmSwap, HeadName(s.opts.Prefix), fx)
	}
	return None, nil
}

// confirm finds out why an object is not there, or a swap failed: this attempt has been
// replaced, or, of the swap, it had been carried out before.
func (s *Shelf) confirm(head *Head, version uint64, fx *engine.Effects) (News, error) {
	switch {
	case !head.by(&s.next):
		return None, fmt.Errorf("%w: attempt %d of node %d, this is attempt %d of node %d", ErrReplaced,
			head.Attempt, head.Owner, s.next.Attempt, s.next.Owner)
	case s.step == confirmObject:
		return None, fmt.Errorf("%w: %s is missing", ErrDamaged, s.head.Objects[s.at].Name(s.opts.Prefix))
	case head.Number != s.next.Number:
		return None, fmt.Errorf("%w: %s has gone back from number %d to %d", ErrDamaged, HeadName(s.opts.Prefix), s.head.Number, head.Number)
	}
	s.sometimes("kappa.checkpoint-swapped-before")
	s.saved(version, fx)
	return Saved, nil
}

// saved ends a checkpoint: the head that names it is in place.
func (s *Shelf) saved(version uint64, fx *engine.Effects) {
	based := len(s.head.Objects) > 0 && s.next.Objects[0] != s.head.Objects[0]
	s.head, s.version = s.next, version
	s.step = idle
	if based {
		s.clean(&s.head, fx)
	}
}

func (s *Shelf) sometimes(probe string) { s.opts.Env.Sometimes(probe) }
