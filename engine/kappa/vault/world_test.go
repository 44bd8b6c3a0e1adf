package vault_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/blob/caller"
	"parallax/engine/blob/store"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/kappa/vault"
	"parallax/sim"
)

const prefix = "jobs/a"

// board is what the owners of a world have put and know to be saved: chains of records.
type board struct {
	t      *testing.T
	chains []string // in the order in which they were put, the first is of no record
	saved  int      // the greatest that anybody knows to be saved
	by     uint32   // whose it is
	opened int
	fenced int
	over   bool // nobody saves any more
}

// owner has a vault, and saves something every now and then.
type owner struct {
	env    engine.Env
	board  *board
	vault  *vault.Vault
	chain  [][]byte
	put    int // the chain on its way, 0 if there is none
	number int
}

// tick is an owner's timer.
type tick struct{}

func (tick) Kind() engine.Kind { return 220 }

func (tick) AppendTo(b []byte) []byte { return b }

func decode(k engine.Kind, b []byte) (engine.Message, error) {
	switch k {
	case tick{}.Kind():
		return tick{}, nil
	case caller.KindAgain:
		return caller.DecodeAgain(b)
	}
	return blob.Decode(k, b)
}

func (b *board) start(defect vault.Defect) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		v, err := vault.Open(vault.Options{Store: 1, Prefix: prefix, Env: env, Retry: 50 * engine.Millisecond, Timer: 10, Defect: defect}, fx)
		return &owner{env: env, board: b, vault: v}, err
	}
}

func (o *owner) Step(ev engine.Event, fx *engine.Effects) {
	if _, ok := ev.Msg.(tick); ok {
		o.save(fx)
		return
	}
	switch news, err := o.vault.Take(ev.Msg, fx); {
	case errors.Is(err, vault.ErrReplaced):
		o.board.fenced++
		fx.Fatal = err
	case err != nil:
		o.board.t.Error(err)
		fx.Fatal = err
	case news == vault.Opened:
		o.opened(fx)
	case news == vault.Saved:
		if o.put > o.board.saved {
			o.board.saved, o.board.by = o.put, o.vault.Attempt()
		}
		o.put = 0
	}
}

// opened demands the last chain that anybody knows to be saved, or one that was on its way;
// of an attempt that has been replaced while it was reading, nothing.
func (o *owner) opened(fx *engine.Effects) {
	o.chain = o.vault.Records()
	at := slices.Index(o.board.chains, text(o.chain))
	if at < o.board.saved && o.vault.Attempt() >= o.board.by {
		o.board.t.Errorf("attempt %d finds chain %d, saved was %d", o.vault.Attempt(), at, o.board.saved)
	}
	if cut := o.vault.Head().Cuts; len(o.chain) > 0 && (len(cut) != 1 || cut[0].Offset != int64(at)) {
		o.board.t.Errorf("chain %d has the cut %v", at, cut)
	}
	o.board.opened++
	fx.After(1, 20*engine.Millisecond, tick{})
}

func text(chain [][]byte) string { return fmt.Sprintf("%s", chain) }

// save puts a base, or a delta behind what there is, of one to three records.
func (o *owner) save(fx *engine.Effects) {
	fx.After(1, 50*engine.Millisecond, tick{})
	if o.put != 0 || o.board.over {
		return
	}
	base := len(o.chain) == 0 || o.env.Rand.IntN(4) == 0
	var records [][]byte
	for range 1 + o.env.Rand.IntN(3) {
		o.number++
		records = append(records, fmt.Appendf(nil, "%d-%d-%0*d", o.vault.Attempt(), o.number, 1+o.env.Rand.IntN(900), 0))
	}
	if base {
		o.chain = nil
	}
	o.chain = append(slices.Clone(o.chain), records...)
	o.board.chains = append(o.board.chains, text(o.chain))
	o.put = len(o.board.chains) - 1
	o.vault.Put(records, base, []protocol.Cut{{Offset: int64(o.put)}}, fx)
}

