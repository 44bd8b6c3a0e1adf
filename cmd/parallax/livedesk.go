//go:build !js && !wasip1

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow"
	"parallax/engine/osenv"
	"parallax/scenarios"
	"parallax/serving/layered"
)

// Periods of a desk.
const (
	deskWithin = 5 * time.Second        // then nobody answers
	deskAgain  = 500 * time.Millisecond // then this answer is lost
	deskBehind = 20 * time.Millisecond  // after an answer of a server that is behind
)

// goesOn tells whether a live run goes on in a folder: its parent answers calls.
func goesOn(dir string) bool {
	var p place
	if err := readJSON(placeFile(dir, readerName), &p); err != nil || p.Address == "" {
		return false
	}
	c, err := net.DialTimeout("tcp", p.Address, time.Second)
	if err != nil {
		return false
	}
	_ = c.Close() // nothing was said
	return true
}

// desk passes questions on to the servers of a run that goes on, and knows what it has been
// told: nobody who asks it is ever shown less than somebody before.
type desk struct {
	node    *osenv.Node
	dir     string
	place   string
	told    chan layered.Told
	request uint64
	view    uint64
	cut     []protocol.Cut
}

// openDesk makes this process a node of a live run.
func openDesk(ctx context.Context, dir string) (*flow.Plan, *desk, error) {
	var m scenarios.Manifest
	if err := readJSON(manifestFile(dir), &m); err != nil {
		return nil, nil, fmt.Errorf("parallax serve: %s: %w", dir, err)
	}
	if m.Arch != scenarios.Lambda {
		return nil, nil, fmt.Errorf("parallax serve: the run in %s is one by --arch %s, which has no servers of two layers; start one with --arch %s --live DIR", dir, archKappa, archLambda)
	}
	content, err := os.ReadFile(filepath.Join(dir, scenarios.RecipeFile))
	if err != nil {
		return nil, nil, fmt.Errorf("parallax serve: %w", err)
	}
	_, plan, err := scenarios.DecodeRecipe(content)
	if err != nil {
		return nil, nil, fmt.Errorf("parallax serve: %s: %w", dir, err)
	}
	job, err := scenarios.Load(m.Job, m.Sets)
	if err != nil {
		return nil, nil, fmt.Errorf("parallax serve: %w", err)
	}
	roles, err := m.Roles(job, false)
	if err != nil {
		return nil, nil, fmt.Errorf("parallax serve: %w", err)
	}
	d := &desk{dir: dir, place: placeFile(dir, frontName), told: make(chan layered.Told, 1)}
	d.node, err = osenv.Open(ctx, osenv.Options{
		ID: engine.NodeID(len(roles) + 2), Dir: nodeDir(dir, frontName), Decode: layered.Decode, Peers: addresses(dir, nodeNames(roles)),
	}, d.start(serversOf(roles)))
	if errors.Is(err, osenv.ErrLocked) {
		return nil, nil, fmt.Errorf("parallax serve: %s is served already, by another process", dir)
	}
	if err != nil {
		return nil, nil, err
	}
	d.request = uint64(d.node.Boot()) << 32
	if err := writeJSON(d.place, place{d.node.Addr(), os.Getpid()}); err != nil {
		return nil, nil, errors.Join(err, d.node.Stop())
	}
	return plan, d, nil
}

// close ends the node.
func (d *desk) close() {
	_ = os.Remove(d.place) // what is left there names nobody
	_ = d.node.Stop()      // nothing of it is durable
}

// clerk is a desk's actor. What comes from the node itself it asks a server, the next one
// when that has not answered, or is behind.
type clerk struct {
	id      engine.NodeID
	servers []engine.NodeID
	turn    int
	well    bool // the last question was answered
	told    chan layered.Told
}

func (d *desk) start(servers []engine.NodeID) engine.Start {
	return func(env engine.Env, _ *engine.Effects) (engine.Actor, error) {
		return &clerk{id: env.ID, servers: servers, told: d.told}, nil
	}
}

// Step handles one message.
func (c *clerk) Step(ev engine.Event, fx *engine.Effects) {
	switch m := ev.Msg.(type) {
	case layered.Ask:
		if ev.From == c.id {
			if !c.well {
				c.turn++
			}
			c.well = false
			fx.Send(c.servers[c.turn%len(c.servers)], m)
		}
	case layered.Told:
		c.well = !m.Behind
		select {
		case c.told <- m:
		default: // nobody has taken the one before: this one will be asked for again
		}
	}
}

// Answer asks until somebody answers who is not behind.
func (d *desk) Answer(m *layered.Ask) (layered.Told, error) {
	for deadline := time.Now().Add(deskWithin); time.Now().Before(deadline) && goesOn(d.dir); {
		ask := *m
		d.request++
		ask.Request, ask.View, ask.AtLeast = d.request, d.view, d.cut
		if err := d.node.Tell(ask); err != nil {
			break
		}
		told, ok := d.wait()
		switch {
		case ok && !told.Behind:
			d.view, d.cut = told.View, told.Cut
			return told, nil
		case ok:
			time.Sleep(deskBehind)
		}
	}
	return layered.Told{}, &badQuestion{
		What: "nobody answers: the run in " + d.dir + " is over, has not begun to answer, or cannot be reached", status: http.StatusServiceUnavailable,
		Cure: "come again; when it is over, start parallax serve anew: it then serves what the run has left",
	}
}

// wait is the answer to the question that was asked last.
func (d *desk) wait() (layered.Told, bool) {
	lost := time.After(deskAgain)
	for {
		select {
		case told := <-d.told:
			if told.Request == d.request {
				return told, true
			}
		case <-d.node.Done():
			return layered.Told{}, false
		case <-lost:
			return layered.Told{}, false
		}
	}
}
