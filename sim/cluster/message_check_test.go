package cluster

import (
	"errors"
	"slices"
	"testing"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/serving"
	"parallax/sim"
)

// handed is what the check of messages says of one.
func handed(d *Deployment, m engine.Message) error {
	return d.check.checkMessage(&sim.Trace{Op: "message", From: d.worker, To: d.view, Kind: m.Kind(), Data: m.AppendTo(nil)})
}

// message is one that is handed over, and what must be said of it; nil is nothing.
type message struct {
	name string
	is   error
	m    func() engine.Message
}

func hand(t *testing.T, d *Deployment, list []message) {
	t.Helper()
	for _, c := range list {
		if err := handed(d, c.m()); !errors.Is(err, c.is) || c.is == nil && err != nil {
			t.Errorf("%s: %v, should be %v", c.name, err, c.is)
		}
	}
}

// A broker that tells something that is not committed, a wrong frontier, or more than
// there was room for is caught on the way, whether the receiver minds or not.
func TestLogMessagesAreSeenToFail(t *testing.T) {
	d := stopped(t)
	const part = 0
	p, id := &d.check.log.parts[part], partition(part)
	if len(p.batches) < 4 {
		t.Fatal("a log that is too short")
	}
	d.opts.Worker.Credit = 1 // room for the two batches that are shown, and a byte
	for i := range p.batches[1:3] {
		d.opts.Worker.Credit += int32(len(p.batches[1+i].Payload))
	}
	full := p.end()
	acked := protocol.Produced{Partition: id, Request: uint64(p.batches[1].Sequence), Base: p.batches[1].Base, Append: p.batches[1].Append}
	shown := protocol.Fetched{Partition: id, Start: p.cuts[0], End: full.Offset, Batches: slices.Clone(p.batches[1:3])}
	hand(t, d, []message{
		{"an acknowledgement", nil, func() engine.Message { return acked }},
		{"one of another time", errLost, func() engine.Message { a := acked; a.Append++; return a }},
		{"one of another place", errLost, func() engine.Message { a := acked; a.Base = p.batches[2].Base; return a }},
		{"one of another batch", errLost, func() engine.Message { a := acked; a.Request++; return a }},
		{"one beyond the end", errLost, func() engine.Message { a := acked; a.Base = full.Offset; return a }},
		{"a refusal", nil, func() engine.Message { a := acked; a.Base, a.Code = -1, protocol.NotLeader; return a }},
		{"an answer", nil, func() engine.Message { return shown }},
		{"an answer as long as the log", errCredit, func() engine.Message { a := shown; a.Batches = p.batches; return a }},
		{"a later end", errEarly, func() engine.Message { a := shown; a.End++; return a }},
		{"other bytes", errDiverged, func() engine.Message {
			a := shown
			a.Batches = slices.Clone(a.Batches)
			a.Batches[1].Payload = append(slices.Clone(a.Batches[1].Payload), 0)
			return a
		}},
		{"a batch left out", errEarly, func() engine.Message { a := shown; a.Batches = []protocol.Batch{p.batches[1], p.batches[3]}; return a }},
		{"a batch that is not committed", errEarly, func() engine.Message {
			a := shown
			b := p.batches[3]
			b.Base = full.Offset
			a.Batches = []protocol.Batch{b}
			return a
		}},
		{"another beginning", errWatermark, func() engine.Message { a := shown; a.Start.Frontier++; return a }},
		{"a beginning within a batch", errWatermark, func() engine.Message {
			return protocol.Pinned{Partition: id, Start: protocol.Cut{Offset: full.Offset + 1}}
		}},
	})
}

// So is a worker or a view with another frontier or watermark than that of its cut.
func TestSpanMessagesAreSeenToFail(t *testing.T) {
	d := stopped(t)
	const part = 0
	at, id := d.check.model.cut, partition(part)
	span := serving.Publish{Lower: slices.Clone(at), Upper: slices.Clone(at), Watermark: d.check.model.watermark()}
	hand(t, d, []message{
		{"a pin", nil, func() engine.Message { return protocol.Pin{Partition: id, Cut: at[part]} }},
		{"a pin with another frontier", errWatermark, func() engine.Message {
			return protocol.Pin{Partition: id, Cut: protocol.Cut{Offset: at[part].Offset, Frontier: at[part].Frontier - 1}}
		}},
		{"a span", nil, func() engine.Message { return span }},
		{"another watermark", errWatermark, func() engine.Message { s := span; s.Watermark++; return s }},
		{"a span that ends elsewhere", errWatermark, func() engine.Message {
			s := span
			s.Upper = slices.Clone(at)
			s.Upper[part].Frontier++
			return s
		}},
		{"a span that goes back", errWatermark, func() engine.Message {
			s := span
			s.Upper = slices.Clone(at)
			s.Upper[part] = protocol.LogStart()
			return s
		}},
		{"where the view stands", nil, func() engine.Message { return serving.Published{Cut: at} }},
		{"where it does not", errWatermark, func() engine.Message {
			cut := slices.Clone(at)
			cut[part].Frontier--
			return serving.Published{Cut: cut}
		}},
		{"a long part of a span", errCredit, func() engine.Message {
			s := span
			s.Rows = []serving.Row{{Key: make([]byte, d.check.creditOf())}, {Accumulators: []byte{1}}}
			return s
		}},
		{"one long row", nil, func() engine.Message {
			s := span
			s.Rows = []serving.Row{{Key: make([]byte, 1+d.check.creditOf())}}
			return s
		}},
	})
}
