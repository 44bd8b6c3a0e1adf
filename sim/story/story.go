package story

import (
	"parallax/engine"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/sim"
)

// Story is a run as data. Instants of rows are counted from the start of its world.
type Story struct {
	World    sim.Options // seed, start, delays, and faults: by rates, or as a list
	Pipeline *flow.Pipeline
	Schema   column.Schema

	// Unrestricted lets damage strike every disk, also where there is no other copy. Then
	// data may be destroyed, and what that keeps from catching up is excused.
	Unrestricted bool

	Partitions int
	Rows       []Row // by arrival
	// End is when every partition is told that nothing more will come, in
	// microseconds; 0 means with the last row.
	End int64

	Sizes    Sizes
	Pace     int64 // every period of the cluster, so many times as long; 0 means 1
	AskEvery int64 // ns; the longest time between two questions of the client; 0 means 400 ms, less that it asks none by itself

	Queries  []Query   // that the client asks besides, by instant
	Restarts []Restart // by instant

	StormNs, CalmNs int64 // how long the world does its worst, and how long everything may then take
}

// Row is one row and how it comes. Rows of a partition that follow each other and
// arrive at one instant are one batch of the log.
type Row struct {
	ID        string // what others call it, or ""
	Partition int32
	At        int64 // arrival, in microseconds from the start of the world
	Time      int64 // event time, in microseconds
	Values    []column.Value
}

// Sizes of a deployment; 0 is always a default.
type Sizes struct {
	Brokers         int   // 3
	SegmentBytes    int64 // of the log's journal
	CacheBytes      int64 // of entries that a replica keeps in memory
	RetainBytes     int64 // of a partition's payload
	IdleAfter       int64 // ns until a silent partition is told the frontier of the others; 0 is never
	CheckpointBytes int64 // of rows between two checkpoints of the worker
	Credit          int32 // bytes that the worker asks for at a time
	ViewBytes       int64 // of the view's segments
	BaseBytes       int   // of the view's deltas between two bases
	Store           Store
}

// Store is whether the worker's checkpoints are in an object store, a node of its own, and
// what that does to its clients, in parts per million: it refuses requests for the moment,
// loses replies to what it has done, and takes its time to list.
type Store struct {
	On               bool
	Busy, Lost, Slow uint32
}

// Batches calls f for each batch of the story, in order of arrival.
func (s *Story) Batches(f func(partition int32, due engine.Instant, rows *column.Batch) error) error {
	for from := 0; from < len(s.Rows); {
		to := from + 1
		for to < len(s.Rows) && s.Rows[to].Partition == s.Rows[from].Partition && s.Rows[to].At == s.Rows[from].At {
			to++
		}
		if err := f(s.Rows[from].Partition, s.Instant(s.Rows[from].At), s.Batch(s.Schema, s.Rows[from:to])); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// EndsAt is the instant at which partitions end.
func (s *Story) EndsAt() engine.Instant {
	end := s.End
	if n := len(s.Rows); n > 0 {
		end = max(end, s.Rows[n-1].At)
	}
	return s.Instant(end)
}

// Instant is the world's at an arrival, which is in microseconds.
func (s *Story) Instant(us int64) engine.Instant {
	return s.World.Start + engine.Instant(us*engine.Microsecond)
}

// Batch makes a batch of rows that come together, which have values of a schema.
func (s *Story) Batch(schema column.Schema, rows []Row) *column.Batch {
	b := &column.Batch{
		Schema: schema, Partition: rows[0].Partition, Rows: len(rows), Columns: make([]column.Column, len(schema)),
	}
	for i := range schema {
		b.Columns[i].Reset(schema[i].Type, &column.Dict{})
	}
	for r := range rows {
		b.Times, b.Appends = append(b.Times, rows[r].Time), append(b.Appends, int64(s.World.Start)/engine.Microsecond+rows[r].At)
		for i := range schema {
			b.Columns[i].Append(rows[r].Values[i])
		}
	}
	return b
}
