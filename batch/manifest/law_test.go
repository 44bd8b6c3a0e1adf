package manifest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/blob/store"
	"parallax/engine/wire"
	"parallax/sim"
)

const storeNode engine.NodeID = 1

// again repeats what has not been answered.
type again struct{ request uint64 }

const kindAgain engine.Kind = 900

func (again) Kind() engine.Kind          { return kindAgain }
func (m again) AppendTo(b []byte) []byte { return wire.Order.AppendUint64(b, m.request) }

func decode(k engine.Kind, b []byte) (engine.Message, error) {
	if k == kindAgain {
		r := wire.Reader{Rest: b}
		return again{r.U64()}, r.End()
	}
	return blob.Decode(k, b)
}

// asker is an actor that has one request under way.
type asker struct {
	waiting engine.Message
	request uint64
	steps   uint64
}

func (a *asker) ask(m engine.Message, fx *engine.Effects) {
	a.waiting = m
	a.steps++
	fx.Cancel(1)
	if m != nil {
		fx.Send(storeNode, m)
		fx.After(1, 60*engine.Millisecond, again{a.steps})
	}
}

func (a *asker) retry(m again, fx *engine.Effects) {
	if m.request == a.steps && a.waiting != nil {
		fx.Send(storeNode, a.waiting)
		fx.After(1, 60*engine.Millisecond, again{a.steps})
	}
}

// archiver appends batches to one partition, each of a file that it writes first. What
// it knows after a crash is what the table says.
type archiver struct {
	asker
	name      string
	partition int32
	goal      uint64
	batch     uint64 // committed
	end       int64
	commit    *Commit
	added     []string // by its commits
}

func startArchiver(name string, partition int32, goal uint64, made func(*archiver)) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		a := &archiver{name: name, partition: partition, goal: goal}
		a.request = uint64(env.Boot) << 32
		made(a)
		a.next(fx)
		return a, nil
	}
}

// next writes the file of the next batch, and then commits it. After a crash that is
// the first batch again, which is committed already: so it learns where the table
// stands.
func (a *archiver) next(fx *engine.Effects) {
	if a.batch == a.goal {
		a.ask(nil, fx)
		return
	}
	c := a.change()
	a.request++
	a.commit = nil
	a.ask(blob.Put{Request: a.request, Name: c.Add[0].Name, Expect: blob.Absent, Data: a.content(c.Add[0].Name)}, fx)
}

func (a *archiver) content(name string) []byte { return []byte(strings.Repeat(name, 20)) }

func (a *archiver) change() Change {
	schema := (*Schema)(nil)
	if a.partition == 0 && a.batch == 0 {
		schema = firstSchema
	}
	return appendOf(a.name, a.batch+1, a.partition, a.end, a.end+10, schema)
}

func (a *archiver) Step(ev engine.Event, fx *engine.Effects) {
	if m, ok := ev.Msg.(again); ok {
		a.retry(m, fx)
		return
	}
	if d, ok := ev.Msg.(blob.Done); ok && a.commit == nil {
		if d.Request == a.request && d.Code != blob.Busy {
			a.commit = NewCommit(table, a.change(), a.request)
			a.ask(a.commit.Start(), fx)
		}
		return
	}
	if a.commit == nil {
		return
	}
	before := a.commit.request
	m, err := a.commit.Answer(ev.Msg)
	a.request = max(a.request, a.commit.request)
	switch {
	case errors.Is(err, ErrSchema): // the first partition has not made the table yet
		a.commit = NewCommit(table, a.change(), a.request)
		a.ask(a.commit.Start(), fx)
	case err != nil:
		fx.Fatal = err
	case a.commit.Done():
		if done := a.commit.Snapshot(); done != nil {
			a.added = append(a.added, done.Add[0].Name)
		}
		s := a.commit.State()
		a.batch = s.Batch(a.name)
		a.end = s.Cut[a.partition].Offset
		a.next(fx)
	case m != nil && a.commit.request != before:
		a.ask(m, fx)
	}
}

// compactor replaces two neighbours by one, again and again, and deletes what is dead.
type compactor struct {
	asker
	rng    *rand.Rand
	phase  int // 0 read, 1 compact, 2 list, 3 delete
	chain  *chain
	state  *State
	commit *Commit
	batch  uint64
	kept   map[string]bool // snapshot objects that the head needs
	dead   []string
	plant  bool // deletes what is not live yet, too
	erased []string
}

