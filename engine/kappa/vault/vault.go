package vault

import (
	"errors"
	"fmt"

	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/blob/caller"
	"parallax/engine/commitlog/protocol"
)

// Options of a vault. Timer is the key of the first of two timers, the actor's own.
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

// The defects. DefectEarlyPin is one of whoever uses a vault.
const (
	DefectBlindSwap  Defect = "blind-swap"  // swaps the head whatever it is by now
	DefectEarlyPin   Defect = "early-pin"   // moves the log's pin when a checkpoint is on its way, before the head is swapped
	DefectEarlySweep Defect = "early-sweep" // removes what a base replaces before the head is swapped
)

// Vault is an attempt's hold of a job's checkpoints: a state machine over messages of a
// store, and a part of an actor's state.
type Vault struct {
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

// step is what a vault waits for.
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
	Opened      // the vault is taken over, and Records are those of the last checkpoint
	Saved       // what was put last is the last checkpoint
)

// ErrReplaced is returned when the vault is a later attempt's.
var ErrReplaced = errors.New("vault: a later attempt has taken the checkpoints over")

// ErrDamaged is returned when the store does not have what it was given.
var ErrDamaged = errors.New("vault: the store lacks what a checkpoint needs")

// Open begins to take a vault over.
func Open(opts Options, fx *engine.Effects) (*Vault, error) {
	if name := HeadName(opts.Prefix); !blob.GoodName(name) {
		return nil, fmt.Errorf("vault: objects cannot be called %q", name)
	}
	v := &Vault{opts: opts}
	first := uint64(opts.Env.Boot) << 32
	v.caller = caller.Caller{Store: opts.Store, Retry: opts.Retry, Timer: opts.Timer, Request: first}
	v.sweep.caller = caller.Caller{Store: opts.Store, Retry: opts.Retry, Timer: opts.Timer + 1, Request: first | 1<<31}
	v.get(readHead, HeadName(opts.Prefix), fx)
	return v, nil
}

// Attempt is the number of the attempt, greater than that of every other so far.
func (v *Vault) Attempt() uint32 { return v.head.Attempt }

// Head is the head as it was last known. It is the vault's own and is not to be changed.
func (v *Vault) Head() *Head { return &v.head }

// Records are those of the last checkpoint: of a base and its deltas, in their order. The
// vault forgets them.
func (v *Vault) Records() [][]byte {
	list := v.records
	v.records = nil
	return list
}

// Put makes records the next checkpoint, at some cuts: a base, or a delta behind what there
// is. The one before must be saved.
func (v *Vault) Put(records [][]byte, base bool, cuts []protocol.Cut, fx *engine.Effects) {
	v.next = v.head
	v.next.Cuts = cuts
	v.next.Objects = nil
	if !base {
		v.next.Objects = append(v.next.Objects, v.head.Objects...)
	}
	for _, rec := range records {
		v.next.Number++
		v.next.Objects = append(v.next.Objects, Object{
			Attempt: v.next.Attempt, Number: v.next.Number, Size: int64(len(rec)), Sum: Checksum(rec),
		})
	}
	v.records, v.at = records, 0
	v.write(fx)
}

// Take takes in what the store has answered, or a timer.
func (v *Vault) Take(m engine.Message, fx *engine.Effects) (News, error) {
	if again, ok := m.(caller.Again); ok {
		v.caller.Again(again, fx)
		v.sweep.caller.Again(again, fx)
		return None, nil
	}
	if v.sweep.caller.Answers(m, fx) {
		v.swept(m, fx)
		return None, nil
	}
	if !v.caller.Answers(m, fx) {
		return None, nil
	}
	switch m := m.(type) {
	case blob.Got:
		return v.got(m, fx)
	case blob.Done:
		return v.done(m, fx)
	}
	return None, nil
}

func (v *Vault) get(next step, name string, fx *engine.Effects) {
	v.step = next
	v.caller.Ask(blob.Get{Request: v.caller.Next(), Name: name, Length: -1}, fx)
}

func (v *Vault) got(m blob.Got, fx *engine.Effects) (News, error) {
	if v.step == readObject {
		return v.gotObject(m, fx)
	}
	var head Head
	switch m.Code {
	case blob.OK:
		h, err := DecodeHead(m.Data)
		if err != nil {
			return None, fmt.Errorf("%w: %s: %w", ErrDamaged, HeadName(v.opts.Prefix), err)
		}
		head = *h
	case blob.Missing:
	default:
		return None, fmt.Errorf("%w: %s is %s", ErrDamaged, HeadName(v.opts.Prefix), m.Code)
	}
	if v.step == readHead {
		return v.gotHead(head, m.Info.Version, fx)
	}
	return v.confirm(&head, m.Info.Version, fx)
}

// gotHead takes the vault over from whoever has it, unless that is this attempt already:
// it was told nothing of what it did.
func (v *Vault) gotHead(head Head, version uint64, fx *engine.Effects) (News, error) {
	if v.next.Attempt != 0 && head.by(&v.next) {
		return v.taken(version, fx)
	}
	v.head, v.version = head, version
	v.next = head
	v.next.Attempt = max(head.Attempt+1, v.opts.Env.Boot)
	v.next.Owner, v.next.Boot, v.next.Number = v.opts.Env.ID, v.opts.Env.Boot, 0
	v.swap(takeOver, fx)
	return None, nil
}

