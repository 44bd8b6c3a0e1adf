package oracle

import "math/big"

// microBatch is a batch of rows that are taken together.
type microBatch struct {
	number *big.Int
	before *big.Int // the frontier of all partitions when its first record came
}

// batch puts a record that has come into its micro-batch: rows are numbered, or periods
// are, and one that is from an earlier period comes with the latest.
func (f *frontiers) batch(r *Row) {
	size := f.spec
	if !size.InBatches() {
		return
	}
	number := new(big.Int)
	if size.BatchRows > 0 {
		number.Div(big.NewInt(f.rows), big.NewInt(size.BatchRows))
		f.rows++
	} else {
		number.Div(big.NewInt(r.Append), big.NewInt(size.BatchEvery)) // rounds down
	}
	if n := len(f.batches); n == 0 || f.batches[n-1].number.Cmp(number) < 0 {
		f.batches = append(f.batches, microBatch{number, f.together()})
	}
}

// between is the frontier by which a micro-batch judges its rows: windows have fired by
// it when its predecessor ended, which went by what was known when it began itself. If
// there was time between the two, a batch without rows has fired what else was due.
func (f *frontiers) between() *big.Int {
	n := len(f.batches)
	if n < 2 {
		return nil
	}
	last, now := f.batches[n-2], f.batches[n-1]
	if after := new(big.Int).Add(last.number, big.NewInt(1)); after.Cmp(now.number) < 0 {
		return now.before
	}
	return last.before
}
