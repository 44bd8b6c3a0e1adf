package fuzz

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"

	"parallax/scenarios"
)

// Difference is where two runs part.
type Difference struct {
	Same   bool                 // they do not
	Event  uint64               // the first event in which they differ
	A, B   *scenarios.TraceLine // what happened there; nil where a run has ended
	Before []scenarios.TraceLine
}

// blockEvents is after how many events a run notes its hash.
const blockEvents = 1024

// Diff finds the first thing that happens in one of two runs and not in the other. The
// hashes of every 1,024th event say where to look; only there are traces compared.
func Diff(a, b *scenarios.Scenario) (*Difference, error) {
	first, err := scenarios.Play(a, scenarios.PlayOptions{})
	if err != nil {
		return nil, err
	}
	second, err := scenarios.Play(b, scenarios.PlayOptions{})
	if err != nil {
		return nil, err
	}
	if first.Hash == second.Hash {
		return &Difference{Same: true, Event: first.Event}, nil
	}
	// Hashes are chains: once they differ they never agree again.
	blocks := min(len(first.Checks), len(second.Checks))
	from := sort.Search(blocks, func(i int) bool { return first.Checks[i] != second.Checks[i] })
	return differ(a, b, uint64(from)*blockEvents)
}

// differ compares the traces behind an event.
func differ(a, b *scenarios.Scenario, behind uint64) (*Difference, error) {
	la, err := traceBehind(a, behind)
	if err != nil {
		return nil, err
	}
	lb, err := traceBehind(b, behind)
	if err != nil {
		return nil, err
	}
	for i := 0; ; i++ {
		d := &Difference{Before: la[max(0, min(i, len(la))-contextLines):min(i, len(la))]}
		if i < len(la) {
			d.A, d.Event = &la[i], la[i].Event
		}
		if i < len(lb) {
			d.B = &lb[i]
			if d.A == nil || lb[i].Event < d.Event {
				d.Event = lb[i].Event
			}
		}
		if d.A == nil && d.B == nil {
			return d, nil // another seed or price list, and nothing that shows it
		}
		if d.A == nil || d.B == nil || *d.A != *d.B {
			return d, nil
		}
	}
}

// contextLines is how much of what both runs did is shown before their difference.
const contextLines = 3

// traceBehind is what happens in a run behind an event, for two blocks.
func traceBehind(s *scenarios.Scenario, behind uint64) ([]scenarios.TraceLine, error) {
	w := &window{from: behind, to: behind + 2*blockEvents}
	_, err := scenarios.Play(s, scenarios.PlayOptions{Trace: w})
	return w.lines, err
}

// window keeps the lines of a trace that lie between two events.
type window struct {
	from, to uint64
	lines    []scenarios.TraceLine
}

// Write takes a line in, as JSON.
func (w *window) Write(p []byte) (int, error) {
	var line scenarios.TraceLine
	if err := json.Unmarshal(bytes.TrimSpace(p), &line); err != nil {
		return 0, fmt.Errorf("fuzz: a trace: %w", err)
	}
	if line.Event > w.from && line.Event <= w.to {
		w.lines = append(w.lines, line)
	}
	return len(p), nil
}
