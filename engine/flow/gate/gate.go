package gate

import (
	"errors"
	"fmt"

	"parallax/engine/flow/column"
	"parallax/engine/flow/operator"
)

// ErrHeld is returned when more rows are held back than a Gate has room for.
var ErrHeld = errors.New("gate: too many rows are held back")

// rowsMax is how many rows a Gate holds back in all.
const rowsMax = 1 << 20

// Gate stands before a path and holds back the rows of partitions that are paused, as
// a source would that does not read on. Rows come in the order in which they arrive;
// each is let through at once if its partition is not paused and none of it waits.
// Whenever a partition resumes, its rows follow, of several partitions the one whose
// first row has the least event time. They are processed at the moment at which they
// are let through, which may be one between two arrivals, when a partition falls
// silent. When the input ends, what is still held follows in the same order whether
// its partition is paused or not: nothing else can come.
type Gate struct {
	path    *operator.Path
	process func(b *column.Batch) error
	queues  [][]heldRow // by partition
	heads   *heads
	held    int
	most    int
	view    column.Batch
	now     int64
}

// heldRow is a row that waits.
type heldRow struct {
	batch *column.Batch
	row   int
}

// New is a gate before a path of so many partitions. It calls process with batches of one row, valid
// until it returns, which has to process them; and with nil when a partition may have
// fallen silent, for whom it matters.
func New(path *operator.Path, partitions int, process func(b *column.Batch) error) *Gate {
	return &Gate{
		path: path, process: process,
		queues: make([][]heldRow, partitions), heads: newHeads(partitions), most: rowsMax, now: column.NoFrontier,
	}
}

// Offer takes the next batch of a partition, whose append times are not before those
// of what came before. Its memory must stay as it is until all its rows are through.
func (g *Gate) Offer(b *column.Batch) error {
	p := int(b.Partition)
	if p < 0 || p >= len(g.queues) {
		return fmt.Errorf("%w: %d of %d", operator.ErrPartition, p, len(g.queues))
	}
	for row := range b.Rows {
		if err := g.Pass(b.Appends[row]); err != nil {
			return err
		}
		if len(g.queues[p]) == 0 && !g.path.Paused(p) {
			if err := g.through(heldRow{b, row}); err != nil {
				return err
			}
			if err := g.release(); err != nil {
				return err
			}
			continue
		}
		if g.held++; g.held > g.most {
			return fmt.Errorf("%w: %d, when partition %d offset %d came", ErrHeld, g.most, p, b.Offset+int64(row))
		}
		if g.queues[p] = append(g.queues[p], heldRow{b, row}); len(g.queues[p]) == 1 {
			g.heads.wait(p, b.Times[row])
		}
	}
	return nil
}

// Pass lets processing time go on to now, and rows through at the moments at which
// that lets their partitions resume.
func (g *Gate) Pass(now int64) error {
	for {
		moment := min(now, g.path.NextIdle())
		g.path.Pass(moment)
		g.now = max(g.now, moment)
		if moment < now {
			if err := g.process(nil); err != nil {
				return err
			}
		}
		if err := g.release(); err != nil || moment == now {
			return err
		}
	}
}

// Finish lets the rest through.
func (g *Gate) Finish() error {
	for {
		p, ok := g.heads.next(func(int) bool { return true })
		if !ok {
			return nil
		}
		if err := g.pop(p); err != nil {
			return err
		}
	}
}

// Now is the moment of processing time at which the gate stands.
func (g *Gate) Now() int64 { return g.now }

// Held is how many rows of a partition wait.
func (g *Gate) Held(partition int) int { return len(g.queues[partition]) }

// release lets through what may be read.
func (g *Gate) release() error {
	for g.held > 0 {
		p, ok := g.heads.next(func(p int) bool { return !g.path.Paused(p) })
		if !ok {
			return nil
		}
		if err := g.pop(p); err != nil {
			return err
		}
	}
	return nil
}

// pop lets the first row of a partition through.
func (g *Gate) pop(p int) error {
	q := g.queues[p]
	first := q[0]
	q[0] = heldRow{} // its batch may go
	g.queues[p] = q[1:]
	if g.held--; len(q) > 1 {
		g.heads.wait(p, q[1].batch.Times[q[1].row])
	} else {
		g.heads.empty(p)
		g.queues[p] = nil
	}
	return g.through(first)
}

func (g *Gate) through(r heldRow) error {
	r.batch.View(r.row, r.row+1, &g.view)
	return g.process(&g.view)
}