func startCompactor(plant bool, made func(*compactor)) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		c := &compactor{rng: env.Rand, plant: plant}
		c.request = uint64(env.Boot) << 32
		made(c)
		c.read(fx)
		return c, nil
	}
}

func (c *compactor) read(fx *engine.Effects) {
	c.phase, c.chain, c.kept = 0, nil, map[string]bool{}
	c.request++
	c.ask(blob.Get{Request: c.request, Name: Pointer(table), Length: -1}, fx)
}

func (c *compactor) Step(ev engine.Event, fx *engine.Effects) {
	switch m := ev.Msg.(type) {
	case again:
		c.retry(m, fx)
	case blob.Got:
		if c.phase == 1 {
			c.committing(m, fx)
		} else if m.Request == c.request && m.Code != blob.Busy {
			c.reading(m, fx)
		}
	case blob.Done:
		if c.phase == 1 {
			c.committing(m, fx)
		} else if m.Request == c.request && m.Code != blob.Busy {
			c.erase(fx)
		}
	case blob.Listed:
		if m.Request == c.request && m.Code != blob.Busy {
			for _, e := range m.Entries {
				if c.plant && strings.Contains(e.Name, "/data/") && !slices.ContainsFunc(c.state.Files, func(f File) bool { return f.Name == e.Name }) ||
					c.state.Dead(table, e.Name, func(name string) bool { return c.kept[name] }) {
					c.dead = append(c.dead, e.Name)
				}
			}
			c.erase(fx)
		}
	}
}

func (c *compactor) reading(m blob.Got, fx *engine.Effects) {
	if c.chain == nil {
		c.chain, _ = newChain(m.Data)
	} else if m.Code != blob.OK || c.chain.Take(m.Data) != nil {
		c.read(fx) // the table went on, and this was cleaned up
		return
	}
	if name, more := c.chain.Want(); more {
		c.kept[name] = true
		c.request++
		c.ask(blob.Get{Request: c.request, Name: name, Length: -1}, fx)
		return
	}
	state, err := c.chain.State()
	if err != nil {
		fx.Fatal = err
		return
	}
	c.state = state
	var pairs [][2]File
	for i := 1; i < len(state.Files); i++ {
		if a, b := state.Files[i-1], state.Files[i]; a.Partition == b.Partition {
			pairs = append(pairs, [2]File{a, b})
		}
	}
	if len(pairs) == 0 || c.rng.IntN(3) == 0 {
		c.list(fx)
		return
	}
	p := pairs[c.rng.IntN(len(pairs))]
	c.batch = state.Batch("compactor")
	merged := File{
		Name:      FileName(table, "compactor", c.batch+1, &File{Partition: p[0].Partition, From: p[0].From, To: p[1].To}),
		Partition: p[0].Partition, From: p[0].From, To: p[1].To, Rows: p[0].Rows + p[1].Rows, Schema: 1,
	}
	c.phase = 1
	c.commit = NewCommit(table, Change{
		Writer: "compactor", Batch: c.batch + 1, Operation: Replace, Code: "v1", Add: []File{merged}, Remove: []string{p[0].Name, p[1].Name},
	}, c.request)
	c.ask(c.commit.Start(), fx)
}

func (c *compactor) committing(m engine.Message, fx *engine.Effects) {
	before := c.commit.request
	next, err := c.commit.Answer(m)
	c.request = max(c.request, c.commit.request)
	switch {
	case err != nil || c.commit.Done():
		c.list(fx)
	case next != nil && c.commit.request != before:
		c.ask(next, fx)
	}
}

func (c *compactor) list(fx *engine.Effects) {
	c.phase = 2
	c.dead = nil
	c.request++
	c.ask(blob.List{Request: c.request, Prefix: table + "/"}, fx)
}

// erase deletes one dead object after the other.
func (c *compactor) erase(fx *engine.Effects) {
	c.phase = 3
	if len(c.dead) == 0 {
		c.read(fx)
		return
	}
	name := c.dead[0]
	c.dead = c.dead[1:]
	c.erased = append(c.erased, name)
	c.request++
	c.ask(blob.Delete{Request: c.request, Name: name, Expect: blob.Any}, fx)
}

var errTable = errors.New("the table is wrong")

