package watermark

import (
	"encoding/binary"
	"math"
)

// Progress is how one partition's frontier moves under a strategy: it is told the
// rows, in the order of the log, and says the frontier before each. What it says
// is a function of the rows told so far, and never goes back.
//
// Under [BoundedDisorder] and [Monotonic] the frontier is the greatest event time.
// Under the others it is the strategy's promise, which takes the frontier's place
// in everything that follows: in rows' stamps, in the comparison of partitions,
// and in W = F - Bounded, so that a bound is slack on top of the promise (not under
// PerKey, whose bound is how long it waits: there W = F).
//
//   - [Punctuated]: the greatest event time of rows that are marked. Others do not
//     move it (Apache Flink, punctuated watermark generators).
//   - [Percentile]: the greatest value so far of the greatest event time less d, d
//     being the disorder that the given share of the partition's rows so far have
//     not exceeded. A row's disorder is how much older it is than the newest before
//     it, 0 if it is not. d is rounded up to seven significant bits, so that it
//     needs no floating point and little memory.
//   - [PerKey]: the newest event time of the key that has come least far. Rows that
//     are in order within their key are not late then, however far the keys' clocks
//     are apart, unless by more than the bound: a key that lies at least so far
//     behind the partition's newest row is not waited for, and forgotten. A key
//     that comes for the first time, or again, does not take the promise back.
//   - [Adaptive]: as Percentile, over those latest rows whose delays look like one
//     distribution. When it changes, what was before the change is forgotten, so that
//     the bound follows within some hundred rows, and over a stretch without change
//     it rests (ADWIN, for watermarks after Awad, Traub and Sakr, Adaptive Watermarks:
//     A Concept Drift-based Approach for Predicting Event-Time Progress in Data
//     Streams, EDBT 2019; see drift for how a change is found).
//   - [Completeness]: as Percentile, but the share is moved, and what was long ago
//     counts less, so that the goal is met by the rows that the operator finds on
//     time. The promise follows from what the operator says of the rows, too. This is
//     AQ-K-slack (Ji et al., Quality-Driven Continuous Query Execution over
//     Out-of-Order Data Streams, SIGMOD 2015): the least slack K that meets a goal of
//     quality, K being a quantile of the delays seen lately, set by a controller of
//     the error and its change. The quality here is the share of rows on time; the
//     paper's model of how an aggregate's error follows from that share is not built.
type Progress struct {
	spec     Spec
	frontier int64
	newest   int64 // the greatest event time
	disorder sketch
	keys     keyed
	control  control
	drift    drift
}

// Progress begins a partition.
func (s Spec) Progress() *Progress {
	return &Progress{spec: s, frontier: None, newest: None, control: control{share: uint64(s.Millionths)}}
}

// Frontier is the frontier behind the rows so far.
func (p *Progress) Frontier() int64 { return p.frontier }

// Newest is the greatest event time so far, [None] before the first row.
func (p *Progress) Newest() int64 { return p.newest }

// Slowest is, under PerKey, the key that is waited for, as it was given: one of those
// that have come least far. It is "" if there is none.
func (p *Progress) Slowest() string {
	if len(p.keys.heap) == 0 {
		return ""
	}
	return p.keys.keys[p.keys.heap[0]].key
}

// Row takes a row in; marked matters to Punctuated only.
func (p *Progress) Row(eventTime int64, marked bool) {
	late := p.delay(eventTime)
	switch p.spec.Kind {
	case Punctuated:
		if marked {
			p.Raise(eventTime)
		}
	case Percentile:
		p.disorder.add(late)
		p.allow(p.disorder.quantile(uint64(p.spec.Millionths)))
	case Adaptive:
		p.disorder.add(late)
		p.drift.take(late, &p.disorder)
		p.allow(p.disorder.quantile(uint64(p.spec.Millionths)))
	default:
		p.Raise(eventTime)
	}
}

// delay is how much older a row is than the newest before it.
func (p *Progress) delay(eventTime int64) uint64 {
	late := uint64(0)
	if eventTime < p.newest {
		late = uint64(p.newest) - uint64(eventTime)
	}
	p.newest = max(p.newest, eventTime)
	return late
}

