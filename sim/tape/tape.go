package tape

import (
	"fmt"
	"math/rand/v2"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/commitlog/tail"
	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
	"parallax/sim/cluster"
)

// Topic and Markers name a tape's topic and the producer of its markers.
const (
	Topic          = "tape"
	Markers uint64 = 2
)

// Schema is the columns of a tape's rows.
var Schema = column.Schema{
	{Name: "city", Type: column.TypeOf(column.String)},
	{Name: "riders", Type: column.TypeOf(column.Int64)},
	{Name: "fare", Type: column.Type{Kind: column.Decimal128, Precision: 12, Scale: 2}},
	{Name: "rate", Type: column.TypeOf(column.Float64)},
}

// Options are what a tape is drawn from.
type Options struct {
	Seed        uint64
	Partitions  int
	Generations int   // behind the last marker one more is begun
	Every       int64 // ns between markers
	Watermark   watermark.Spec
}

// Tape is a log: every record of every partition, in order.
type Tape struct {
	opts  Options
	parts [][]record
	cuts  [][]protocol.Cut // by marker and partition
}

type record struct {
	due   engine.Instant
	batch protocol.Batch
}

// Draw makes a tape.
func Draw(o Options) (*Tape, error) {
	t := &Tape{opts: o, parts: make([][]record, o.Partitions), cuts: make([][]protocol.Cut, o.Generations)}
	feed := make(cluster.Feed, o.Partitions)
	for p := range o.Partitions {
		rng := rand.New(rand.NewPCG(o.Seed, uint64(p)))
		w := winder{tape: t, part: int32(p), rng: rng, feed: feed, frontier: column.NoFrontier, live: rng.IntN(8) > 0}
		if err := w.wind(); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// winder draws one partition.
type winder struct {
	tape     *Tape
	part     int32
	rng      *rand.Rand
	feed     cluster.Feed
	offset   int64
	frontier int64
	live     bool // else it has next to no rows
}

func (w *winder) wind() error {
	every := w.tape.opts.Every
	for g := range w.tape.opts.Generations + 1 {
		begin := engine.Instant(int64(g) * every)
		n := w.rng.IntN(5)
		if !w.live {
			n = w.rng.IntN(2)
		}
		for i := range n {
			due := begin + engine.Instant(every*int64(i+1)/int64(n+1))
			switch w.rng.IntN(12) {
			case 0, 1:
				w.idle(due)
				continue
			case 2:
				w.poison(due)
				continue
			}
			if err := w.rows(due); err != nil {
				return err
			}
		}
		if g < w.tape.opts.Generations {
			// Markers come about when they are due, not at one moment.
			w.mark(uint32(g), begin+engine.Instant(every-w.rng.Int64N(every/8)))
		}
	}
	return nil
}

func (w *winder) add(due engine.Instant, b protocol.Batch) {
	b.Base, b.Append = w.offset, int64(due)/1000
	w.offset = b.End()
	w.tape.parts[w.part] = append(w.tape.parts[w.part], record{due, b})
}

func (w *winder) idle(due engine.Instant) {
	time := int64(due)/1000 - 1_000_000
	w.frontier = max(w.frontier, time)
	w.add(due, protocol.Batch{Count: 1, Idle: true, TimeMax: time})
}

// poison is a batch of three records that nobody can read.
func (w *winder) poison(due engine.Instant) {
	w.add(due, protocol.Batch{Count: 3, Producer: 3, TimeMax: int64(due)/1000 + 9_000_000, Payload: []byte("not a segment")})
}

func (w *winder) mark(number uint32, due engine.Instant) {
	w.tape.cuts[number] = append(w.tape.cuts[number], protocol.Cut{Offset: w.offset, Frontier: w.frontier})
	w.add(due, protocol.Batch{Count: 1, Idle: true, TimeMax: column.NoFrontier, Producer: Markers, Sequence: number})
}

func (w *winder) rows(due engine.Instant) error {
	rng, spec := w.rng, w.tape.opts.Watermark
	b := &column.Batch{Schema: Schema, Partition: w.part, Rows: 1 + rng.IntN(12), Columns: make([]column.Column, len(Schema))}
	for i, f := range Schema {
		b.Columns[i].Reset(f.Type, new(column.Dict))
	}
	for range b.Rows {
		time := int64(due)/1000 - rng.Int64N(200_000)
		switch rng.IntN(20) {
		case 0:
			time -= rng.Int64N(3_000_000) // late, or too late
		case 1:
			time += rng.Int64N(2_000_000) // ahead
		}
		b.Times, b.Appends = append(b.Times, time), append(b.Appends, int64(due)/1000)
		for i, f := range Schema {
			b.Columns[i].Append(column.Value{
				Type: f.Type, Null: rng.IntN(9) == 0, String: fmt.Sprint("city-", rng.IntN(6)), Int: rng.Int64N(5),
				Decimal: column.DecimalFromInt(rng.Int64N(10_000) - 500), Float: float64(rng.Int64N(1000)) / 7,
			})
		}
		if !spec.Ahead(time, int64(due)/1000) {
			w.frontier = max(w.frontier, time)
		}
	}
	if err := w.feed.Add(w.part, due, b); err != nil {
		return err
	}
	list := w.feed[w.part]
	last := list[len(list)-1]
	w.add(due, protocol.Batch{Count: last.Count, Producer: 1, Sequence: uint32(len(list) - 1), TimeMax: last.TimeMax, Payload: last.Payload})
	return nil
}

// Cut is the cut at a marker.
func (t *Tape) Cut(marker int) []protocol.Cut { return t.cuts[marker] }

// Generations is how many markers there are.
func (t *Tape) Generations() int { return len(t.cuts) }

// Poison is the offsets of a partition's batches below an offset that cannot be read.
func (t *Tape) Poison(part int32, to int64) (offsets []int64) {
	for i := range t.parts[part] {
		if b := &t.parts[part][i].batch; b.Producer == 3 && b.Base < to {
			offsets = append(offsets, b.Base)
		}
	}
	return offsets
}

// Ends is when the last record is due.
func (t *Tape) Ends() (at engine.Instant) {
	for _, part := range t.parts {
		for i := range part {
			at = max(at, part[i].due)
		}
	}
	return at
}

// Rows calls yield with the batches of a partition's rows at offsets of [from, to), or with
// the frontier that an idle record carries, in their order. Batches that cannot be read are
// left out.
func (t *Tape) Rows(part int32, from, to int64, yield func(b *column.Batch, idle int64) error) error {
	var d tail.Decoder
	for i := range t.parts[part] {
		b := &t.parts[part][i].batch
		if b.Base < from || b.Base >= to {
			continue
		}
		if b.Idle {
			if err := yield(nil, b.TimeMax); err != nil {
				return err
			}
			continue
		}
		rows, err := d.Batch(part, b)
		if err != nil {
			continue
		}
		if err := yield(rows, 0); err != nil {
			return err
		}
	}
	return nil
}
