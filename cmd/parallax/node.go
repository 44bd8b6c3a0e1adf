//go:build !js && !wasip1

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"parallax/engine"
	"parallax/engine/osenv"
	"parallax/scenarios"
	"parallax/sim/cluster"
)

// newNode is the command of a live run's processes. It is not for people.
func newNode() *cobra.Command {
	return &cobra.Command{
		Use:    "node DIR NAME",
		Short:  "Run one process of a live run",
		Hidden: true,
		Args:   cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			return runNode(leashed(ctx, os.Stdin), args[0], args[1], cmd.ErrOrStderr())
		},
	}
}

// leashed is done when ctx is, or when nothing more can come from a pipe, because the
// parent that held its other end is gone.
func leashed(ctx context.Context, pipe io.Reader) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		_, _ = io.Copy(io.Discard, pipe)
		cancel()
	}()
	return ctx
}

// runNode runs a node until ctx is done. An error that no restart would cure is
// internal.
func runNode(ctx context.Context, dir, name string, log io.Writer) error {
	var m scenarios.Manifest
	if err := readJSON(manifestFile(dir), &m); err != nil {
		return internal{err}
	}
	job, err := scenarios.Load(m.Job, m.Sets)
	if err != nil {
		return internal{err}
	}
	roles, err := m.Roles(job, name == "producer")
	if err != nil {
		return internal{err}
	}
	names := nodeNames(roles)
	var mine cluster.Role
	for _, r := range roles {
		if r.Name == name {
			mine = r
		}
	}
	if mine.Start == nil {
		return internal{fmt.Errorf("%s is none of the programs of %s", name, dir)}
	}
	said := slog.NewJSONHandler(log, nil)
	node, err := osenv.Open(ctx, osenv.Options{
		ID: mine.ID, Dir: nodeDir(dir, name), Decode: mine.Decode, Peers: addresses(dir, names),
		Logger: slog.New(said),
	}, narrated(mine, cluster.NewNarrator(said)))
	if errors.Is(err, osenv.ErrLocked) {
		return err // its predecessor is not quite gone
	}
	if err != nil {
		return internal{err}
	}
	if err := writeJSON(placeFile(dir, name), place{node.Addr(), os.Getpid()}); err != nil {
		return internal{errors.Join(err, node.Stop())}
	}
	if err := node.Wait(); err != nil {
		return internal{fmt.Errorf("%s: %w", filepath.Base(dir), err)}
	}
	return nil
}

// narrated is a role's start whose actor is looked at after every step, so that its log
// tells what has changed.
func narrated(r cluster.Role, n *cluster.Narrator) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		a, err := r.Start(env, fx)
		if err != nil {
			return nil, err
		}
		n.Look(env.Now, r.Name, a)
		return watched{a, r.Name, n}, nil
	}
}

// watched is an actor that is looked at.
type watched struct {
	engine.Actor
	name     string
	narrator *cluster.Narrator
}

// Step handles one message.
func (w watched) Step(ev engine.Event, fx *engine.Effects) {
	w.Actor.Step(ev, fx)
	w.narrator.Look(ev.Now, w.name, w.Actor)
}
