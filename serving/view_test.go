package serving_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"parallax/engine"
	"parallax/engine/flow/column"
	"parallax/serving"
)

// What a view says to publications, one after the other.
func TestVectorPublish(t *testing.T) {
	s := newStage(t, serving.Options{Partitions: 2, Functions: counter(t)})
	for i, c := range []struct {
		what         string
		epoch        uint32
		lower, upper []int64
		code         serving.Code
		stands       []int64
	}{
		{"where does it stand", 1, nil, nil, serving.Mismatch, []int64{0, 0}},
		{"the first span", 1, []int64{0, 0}, []int64{3, 0}, serving.OK, []int64{3, 0}},
		{"a copy of it", 1, []int64{0, 0}, []int64{3, 0}, serving.OK, []int64{3, 0}},
		{"the next span", 1, []int64{3, 0}, []int64{5, 2}, serving.OK, []int64{5, 2}},
		{"a late copy of the first", 1, []int64{0, 0}, []int64{3, 0}, serving.Mismatch, []int64{5, 2}},
		{"a gap", 1, []int64{6, 2}, []int64{7, 2}, serving.Mismatch, []int64{5, 2}},
		{"backwards", 1, []int64{5, 2}, []int64{9, 1}, serving.Mismatch, []int64{5, 2}},
		{"a cut of another job", 1, []int64{5, 2}, []int64{9}, serving.Mismatch, []int64{5, 2}},
		{"an empty span", 1, []int64{5, 2}, []int64{5, 2}, serving.OK, []int64{5, 2}},
		{"a later attempt asks", 2, nil, nil, serving.Mismatch, []int64{5, 2}},
		{"the earlier one publishes", 1, []int64{5, 2}, []int64{8, 2}, serving.Fenced, []int64{5, 2}},
		{"the earlier one asks", 1, nil, nil, serving.Fenced, []int64{5, 2}},
		{"the later one publishes", 2, []int64{5, 2}, []int64{6, 2}, serving.OK, []int64{6, 2}},
	} {
		m := serving.Publish{Request: uint64(i), Epoch: c.epoch, Upper: at(c.upper...)}
		if c.lower != nil {
			m.Lower = at(c.lower...)
		}
		if p := s.publish(m); p.Code != c.code || !slices.Equal(p.Cut, at(c.stands...)) {
			t.Errorf("%s: code %d, the view stands at %v", c.what, p.Code, p.Cut)
		}
	}
}

// An attempt that has asked where the view stands may rely on the answer, also if
// the view crashes: nothing that an earlier attempt sent is applied any more.
// Before the question raised the epoch, a publication that was still on its way
// was applied, and ended the later attempt.
func TestAskingFences(t *testing.T) {
	s := newStage(t, serving.Options{Partitions: 1, Functions: counter(t)})
	s.publish(serving.Publish{Request: 1, Epoch: 1, Lower: at(0), Upper: at(1)})
	s.publish(serving.Publish{Request: 2, Epoch: 2})
	s.crash()
	p := s.publish(serving.Publish{Request: 3, Epoch: 1, Lower: at(1), Upper: at(2)})
	if p.Code != serving.Fenced || !slices.Equal(p.Cut, at(1)) {
		t.Errorf("code %d, the view stands at %v", p.Code, p.Cut)
	}
}

// history is a view in the plainest form: rows by key and window.
type history map[string]serving.Result

func (h history) rows(keep func(r *serving.Result) bool) []serving.Result {
	var list []serving.Result
	for _, r := range h {
		if keep(&r) {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b serving.Result) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), slices.Compare(a.Key, b.Key))
	})
	return list
}

// Random spans, with crashes between them: every query, page by page, finds what
// a map holds.
func TestOracleQueries(t *testing.T) {
	for seed := range uint64(20) {
		d := rand.New(rand.NewPCG(seed, 1))
		s := newStage(t, serving.Options{Partitions: 1, Functions: counter(t), SegmentBytes: 2 << 10, BaseBytes: 1 << 10})
		h, stands, bases := history{}, int64(0), uint64(0)
		for n := range uint64(60) {
			m := serving.Publish{Request: n, Epoch: 1, Lower: at(stands), Upper: at(stands + 1), Watermark: stands}
			for range d.IntN(12) {
				start, k, count := 10*d.Int64N(9)-40, fmt.Sprint("k", d.IntN(7)), d.IntN(9)
				m.Rows = append(m.Rows, serving.Row{
					Key: key(k), Start: start, End: start + 10, Revision: d.IntN(3) == 0, Accumulators: counted(t, count),
				})
				h[fmt.Sprint(start, k)] = serving.Result{
					Key: key(k), Start: start, End: start + 10, Revision: m.Rows[len(m.Rows)-1].Revision,
					Values: serving.AppendKey(nil, column.Value{Type: column.TypeOf(column.Int64), Int: int64(count)}),
				}
			}
			if p := s.publish(m); p.Code != serving.OK {
				t.Fatalf("seed %d: %+v", seed, p)
			}
			stands++
			if v, ok := s.Actor(viewNode).(*serving.View); ok {
				bases = max(bases, v.Status().Bases)
			}
			if d.IntN(6) == 0 {
				s.crash()
			}
			checkQuery(t, s, h, d)
		}
		if bases == 0 {
			t.Errorf("seed %d: the journal was never begun anew", seed)
		}
		if n := len(s.Disk(viewNode).Files()); n > 40 {
			t.Errorf("seed %d: %d files are left", seed, n)
		}
	}
}

