package scenarios

import (
	"testing"

	"parallax/engine/flow"
)

// TestLawBoundEnough: with the bound that is said to have sufficed nothing is
// dropped, and with one millisecond less something is.
func TestLawBoundEnough(t *testing.T) {
	for _, sets := range [][]string{
		{},
		{"watermark.bounded=200ms"},
		{"late.allowed=1s"},
		{"watermark.bounded=300ms", "late.allowed=250ms"},
		{"pipeline.1.window={hop: 2s, every: 500ms}"},
	} {
		sets = append([]string{"source.file=small/events.csv"}, sets...)
		file := "data/iot_watermark_drops_1s.yaml"
		job, err := Load(file, sets)
		if err != nil {
			t.Fatal(err)
		}
		first, err := Run(job, Options{})
		if err != nil {
			t.Fatal(err)
		}
		bound, ok := first.BoundEnough(job)
		if !ok {
			t.Fatalf("%v: nothing was dropped", sets)
		}
		micros, err := flow.ParseDuration(bound)
		if err != nil {
			t.Fatal(err)
		}
		for less, dropped := range map[int64]bool{0: false, 1000: true} {
			out := runFile(t, file, Kappa, append(sets, "watermark.bounded="+flow.FormatDuration(micros-less))...)
			if (out.Late.Rows > 0) != dropped {
				t.Errorf("%v: a bound of %s less %d µs drops %d pairs", sets, bound, less, out.Late.Rows)
			}
			if _, ok := out.BoundEnough(job); ok != dropped {
				t.Errorf("%v: BoundEnough is %v with %d pairs dropped", sets, ok, out.Late.Rows)
			}
		}
	}
}
