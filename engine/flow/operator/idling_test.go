package operator

import (
	"slices"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// countingPath counts rows in windows of 10 ms, by the rule "operator".
func countingPath(t *testing.T, partitions int, idleAfter int64) *Path {
	t.Helper()
	call, err := expr.ParseCall("count()")
	if err != nil {
		t.Fatal(err)
	}
	w := window.Tumble(10_000, 0)
	p := &flow.Pipeline{
		Late: flow.Late{Rule: flow.Operator}, IdleAfter: idleAfter,
		Steps: []flow.Step{{Window: &w}, {Aggregates: []flow.Aggregate{{Name: "n", Call: call}}}},
	}
	plan, err := p.Plan(column.Schema{})
	if err != nil {
		t.Fatal(err)
	}
	return NewPath(plan, partitions)
}

// fire processes rows of a partition, each given as event and append time, and
// lists the ends of the windows that are due then.
func fire(t *testing.T, p *Path, partition int32, rows ...[2]int64) (ends []int64) {
	t.Helper()
	b := &column.Batch{Partition: partition, Rows: len(rows)}
	for _, r := range rows {
		b.Times, b.Appends = append(b.Times, r[0]), append(b.Appends, r[1])
	}
	if err := p.Process(b); err != nil {
		t.Fatal(err)
	}
	var pane Pane
	for p.Next(&pane) {
		ends = append(ends, pane.End)
	}
	return ends
}

// TestVectorIdlePartition: a partition that shows nothing holds the windows of all,
// until it is idle, at the very moment; when it comes back it holds nothing until
// it has caught up.
func TestVectorIdlePartition(t *testing.T) {
	held := countingPath(t, 2, 0)
	if ends := fire(t, held, 0, [2]int64{1000, 0}, [2]int64{70_000, 500_000}); ends != nil {
		t.Errorf("windows that end at %v fire though partition 1 may have rows for them", ends)
	}
	p := countingPath(t, 2, 100)
	if ends := fire(t, p, 0, [2]int64{1000, 0}, [2]int64{12_000, 99}); ends != nil {
		t.Errorf("after 99: %v", ends)
	}
	if ends := fire(t, p, 0, [2]int64{25_000, 100}); !slices.Equal(ends, []int64{10_000, 20_000}) {
		t.Errorf("after 100: %v, want those that end by 25000", ends)
	}
	// The row is judged by 25000, and its partition does not hold that.
	if ends := fire(t, p, 1, [2]int64{26_000, 110}, [2]int64{5000, 111}); ends != nil || p.Windowed().Counts(1).PairsDropped != 1 {
		t.Errorf("fired %v, %+v", ends, p.Windowed().Counts(1))
	}
	if ends := fire(t, p, 0, [2]int64{40_000, 120}); ends != nil {
		t.Errorf("%v: partition 1 has caught up, and holds 26000", ends)
	}
	// Both are idle, and the greatest is flushed; a row of partition 1 comes too late.
	if ends := fire(t, p, 1, [2]int64{39_000, 300}); !slices.Equal(ends, []int64{30_000}) || p.Windowed().Watermark(1) != 40_000 {
		t.Errorf("%v at %d", ends, p.Windowed().Watermark(1))
	}
	if c := p.Windowed().Counts(1); c.PairsDropped != 2 || c.RowsBehind != 2 {
		t.Errorf("%+v", c)
	}
}

// TestVectorIdleRefused: idleness by timers needs the rule and a minimum.
func TestVectorIdleRefused(t *testing.T) {
	s := newStory(1, flow.Log)
	for _, p := range []flow.Pipeline{
		{IdleAfter: 1},
		{IdleAfter: -1, Late: flow.Late{Rule: flow.Operator}},
		{IdleAfter: 1, Late: flow.Late{Rule: flow.Operator}, Watermark: watermark.Spec{Across: watermark.Own}},
	} {
		p.Steps = s.plan(t).Pipeline.Steps
		if _, err := p.Plan(storySchema); err == nil {
			t.Errorf("%+v is accepted", p)
		}
	}
}
