package operator

import (
	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
)

// microbatch lets the frontier by which rows are stamped and windows fire move between
// micro-batches only: every so many rows over all partitions, or all that arrive in one
// period, which begins at a multiple of its length.
//
// In a micro-batch two watermarks matter (Apache Spark since SPARK-40925): rows are
// judged by the one that the batch before it fired windows by, and behind its rows
// windows fire by the one computed when the batch before it had ended. So it is one
// watermark that moves between batches, one batch late, and what judges is always what
// has fired. Where nothing arrives for a whole period, a batch without rows catches up.
//
// That a batch has ended is known when a record of a later one comes, or when it is told
// how late it is: then its windows fire.
type microbatch struct {
	rows  int64 // so many make a batch, or 0
	every int64 // µs of append time of a period, or 0
	begun bool  // a record was there
	place int64 // how many rows the batch has, or its period
	used  int64 // the frontier in use
	next  int64 // that when the batch before this one ended, or this one, the first, began
	eager bool  // planted defect: a batch's windows fire by what its own rows say
}

func newMicrobatch(spec watermark.Spec) *microbatch {
	return &microbatch{rows: spec.BatchRows, every: spec.BatchEvery, used: column.NoFrontier, next: column.NoFrontier}
}

// arrive is told of a record before it is looked at, and of the frontier of all
// partitions so far.
func (m *microbatch) arrive(at, frontier int64) {
	if m.rows > 0 {
		switch {
		case !m.begun:
			m.begun, m.next = true, frontier
		case m.place == m.rows:
			m.turn(frontier, false)
			m.place = 0
		}
		m.place++
		return
	}
	period := at / m.every
	if at%m.every < 0 {
		period--
	}
	switch {
	case !m.begun:
		m.begun, m.place, m.next = true, period, frontier
	case period > m.place: // a record from before belongs to the batch at hand
		m.turn(frontier, period > m.place+1)
		m.place = period
	}
}

// pass is told that time has come to now, without a record.
func (m *microbatch) pass(now, frontier int64) {
	if m.begun && m.every > 0 {
		m.arrive(now, frontier)
	}
}

// turn ends a batch. quiet says that a batch without rows follows it.
func (m *microbatch) turn(frontier int64, quiet bool) {
	m.used, m.next = m.next, frontier
	if quiet || m.eager {
		m.used = frontier
	}
}

// appendTo appends the state.
//
//	version 1 · begun · place · frontier in use · frontier to come
func (m *microbatch) appendTo(b []byte) []byte {
	begun := byte(0)
	if m.begun {
		begun = 1
	}
	b = appendInt(append(b, formatVersion, begun), m.place)
	return appendInt(appendInt(b, m.used), m.next)
}

func (m *microbatch) load(b []byte) (rest []byte, err error) {
	d := decoder{b: b}
	d.version("micro-batch")
	m.begun = d.below(2, "begun") == 1
	m.place, m.used, m.next = d.int(), d.int(), d.int()
	switch {
	case d.err != nil:
	case m.used > m.next:
		d.fail("a frontier in use beyond the one to come")
	case !m.begun && (m.place != 0 || m.next != column.NoFrontier), m.rows > 0 && (m.place < 0 || m.place > m.rows),
		m.rows > 0 && m.begun != (m.place > 0):
		d.fail("a micro-batch that cannot be")
	}
	return d.b, d.err
}
