package manifest

import (
	"fmt"
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
	objects []string
}

// NewReading reads a table. Requests are numbered from first on.
func NewReading(table string, first uint64) *Reading { return &Reading{table: table, request: first} }

// Start is the first request.
func (r *Reading) Start() engine.Message {
	r.chain, r.objects = nil, nil
	r.request++
	return blob.Get{Request: r.request, Name: Pointer(r.table), Length: -1}
}

// State is the table, or nil while it is not read.
func (r *Reading) State() *State { return r.state }

// Objects is the names of the snapshots that the table is read from.
func (r *Reading) Objects() []string { return r.objects }

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
		return r.follow()
	}
	name := r.chain.want
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
	state, err := r.chain.State()
	r.state = state
	return nil, err
}

// Table reads a table out of objects at hand: what get has of a name, nil if nothing.
func Table(table string, get func(name string) []byte) (*State, error) {
	chain, err := newChain(get(Pointer(table)))
	if err != nil {
		return nil, err
	}
	for name, more := chain.Want(); more; name, more = chain.Want() {
		if err := chain.Take(slices.Clone(get(name))); err != nil {
			return nil, err
		}
	}
	return chain.State()
}
