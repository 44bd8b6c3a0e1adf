package oracle

import (
	"fmt"
	"strings"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/window"
)

// visits answers a log of one key under sessions and prints what is on time and what
// is final, as count@[start,end).
func visits(t *testing.T, w window.Spec, late flow.Late, in Input) (onTime, final string, r *Result) {
	t.Helper()
	p := counting(w, 0, 0)
	p.Late = late
	r, err := Answer(p, in)
	if err != nil {
		t.Fatal(err)
	}
	var a, b []string
	for _, v := range r.Windows {
		if v.OnTime != nil {
			a = append(a, fmt.Sprintf("%d@[%d,%d)", v.OnTime[0].Int, v.Start, v.End))
		}
		if v.Final != nil {
			b = append(b, fmt.Sprintf("%d@[%d,%d)", v.Final[0].Int, v.Start, v.End))
		}
	}
	return strings.Join(a, " "), strings.Join(b, " "), r
}

// steps is a log of one partition, whose rows move the watermark.
func steps(times ...int64) Input {
	var rows []Row
	for _, at := range times {
		rows = append(rows, click("a", at))
	}
	return log(1, rows...)
}

// watermarked is a log whose rows do not move the operator's watermark: another partition
// does, at times that are given below 0, and then nothing comes at or before them.
func watermarked(times ...int64) Input {
	rows := []Row{{Time: 1 << 40, Idle: true}}
	for _, at := range times {
		if at < 0 {
			rows = append(rows, Row{Partition: 1, Time: 1 - at, Idle: true})
			continue
		}
		rows = append(rows, click("a", at))
	}
	return log(2, rows...)
}

// judgedLast gives the rows one partition each, so that none is late: the vectors
// S10 to S12 have no watermark.
func judgedLast(times ...int64) Input {
	in := steps(times...)
	for i := range in.Rows {
		in.Rows[i].Partition, in.Rows[i].Offset = int32(i), 0
	}
	in.Partitions = len(in.Rows)
	return in
}

func TestVectorS10S11S12Sessions(t *testing.T) {
	for _, c := range []struct {
		merge window.Merge
		in    Input
		want  string
	}{
		{window.Overlapping, judgedLast(1, 15, 30, 100, 101, 95, 22, 10), "5@[1,40) 3@[95,111)"},
		{window.Overlapping, judgedLast(1, 2, 5, 9, 100, 101), "4@[1,19) 2@[100,111)"},
		{window.Overlapping, judgedLast(0, 10, 101), "1@[0,10) 1@[10,20) 1@[101,111)"},
		{window.Touching, judgedLast(0, 10, 101), "2@[0,20) 1@[101,111)"},
	} {
		for _, rule := range []flow.Rule{flow.Log, flow.Operator} {
			onTime, final, _ := visits(t, window.Sessions(10, c.merge), flow.Late{Rule: rule}, c.in)
			if onTime != c.want || final != c.want {
				t.Errorf("rule %s: on time %s, final %s, want %s", rule, onTime, final, c.want)
			}
		}
	}
}

func TestVectorS16S17S18Sessions(t *testing.T) {
	in := watermarked(1000, -1999, 2000, -4998, 4500, 8500, -7400, 7000, -11501, 11600, -14600, 10000, 14500, -20000)
	for _, c := range []struct {
		allowed       int64
		onTime, final string
		dropped       int
	}{
		{0, "5@[1000,11500) 1@[11600,14600) 1@[14500,17500)", "5@[1000,11500) 1@[11600,14600) 1@[14500,17500)", 1},
		{10, "5@[1000,11500) 1@[11600,14600)", "5@[1000,11500) 3@[10000,17500)", 0},
		{10_000, "5@[1000,11500) 1@[11600,14600)", "8@[1000,17500)", 0},
	} {
		onTime, final, r := visits(t, window.Sessions(3000, window.Touching), flow.Late{Rule: flow.Operator, Allowed: c.allowed}, in)
		if onTime != c.onTime || final != c.final || len(r.Drops) != c.dropped {
			t.Errorf("allowed %d: on time %s, final %s, %d dropped; want %s, %s, %d", c.allowed, onTime, final, len(r.Drops), c.onTime, c.final, c.dropped)
		}
	}
}

func TestVectorS25S26S27Sessions(t *testing.T) {
	for _, c := range []struct {
		gap, allowed int64
		in           Input
		final        string
		dropped      int
	}{
		{10, 0, steps(0, 0, 11, 0), "2@[0,10) 1@[11,21)", 1},
		{10, 1, steps(0, 0, 11, 0, 12, 0), "3@[0,10) 2@[11,22)", 1},
		{5, 0, steps(0, 5, 1, 11, 5, 30), "3@[0,10) 1@[11,16) 1@[30,35)", 1},
	} {
		_, final, r := visits(t, window.Sessions(c.gap, window.Touching), flow.Late{Rule: flow.Operator, Allowed: c.allowed}, c.in)
		if final != c.final || len(r.Drops) != c.dropped {
			t.Errorf("gap %d: final %s, %d dropped; want %s, %d", c.gap, final, len(r.Drops), c.final, c.dropped)
		}
	}
}

// TestVectorSessionCensus: a session counts as its rows would have made it. Of the
// rows at 0, 9 and 18 the second is dropped, and what is shown are two pieces.
func TestVectorSessionCensus(t *testing.T) {
	in := log(2, click("a", 0), click("a", 18), Row{Partition: 1, Time: 60, Idle: true}, Row{Partition: 1, Time: 9, Values: click("a", 9).Values})
	_, final, r := visits(t, window.Sessions(10, window.Overlapping), flow.Late{}, in)
	if final != "1@[0,10) 1@[18,28)" || r.All.Windows != 1 || r.All.WindowsIncomplete != 1 ||
		r.Partitions[0].Windows != 1 || r.Partitions[0].WindowsIncomplete != 0 || r.Partitions[1].WindowsIncomplete != 1 {
		t.Errorf("final %s, %+v, %+v", final, r.All, r.Partitions)
	}
}
