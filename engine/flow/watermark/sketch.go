package watermark

import "math/bits"

// sketch counts values by their seven most significant bits, which is a log-linear
// histogram: a value below 128 has a bucket of its own, and a bucket of greater
// ones is less than a 64th of its values wide. It keeps a finger on the last
// quantile, which moves little from row to row.
type sketch struct {
	rows  []uint64 // by bucket, up to the last that has any
	total uint64
	at    int    // the finger's bucket
	below uint64 // rows in buckets before it
}

// millionth is the unit of shares.
const millionth = 1_000_000

// bucketsMax is the number of buckets.
const bucketsMax = 64*57 + 128

// bucket is the number of a value's bucket.
func bucket(v uint64) int {
	s := max(0, bits.Len64(v)-7)
	return 64*s + int(v>>s)
}

// greatest is the greatest value in a bucket.
func greatest(bucket int) uint64 {
	s := max(0, bucket/64-1)
	return uint64(bucket-64*s+1)<<s - 1
}

func (s *sketch) add(v uint64) { s.put(bucketRows{bucket(v), 1}) }

// put adds rows of a bucket.
func (s *sketch) put(r bucketRows) {
	for len(s.rows) <= r.bucket {
		s.rows = append(s.rows, 0)
	}
	s.rows[r.bucket] += r.rows
	s.total += r.rows
	if r.bucket < s.at {
		s.below += r.rows
	}
}

// remove takes out rows that were put in.
func (s *sketch) remove(r bucketRows) {
	s.rows[r.bucket] -= r.rows
	s.total -= r.rows
	if r.bucket < s.at {
		s.below -= r.rows
	}
}

// quantile is the greatest value of the bucket that holds the least value which at
// least so many millionths of all, of which there is one, do not exceed.
func (s *sketch) quantile(share uint64) uint64 {
	rank := (s.total*share + millionth - 1) / millionth
	for s.below+s.rows[s.at] < rank {
		s.below += s.rows[s.at]
		s.at++
	}
	for s.below >= rank {
		s.at--
		s.below -= s.rows[s.at]
	}
	return greatest(s.at)
}
