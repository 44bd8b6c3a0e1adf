package manifest

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"parallax/engine"
	"parallax/engine/blob"
)

// Reading reads a table as it is now: a state machine over messages of a store, as
// Commit is.
type Reading struct {
	table   string
	request uint64
	chain   *chain
	head    string
	lost    string // the head of which an object was missing
	state   *State
	back    int
	objects []string
	kept    map[string]bool // names that the table needs, or a snapshot that was wanted
}

// NewReading reads a table, and back as many snapshots before the newest, as far as they
// are there. Requests are numbered from first on.
func NewReading(table string, back int, first uint64) *Reading {
	return &Reading{table: table, back: back, request: first}
}

// Start is the first request.
func (r *Reading) Start() engine.Message {
	r.chain, r.objects = nil, nil
	r.request++
	return blob.Get{Request: r.request, Name: Pointer(r.table), Length: -1}
}

// State is the table, or nil while it is not read.
func (r *Reading) State() *State { return r.state }

// Keeps tells whether an object is needed by the table, or by one of the snapshots that
// were read.
func (r *Reading) Keeps(object string) bool { return r.kept[object] }

// Request is the number of the last request.
func (r *Reading) Request() uint64 { return r.request }

// Answer takes the store's answer in, and returns the next request; nil if there is
// none, because the table is read.
func (r *Reading) Answer(m engine.Message) (engine.Message, error) {
	got, ok := m.(blob.Got)
	if !ok || got.Request != r.request || got.Code == blob.Busy {
		return nil, nil
	}
	if r.chain == nil {
		if got.Code != blob.OK && got.Code != blob.Missing {
			return nil, fmt.Errorf("%w: %s: %s", ErrStore, Pointer(r.table), got.Code)
		}
		chain, err := newChain(got.Data)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrStore, Pointer(r.table), err)
		}
		r.chain, r.head = chain, chain.want
		r.chain.back = r.back
		return r.follow()
	}
	name := r.chain.want
	if got.Code == blob.Missing && r.chain.end() {
		return r.follow()
	}
	if got.Code == blob.Missing && r.lost != r.head {
		r.lost = r.head // the table has gone on, and this was cleaned up
		return r.Start(), nil
	}
	if got.Code != blob.OK {
		return nil, fmt.Errorf("%w: %s: %s", ErrStore, name, got.Code)
	}
	if err := r.chain.Take(got.Data); err != nil {
		return nil, err
	}
	r.objects = append(r.objects, name)
	return r.follow()
}

// follow reads the rest of the chain.
func (r *Reading) follow() (engine.Message, error) {
	if name, more := r.chain.Want(); more {
		r.request++
		return blob.Get{Request: r.request, Name: name, Length: -1}, nil
	}
	r.kept, r.state = map[string]bool{}, &State{}
	for _, name := range r.objects {
		r.kept[name] = true
	}
	return nil, r.chain.states(func(s *State) {
		r.state = s
		for i := range s.Files {
			r.kept[s.Files[i].Name] = true
		}
	})
}

// errSnapshot is returned for a snapshot that a table does not have, or no longer.
var errSnapshot = errors.New("manifest: no such snapshot")

// Table reads a table out of objects at hand: what get has of a name, nil if nothing. It
// is the table as of a snapshot, or as it is now if that is 0.
func Table(table string, snapshot uint64, get func(name string) []byte) (*State, error) {
	chain, err := newChain(get(Pointer(table)))
	if err != nil {
		return nil, err
	}
	if snapshot != 0 {
		chain.back = math.MaxInt
	}
	for name, more := chain.Want(); more; name, more = chain.Want() {
		content := get(name)
		if content == nil && chain.end() {
			break
		}
		if err := chain.Take(slices.Clone(content)); err != nil {
			return nil, err
		}
	}
	if snapshot == 0 {
		return chain.State()
	}
	var found *State
	err = chain.states(func(s *State) {
		if s.ID == snapshot {
			found = s
		}
	})
	if err == nil && found == nil {
		err = fmt.Errorf("%w: %016x of %s", errSnapshot, snapshot, table)
	}
	return found, err
}
