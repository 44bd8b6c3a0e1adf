package scenarios

import (
	"math"

	"parallax/engine"
	"parallax/engine/flow/column"
	"parallax/scenarios/source"
	"parallax/sim/cluster"
)

// How a source is cut into batches. A batch of a partition ends with its
// batchRowsMax-th row, before a row that would make it larger than about
// batchBytesMax, or when linger is over since its first row arrived. It is due
// then: the cut is a function of the rows and the pace.
const (
	batchRowsMax  = 2048
	batchBytesMax = 1 << 20
	lingerNs      = 100 * engine.Millisecond // at pace 1
)

// partitionsMax bounds the partitions of a run: each is replicated by a group of
// its own.
const partitionsMax = 256

// span is the arrivals of a source, in microseconds.
type span struct {
	first, last int64
	rows        int64
}

// arrivals goes over the rows for the first and last arrival.
func (in *input) arrivals() (span, error) {
	s := span{first: math.MaxInt64, last: math.MinInt64}
	err := in.file.Read(source.ReadOptions{}, func(b *column.Batch) error {
		if b.Rows > 0 { // arrivals never go back in a partition
			s.first, s.last = min(s.first, b.Appends[0]), max(s.last, b.Appends[b.Rows-1])
		}
		s.rows += int64(b.Rows)
		return nil
	})
	return s, err
}

// instantOf is the instant of an arrival on a clock that the data and the cluster
// share. Nothing arrives before 1970.
func instantOf(micros int64) engine.Instant {
	return engine.Instant(max(0, min(micros, math.MaxInt64/engine.Microsecond-1<<40)) * engine.Microsecond)
}

// feeder cuts the rows of a source into batches.
type feeder struct {
	feed   cluster.Feed
	lots   []lot // by partition
	linger int64 // ns
}

// lot is a partition's batch that is not full yet.
type lot struct {
	batch       column.Batch
	rows, bytes int
	first, last engine.Instant // arrivals
}

// feed reads the source and cuts it into batches; end is when the last is due.
func (in *input) feed(pace int64) (list cluster.Feed, end engine.Instant, err error) {
	partitions := len(in.file.Partitions())
	f := &feeder{feed: make(cluster.Feed, partitions), lots: make([]lot, partitions), linger: lingerNs * pace}
	if err := in.file.Read(source.ReadOptions{}, f.take); err != nil {
		return nil, 0, err
	}
	for p := range f.lots {
		if err := f.close(int32(p)); err != nil {
			return nil, 0, err
		}
		if n := len(f.feed[p]); n > 0 {
			end = max(end, f.feed[p][n-1].Due)
		}
	}
	f.feed.End(end)
	return f.feed, end, nil
}

// take deals the rows of a batch, as it was read, out to batches of the log.
func (f *feeder) take(b *column.Batch) error {
	l, from := &f.lots[b.Partition], 0
	for row := range b.Rows {
		at := instantOf(b.Appends[row])
		if l.full() || l.rows > 0 && int64(at-l.first) > f.linger {
			l.add(b, from, row)
			if err := f.close(b.Partition); err != nil {
				return err
			}
			from = row
		}
		if l.rows == 0 {
			l.first = at
		}
		l.rows, l.last = l.rows+1, at
		l.bytes += rowBytes(b, row)
	}
	l.add(b, from, b.Rows)
	return nil
}

func (l *lot) full() bool { return l.rows == batchRowsMax || l.bytes >= batchBytesMax }

// rowBytes is about the size of a row.
func rowBytes(b *column.Batch, row int) int {
	n := 16 + 8*len(b.Columns)
	for c := range b.Columns {
		if col := &b.Columns[c]; col.Type.Kind == column.String && !col.IsNull(row) {
			n += len(col.Dict.Value(col.Codes[row]))
		}
	}
	return n
}

// add copies rows [from, to), because the reader uses their memory again.
func (l *lot) add(b *column.Batch, from, to int) {
	if l.batch.Columns == nil {
		l.batch = column.Batch{Schema: b.Schema, Partition: b.Partition, Columns: newTable(b.Schema).Columns}
	}
	rows := make([]int32, to-from)
	for i := range rows {
		rows[i] = int32(from + i)
	}
	for c := range l.batch.Columns {
		part := permute(&b.Columns[c], rows)
		appendColumn(&l.batch.Columns[c], &part)
	}
	l.batch.Times = append(l.batch.Times, b.Times[from:to]...)
	l.batch.Appends = append(l.batch.Appends, b.Appends[from:to]...)
	l.batch.Rows += to - from
}

// close makes a batch of what a partition has gathered.
func (f *feeder) close(p int32) error {
	l := &f.lots[p]
	if l.rows == 0 {
		return nil
	}
	due := l.last
	if !l.full() {
		due = l.first + engine.Instant(f.linger)
	}
	err := f.feed.Add(p, due, &l.batch)
	*l = lot{}
	return err
}
