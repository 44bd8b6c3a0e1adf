package simtest

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/watermark"
)

// Stepper is a pipeline that is run by hand: every call has had its effect when it
// returns. Rows go through the engine's own row path, so partitions, watermarks and
// lateness are those of a run.
type Stepper struct {
	t     testing.TB
	job   *Job
	plan  *flow.Plan
	path  *operator.Path
	parts []stepped
	at    int // the partition at hand
	time  int64
	now   int64  // append time
	last  string // what was done last, for messages
	got   []shownRow
	late  []shownRow
	dead  bool // the test has failed: what follows would only repeat it
}

// stepped is a partition: what was sent to it.
type stepped struct {
	rows []shownRow
}

// Stream runs a job's pipeline by hand; its Rows and Draw are not used. When the test
// ends, results and late rows that nothing has asked about fail it.
func Stream(t testing.TB, job Job) *Stepper {
	t.Helper()
	s := &Stepper{t: t, job: &job, last: "the start"}
	plan, err := job.plan()
	if err != nil {
		s.fail("%v", err)
		return s
	}
	s.plan, s.path = plan, operator.NewPath(plan, job.partitions())
	s.parts = make([]stepped, job.partitions())
	t.Cleanup(s.leftover)
	return s
}

// fail fails the test once.
func (s *Stepper) fail(format string, args ...any) {
	s.t.Helper()
	if !s.dead {
		s.dead = true
		s.t.Errorf("simtest: "+format, args...)
	}
}

// At says the event time, since 1970, of the rows that are sent next.
func (s *Stepper) At(eventTime time.Duration) *Stepper {
	s.time = eventTime.Microseconds()
	return s
}

// Arrive says when, since 1970, what is sent next is appended to the log. Unless it is
// said, rows arrive at their event times, or with the one before.
func (s *Stepper) Arrive(at time.Duration) *Stepper {
	s.now = max(s.now, at.Microseconds())
	if s.dead {
		return s
	}
	s.last = fmt.Sprintf("Arrive(%v)", at)
	s.path.Pass(s.now)
	return s.drain()
}

// Partition says where what comes next goes to; at first that is partition 0.
func (s *Stepper) Partition(p int) *Stepper {
	s.t.Helper()
	if p < 0 || p >= len(s.parts) {
		s.fail("Partition(%d): there are partitions 0 to %d", p, len(s.parts)-1)
		return s
	}
	s.at = p
	return s
}

// Send sends rows, each a map from columns to values or a struct.
func (s *Stepper) Send(rows ...any) *Stepper {
	s.t.Helper()
	for _, row := range rows {
		if !s.dead {
			s.send(row)
		}
	}
	return s
}

func (s *Stepper) send(row any) {
	s.t.Helper()
	values, err := rowValues(row, s.plan.Input)
	if err != nil {
		s.fail("Send: %v", err)
		return
	}
	part := &s.parts[s.at]
	s.now = max(s.now, s.time)
	b := &column.Batch{
		Schema: s.plan.Input, Partition: int32(s.at), Offset: int64(len(part.rows)), Rows: 1,
		Columns: make([]column.Column, len(values)), Times: []int64{s.time}, Appends: []int64{s.now},
	}
	sent := shownRow{"event_time": micros(s.time).String(), "partition": fmt.Sprint(s.at)}
	for i, v := range values {
		b.Columns[i].Reset(v.Type, new(column.Dict))
		b.Columns[i].Append(v)
		sent[s.plan.Input[i].Name] = shown(v)
	}
	part.rows = append(part.rows, sent)
	s.last = fmt.Sprintf("Send at %v to partition %d", micros(s.time), s.at)
	if err := s.path.Process(b); err != nil {
		s.fail("%s: %v", s.last, err)
		return
	}
	for _, r := range s.path.Entry().Rejects() {
		s.late = append(s.late, part.rows[r.Offset])
	}
	for _, d := range s.path.Windowed().Drops() {
		s.late = append(s.late, s.parts[d.Partition].rows[d.Offset])
	}
	s.drain()
}

// AdvanceWatermark moves the watermark of all partitions to an event time: nothing that
// is before it will be on time.
func (s *Stepper) AdvanceWatermark(to time.Duration) *Stepper {
	s.t.Helper()
	if s.dead {
		return s
	}
	s.last = fmt.Sprintf("AdvanceWatermark(%v)", to)
	spec := s.plan.Pipeline.Watermark
	if spec.Kind != watermark.BoundedDisorder && spec.Kind != watermark.Monotonic {
		s.fail("%s: a %s watermark is moved by rows alone", s.last, spec.Kind)
		return s
	}
	for p := range s.parts {
		if now := s.path.Entry().Frontier(p); now != column.NoFrontier && spec.Watermark(now) > to.Microseconds() {
			s.fail("%s: watermarks do not go back: that of partition %d is %v", s.last, p, micros(spec.Watermark(now)))
			return s
		}
		s.path.Idle(p, to.Microseconds()+spec.Bounded)
	}
	return s.drain()
}

