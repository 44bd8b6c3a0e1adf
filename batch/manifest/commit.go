package manifest

import (
	"errors"
	"fmt"

	"parallax/engine"
	"parallax/engine/blob"
)

// Commit is one commit on its way: a state machine over messages of a store. Its owner
// sends what Start and Answer return, repeats what is not answered, and hands every
// answer in. Nothing of it has to survive a crash: a new Commit of the same change finds
// out whether the old one succeeded.
type Commit struct {
	table  string
	change Change
	fold   bool // this snapshot holds all files

	step     step
	request  uint64
	version  uint64 // of the pointer
	head     head
	lost     string // the head of which an object was missing
	chain    *chain
	next     *State
	name     string // of the snapshot's object
	content  []byte
	tries    int
	snapshot *Snapshot
}

// step is what a commit waits for.
type step uint8

const (
	readHead step = iota
	readObject
	writeObject
	swapHead
	done
)

// NewCommit makes a change of a table. Requests are numbered from first on.
func NewCommit(table string, change Change, first uint64) *Commit {
	return &Commit{table: table, change: change, request: first}
}

// Start is the first request.
func (c *Commit) Start() engine.Message { return c.readHead() }

// Done tells whether the change is committed, by this commit or an earlier try.
func (c *Commit) Done() bool { return c.step == done }

// State is the table behind the commit.
func (c *Commit) State() *State { return c.next }

// Snapshot is what was committed, or nil if an earlier try had done it.
func (c *Commit) Snapshot() *Snapshot { return c.snapshot }

// Tries is for how many heads the change was made.
func (c *Commit) Tries() int { return c.tries }

// Request is the number of the last request.
func (c *Commit) Request() uint64 { return c.request }

func (c *Commit) readHead() engine.Message {
	c.step = readHead
	c.request++
	return blob.Get{Request: c.request, Name: Pointer(c.table), Length: -1}
}

// ErrStore is returned when a store has lost or damaged what a table needs.
var ErrStore = errors.New("manifest: the store lacks what the table names")

// Answer takes the store's answer in, and returns the next request; nil if there is
// none, because the commit is done or the answer is an old one. An error other than of
// the store is of the change: it cannot be committed, and never will be.
func (c *Commit) Answer(m engine.Message) (engine.Message, error) {
	switch m := m.(type) {
	case blob.Got:
		if m.Request != c.request || m.Code == blob.Busy {
			return nil, nil
		}
		if c.step == readHead {
			return c.gotHead(m)
		}
		if c.step == readObject {
			return c.gotObject(m)
		}
	case blob.Done:
		if m.Request != c.request || m.Code == blob.Busy {
			return nil, nil
		}
		if c.step == writeObject {
			return c.wrote(m)
		}
		if c.step == swapHead {
			return c.swapped(m)
		}
	}
	return nil, nil
}

func (c *Commit) gotHead(m blob.Got) (engine.Message, error) {
	if m.Code != blob.OK && m.Code != blob.Missing {
		return nil, fmt.Errorf("%w: %s: %s", ErrStore, Pointer(c.table), m.Code)
	}
	h, err := decodeHead(m.Data)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrStore, Pointer(c.table), err)
	}
	c.head, c.version = h, m.Info.Version
	c.chain = &chain{want: h.object}
	return c.follow()
}

// follow reads the rest of the chain, or goes on to write.
func (c *Commit) follow() (engine.Message, error) {
	if name, more := c.chain.Want(); more {
		c.step = readObject
		c.request++
		return blob.Get{Request: c.request, Name: name, Length: -1}, nil
	}
	state, err := c.chain.State()
	if err != nil {
		return nil, err
	}
	return c.write(state)
}

func (c *Commit) gotObject(m blob.Got) (engine.Message, error) {
	if m.Code == blob.Missing && c.lost != c.head.object {
		// The table has gone on, and what nobody needs any more was cleaned up.
		c.lost = c.head.object
		return c.readHead(), nil
	}
	if m.Code != blob.OK {
		return nil, fmt.Errorf("%w: %s: %s", ErrStore, c.chain.want, m.Code)
	}
	if err := c.chain.Take(m.Data); err != nil {
		return nil, err
	}
	return c.follow()
}

// write makes the change for the head that was read.
func (c *Commit) write(state *State) (engine.Message, error) {
	next, snapshot, err := state.Apply(&c.change)
	if errors.Is(err, ErrApplied) {
		c.step, c.next, c.snapshot = done, state, nil
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c.tries++
	o := object{previous: c.head.object, snapshot: *snapshot}
	c.content = o.encode()
	c.fold = c.head.since+int64(len(c.content)) > c.head.base
	if c.fold {
		o.state = next
		c.content = o.encode()
	}
	c.next, c.snapshot = next, snapshot
	c.name = objectName(c.table, next.Sequence, c.content)
	c.step = writeObject
	c.request++
	return blob.Put{Request: c.request, Name: c.name, Expect: blob.Absent, Data: c.content}, nil
}

// wrote swaps the pointer. The object may be there already, by an earlier try.
func (c *Commit) wrote(m blob.Done) (engine.Message, error) {
	if m.Code != blob.OK && m.Code != blob.Mismatch {
		return nil, fmt.Errorf("%w: %s: %s", ErrStore, c.name, m.Code)
	}
	h := head{object: c.name, sequence: c.next.Sequence, since: c.head.since + int64(len(c.content)), base: c.head.base}
	if c.fold {
		h.since, h.base = 0, int64(len(c.content))
	}
	c.step = swapHead
	c.request++
	return blob.Put{Request: c.request, Name: Pointer(c.table), Expect: c.version, Data: h.encode()}, nil
}

// swapped ends the commit, or begins again at the new head, which may be its own.
func (c *Commit) swapped(m blob.Done) (engine.Message, error) {
	switch m.Code {
	case blob.OK:
		c.step = done
		return nil, nil
	case blob.Mismatch:
		return c.readHead(), nil
	}
	return nil, fmt.Errorf("%w: %s: %s", ErrStore, Pointer(c.table), m.Code)
}
