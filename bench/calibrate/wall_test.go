//go:build !js && !wasip1

package calibrate

import (
	"errors"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"parallax/bench/costs"
	"parallax/engine"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/window"
	"parallax/engine/osenv"
	"parallax/serving"
	"parallax/sim"
	"parallax/sim/cluster"
)

// A small run: batches that come at a steady pace, once a leader is there.
const (
	wallBatches = 40
	wallRows    = 200
	wallEvery   = 25 * engine.Millisecond
	wallLead    = 3 * engine.Second
)

// small is the run's roles; its first batch is due at start + wallLead, and tell is
// called for each batch with when it was in the view.
func small(t *testing.T, start engine.Instant, tell func(batch int, at engine.Instant)) []cluster.Role {
	t.Helper()
	schema := column.Schema{{Name: "k", Type: column.TypeOf(column.Int64)}}
	call, err := expr.ParseCall("count()")
	if err != nil {
		t.Fatal(err)
	}
	w := window.Tumble(1_000_000, 0)
	job := cluster.Job{Schema: schema, Feed: make(cluster.Feed, 1), Pipeline: &flow.Pipeline{Steps: []flow.Step{
		{KeyBy: []string{"k"}}, {Window: &w}, {Aggregates: []flow.Aggregate{{Name: "n", Call: call}}},
	}}}
	for i := range wallBatches {
		b := &column.Batch{Schema: schema, Rows: wallRows, Columns: []column.Column{{Type: schema[0].Type}}}
		for row := range wallRows {
			b.Times = append(b.Times, int64(i*wallRows+row)*1000)
			b.Columns[0].Ints = append(b.Columns[0].Ints, int64(row%10))
		}
		b.Appends = b.Times
		if err := job.Feed.Add(0, start+engine.Instant(wallLead+int64(i)*wallEvery), b); err != nil {
			t.Fatal(err)
		}
	}
	roles, err := job.Roles(cluster.Options{Brokers: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i := range roles {
		if roles[i].Name == "view" {
			roles[i].Start = watched(roles[i].Start, tell)
		}
	}
	return roles
}

// watched is a view that tells of batches that its cut has passed.
func watched(start engine.Start, tell func(batch int, at engine.Instant)) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		a, err := start(env, fx)
		view, ok := a.(*serving.View)
		if err == nil && !ok {
			err = errors.New("the view is something else")
		}
		return &watcher{View: view, tell: tell}, err
	}
}

type watcher struct {
	*serving.View
	next int
	tell func(batch int, at engine.Instant)
}

func (w *watcher) Step(ev engine.Event, fx *engine.Effects) {
	w.View.Step(ev, fx)
	cut, _ := w.Cut()
	for len(cut) > 0 && w.next < wallBatches && cut[0].Offset >= int64(w.next+1)*wallRows {
		w.tell(w.next, ev.Now)
		w.next++
	}
}

// virtual is the latency of each batch in a simulated world with a table of costs.
func virtual(t *testing.T, c sim.Costs) (ns []int64) {
	t.Helper()
	w := sim.New(sim.Options{Costs: c, Network: sim.Network{DelayMin: 1000, DelayMax: 1000}})
	for _, r := range small(t, 0, func(i int, at engine.Instant) { ns = append(ns, int64(at)-wallLead-int64(i)*wallEvery) }) {
		w.Boot(r.Name, r.Start, r.Decode)
	}
	if err := w.RunFor(wallLead + 2*wallBatches*wallEvery); err != nil {
		t.Fatal(err)
	}
	return ns
}

// wall is that on this machine.
func wall(t *testing.T) (ns []int64) {
	t.Helper()
	start := engine.Instant(time.Now().UnixNano())
	done := make(chan struct{})
	roles := small(t, start, func(i int, at engine.Instant) {
		if ns = append(ns, int64(at-start)-wallLead-int64(i)*wallEvery); len(ns) == wallBatches {
			close(done)
		}
	})
	var mu sync.Mutex
	addresses := map[engine.NodeID]string{}
	dir := t.TempDir()
	for _, r := range roles {
		node, err := osenv.Open(t.Context(), osenv.Options{
			ID: r.ID, Dir: filepath.Join(dir, strconv.Itoa(int(r.ID))), Decode: r.Decode, Seed: uint64(r.ID),
			Peers: func(id engine.NodeID) string { mu.Lock(); defer mu.Unlock(); return addresses[id] },
		}, r.Start)
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := node.Stop(); err != nil {
				t.Error(err)
			}
		}()
		mu.Lock()
		addresses[r.ID] = node.Addr()
		mu.Unlock()
	}
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("after a minute not all batches are in the view")
	}
	return ns
}

// TestDifferentialWall runs a small deployment in a simulated world, by the committed
// table and by one measured here, and on this machine, and states by how much the
// latency from a batch's being due to the view differs. How much that is, is the
// machine's; what must hold is that all three bring everything to the view.
func TestDifferentialWall(t *testing.T) {
	measured, err := Measure(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range measured.Prices() {
		if p.Value < 0 || p.Value == 0 && p.Name != "network_byte_ps" {
			t.Errorf("%s is measured as %d", p.Name, p.Value)
		}
	}
	here := wall(t)
	for _, c := range []costs.Table{costs.Default(), measured} {
		sim := virtual(t, c.World())
		if len(here) != wallBatches || len(sim) != wallBatches {
			t.Fatalf("%d batches came to the view here, %d in the simulated world, of %d", len(here), len(sim), wallBatches)
		}
		r, s := median(here), median(sim)
		t.Logf("%s\n\tmedian latency here %.2f ms, in the simulated world %.2f ms: an error of %+.0f %%",
			c, float64(r)/1e6, float64(s)/1e6, 100*float64(s-r)/float64(r))
	}
}

func median(v []int64) int64 {
	v = slices.Clone(v)
	slices.Sort(v)
	return v[len(v)/2]
}