// swap puts the next head in the place of the one that is known.
func (v *Vault) swap(next step, fx *engine.Effects) {
	v.step = next
	put := blob.Put{Request: v.caller.Next(), Name: HeadName(v.opts.Prefix), Expect: v.version, Data: v.next.AppendTo(nil)}
	if v.opts.Defect == DefectBlindSwap {
		put.Expect = blob.Any
	}
	v.caller.Ask(put, fx)
}

// taken reads the last checkpoint: the vault is this attempt's.
func (v *Vault) taken(version uint64, fx *engine.Effects) (News, error) {
	if v.next.Attempt > 1 {
		v.sometimes("kappa.checkpoint-takeover")
	}
	v.head, v.version = v.next, version
	v.records, v.at = nil, 0
	return v.read(fx)
}

func (v *Vault) read(fx *engine.Effects) (News, error) {
	if v.at < len(v.head.Objects) {
		v.get(readObject, v.head.Objects[v.at].Name(v.opts.Prefix), fx)
		return None, nil
	}
	v.step = idle
	v.clean(&v.head, fx)
	return Opened, nil
}

func (v *Vault) gotObject(m blob.Got, fx *engine.Effects) (News, error) {
	o := &v.head.Objects[v.at]
	switch {
	case m.Code == blob.Missing: // or this attempt was replaced, and somebody has cleaned up
		v.get(confirmObject, HeadName(v.opts.Prefix), fx)
		return None, nil
	case m.Code != blob.OK:
		return None, fmt.Errorf("%w: %s is %s", ErrDamaged, o.Name(v.opts.Prefix), m.Code)
	case int64(len(m.Data)) != o.Size || Checksum(m.Data) != o.Sum:
		return None, fmt.Errorf("%w: %s is not what was written", ErrDamaged, o.Name(v.opts.Prefix))
	}
	v.records = append(v.records, m.Data)
	v.at++
	return v.read(fx)
}

// write writes the records one after another, and then the head that names them.
func (v *Vault) write(fx *engine.Effects) {
	if v.at == len(v.records) {
		v.records = nil
		if v.opts.Defect == DefectEarlySweep {
			v.clean(&v.next, fx)
		}
		v.swap(swapHead, fx)
		return
	}
	o := v.object()
	v.step = writeObject
	v.caller.Ask(blob.Put{Request: v.caller.Next(), Name: o.Name(v.opts.Prefix), Expect: blob.Absent, Data: v.records[v.at]}, fx)
}

// object is the one that is being written.
func (v *Vault) object() *Object { return &v.next.Objects[len(v.next.Objects)-len(v.records)+v.at] }

func (v *Vault) done(m blob.Done, fx *engine.Effects) (News, error) {
	if m.Code != blob.OK && m.Code != blob.Mismatch {
		return None, fmt.Errorf("vault: %s: the store says %s", v.opts.Prefix, m.Code)
	}
	switch ok := m.Code == blob.OK; {
	case v.step == writeObject:
		if o := v.object(); !ok && m.Info.Size != o.Size {
			return None, fmt.Errorf("%w: %s is there with another content", ErrDamaged, o.Name(v.opts.Prefix))
		} else if !ok {
			// It is this attempt's: nobody else uses the name, and it does so once.
			v.sometimes("kappa.checkpoint-written-before")
		}
		v.at++
		v.write(fx)
	case v.step == takeOver && ok:
		return v.taken(m.Info.Version, fx)
	case v.step == takeOver:
		v.get(readHead, HeadName(v.opts.Prefix), fx)
	case ok:
		v.saved(m.Info.Version, fx)
		return Saved, nil
	default:
		v.get(confirmSwap, HeadName(v.opts.Prefix), fx)
	}
	return None, nil
}

// confirm finds out why an object is not there, or a swap failed: this attempt has been
// replaced, or, of the swap, it had been carried out before.
func (v *Vault) confirm(head *Head, version uint64, fx *engine.Effects) (News, error) {
	switch {
	case !head.by(&v.next):
		return None, fmt.Errorf("%w: attempt %d of node %d, this is attempt %d of node %d", ErrReplaced,
			head.Attempt, head.Owner, v.next.Attempt, v.next.Owner)
	case v.step == confirmObject:
		return None, fmt.Errorf("%w: %s is missing", ErrDamaged, v.head.Objects[v.at].Name(v.opts.Prefix))
	case head.Number != v.next.Number:
		return None, fmt.Errorf("%w: %s has gone back from number %d to %d", ErrDamaged, HeadName(v.opts.Prefix), v.head.Number, head.Number)
	}
	v.sometimes("kappa.checkpoint-swapped-before")
	v.saved(version, fx)
	return Saved, nil
}

// saved ends a checkpoint: the head that names it is in place.
func (v *Vault) saved(version uint64, fx *engine.Effects) {
	based := len(v.head.Objects) > 0 && v.next.Objects[0] != v.head.Objects[0]
	v.head, v.version = v.next, version
	v.step = idle
	if based {
		v.clean(&v.head, fx)
	}
}

func (v *Vault) sometimes(probe string) { v.opts.Env.Sometimes(probe) }