// Idle says that a partition has nothing to send for now: its watermark follows the
// least of the others.
func (s *Stepper) Idle(partition int) *Stepper {
	s.t.Helper()
	if s.dead {
		return s
	}
	s.last = fmt.Sprintf("Idle(%d)", partition)
	least := int64(math.MaxInt64)
	for p := range s.parts {
		if p != partition {
			least = min(least, s.path.Entry().Frontier(p))
		}
	}
	switch {
	case partition < 0 || partition >= len(s.parts):
		s.fail("%s: there are partitions 0 to %d", s.last, len(s.parts)-1)
		return s
	case len(s.parts) == 1 || least == column.NoFrontier:
		s.fail("%s: there is no other partition whose rows could say how far event time has come", s.last)
		return s
	}
	s.path.Idle(partition, least)
	return s.drain()
}

// Close ends the input: every open window fires.
func (s *Stepper) Close() *Stepper {
	s.t.Helper()
	if s.dead {
		return s
	}
	s.last = "Close()"
	s.path.Close()
	return s.drain()
}

// drain takes the panes that are due.
func (s *Stepper) drain() *Stepper {
	s.t.Helper()
	var pane operator.Pane
	for s.path.Next(&pane) {
		if pane.Kind == operator.Retraction {
			s.retraction(&pane)
			continue
		}
		b, _, err := s.path.Results(&pane)
		if err != nil {
			s.fail("%s: result: %v", s.last, err)
			return s
		}
		for row := range b.Rows {
			if b.Select == nil || contains(b.Select, row) {
				s.got = append(s.got, resultRow(b, row, pane.Kind))
			}
		}
	}
	if err := s.path.Err(); err != nil {
		s.fail("%s: %v", s.last, err)
	}
	return s
}

func contains(list []int32, row int) bool {
	for _, r := range list {
		if int(r) == row {
			return true
		}
	}
	return false
}

// retraction lists the results that stand no more: their keys and windows.
func (s *Stepper) retraction(pane *operator.Pane) {
	stage := s.plan.Last()
	for i, key := range pane.Keys {
		row := shownRow{paneName: pane.Kind.String()}
		for c := range stage.Keys {
			row[stage.Finished[c].Name] = shown(s.path.Keyer().Value(key, c))
		}
		start, end := pane.Window(i)
		row[flow.WindowStart], row[flow.WindowEnd] = fmt.Sprint(micros(start).Milliseconds()), fmt.Sprint(micros(end).Milliseconds())
		s.got = append(s.got, row)
	}
}

// resultRow is a result for the reader.
func resultRow(b *column.Batch, row int, kind operator.Kind) shownRow {
	out := shownRow{paneName: kind.String()}
	for i, f := range b.Schema {
		out[f.Name] = shown(b.Columns[i].Value(row))
	}
	return out
}

// Expect says which results have come since the last Expect, all of them, in any order:
// maps or structs. A column that an expected row does not name is not compared; "pane"
// is on-time, revision or retraction.
func (s *Stepper) Expect(rows ...any) *Stepper {
	s.t.Helper()
	if s.dead {
		return s
	}
	columns := append(s.plan.Result.Names(), paneName)
	for _, f := range s.plan.Last().Finished { // of retractions
		columns = append(columns, f.Name)
	}
	s.compare("results", rows, s.got, columns)
	s.got = nil
	return s
}

// ExpectLate says which rows were dropped, since the last ExpectLate, for being too late
// for one of their windows at least, or too far ahead; as in Expect. "event_time" and
// "partition" are columns, too.
func (s *Stepper) ExpectLate(rows ...any) *Stepper {
	s.t.Helper()
	if s.dead {
		return s
	}
	s.compare("late rows", rows, s.late, append(s.plan.Input.Names(), "event_time", "partition"))
	s.late = nil
	return s
}

// leftover fails the test for what nobody asked about.
func (s *Stepper) leftover() {
	var b strings.Builder
	for _, r := range s.got {
		fmt.Fprintf(&b, "\n  result   %s", r)
	}
	for _, r := range s.late {
		fmt.Fprintf(&b, "\n  late row %s", r)
	}
	if b.Len() > 0 && !s.t.Failed() {
		s.fail("the stream ended after %s with what no Expect has asked about:%s", s.last, b.String())
	}
}
