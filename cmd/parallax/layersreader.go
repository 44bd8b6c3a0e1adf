//go:build !js && !wasip1

package main

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"parallax/engine"
	"parallax/serving"
	"parallax/serving/layered"
	"parallax/sim/cluster"
)

// serversOf are the ids of the servers among programs.
func serversOf(roles []cluster.Role) (list []engine.NodeID) {
	for _, r := range roles {
		if strings.HasPrefix(r.Name, "server-") {
			list = append(list, r.ID)
		}
	}
	return list
}

func decodeLayersReader(k engine.Kind, b []byte) (engine.Message, error) {
	if k == kindAsk {
		return decodeReader(k, b)
	}
	return layered.Decode(k, b)
}

// What a reader of a Lambda system must never see.
var (
	errWentBack  = errors.New("an answer went back behind one before it")
	errTwoLayers = errors.New("two servers that have everything answer differently")
)

// layersReader asks the servers of a Lambda system in turn how far they are, saying what
// it has seen. Once a server's log and its batch view have everything, it asks that one for
// all rows; the run is over when each server has told them, alike.
type layersReader struct {
	servers []engine.NodeID
	request uint64
	turn    int // of servers
	ask     layered.Ask
	page    []serving.Result // of the server in turn
	whole   int              // servers that have told everything
	end     ending
	found   chan<- ending
	tell    func(records int64)
}

// startLayersReader returns the start of a reader. found gets everything, once; tell is
// told how many records of the log the answers cover.
func startLayersReader(servers []engine.NodeID, found chan<- ending, tell func(records int64)) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		r := &layersReader{servers: servers, request: uint64(env.Boot) << 32, found: found, tell: tell}
		fx.After(0, 0, ask{})
		return r, nil
	}
}

// Step handles one message.
func (r *layersReader) Step(ev engine.Event, fx *engine.Effects) {
	switch m := ev.Msg.(type) {
	case ask: // an answer that has not come by then is lost: another server may be up
		if len(r.ask.After) == 0 {
			r.turn++
		}
		r.question(fx)
	case layered.Told:
		if m.Request == r.request {
			r.told(&m, fx)
		}
	}
}

func (r *layersReader) server() engine.NodeID { return r.servers[r.turn%len(r.servers)] }

func (r *layersReader) question(fx *engine.Effects) {
	r.request++
	r.ask.Query = serving.Query{Request: r.request, From: math.MinInt64, To: math.MaxInt64, After: r.ask.After}
	fx.Send(r.server(), r.ask)
	fx.After(0, askAgain, ask{})
}

func (r *layersReader) told(m *layered.Told, fx *engine.Effects) {
	r.request++ // a copy of this answer is of no use
	if m.Behind {
		fx.After(0, askEvery, ask{})
		return
	}
	if err := r.forward(m); err != nil {
		r.end.err = err
		r.finish(fx)
		return
	}
	if !hasEnded(m.Cut) || !hasEnded(m.BatchCut) {
		r.page, r.ask.After = nil, nil
		fx.After(0, askEvery, ask{})
		return
	}
	r.page = append(r.page, m.Rows...)
	if r.ask.After = m.Next; len(m.Next) > 0 {
		r.question(fx)
		return
	}
	r.compare(fx)
}

// forward notes what an answer shows, which must not be less than the one before.
func (r *layersReader) forward(m *layered.Told) error {
	records := int64(0)
	for p, c := range m.Cut {
		if p < len(r.ask.AtLeast) && c.Offset < r.ask.AtLeast[p].Offset || m.View < r.ask.View {
			return fmt.Errorf("%w: view %d at %v behind view %d at %v", errWentBack, m.View, m.Cut, r.ask.View, r.ask.AtLeast)
		}
		records += c.Offset
	}
	if m.View > r.ask.View || !slices.Equal(m.Cut, r.ask.AtLeast) {
		r.end.wins++
	}
	r.ask.View, r.ask.AtLeast = m.View, m.Cut
	r.tell(records)
	return nil
}

// compare takes in all that a server has told, and goes on to the next one or ends.
func (r *layersReader) compare(fx *engine.Effects) {
	if r.whole == 0 {
		r.end.rows = r.page
	} else if !slices.EqualFunc(r.page, r.end.rows, sameResult) {
		r.end.err = fmt.Errorf("%w: %d rows and %d", errTwoLayers, len(r.end.rows), len(r.page))
	}
	r.page, r.end.view = nil, r.ask.View
	if r.whole++; r.whole == len(r.servers) || r.end.err != nil {
		r.finish(fx)
		return
	}
	r.turn++
	r.question(fx)
}

func sameResult(a, b serving.Result) bool {
	return bytes.Equal(a.Key, b.Key) && a.Start == b.Start && a.End == b.End && a.Revision == b.Revision && bytes.Equal(a.Values, b.Values)
}

func (r *layersReader) finish(fx *engine.Effects) {
	fx.Cancel(0)
	r.found <- r.end
}