// check demands that what the head names is there, and that the head does not go back.
func (b *board) check(d *sim.World, last *vault.Head) error {
	s, ok := d.Actor(1).(*store.Store)
	if !ok {
		return nil
	}
	_, content := s.Look(vault.HeadName(prefix))
	data := content()
	if data == nil {
		return nil
	}
	h, err := vault.DecodeHead(data)
	if err != nil {
		return err
	}
	for i := range h.Objects {
		if info, _ := s.Look(h.Objects[i].Name(prefix)); info.Size != h.Objects[i].Size {
			return fmt.Errorf("%s is not there", h.Objects[i].Name(prefix))
		}
	}
	*last = *h
	return nil
}

// Three owners of one vault, who crash and come back, over a store that does, too, is busy
// and loses replies: whoever opens the vault finds what was saved last, and what is live is
// never removed. In the end, nothing else is left.
func TestLawOwners(t *testing.T) {
	opened, fenced := 0, 0
	for seed := uint64(1); seed <= 40; seed++ {
		b := &board{t: t, chains: []string{text(nil)}}
		o := sim.Swarm(seed)
		o.FatalAllowed = true
		w := sim.New(o)
		trouble := store.Trouble{Seed: seed, Busy: 100_000, Lose: 200_000, SlowList: 300_000}
		w.Boot("store", store.Start(store.Options{Trouble: trouble}), store.Decode)
		for i := range 3 {
			w.Boot(fmt.Sprint("owner-", i), b.start(""), decode)
		}
		var head vault.Head
		w.OnStep(func(w *sim.World) error { return b.check(w, &head) })
		for range 6 {
			if err := w.RunFor(engine.Second); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			for id := engine.NodeID(2); id <= 4; id++ {
				if w.Fatal(id) != nil {
					w.Restart(id)
				}
			}
		}
		w.Calm()
		b.over = true
		for id := engine.NodeID(3); id <= 4; id++ {
			w.Crash(id)
		}
		w.Crash(2)
		if err := w.RunFor(engine.Second); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		w.Restart(2)
		if err := w.RunFor(10 * engine.Second); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		w.Actor(1).(*store.Store).Objects(func(name string, _ blob.Info, _ string) bool {
			live := name == vault.HeadName(prefix) || slices.ContainsFunc(head.Objects, func(o vault.Object) bool { return o.Name(prefix) == name })
			if !live && head.Dead(prefix, name) {
				t.Errorf("seed %d: %s is left, the head is of attempt %d, number %d", seed, name, head.Attempt, head.Number)
			}
			return true
		})
		opened, fenced = opened+b.opened, fenced+b.fenced
	}
	t.Logf("%d times opened, %d times told that it was replaced", opened, fenced)
	if opened < 200 || fenced < 60 {
		t.Error("that shows little")
	}
}

// Mistakes of an owner are found by the same.
func TestDefectsAreFound(t *testing.T) {
	for _, defect := range []vault.Defect{vault.DefectBlindSwap, vault.DefectEarlySweep} {
		found := false
		for seed := uint64(1); seed <= 40 && !found; seed++ {
			quiet := &testing.T{}
			b := &board{t: quiet, chains: []string{text(nil)}}
			o := sim.Swarm(seed)
			o.FatalAllowed = true
			w := sim.New(o)
			w.Boot("store", store.Start(store.Options{}), store.Decode)
			for i := range 3 {
				w.Boot(fmt.Sprint("owner-", i), b.start(defect), decode)
			}
			var head vault.Head
			w.OnStep(func(w *sim.World) error { return b.check(w, &head) })
			err := w.RunFor(10 * engine.Second)
			if found = err != nil || quiet.Failed(); found {
				t.Logf("%s: seed %d: %v", defect, seed, err)
			}
		}
		if !found {
			t.Errorf("%s is not found", defect)
		}
	}
}
