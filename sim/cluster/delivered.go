package cluster

import (
	"math"

	"parallax/engine/kappa"
	"parallax/sim"
	"parallax/sim/fault"
	"parallax/sim/source"
	"parallax/sim/story"
)

// delivered is what the sources of a job make of its feed in a world in which faults
// strike them, see package source.
type delivered struct {
	rows    [][]source.Delivery // by partition; nil if everything is as the job has it
	refused map[batchName]bool  // batches that the job must refuse: their sources know
}

// batchName is a batch of the feed.
type batchName struct {
	part     int
	sequence uint32
}

// deliver lets faults strike a job's sources, and makes its feed what comes of that.
func (j *Job) deliver(w *sim.World, o *sim.Options) (*delivered, error) {
	d := &delivered{refused: map[batchName]bool{}}
	if j.Story == nil || !strikesRows(o) {
		return d, nil
	}
	rows, struck := source.Deliver(j.Story, w)
	if !struck {
		return d, nil
	}
	d.rows = rows
	feed := make(Feed, len(j.Feed))
	known := j.batches()
	for part := range rows {
		for from := 0; from < len(rows[part]); {
			to := lotEnd(rows[part], from)
			lot := rows[part][from:to]
			if lot[0].Form != source.Sound {
				d.refused[batchName{part, uint32(len(feed[part]))}] = true
			}
			if err := feed.lot(j.Story, part, lot, known[lot[0].Of]); err != nil {
				return nil, err
			}
			from = to
		}
	}
	feed.End(max(j.Story.EndsAt(), feed.last()))
	j.Feed = feed
	return d, nil
}

// Deliver lets the faults of a world strike the sources of the job's story, and makes its
// feed what comes of that. refused tells of a batch of the feed, by partition and
// sequence, whether a job must refuse it: its source knows that nobody can read it or
// that its columns are others.
func (j *Job) Deliver(w *sim.World, o *sim.Options) (refused func(part int, sequence uint32) bool, err error) {
	d, err := j.deliver(w, o)
	if err != nil {
		return nil, err
	}
	return func(part int, sequence uint32) bool { return d.refused[batchName{part, sequence}] }, nil
}

// strikesRows tells whether there may be faults that strike rows.
func strikesRows(o *sim.Options) bool {
	for _, f := range fault.All() {
		if f.OfRows() && o.Faults[f].Rate > 0 && o.Frozen == nil {
			return true
		}
	}
	for i := range o.Frozen {
		if o.Frozen[i].Family.OfRows() {
			return true
		}
	}
	return false
}

// batches are those of the feed as the job has it, by the first of their rows.
func (j *Job) batches() map[int]*kappa.FeedBatch {
	list, next := map[int]*kappa.FeedBatch{}, make([]int, len(j.Feed))
	for i := 0; i < len(j.Story.Rows); {
		part := j.Story.Rows[i].Partition
		b := &j.Feed[part][next[part]]
		list[i] = b
		next[part]++
		i += int(b.Count)
	}
	return list
}

// lotEnd is the end of the batch that begins at a delivery.
func lotEnd(rows []source.Delivery, from int) int {
	to, first := from+1, &rows[from]
	for to < len(rows) && rows[to].Lot == first.Lot && rows[to].At == first.At && rows[to].Form == source.Sound && first.Form == source.Sound {
		to++
	}
	return to
}

// lot adds a batch of deliveries. was is the batch that began with its first row: if
// these are its rows and nothing has changed, they are encoded already.
func (f Feed) lot(s *story.Story, part int, lot []source.Delivery, was *kappa.FeedBatch) error {
	due := s.Instant(lot[0].At)
	if was != nil && int(was.Count) == len(lot) && untouched(lot) {
		b := *was
		b.Due = due
		f[part] = append(f[part], b)
		return nil
	}
	schema, rows := s.Schema, make([]story.Row, len(lot))
	for i := range lot {
		rows[i] = lot[i].Row
	}
	if lot[0].Form == source.OtherColumns {
		schema, rows[0].Values = source.Change(schema, rows[0].Values, lot[0].Way)
	}
	if err := f.Add(int32(part), due, s.Batch(schema, rows)); err != nil {
		return err
	}
	if lot[0].Form == source.Garbage {
		b := &f[part][len(f[part])-1]
		b.Payload, b.TimeMax = source.Spoil(b.Payload, lot[0].Way), math.MinInt64 // nobody could read it
	}
	return nil
}

// untouched tells whether rows are as in the story, in its order.
func untouched(lot []source.Delivery) bool {
	for i := range lot {
		if lot[i].Changed || lot[i].Of != lot[0].Of+i {
			return false
		}
	}
	return true
}

// of is the number, in its partition of the story, of a row of the log that is no
// record of the brokers' own.
func (d *delivered) of(s *story.Story, part int32, number int64) int64 {
	if d.rows == nil || number >= int64(len(d.rows[part])) {
		return number
	}
	n := int64(0)
	for i := range d.rows[part][number].Of {
		if s.Rows[i].Partition == part {
			n++
		}
	}
	return n
}
