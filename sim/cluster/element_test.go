package cluster

import "testing"

// Lateness per element runs as clusters under faults in every family of windows, and is
// checked: rows are dropped that per window would have counted.
func TestFaultsPerElement(t *testing.T) {
	dropped := int64(0)
	from, to := seeds(t, 6)
	for seed := from; seed <= to; seed++ {
		rows := [2]int64{}
		for i, element := range []bool{true, false} {
			job, o := drawn(t, seed)
			p := *job.Pipeline
			p.Late.PerElement = element
			job.Pipeline = &p
			d, err := Deploy(job, o)
			if err == nil {
				err = d.Run(stormNs, calmNs)
			}
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			rows[i] = d.check.model.counts.RowsDropped
		}
		if rows[0] < rows[1] {
			t.Errorf("seed %d: %d rows are dropped per element, %d per window", seed, rows[0], rows[1])
		}
		dropped += rows[0] - rows[1]
	}
	if dropped == 0 {
		t.Error("no row makes a difference")
	}
}
