package sim

import (
	"math"
	"time"

	"parallax/sim/fault"
)

// Faults of a source hit rows before anybody has sent them. So they are decided before
// the world begins, by whoever makes the rows (package sim/source has their models):
// from the names of rows, as everything else from the names of messages and writes.
// They strike when the source is read; a feed is read to its end in every run that
// passes, so a fault that is listed has been met.

// StrikeRows decides which of the faults that could happen to the rows of a source
// does. The candidates of a family have names and say what they would hit; those that
// are chosen are given an amount and to hit, which carries them out or reports that
// there is nothing to do. A family that is sure to strike takes the candidate nearest
// to being chosen, should none have been: which one that is follows from names, too.
func (w *World) StrikeRows(f fault.Family, candidates []fault.Fault, hit func(*fault.Fault) bool) {
	if !w.on[f] || len(candidates) == 0 {
		return
	}
	w.sourced[f] = true
	if w.opts.Frozen != nil {
		w.strikeListed(f, candidates, hit)
		return
	}
	struck := false
	for i := range candidates {
		if w.chosen(f, uint64(candidates[i].Name)) {
			struck = w.strikeRow(f, candidates[i], hit) || struck
		}
	}
	if struck || !w.opts.Faults[f].Sure {
		return
	}
	for last := uint64(0); ; { // ascending by how near they were to being chosen
		nearest, least := -1, uint64(math.MaxUint64)
		for i := range candidates {
			if h := w.chance(uint64(f), uint64(candidates[i].Name)); h > last && h < least {
				nearest, least = i, h
			}
		}
		if nearest < 0 || w.strikeRow(f, candidates[nearest], hit) {
			return
		}
		last = least
	}
}

// strikeRow has a candidate hit as hard as its name says.
func (w *World) strikeRow(f fault.Family, x fault.Fault, hit func(*fault.Fault) bool) bool {
	x.Family, x.Lasts = f, time.Duration(w.amount(nil, f, uint64(x.Name)))
	if !hit(&x) {
		return false
	}
	w.struck(x)
	return true
}

// strikeListed has those hit that are listed: by name, or, without one, by the row's
// number or, of a fault that lasts, by its instant.
func (w *World) strikeListed(f fault.Family, candidates []fault.Fault, hit func(*fault.Fault) bool) {
	strike := func(x fault.Fault) {
		if hit(&x) {
			w.struck(x)
		}
	}
	for i := range w.opts.Frozen {
		if x := w.opts.Frozen[i]; x.Family == f && !f.OfOneRow() {
			strike(x)
		}
	}
	if !f.OfOneRow() {
		return
	}
	for i := range candidates {
		c := &candidates[i]
		for k := range w.opts.Frozen {
			x := w.opts.Frozen[k]
			if x.Family == f && (x.Name == c.Name || x.Name == 0 && x.Node == c.Node && x.Nth == c.Nth) {
				x.Name, x.Node, x.Nth, x.At = c.Name, c.Node, c.Nth, c.At
				strike(x)
				break
			}
		}
	}
}
