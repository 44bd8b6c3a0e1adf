package simtest_test

import (
	"strings"
	"testing"
	"time"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/sim/simtest"
)

// clicks counts by page in windows of ten seconds, two seconds late at most.
func clicks(t testing.TB) simtest.Job {
	return simtest.Job{
		Columns: "page string, ms int64", Partitions: 2,
		Pipeline: simtest.Tumbling(t, "page", 10*time.Second, 2*time.Second, []string{"n = count()", "total = sum(ms)"}),
	}
}

type click struct {
	Page string
	Ms   int
}

type result struct {
	Page  string
	Start time.Duration `parallax:"window_start_ms"`
	N     int
}

func TestVectorStream(t *testing.T) {
	s := simtest.Stream(t, clicks(t))
	s.At(1*time.Second).Send(click{"/home", 7}, map[string]any{"page": "/pay"})
	s.At(-3 * time.Second).Send(click{"/old", 1}).Expect()
	// Partition 1 has shown nothing yet, and holds every window.
	s.At(15 * time.Second).Send(click{"/home", 1}).Expect()
	s.Idle(1).Expect(
		map[string]any{"page": "/home", "n": 1, "total": 7, "pane": "on-time"},
		result{"/pay", 0, 1},
		map[string]any{"page": "/old", "window_start_ms": -10 * time.Second},
	)
	s.At(9 * time.Second).Send(click{"/home", 2}).ExpectLate(map[string]any{"page": "/home", "ms": 2, "event_time": 9 * time.Second})
	s.Partition(1).At(22 * time.Second).Send(click{"/pay", 5}).Expect()
	s.AdvanceWatermark(20 * time.Second).Expect(result{"/home", 10 * time.Second, 1})
	s.Close().Expect(result{"/pay", 20 * time.Second, 1}).ExpectLate()
}

// A revision says so.
func TestVectorStreamRevision(t *testing.T) {
	job := clicks(t)
	job.Pipeline.Late = flow.Late{Allowed: 60_000_000}
	s := simtest.Stream(t, job)
	s.At(5 * time.Second).Send(click{"/home", 1}).AdvanceWatermark(10 * time.Second).Expect(map[string]any{"n": 1, "pane": "on-time"})
	s.At(6 * time.Second).Send(click{"/home", 1}).Expect(map[string]any{"n": 2, "pane": "revision"})
}

// What is not as expected is said, each line once, and what follows says nothing.
func TestVectorStreamDiffs(t *testing.T) {
	for _, c := range []struct {
		do   func(s *simtest.Stepper)
		says []string
	}{
		{func(s *simtest.Stepper) {
			s.At(0).Send(click{"/home", 7}).AdvanceWatermark(time.Minute).Expect(result{"/home", 0, 2}).Close().Expect(1)
		}, []string{"results after AdvanceWatermark(1m0s)", "\n  - n=2 page=\"/home\" window_start_ms=0", "\n  + n=1 page=\"/home\" pane=on-time total=7 window_end_ms=10000 window_start_ms=0"}},
		{func(s *simtest.Stepper) { s.Send(map[string]any{"pag": 1}) }, []string{`there is no column "pag"; there are page, ms`}},
		{func(s *simtest.Stepper) { s.Send(click{}).Expect(map[string]any{"m": 1}) }, []string{`there is no column "m"; there are n, page, pane, total`}},
		{func(s *simtest.Stepper) { s.Send(map[string]any{"page": 1.5}) }, []string{"column page: 1.5 (float64) is not of type string"}},
		{func(s *simtest.Stepper) { s.Send(7) }, []string{"a row is a map from column names or a struct, not int"}},
		{func(s *simtest.Stepper) { s.AdvanceWatermark(time.Minute).AdvanceWatermark(time.Second) }, []string{"watermarks do not go back: that of partition 0 is 1m0s"}},
		{func(s *simtest.Stepper) { s.Partition(2) }, []string{"there are partitions 0 to 1"}},
		{func(s *simtest.Stepper) { s.Idle(0) }, []string{"there is no other partition"}},
		{func(s *simtest.Stepper) { s.Send(click{}).Close() }, []string{"the stream ended after Close() with what no Expect has asked about", "result   n=1"}},
	} {
		r := record(t, "TestStream")
		c.do(simtest.Stream(r, clicks(t)))
		r.end()
		r.says(t, c.says...)
	}
	r := record(t, "TestBroken")
	job := clicks(t)
	job.Columns = "page text"
	simtest.Stream(r, job).Send(click{}).AdvanceWatermark(0).Idle(0).Close().Expect().ExpectLate()
	r.says(t, `"text"`)
}

// A user's function runs in the row path; a name that nobody has is refused.
func TestVectorStreamOwnFunction(t *testing.T) {
	job := simtest.Job{Columns: "v int64", Pipeline: simtest.Tumbling(t, "", time.Second, 0, []string{"s = spread(v)", "n = count()"}, spreads(""))}
	s := simtest.Stream(t, job)
	for _, v := range []int{5, 9, -2} {
		s.Send(map[string]any{"v": v})
	}
	s.Send(map[string]any{"v": nil}).Close().Expect(map[string]any{"s": 11, "n": 4})

	job.Pipeline.Functions = nil
	r := record(t, "TestNoFunction")
	simtest.Stream(r, job)
	r.says(t, `unknown aggregate function "spread"`)
	job.Columns, job.Pipeline.Functions = "v string", append(job.Pipeline.Functions, spreads(""))
	r = record(t, "TestArguments")
	simtest.Stream(r, job)
	r.says(t, "spread(string); it is spread(int64)")
	if strings.Contains(r.text(), column.TypeOf(column.Float64).String()) {
		t.Error(r.text())
	}
}
