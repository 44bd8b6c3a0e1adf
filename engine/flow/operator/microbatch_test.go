package operator

import (
	"testing"

	"parallax/engine/flow/window"
)

// microBatches feeds rows in batches and lists the panes, the times of dropped rows
// and the windows that are kept after each. With apart, each row's frontier is that
// before the batch, as in Spark: the previous batch's watermark filters, this one's
// evicts.
func microBatches(t *testing.T, apart bool, batches ...[]int64) (s *script, kept []int) {
	t.Helper()
	const delay = 10
	s = newScript(t, window.Tumble(5, 0), 0)
	newest := int64(0)
	for _, rows := range batches {
		for _, at := range rows {
			s.row(1, at)
			if newest = max(newest, at); !apart {
				s.frontier = max(s.frontier, newest-delay)
				s.advance()
			}
		}
		s.frontier = max(s.frontier, newest-delay)
		s.advance()
		kept = append(kept, s.windowed.State().Windows)
	}
	return s, kept
}

// TestVectorS28MicroBatch: by rows or by batches, the answers are the vector's.
func TestVectorS28MicroBatch(t *testing.T) {
	for _, apart := range []bool{true, false} {
		s, kept := microBatches(t, apart, []int64{10, 11, 12, 13, 14, 15}, []int64{25}, []int64{10})
		s.want("k1 5=5@[10,15)", 10)
		if kept[0] != 2 || kept[1] != 2 || kept[2] != 2 {
			t.Errorf("windows kept: %v, want 2 after each batch", kept)
		}
	}
}

// TestVectorMicroBatchDiffers: the second 10 counts where its batch begins before
// the 25, and is dropped where each row is judged by those before it.
func TestVectorMicroBatchDiffers(t *testing.T) {
	s, _ := microBatches(t, true, []int64{10, 25, 10})
	s.want("k1 2=2@[10,15)")
	s, _ = microBatches(t, false, []int64{10, 25, 10})
	s.want("k1 1=1@[10,15)", 10)
}
