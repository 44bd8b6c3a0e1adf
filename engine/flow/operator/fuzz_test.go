package operator

import (
	"bytes"
	"errors"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// savedStory is a story's plan and its state in the middle.
func savedStory(t testing.TB, seed uint64) (s story, plan *flow.Plan, state []byte) {
	s = newStory(seed, flow.Log)
	if seed%4 == 3 && s.mark.Across == watermark.Min {
		s.late.Rule, s.idle = flow.Operator, 2000
	}
	plan, state = saved(t, s)
	return s, plan, state
}

// saved is a story's plan and its state when everything has come and few panes were
// taken.
func saved(t testing.TB, s story) (plan *flow.Plan, state []byte) {
	return s.plan(t), s.saved(t, s.plan(t))
}

// savedChain is the same of windows over results.
func savedChain(t testing.TB, c chainStory) (plan *flow.Plan, state []byte) {
	return c.plan(t), c.saved(t, c.plan(t))
}

func (s story) saved(t testing.TB, plan *flow.Plan) []byte {
	path := NewPath(plan, len(s.logs))
	var pane Pane
	for p, log := range s.logs {
		dict := new(column.Dict)
		b := column.Batch{Schema: storySchema, Partition: int32(p), Columns: make([]column.Column, 2)}
		b.Columns[0].Reset(storySchema[0].Type, dict)
		b.Columns[1].Reset(storySchema[1].Type, nil)
		for i, r := range log {
			b.Columns[0].Append(column.Value{String: r.key, Null: r.null})
			b.Columns[1].Append(column.Value{Int: r.v})
			b.Times, b.Appends = append(b.Times, r.time), append(b.Appends, appendTime(i))
			b.Rows++
		}
		if err := path.Process(&b); err != nil {
			t.Fatal(err)
		}
		path.Next(&pane)
	}
	return path.AppendTo(nil)
}

// tryLoad loads hostile bytes; if they are a state, it is the canonical one of
// itself, and the operator works on with it.
func tryLoad(t testing.TB, s story, plan *flow.Plan, state []byte) {
	path := NewPath(plan, len(s.logs))
	rest, err := path.Load(state)
	if err != nil {
		if !errors.Is(err, ErrState) {
			t.Fatalf("an error of no kind: %v", err)
		}
		return
	}
	if again := append(path.AppendTo(nil), rest...); !bytes.Equal(again, state) {
		t.Fatalf("loaded\n%x\nsaved\n%x", state, again)
	}
	var pane Pane
	drain := func() {
		for path.Next(&pane) {
			if _, _, err := path.Results(&pane); err != nil {
				t.Fatal(err)
			}
		}
	}
	drain()
	b := column.Batch{
		Schema: storySchema, Rows: 2, Times: []int64{0, 9000}, Appends: []int64{0, 0},
		Columns: []column.Column{
			{Type: storySchema[0].Type, Codes: []uint32{0, 0}, Dict: new(column.Dict)},
			{Type: storySchema[1].Type, Ints: []int64{1, 2}},
		},
	}
	b.Columns[0].Dict.Append("x")
	if err := path.Process(&b); err != nil && !errors.Is(err, ErrFrontier) {
		t.Fatal(err)
	}
	drain()
	path.Close()
	drain()
}

// TestLawCorruptState flips every byte of saved states in turn and cuts them
// short: an error or another state, never a panic.
func TestLawCorruptState(t *testing.T) {
	loaded := 0
	for seed := range uint64(48) {
		s, plan, state := savedStory(t, seed)
		switch {
		case seed >= 36:
			s = newNumberedStory(seed, flow.Rule(seed%2))
			plan, state = saved(t, s)
		case seed >= 24:
			s = newSlidingStory(seed, flow.Rule(seed%2))
			plan, state = saved(t, s)
		case seed >= 12:
			s = newSessionStory(seed, flow.Rule(seed%2))
			plan, state = saved(t, s)
		}
		tryLoad(t, s, plan, state)
		for i := range state {
			for _, flip := range []byte{0x01, 0x02, 0x80, 0xff} {
				bad := append([]byte(nil), state...)
				bad[i] ^= flip
				tryLoad(t, s, plan, bad)
				loaded++
			}
			tryLoad(t, s, plan, state[:i])
		}
	}
	t.Logf("%d states", loaded)
}

func FuzzLoad(f *testing.F) {
	s, plan, state := savedStory(f, 5)
	f.Add(state)
	f.Add(NewPath(plan, len(s.logs)).AppendTo(nil))
	f.Fuzz(func(t *testing.T, raw []byte) { tryLoad(t, s, plan, raw) })
}

func FuzzLoadChain(f *testing.F) {
	book, spans := newChainStory(3), newChainStory(3)
	for seed := uint64(4); book.over.Kind == window.Session || spans.over.Kind != window.Session; seed++ {
		if s := newChainStory(seed); s.over.Kind == window.Session {
			spans = s
		} else {
			book = s
		}
	}
	plan, state := savedChain(f, book)
	other, otherState := savedChain(f, spans)
	f.Add(state, false)
	f.Add(otherState, true)
	f.Fuzz(func(t *testing.T, raw []byte, sessions bool) {
		if sessions {
			tryLoad(t, spans.story, other, raw)
			return
		}
		tryLoad(t, book.story, plan, raw)
	})
}

func FuzzLoadSessions(f *testing.F) {
	fuzzLoad(f, newSessionStory(5, flow.Log), newSessionStory(6, flow.Operator))
}

// fuzzLoad loads hostile states of a story by either rule.
func fuzzLoad(f *testing.F, log, operator story) {
	plan, state := saved(f, log)
	other, otherState := saved(f, operator)
	f.Add(state, false)
	f.Add(otherState, true)
	f.Fuzz(func(t *testing.T, raw []byte, byOperator bool) {
		if byOperator {
			tryLoad(t, operator, other, raw)
			return
		}
		tryLoad(t, log, plan, raw)
	})
}

func FuzzLoadSliding(f *testing.F) {
	s := newSlidingStory(5, flow.Log)
	plan, state := saved(f, s)
	f.Add(state)
	f.Fuzz(func(t *testing.T, raw []byte) { tryLoad(t, s, plan, raw) })
}

func FuzzLoadNumbered(f *testing.F) {
	fuzzLoad(f, newNumberedStory(5, flow.Log), newNumberedStory(6, flow.Operator))
}
