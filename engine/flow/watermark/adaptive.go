package watermark

import (
	"cmp"
	"encoding/binary"
	"math/bits"
	"slices"
)

const (
	// blockRows is how many rows a block begins with; a change is looked for as often.
	blockRows = 32
	// levelBlocks is how many blocks of one size there are before two are joined.
	levelBlocks = 5
	// driftRowsMax is how many rows a window of delays holds at most.
	driftRowsMax = 1 << 20
)

// drift is the window of [Adaptive]: the delays of a partition's latest rows, as many
// as do not look as if the distribution had changed among them (ADWIN: Bifet and
// Gavaldà, Learning from Time-Changing Data with Adaptive Windowing, SDM 2007). The
// window is cut into blocks of 32, 64, 128, … rows, the older ones larger. Whenever
// a block is full, the mean of the rows before each edge between blocks is compared
// with that of the rows behind it, and while there is an edge where they differ by
// more than chance would have it, the oldest block is forgotten.
//
// Delays have no bound and a heavy tail, so what is compared is the numbers of their
// buckets, which go with their logarithm. With n rows, n0 of them before the edge and
// n1 behind it, sums s0 and s1, the variance v, R the span of the numbers and
// L = ln(2n/δ), the means differ by more than chance iff
//
//	|s0/n0 - s1/n1| > sqrt(2 v L (1/n0 + 1/n1)) + 2/3 R L (1/n0 + 1/n1)
//
// in whole numbers: both sides times 48 n0 n1, 16 L = 11 (bits of n + 10), which is
// for δ = 1/512, and n v rounded down.
type drift struct {
	blocks []block // the oldest first
	open   block   // not yet full
	blind  bool    // planted defect: no change is ever seen
}

// block counts the delays of some rows by bucket.
type block struct {
	rows, sum, squares uint64 // of the buckets' numbers
	list               []bucketRows
}

// bucketRows is how many rows are in a bucket.
type bucketRows struct {
	bucket int
	rows   uint64
}

// add adds rows of a bucket.
func (b *block) add(r bucketRows) {
	at, found := slices.BinarySearchFunc(b.list, r.bucket, func(x bucketRows, n int) int { return cmp.Compare(x.bucket, n) })
	if found {
		b.list[at].rows += r.rows
	} else {
		b.list = slices.Insert(b.list, at, r)
	}
	v := uint64(r.bucket)
	b.rows += r.rows
	b.sum += r.rows * v
	b.squares += r.rows * v * v
}

// take takes in a row's delay, which all counts already.
func (d *drift) take(delay uint64, all *sketch) {
	d.open.add(bucketRows{bucket(delay), 1})
	if d.open.rows < blockRows {
		return
	}
	d.blocks = append(d.blocks, d.open)
	d.open = block{}
	d.join()
	for d.rows() > driftRowsMax || d.changed() && !d.blind {
		for _, r := range d.blocks[0].list {
			all.remove(r)
		}
		d.blocks = slices.Delete(d.blocks, 0, 1)
	}
}

// join joins the two oldest blocks of a size of which there are too many.
func (d *drift) join() {
	for at := len(d.blocks) - 1; at >= levelBlocks; {
		from := at
		for from > 0 && d.blocks[from-1].rows == d.blocks[at].rows {
			from--
		}
		if at-from < levelBlocks {
			return
		}
		into := block{}
		for _, b := range d.blocks[from : from+2] {
			for _, r := range b.list {
				into.add(r)
			}
		}
		d.blocks[from] = into
		d.blocks = slices.Delete(d.blocks, from+1, from+2)
		at = from
	}
}

// rows counts the rows of all full blocks.
func (d *drift) rows() (n uint64) {
	for i := range d.blocks {
		n += d.blocks[i].rows
	}
	return n
}

// changed tells whether there is an edge between blocks at which the distribution
// seems to change.
func (d *drift) changed() bool {
	var n, sum, squares uint64
	least, most := bucketsMax, 0
	for i := range d.blocks {
		b := &d.blocks[i]
		n, sum, squares = n+b.rows, sum+b.sum, squares+b.squares
		least, most = min(least, b.list[0].bucket), max(most, b.list[len(b.list)-1].bucket)
	}
	if len(d.blocks) < 2 {
		return false
	}
	l := uint64(11 * (bits.Len64(n) + 10))
	spread := (n*squares - sum*sum) / n
	chance := 2 * uint64(most-least) * l * n
	var n0, s0 uint64
	for i := range len(d.blocks) - 1 {
		n0, s0 = n0+d.blocks[i].rows, s0+d.blocks[i].sum
		n1, s1 := n-n0, sum-s0
		far, near := s0*n1, s1*n0
		x := 48 * (max(far, near) - min(far, near))
		if x <= chance {
			continue
		}
		x -= chance
		hi, lo := bits.Mul64(x, x)
		chanceHi, chanceLo := bits.Mul64(n0*n1, 288*l*spread)
		if hi > chanceHi || hi == chanceHi && lo > chanceLo {
			return true
		}
	}
	return false
}

// appendTo appends the blocks, the oldest first, and the one that is not full.
//
//	full blocks · each: buckets · each: number (as difference) · rows
//	the same of the one that is not full
func (d *drift) appendTo(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(d.blocks)))
	for i := range d.blocks {
		b = d.blocks[i].appendTo(b)
	}
	return d.open.appendTo(b)
}

func (k *block) appendTo(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(k.list)))
	last := 0
	for _, r := range k.list {
		b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(r.bucket-last)), r.rows)
		last = r.bucket
	}
	return b
}

// load reads what appendTo wrote, and counts all of it in all.
func (d *drift) load(r *reader, all *sketch) {
	same, last := 0, uint64(driftRowsMax)
	for n := r.uint(); n > 0 && r.err == nil; n-- {
		k := r.block(all)
		if same++; k.rows != last {
			same = 1
		}
		if k.rows > last || k.rows < blockRows || k.rows&(k.rows-1) != 0 || same > levelBlocks {
			r.fail("a block of delays that cannot be")
		}
		last = k.rows
		d.blocks = append(d.blocks, k)
	}
	if d.rows() > driftRowsMax {
		r.fail("too many rows")
	}
	if d.open = r.block(all); d.open.rows >= blockRows {
		r.fail("a block of delays is full")
	}
}

// block reads the delays of some rows.
func (r *reader) block(all *sketch) (k block) {
	at := uint64(0)
	for n := r.uint(); n > 0 && r.err == nil; n-- {
		step := r.uint()
		rows := r.uint()
		if at += step; step >= bucketsMax || at >= bucketsMax || rows == 0 || rows > driftRowsMax || step == 0 && len(k.list) > 0 {
			r.fail("a bucket that cannot be")
			break
		}
		k.add(bucketRows{int(at), rows})
		all.put(bucketRows{int(at), rows})
	}
	return k
}