func checkQuery(t *testing.T, s *stage, h history, d *rand.Rand) {
	t.Helper()
	q := serving.Query{Request: d.Uint64(), From: 10*d.Int64N(12) - 60, Limit: d.Int32N(8)}
	q.To = q.From + d.Int64N(100)
	if d.IntN(2) == 0 {
		q.Point, q.Key = true, key(fmt.Sprint("k", d.IntN(9)))
	}
	want := h.rows(func(r *serving.Result) bool {
		return r.Start >= q.From && r.Start < q.To && (!q.Point || string(r.Key) == string(q.Key))
	})
	var got []serving.Result
	for {
		a := s.query(q)
		got = append(got, a.Rows...)
		if q.Limit > 0 && len(a.Rows) > int(q.Limit) {
			t.Fatalf("%d rows, at most %d are wanted", len(a.Rows), q.Limit)
		}
		if len(a.Next) == 0 {
			break
		}
		q.After = a.Next
	}
	if show(t, got) != show(t, want) {
		t.Fatalf("%+v:\n%s\nshould be\n%s", q, show(t, got), show(t, want))
	}
	for i := range got {
		if got[i].Revision != want[i].Revision || got[i].End != want[i].End {
			t.Fatalf("%+v: row %d is %+v", q, i, got[i])
		}
	}
}

// An answer has at most QueryRowsMax rows, whatever was asked for, and says where
// to go on.
func TestAnswerIsBounded(t *testing.T) {
	s := newStage(t, serving.Options{Partitions: 1, Functions: counter(t)})
	m := serving.Publish{Epoch: 1, Lower: at(0), Upper: at(1)}
	for i := range serving.QueryRowsMax + 10 {
		m.Rows = append(m.Rows, serving.Row{Key: key(fmt.Sprintf("%06d", i)), End: 10, Accumulators: counted(t, 1)})
	}
	s.publish(m)
	q := serving.Query{From: 0, To: 1, Limit: 1 << 30}
	a := s.query(q)
	q.After = a.Next
	if b := s.query(q); len(a.Rows) != serving.QueryRowsMax || len(b.Rows) != 10 || len(b.Next) != 0 {
		t.Errorf("%d rows, then %d", len(a.Rows), len(b.Rows))
	}
}

// Decoders take any bytes, and give back what they were given.
func FuzzDecode(f *testing.F) {
	for i, m := range []engine.Message{
		serving.Publish{Request: 1, Epoch: 2, Lower: at(0), Upper: at(4), Rows: []serving.Row{{Key: key("a"), Accumulators: []byte{1}}}},
		serving.Published{Request: 1, Code: serving.Fenced, Cut: at(1, 2)},
		serving.Query{Request: 3, Point: true, Key: key("a"), From: 1, To: 2, After: []byte("x"), Limit: 3},
		serving.Answer{Request: 3, Cut: at(1), Next: []byte("y"), Rows: []serving.Result{{Key: key("b"), Values: []byte{2}}}},
	} {
		f.Add(uint16(150+i), m.AppendTo(nil))
	}
	f.Fuzz(func(t *testing.T, k uint16, b []byte) {
		m, err := serving.Decode(engine.Kind(k), b)
		if err == nil && (m.Kind() != engine.Kind(k) || string(m.AppendTo(nil)) != string(b)) {
			t.Errorf("kind %d, %x came back as kind %d, %x", k, b, m.Kind(), m.AppendTo(nil))
		}
	})
}

// A span in parts is applied with the last one, whatever comes twice; and a view
// that has come back asks for all of them again.
func TestVectorParts(t *testing.T) {
	s := newStage(t, serving.Options{Partitions: 1, Functions: counter(t)})
	for i, c := range []struct {
		part  uint32
		crash bool // before
		code  serving.Code
		next  uint32
		rows  int
	}{
		{1, false, serving.Partial, 0, 0},
		{0, false, serving.Partial, 1, 0},
		{0, false, serving.Partial, 1, 0},
		{1, false, serving.Partial, 2, 0},
		{2, true, serving.Partial, 0, 0},
		{0, false, serving.Partial, 1, 0},
		{1, false, serving.Partial, 2, 0},
		{0, false, serving.Partial, 2, 0},
		{2, false, serving.OK, 0, 3},
		{1, false, serving.OK, 0, 3},
		{2, true, serving.OK, 0, 3},
	} {
		if c.crash {
			s.crash()
		}
		p := s.publish(serving.Publish{
			Request: 7, Epoch: 1, Part: c.part, Parts: 3, Lower: at(0), Upper: at(1),
			Rows: []serving.Row{{Key: key(fmt.Sprint("k", c.part)), End: 10, Accumulators: counted(t, 1)}},
		})
		a := s.query(serving.Query{To: 1})
		if p.Code != c.code || p.Next != c.next || len(a.Rows) != c.rows {
			t.Errorf("step %d: code %d, next %d, %d rows", i, p.Code, p.Next, len(a.Rows))
		}
	}
}
