package lambda

import (
	"cmp"
	"slices"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow/column"
	"parallax/engine/wire"
	"parallax/serving"
	"parallax/sim/oracle"
)

// repair is a window with what was dropped from it below the batch cut.
type repair struct {
	final   []column.Value
	counted int64
}

// place names a window by its key and where it starts.
func place(key []column.Value, start int64) string {
	return string(serving.AppendKey(wire.Order.AppendUint64(nil, uint64(start)), key...))
}

// at names a record of the log.
type at struct {
	part   int32
	offset int64
}

// lane is windows that lie apart from each other, or have other keys: no row is in two of
// them.
type lane struct {
	starts, ends []int64
	gone         map[at]bool // rows that were dropped from one of them behind the batch cut
}

// repairs are the windows that have lost rows, each as of one that waits for ever, of the
// log without what was dropped from that very window behind the batch cut. A row may be
// gone from one window and count in the next one, so windows that share rows cannot be
// asked for in one question; those of a lane can, and of what lies outside of them the
// answer does not depend.
func (b *book) repairs(j *Job, in *oracle.Input, result *oracle.Result, batch []protocol.Cut) (map[string]repair, error) {
	lanes, of := lanesOf(result)
	for i := range result.Drops {
		d := &result.Drops[i]
		if len(batch) == 0 || d.Offset >= batch[d.Partition].Offset {
			lanes[of[d.Start]].gone[at{d.Partition, d.Offset}] = true
		}
	}
	patient := *j.Pipeline
	patient.Late.Allowed = 1 << 60
	all := map[string]repair{}
	for n := range lanes {
		rest := *in
		rest.Rows = nil
		for i := range in.Rows {
			if r := &in.Rows[i]; !r.Idle && lanes[n].holds(r.Time) && !lanes[n].gone[at{r.Partition, r.Offset}] {
				rest.Rows = append(rest.Rows, *r)
			}
		}
		whole, err := oracle.Answer(&patient, rest)
		if err != nil {
			return nil, err
		}
		for i := range whole.Windows {
			if w := &whole.Windows[i]; of[w.Start] == n {
				all[place(w.Key, w.Start)] = repair{w.Final, w.OnTimePairs + w.RevisedPairs}
			}
		}
	}
	return all, nil
}

// lanesOf puts the windows that have lost rows into as few lanes as it takes; of is in
// which one those are that start at an instant.
func lanesOf(result *oracle.Result) (lanes []lane, of map[int64]int) {
	var lost []*oracle.Window
	for i := range result.Windows {
		if w := &result.Windows[i]; w.DroppedPairs > 0 {
			lost = append(lost, w)
		}
	}
	slices.SortFunc(lost, func(a, b *oracle.Window) int { return cmp.Compare(a.Start, b.Start) })
	of = map[int64]int{}
	for _, w := range lost {
		if _, known := of[w.Start]; known {
			continue // of another key
		}
		n := slices.IndexFunc(lanes, func(l lane) bool { return l.ends[len(l.ends)-1] <= w.Start })
		if n < 0 {
			n = len(lanes)
			lanes = append(lanes, lane{gone: map[at]bool{}})
		}
		of[w.Start] = n
		lanes[n].starts, lanes[n].ends = append(lanes[n].starts, w.Start), append(lanes[n].ends, w.End)
	}
	return lanes, of
}

// holds tells whether one of the windows holds an event time.
func (l *lane) holds(time int64) bool {
	n, found := slices.BinarySearch(l.starts, time)
	if !found {
		n--
	}
	return n >= 0 && time < l.ends[n]
}
