package cluster

import (
	"errors"
	"math"
	"slices"
	"testing"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/serving"
	"parallax/sim/fault"
)

// stopped is a deployment in the middle of a calm run, with answers given. Its
// windows hop.
func stopped(t *testing.T) *Deployment {
	t.Helper()
	o := drawOptions(3)
	o.World.Faults = fault.Plan{}
	d, err := Deploy(drawJob(t, 3), o)
	if err != nil {
		t.Fatal(err)
	}
	for d.check.tally.AnswerRows == 0 {
		if err := d.RunFor(engine.Second); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// Every check that no planted defect is found by is seen to fail, too: what it
// compares with is changed under it, and it must say so.
func TestChecksAreSeenToFail(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(d *Deployment)
		is     error
	}{
		{"another feed", func(d *Deployment) {
			d.check.log.feed = slices.Clone(d.check.log.feed)
			for p := range d.check.log.feed {
				d.check.log.feed[p] = slices.Clone(d.check.log.feed[p])
				for i := range d.check.log.feed[p] {
					d.check.log.feed[p][i].TimeMax++
				}
			}
		}, errChanged},
		{"another bound of disorder", func(d *Deployment) {
			p := *d.check.model.pipeline
			p.Watermark.Bounded++
			d.check.model.pipeline = &p
		}, errWatermark},
		{"a pair too many", func(d *Deployment) { d.check.model.counts.PairsDropped++ }, errCounts},
		{"lateness of rows, not of windows, or the other way round", func(d *Deployment) {
			p := *d.check.model.pipeline
			p.Late.PerElement = !p.Late.PerElement
			d.check.model.pipeline = &p
		}, errCounts},
		{"other classes without faults", func(d *Deployment) {
			for part := range d.check.calm.parts {
				n := len(d.check.calm.parts[part])
				d.check.calm.parts[part][n-1].PairsRevised++
				d.check.calm.parts[part][n-1].PairsOnTime--
			}
			d.Crash(d.worker) // which has to come by there again
		}, errClasses},
		{"less room", func(d *Deployment) {
			d.check.d.opts.Worker.Credit = 1
			d.Crash(d.worker)
		}, errCredit},
		{"another lateness", func(d *Deployment) {
			p := *d.check.model.pipeline
			p.Late.Allowed = -1_500_000
			d.check.model.pipeline = &p
		}, errCounts},
		{"a client that was told more", func(d *Deployment) {
			d.check.asks.cut = []protocol.Cut{{Offset: math.MaxInt64}, {Offset: math.MaxInt64}, {Offset: math.MaxInt64}}
		}, errClient},
		{"a cut that was told and is gone", func(d *Deployment) {
			d.check.view.revealed[0].Offset = math.MaxInt64
			d.Crash(d.view)
		}, errCut},
		{"a log that is another one", func(d *Deployment) {
			for p := range d.check.log.parts {
				for i := range d.check.log.parts[p].batches {
					d.check.log.parts[p].batches[i].Append++
				}
			}
			d.Crash(1)
			d.Crash(2)
		}, errDiverged},
	} {
		d := stopped(t)
		c.change(d)
		if err := d.Run(stormNs, calmNs); !errors.Is(err, c.is) {
			t.Errorf("%s: %v, should be %v", c.name, err, c.is)
		}
	}
}

// What a client may not be told.
func TestClientChecksAreSeenToFail(t *testing.T) {
	d := stopped(t)
	cl, ok := d.Actor(d.client).(*client)
	if !ok || cl.answer == nil || len(cl.answer.Rows) == 0 {
		t.Fatal("no answer")
	}
	good := *cl.answer
	for _, c := range []struct {
		name   string
		change func(a *serving.Answer)
	}{
		{"a cut that never was", func(a *serving.Answer) { a.Cut[0].Frontier++ }},
		{"another watermark", func(a *serving.Answer) { a.Watermark++ }},
		{"a row less", func(a *serving.Answer) { a.Rows = a.Rows[1:] }},
		{"another value", func(a *serving.Answer) { a.Rows[0].Values[1] ^= 1 }},
		{"another kind of pane", func(a *serving.Answer) { a.Rows[0].Revision = !a.Rows[0].Revision }},
		{"another key", func(a *serving.Answer) { a.Rows[0].Key = append(a.Rows[0].Key, 'x') }},
		{"the end too early", func(a *serving.Answer) { a.Next = []byte("more") }},
		{"nothing else", nil},
	} {
		a := good
		a.Cut, a.Rows = slices.Clone(good.Cut), slices.Clone(good.Rows)
		a.Rows[0].Key, a.Rows[0].Values = slices.Clone(a.Rows[0].Key), slices.Clone(a.Rows[0].Values)
		if c.change != nil {
			c.change(&a)
		}
		told := *cl
		told.answer = &a
		is := errClient
		if c.name == "another watermark" {
			is = errWatermark
		}
		if err := d.check.checkClient(&told); errors.Is(err, is) != (c.change != nil) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// An idle record may know what another partition knows, and no more.
func TestIdleRecordsAreSeenToFail(t *testing.T) {
	l := newLogModel(drawJob(t, 1), nil)
	l.parts[1].cuts = []protocol.Cut{{Offset: 5, Frontier: 900}}
	for _, c := range []struct {
		part int
		time int64
		is   error
	}{{0, 900, nil}, {0, 901, errIdle}, {1, 900, errIdle}, {0, math.MaxInt64, errIdle}} {
		b := protocol.Batch{Count: 1, TimeMax: c.time, Idle: true}
		if err := l.idle(c.part, &b); !errors.Is(err, c.is) {
			t.Errorf("partition %d, frontier %d: %v", c.part, c.time, err)
		}
	}
}
