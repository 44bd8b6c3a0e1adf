package simtest_test

import (
	"testing"
	"time"

	"parallax/sim/simtest"
)

// A pipeline step by step, as in a test: the row of second 9 comes when the watermark has
// passed the end of its window.
func ExampleStream() {
	t := new(testing.T) // in a test, its own
	type visit struct {
		Page string
		Ms   int
	}
	type visits struct {
		Page string
		N    int
	}
	s := simtest.Stream(t, simtest.Job{
		Columns:  "page string, ms int64",
		Pipeline: simtest.Tumbling(t, "page", 10*time.Second, 2*time.Second, []string{"n = count()"}),
	})
	s.At(1*time.Second).Send(visit{"/home", 12}, visit{"/pay", 30}).Expect()
	s.AdvanceWatermark(10*time.Second).Expect(visits{"/home", 1}, visits{"/pay", 1})
	s.At(9 * time.Second).Send(visit{"/home", 7}).ExpectLate(visit{"/home", 7})
	s.Close().Expect()
	if t.Failed() {
		panic("not as expected")
	}
	// Output:
}

// A test of actors, and one of a job, are one line each: see testdata/outside for whole
// ones.
func ExampleCheck() {
	TestCounter := func(t *testing.T) { simtest.Check(t, counted(0), simtest.Options{Seeds: 100}) }
	TestJob := func(t *testing.T) { simtest.Check(t, job(t, "spread(v)", spreads("")), simtest.Options{Seeds: 5}) }
	_, _ = TestCounter, TestJob
}