// allow promises that nothing comes that is older than the newest row by more than
// d, unless that would be before all time.
func (p *Progress) allow(d uint64) {
	if uint64(p.newest)+1<<63 >= d {
		p.Raise(int64(uint64(p.newest) - d))
	}
}

// KeyedRow takes a row of a key in, under PerKey.
func (p *Progress) KeyedRow(eventTime int64, key []byte) {
	p.newest = max(p.newest, eventTime)
	p.keys.show(key, eventTime)
	given := Spec{Bounded: p.spec.Bounded}.Watermark(p.newest)
	p.keys.giveUp(given)
	if least, ok := p.keys.least(); ok {
		given = max(given, least)
	}
	p.Raise(given)
}

// Raise takes in a frontier from outside, such as that of an idle record.
func (p *Progress) Raise(frontier int64) { p.frontier = max(p.frontier, frontier) }

// AppendTo appends the state.
//
//	version 1 · frontier · greatest event time · buckets that are not empty
//	each: number (as difference) · rows
//	keys · each: length · bytes · newest event time
//	under Completeness: share in millionths · rows and late ones since it was moved
//	  error when it was
//	under Adaptive no buckets, but the blocks of its window; see drift
func (p *Progress) AppendTo(b []byte) []byte {
	b = binary.AppendVarint(binary.AppendVarint(append(b, formatVersion), p.frontier), p.newest)
	counted := p.disorder.rows
	if p.spec.Kind == Adaptive { // they follow from the blocks
		counted = nil
	}
	used := 0
	for _, n := range counted {
		if n > 0 {
			used++
		}
	}
	b = binary.AppendUvarint(b, uint64(used))
	last := 0
	for i, n := range counted {
		if n > 0 {
			b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(i-last)), n)
			last = i
		}
	}
	b = p.keys.appendTo(b)
	switch p.spec.Kind {
	case Completeness:
		for _, n := range [...]uint64{p.control.share, p.control.rows, p.control.late} {
			b = binary.AppendUvarint(b, n)
		}
		return binary.AppendVarint(b, p.control.missed)
	case Adaptive:
		return p.drift.appendTo(b)
	}
	return b
}

// Load makes a new Progress of the same strategy the one that was saved and returns
// what follows. An error leaves it unusable.
func (p *Progress) Load(b []byte) (rest []byte, err error) {
	r := reader{b: b}
	if r.flags(formatVersion) != formatVersion {
		r.fail("not version 1")
	}
	p.frontier, p.newest = r.int(), r.int()
	p.disorder = sketch{}
	at, total := uint64(0), uint64(0)
	for used := r.uint(); used > 0 && r.err == nil; used-- {
		at += r.uint()
		n := r.uint()
		if at >= bucketsMax || n == 0 || n > math.MaxInt64/millionth || len(p.disorder.rows) > 0 && at < uint64(len(p.disorder.rows)) {
			r.fail("a bucket that cannot be")
			break
		}
		if total += n; total > math.MaxInt64/millionth {
			r.fail("too many rows")
			break
		}
		p.disorder.put(bucketRows{int(at), n})
	}
	if p.spec.Kind != Percentile && p.spec.Kind != Completeness && p.disorder.total > 0 {
		r.fail("disorder under a strategy that does not look at it")
	}
	p.keys = keyed{}
	p.keys.load(&r)
	if given := (Spec{Bounded: p.spec.Bounded}).Watermark(p.newest); len(p.keys.heap) > 0 {
		if least, _ := p.keys.least(); p.spec.Kind != PerKey || least <= given {
			r.fail("a key that is not waited for")
		}
	}
	switch p.spec.Kind {
	case Completeness:
		c := control{share: r.uint(), rows: r.uint(), late: r.uint(), missed: r.int()}
		if p.control = c; c.share < 1 || c.share > millionth || c.rows >= adaptRows || c.late > c.rows ||
			c.missed > millionth || c.missed < -millionth {
			r.fail("a share that cannot be")
		}
	case Adaptive:
		p.drift = drift{}
		p.drift.load(&r, &p.disorder)
	}
	return r.end(b, p.AppendTo)
}