// play runs two archivers, a compactor that cleans up, and a store in a world of
// trouble, and reads the table from the store's memory after every event.
func play(seed uint64, plant bool, opts sim.Options) (erased int, err error) {
	const goal = 6
	w := sim.New(opts)
	w.Boot("store", store.Start(store.Options{BaseBytes: 4000, Trouble: store.Trouble{Seed: seed, Busy: 30_000, Lose: 60_000}}), store.Decode)
	var archivers []*archiver
	var compactors []*compactor
	for i := range int32(2) {
		w.Boot(fmt.Sprint("archiver-", i), startArchiver(fmt.Sprint("a", i), i, goal, func(a *archiver) { archivers = append(archivers, a) }), decode)
	}
	w.Boot("compactor", startCompactor(plant, func(c *compactor) { compactors = append(compactors, c) }), decode)
	w.OnStep(func(w *sim.World) error {
		for _, a := range archivers {
			if len(a.added) == 0 {
				continue
			}
			name := a.added[0]
			a.added = a.added[1:]
			s, ok := w.Actor(storeNode).(*store.Store)
			if !ok {
				continue
			}
			there := false
			s.Objects(func(n string, _ blob.Info, _ string) bool { there = there || n == name; return !there })
			state := state(s)
			if !there && state != nil && slices.ContainsFunc(state.Files, func(f File) bool { return f.Name == name }) {
				return fmt.Errorf("%w: %s was committed and is not there", errTable, name)
			}
		}
		return nil
	})
	if err := w.RunFor(8 * engine.Second); err != nil {
		return 0, err
	}
	w.Calm()
	if err := w.RunFor(20 * engine.Second); err != nil {
		return 0, err
	}
	for _, c := range compactors {
		erased += len(c.erased)
	}
	return erased, judge(w, goal)
}

// judge reads the table as the store has it.
func judge(w *sim.World, goal uint64) error {
	s, ok := w.Actor(storeNode).(*store.Store)
	if !ok {
		return fmt.Errorf("%w: the store is down", errTable)
	}
	state := state(s)
	if state == nil {
		return fmt.Errorf("%w: it cannot be read", errTable)
	}
	names := map[string]bool{}
	s.Objects(func(name string, _ blob.Info, _ string) bool { names[name] = true; return true })
	if state.Rows() != int64(goal)*10*2 {
		return fmt.Errorf("%w: %d rows, want %d", errTable, state.Rows(), goal*20)
	}
	for i, f := range state.Files {
		if i > 0 && state.Files[i-1].Partition == f.Partition && state.Files[i-1].To != f.From {
			return fmt.Errorf("%w: a gap before %s", errTable, f.Name)
		}
		if !names[f.Name] && !strings.Contains(f.Name, "compactor") {
			return fmt.Errorf("%w: %s is live and not there", errTable, f.Name)
		}
	}
	return nil
}

// state is the table that a store has, or nil if it cannot be read.
func state(s *store.Store) *State {
	content := map[string][]byte{}
	s.Contents(func(name string, data []byte) bool {
		if !strings.Contains(name, "/data/") {
			content[name] = data
		}
		return true
	})
	c, err := newChain(content[Pointer(table)])
	if err != nil {
		return nil
	}
	for name, more := c.Want(); more; name, more = c.Want() {
		if c.Take(content[name]) != nil {
			return nil
		}
	}
	state, err := c.State()
	if err != nil {
		return nil
	}
	return state
}

// TestLawCommits: whatever crashes and is lost, every batch is in the table once, and
// nothing live is cleaned up.
func TestLawCommits(t *testing.T) {
	n := uint64(25)
	if os.Getenv("PARALLAX_SOAK") != "" {
		n = 2000
	}
	erased := 0
	for seed := uint64(1); seed <= n; seed++ {
		e, err := play(seed, false, sim.AllFaults(seed))
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		erased += e
	}
	if erased == 0 {
		t.Error("nothing was cleaned up")
	}
	t.Logf("%d dead objects were cleaned up in %d runs", erased, n)
}

// TestPlantedDefects: a clean-up that takes what is not live yet for dead is found.
func TestPlantedDefects(t *testing.T) {
	for seed := uint64(1); seed <= 100; seed++ {
		if _, err := play(seed, true, sim.AllFaults(seed)); errors.Is(err, errTable) {
			t.Logf("found by seed %d: %v", seed, err)
			return
		}
	}
	t.Error("not found")
}
