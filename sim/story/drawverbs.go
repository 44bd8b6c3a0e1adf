package story

import (
	"fmt"
	"slices"

	"parallax/engine"
)

// verbs are what is done to a deployment while it runs, each off or on in a story, and
// then weighted: how often it comes, of all that is done.
type verbs struct {
	scan, page, point, ranged int // kinds of questions
	worker, view, broker      int // that is restarted
	producer                  int
}

// weigh switches a verb off in one of three stories; it comes four times as often in
// one of three others.
func weigh(d draws) int { return pick(d, 0, 1, 4) }

// drawVerbs draws what the client asks and who is restarted. Questions come at any
// instant up to some seconds behind the storm.
func drawVerbs(d draws, s *Story) {
	v := verbs{
		scan: weigh(d), page: weigh(d), point: weigh(d), ranged: weigh(d),
		worker: weigh(d), view: weigh(d), broker: weigh(d), producer: weigh(d),
	}
	s.AskEvery = -1
	n := (v.scan + v.page + v.point + v.ranged) * (3 + d.IntN(6))
	const latest = (stormNs + 3*engine.Second) / engine.Microsecond
	for _, at := range instants(d, n, latest) {
		s.Queries = append(s.Queries, v.query(d, s, at))
	}
	n = (v.worker + v.view + v.broker + v.producer) * (1 + d.IntN(2)) / 2
	for _, at := range instants(d, n, stormNs/engine.Microsecond) {
		s.Restarts = append(s.Restarts, Restart{At: at, Node: v.restarted(d, s)})
	}
}

// instants are so many, ascending, in microseconds.
func instants(d draws, n int, latest int64) []int64 {
	list := make([]int64, n)
	for i := range list {
		list[i] = d.Int64N(latest)
	}
	slices.Sort(list)
	return list
}

// query is one question.
func (v *verbs) query(d draws, s *Story, at int64) Query {
	q, row := Query{At: at}, &s.Rows[d.IntN(len(s.Rows))]
	switch n := d.IntN(v.scan + v.page + v.point + v.ranged); {
	case n < v.scan:
	case n < v.scan+v.page:
		q.Limit, q.More = 1+d.Int32N(16), !d.chance(3)
	case n < v.scan+v.page+v.point:
		q.Key = s.keyOf(row)
	default:
		other := &s.Rows[d.IntN(len(s.Rows))]
		q.From, q.To = min(row.Time, other.Time), max(row.Time, other.Time)+1
		if d.chance(3) {
			q.Key = s.keyOf(row)
		}
	}
	return q
}

// restarted is the node that is restarted.
func (v *verbs) restarted(d draws, s *Story) string {
	switch n := d.IntN(v.worker + v.view + v.broker + v.producer); {
	case n < v.worker:
		return "worker"
	case n < v.worker+v.view:
		return "view"
	case n < v.worker+v.view+v.broker:
		return fmt.Sprintf("broker-%d", d.IntN(max(1, s.Sizes.Brokers)))
	}
	return "producer"
}
