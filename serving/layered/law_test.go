package layered_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/serving"
	"parallax/serving/layered"
)

// A client has seen view 3 up to offset 40; a server that has come less far says so.
func Example() {
	q := layered.Ask{Query: serving.Query{Request: 7, From: 0, To: 60}, View: 3, AtLeast: []protocol.Cut{{Offset: 40}}}
	m, err := layered.Decode(q.Kind(), q.AppendTo(nil))
	back := m.(layered.Ask)
	fmt.Println(back.Request, back.View, back.AtLeast[0].Offset, err)

	told := layered.Told{Counted: 999, Missing: 1}
	fmt.Println(told.Completeness(), "millionths")
	// Output:
	// 7 3 40 <nil>
	// 999000 millionths
}

// TestLawMessages: what is encoded is decoded, and no other length is.
func TestLawMessages(t *testing.T) {
	cuts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) protocol.Cut {
		return protocol.Cut{Offset: rapid.Int64().Draw(t, "offset"), Frontier: rapid.Int64().Draw(t, "frontier")}
	}), 0, 3)
	text := rapid.SliceOfN(rapid.Byte(), 1, 5)
	rapid.Check(t, func(t *rapid.T) {
		at := cuts.Draw(t, "cuts")
		for _, m := range []engine.Message{
			layered.Ask{
				Query: serving.Query{Request: rapid.Uint64().Draw(t, "request"), Point: true, Key: text.Draw(t, "key"), After: text.Draw(t, "after"), To: 9},
				View:  3, AtLeast: at,
			},
			layered.Told{
				Answer: serving.Answer{Cut: at, Next: text.Draw(t, "next"), Rows: []serving.Result{{Key: text.Draw(t, "k"), Start: 4, Values: text.Draw(t, "v")}}},
				Behind: rapid.Bool().Draw(t, "behind"), View: 8, BatchCut: at, Code: "v1", Complete: true, Staleness: -1, Counted: 2, Missing: 1,
			},
		} {
			b := m.AppendTo(nil)
			back, err := layered.Decode(m.Kind(), b)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(m, back); diff != "" {
				t.Fatal(diff)
			}
			for n := range b {
				if _, err := layered.Decode(m.Kind(), b[:n]); err == nil {
					t.Fatalf("%d bytes of %d are taken for a message", n, len(b))
				}
			}
		}
	})
}
