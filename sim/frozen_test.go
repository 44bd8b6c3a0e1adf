package sim_test

import (
	"strings"
	"testing"
	"time"

	"parallax/engine"
	"parallax/sim"
	"parallax/sim/fault"
)

// Faults written by hand strike what they say: the second message of a kind on a
// link, the first write of a node, a node and a pair at an instant.
func TestVectorFaultsByHand(t *testing.T) {
	pass := func(_ engine.Event, fx *engine.Effects) { fx.SendEager(1, note("passed on")) }
	write := func(_ engine.Event, fx *engine.Effects) { fx.Persist("f", []byte("1234"), to(1, "written")) }
	for _, c := range []struct {
		name  string
		fault fault.Fault
		want  string
	}{
		{"nothing", fault.Fault{Family: fault.Drop, Node: "witness", Peer: "script", Kind: 1}, "0s,1s,2s,3s"},
		{"drop", fault.Fault{Family: fault.Drop, Node: "script", Peer: "witness", Kind: 1, Nth: 1}, "0s,2s,3s"},
		{"twice", fault.Fault{Family: fault.Duplicate, Node: "script", Peer: "witness", Kind: 1, Nth: 2, Lasts: 500 * time.Millisecond}, "0s,1s,2s,2.5s,3s"},
		{"late", fault.Fault{Family: fault.Reorder, Node: "script", Peer: "witness", Kind: 1, Lasts: 1500 * time.Millisecond}, "1s,1.5s,2s,3s"},
		{"clogged", fault.Fault{Family: fault.Slow, Node: "script", Peer: "witness", Kind: 1, Lasts: 1500 * time.Millisecond}, "1.5s,1.5s,2s,3s"},
		{"cut", fault.Fault{Family: fault.OneWay, Node: "script", Peer: "witness", At: 900 * time.Millisecond, Lasts: time.Second}, "0s,2s,3s"},
		{"uncut", fault.Fault{Family: fault.OneWay, Node: "witness", Peer: "script", At: 900 * time.Millisecond, Lasts: time.Second}, "0s,1s,2s,3s"},
		{"down", fault.Fault{Family: fault.Crash, Node: "script", At: 900 * time.Millisecond, Lasts: time.Second}, "0s,2s,3s"},
		{"crash at the last write", fault.Fault{Family: fault.CrashAtPersist, Node: "script", Nth: 1, Moment: fault.Durable, Lasts: time.Second}, "0s,1s,2s"},
	} {
		w := sim.New(sim.Options{Network: sim.Network{DelayMin: 1, DelayMax: 1}, Frozen: []fault.Fault{c.fault}})
		got := &witness{}
		w.Boot("witness", got.start, decodeNote)
		w.Boot("script", script{"pass": pass, "write": write}.start, decodeNote)
		for i, text := range []note{"pass", "pass", "pass", "write"} {
			w.Inject(w.Now()+engine.Instant(int64(i)*engine.Second+10*engine.Millisecond), 0, 2, text)
		}
		runFor(t, w, 10*engine.Second)
		var at []string
		for _, instant := range got.at {
			at = append(at, (time.Duration(instant) - 10*time.Millisecond).Round(100*time.Millisecond).String())
		}
		if text := strings.Join(at, ","); text != c.want {
			t.Errorf("%s: at %s, want %s", c.name, text, c.want)
		}
		if n := len(w.Fired()); n != 1 && c.name != "nothing" {
			t.Errorf("%s: %d faults", c.name, n)
		}
	}
}

// What is lost in a crash is what the list says, and nothing survives that it does
// not speak of.
func TestVectorLossesByHand(t *testing.T) {
	write := script{"go": func(_ engine.Event, fx *engine.Effects) {
		fx.Persist("a-1", []byte("abcd"))
		fx.Persist("a-1", []byte("efgh"))
		fx.Persist("b-1", []byte("ijkl"))
	}}
	for _, c := range []struct {
		losses []fault.Loss
		want   string
	}{
		{nil, ""},
		{[]fault.Loss{{File: "a-1", Kept: 1}}, "a-1=abcd "},
		{[]fault.Loss{{File: "a-1", Kept: 1, Torn: 3}, {File: "b-1", Empty: true}}, "a-1=abcdefg b-1= "},
		{[]fault.Loss{{File: "a-7", Torn: 1, Zeros: true}, {File: "b-1", Kept: 9}}, "a-1=a\x00\x00\x00 b-1=ijkl "},
	} {
		crash := fault.Fault{Family: fault.CrashAtPersist, Node: "script", Nth: 3, Moment: fault.InSync, Lasts: time.Hour, Losses: c.losses}
		w := sim.New(sim.Options{Frozen: []fault.Fault{crash}})
		w.Boot("witness", (&witness{}).start, decodeNote)
		w.Boot("script", write.start, decodeNote)
		w.Inject(w.Now(), 0, 2, note("go"))
		runFor(t, w, engine.Second)
		var left strings.Builder
		for _, file := range w.Disk(2).Files() {
			left.WriteString(file + "=" + readAll(t, w.Disk(2), file) + " ")
		}
		if left.String() != c.want {
			t.Errorf("%v: %q is left, want %q", c.losses, left.String(), c.want)
		}
	}
}
