package tail_test

import (
	"errors"
	"fmt"
	"testing"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/commitlog/tail"
)

var id = protocol.PartitionID{Topic: "rides"}

func options(holder string) tail.Options {
	return tail.Options{Topic: "rides", Partitions: 1, Brokers: []engine.NodeID{1, 2, 3}, Holder: holder}
}

// sent is the only message that left, and to whom.
func sent(t *testing.T, fx *engine.Effects) (engine.NodeID, engine.Message) {
	t.Helper()
	if len(fx.Eager) != 1 {
		t.Fatalf("%d messages", len(fx.Eager))
	}
	e := fx.Eager[0]
	fx.Reset()
	return e.To, e.Msg
}

// ExampleTail pins a place, reads what comes, and knows when it has seen the end.
func ExampleTail() {
	t := tail.New(options("example"), []protocol.Cut{{Offset: 40, Frontier: 7}}, 0)
	fx := &engine.Effects{}
	t.Start(100, fx)
	pin := fx.Eager[0].Msg.(protocol.Pin)
	fmt.Println("pins", pin.Cut, "for", pin.Holder)

	fx.Reset()
	_ = t.Pinned(200, protocol.Pinned{Request: pin.Request, Partition: id}, fx)
	fetch := fx.Eager[0].Msg.(protocol.Fetch)
	fmt.Println("fetches from", fetch.Offset)

	batches, err := t.Fetched(300, protocol.Fetched{
		Request: fetch.Request, Partition: id, End: 45, Batches: []protocol.Batch{{Base: 38, Count: 2}, {Base: 40, Count: 5}},
	}, fx)
	at, _ := t.Seen(0)
	fmt.Println(len(batches), "batch, the next at", t.Next(0), "; the end was seen at", at, err)
	// Output:
	// pins {40 7} for example
	// fetches from 40
	// 1 batch, the next at 45 ; the end was seen at 200 <nil>
}

// TestVectorLeader: an answer names the leader, and silence tries the next broker.
func TestVectorLeader(t *testing.T) {
	r := tail.New(options(""), []protocol.Cut{protocol.LogStart()}, 0)
	fx := &engine.Effects{}
	r.Start(0, fx)
	timer := fx.Timers[0].Msg.(tail.Again)
	to, m := sent(t, fx)
	if to != 1 {
		t.Fatalf("asked %d first", to)
	}
	first := m.(protocol.Fetch)
	if _, err := r.Fetched(1, protocol.Fetched{Request: first.Request, Partition: id, Code: protocol.NotLeader, Leader: 3}, fx); err != nil {
		t.Fatal(err)
	}
	again := fx.Timers[len(fx.Timers)-1].Msg.(tail.Again)
	if to, _ := sent(t, fx); to != 3 {
		t.Fatalf("asked %d, the leader is 3", to)
	}
	r.Again(2, timer, fx) // of a request that is no longer under way
	if len(fx.Eager) != 0 {
		t.Fatal("an old timer asks again")
	}
	r.Again(3, again, fx)
	if to, _ := sent(t, fx); to != 1 {
		t.Fatalf("asked %d behind the last broker", to)
	}
	// The late answer to the first request is none any more.
	if b, err := r.Fetched(4, protocol.Fetched{Request: first.Request, Partition: id, Batches: []protocol.Batch{{Count: 1}}}, fx); len(b) != 0 || err != nil {
		t.Fatal(b, err)
	}
}

// TestVectorRefusals: a log that begins later or leaves something out is told.
func TestVectorRefusals(t *testing.T) {
	for _, c := range []struct {
		answer protocol.Fetched
		want   error
	}{
		{protocol.Fetched{Code: protocol.Compacted, Start: protocol.Cut{Offset: 9}}, tail.ErrCompacted},
		{protocol.Fetched{Batches: []protocol.Batch{{Base: 6, Count: 1}}}, tail.ErrGap},
		{protocol.Fetched{Batches: []protocol.Batch{{Base: 5, Count: 2}, {Base: 8, Count: 1}}}, tail.ErrGap},
	} {
		r := tail.New(options(""), []protocol.Cut{{Offset: 5}}, 0)
		fx := &engine.Effects{}
		r.Start(0, fx)
		_, m := sent(t, fx)
		c.answer.Request, c.answer.Partition = m.(protocol.Fetch).Request, id
		if _, err := r.Fetched(1, c.answer, fx); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v, want %v", c.answer, err, c.want)
		}
	}
}

// TestVectorPin: a pin that has moved goes before the next fetch, also of a partition
// that is held.
func TestVectorPin(t *testing.T) {
	r := tail.New(options("x"), []protocol.Cut{protocol.LogStart()}, 0)
	fx := &engine.Effects{}
	r.Start(0, fx)
	_, m := sent(t, fx)
	if err := r.Pinned(1, protocol.Pinned{Request: m.(protocol.Pin).Request, Partition: id}, fx); err != nil {
		t.Fatal(err)
	}
	_, m = sent(t, fx)
	r.Pin(0, protocol.Cut{Offset: 4, Frontier: 1})
	r.Hold(0, true)
	if _, err := r.Fetched(2, protocol.Fetched{Request: m.(protocol.Fetch).Request, Partition: id}, fx); err != nil {
		t.Fatal(err)
	}
	_, m = sent(t, fx)
	if p, ok := m.(protocol.Pin); !ok || p.Cut.Offset != 4 {
		t.Fatalf("%+v", m)
	}
	if err := r.Pinned(3, protocol.Pinned{Request: m.(protocol.Pin).Request, Partition: id}, fx); err != nil {
		t.Fatal(err)
	}
	if len(fx.Eager) != 0 {
		t.Fatal("it is held")
	}
	r.Hold(0, false)
	r.More(4, 0, fx)
	if _, m = sent(t, fx); m.(protocol.Fetch).Offset != 0 {
		t.Fatalf("%+v", m)
	}
}
