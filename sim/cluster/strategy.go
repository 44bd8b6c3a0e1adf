package cluster

import (
	"math"
	"math/bits"
	"slices"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
	"parallax/serving"
)

// strategy is how a partition's frontier moves: told its rows in the order of the
// log, it says the frontier behind them.
type strategy interface {
	row(t int64, marks *column.Column, row int)
	raise(frontier int64)
	frontier() int64
}

// strategies makes those that the model knows.
var strategies = map[watermark.Kind]func(watermark.Spec) strategy{
	watermark.BoundedDisorder: func(watermark.Spec) strategy { return &greatest{promise: none()} },
	watermark.Monotonic:       func(watermark.Spec) strategy { return &greatest{promise: none()} },
	watermark.Punctuated:      func(watermark.Spec) strategy { return &punctuated{promise: none()} },
	watermark.Percentile: func(s watermark.Spec) strategy {
		return &percentile{promise: none(), share: uint64(s.Millionths), newest: watermark.None}
	},
	watermark.PerKey: func(s watermark.Spec) strategy {
		return &perKey{promise: none(), wait: s.Bounded, newest: watermark.None, keys: map[string]int64{}}
	},
}

// simple tells whether a partition's frontier is the greatest event time, which is
// what the log's own records know.
func simple(p *flow.Pipeline) bool {
	return p.Watermark.Kind == watermark.BoundedDisorder || p.Watermark.Kind == watermark.Monotonic
}

// promise is the part that all strategies have: a frontier never goes back.
type promise struct{ time int64 }

func none() promise { return promise{watermark.None} }

func (p *promise) raise(frontier int64) { p.time = max(p.time, frontier) }
func (p *promise) frontier() int64      { return p.time }

// greatest is the greatest event time.
type greatest struct{ promise }

func (g *greatest) row(t int64, _ *column.Column, _ int) { g.raise(t) }

// punctuated is the greatest event time of rows that are marked.
type punctuated struct{ promise }

func (p *punctuated) row(t int64, marks *column.Column, row int) {
	if !marks.IsNull(row) && marks.Bools[row] {
		p.raise(t)
	}
}

// percentile is the greatest event time less the delay that a share of the rows
// have not exceeded; delays are counted rounded up to seven binary digits.
type percentile struct {
	promise
	share  uint64 // millionths
	newest int64
	rows   uint64
	counts []delayed // ascending
}

type delayed struct{ by, rows uint64 }

func (p *percentile) row(t int64, _ *column.Column, _ int) {
	by := uint64(0)
	if t < p.newest {
		by = uint64(p.newest) - uint64(t)
		by |= 1<<max(0, bits.Len64(by)-7) - 1
	}
	p.newest = max(p.newest, t)
	at, known := slices.BinarySearchFunc(p.counts, by, func(d delayed, by uint64) int {
		switch {
		case d.by < by:
			return -1
		case d.by > by:
			return 1
		}
		return 0
	})
	if !known {
		p.counts = slices.Insert(p.counts, at, delayed{by: by})
	}
	p.counts[at].rows++
	p.rows++
	sum := uint64(0)
	for _, d := range p.counts {
		if sum += d.rows; sum*1_000_000 >= p.rows*p.share {
			if uint64(p.newest)-1<<63 >= d.by { // else it would lie before all time
				p.raise(int64(uint64(p.newest) - d.by))
			}
			return
		}
	}
}

// perKey is the newest event time of the key that has come least far, of those
// that lie less than the bound behind the newest of all.
type perKey struct {
	promise
	wait   int64
	newest int64
	keys   map[string]int64 // that are waited for
	slow   string           // the least of them
}

func (p *perKey) row(t int64, marks *column.Column, row int) {
	key := string(serving.AppendKey(nil, marks.Value(row)))
	if was, known := p.keys[key]; !known || was < t {
		p.keys[key] = t
	}
	p.newest = max(p.newest, t)
	least, known := p.keys[p.slow]
	switch {
	case !known || key == p.slow || !p.near(least):
		p.slow = p.slowest()
	case !p.near(p.keys[key]):
		delete(p.keys, key)
	case p.keys[key] < least:
		p.slow = key
	}
	p.raise(p.keys[p.slow])
}

// near tells whether a key that has come to t is waited for.
func (p *perKey) near(t int64) bool { return p.newest < math.MinInt64+p.wait || t > p.newest-p.wait }

// slowest goes over all keys, and forgets those that nobody waits for.
func (p *perKey) slowest() (slow string) {
	least := int64(math.MaxInt64)
	for key, t := range p.keys {
		if !p.near(t) {
			delete(p.keys, key)
		} else if t < least || t == least && key < slow {
			slow, least = key, t
		}
	}
	return slow
}
