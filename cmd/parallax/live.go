//go:build !js && !wasip1

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"parallax/engine"
	"parallax/engine/osenv"
	"parallax/scenarios"
	"parallax/scenarios/source"
	"parallax/serving"
	"parallax/sim/cluster"
)

// A live run's folder:
//
//	manifest.json     what the processes agree on, written at the first start
//	job.json          of a Lambda system: the job, as far as answers need it
//	nodes/NAME/       a node's directory (package osenv), a reader's too
//	run/NAME.json     a node's address and process, rewritten at its every start
//	logs/NAME.log     what it said, JSON Lines

func manifestFile(dir string) string { return filepath.Join(dir, "manifest.json") }

func nodeDir(dir, name string) string { return filepath.Join(dir, "nodes", name) }

func placeFile(dir, name string) string { return filepath.Join(dir, "run", name+".json") }

func logFile(dir, name string) string { return filepath.Join(dir, "logs", name+".log") }

// place is where a node is to be found.
type place struct {
	Address string `json:"address"`
	Process int    `json:"process"`
}

// writeJSON writes a small file in full or not at all.
func writeJSON(file string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	tmp := file + ".new"
	if err := os.WriteFile(tmp, append(data, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, file)
}

func readJSON(file string, v any) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}

// addresses looks a node's present address up, "" while it has none.
func addresses(dir string, names map[engine.NodeID]string) func(engine.NodeID) string {
	return func(id engine.NodeID) string {
		var p place
		if err := readJSON(placeFile(dir, names[id]), &p); err != nil {
			return "" // it has not started yet
		}
		return p.Address
	}
}

// live is a live run of one architecture, as its parent sees it.
type live struct {
	flags    *runFlags
	cmd      *cobra.Command
	job      *scenarios.Job
	arch     string
	dir      string
	manifest scenarios.Manifest
	names    map[engine.NodeID]string
	began    time.Time
}

// runLive runs a job as processes, by each architecture that was asked for.
func (f *runFlags) runLive(cmd *cobra.Command, job *scenarios.Job) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var tables []*scenarios.Table
	for _, arch := range f.archs() {
		l := &live{flags: f, cmd: cmd, job: job, arch: arch, dir: f.live, began: time.Now()}
		if f.arch == archBoth {
			l.dir = filepath.Join(f.live, arch)
		}
		table, err := l.run(ctx)
		if err != nil {
			return err
		}
		tables = append(tables, table)
	}
	if len(tables) == 2 && job.Batch.Same && !tables[0].Equal(tables[1]) {
		return violated{fmt.Sprintf("safety: the two architectures end with other rows\nwhere: %s", f.live)}
	}
	return f.writeResults(tables[len(tables)-1])
}

// run runs the processes until readers are told everything, or until they are to stop.
func (l *live) run(ctx context.Context) (*scenarios.Table, error) {
	if err := l.prepare(); err != nil {
		return nil, err
	}
	roles, err := l.manifest.Roles(l.job, false)
	if err != nil {
		return nil, err
	}
	l.names = nodeNames(roles)
	family := newFamily(l.dir, remarks(l.cmd))
	for _, r := range roles {
		family.names = append(family.names, r.Name)
	}
	end, err := l.collect(ctx, family, roles)
	if errors.Is(err, context.Canceled) {
		fmt.Fprintf(l.cmd.ErrOrStderr(), "stopped; the same command goes on where this one was\n")
		return nil, inconclusive{errors.New("stopped before the view had everything")}
	}
	if err != nil {
		return nil, err
	}
	return l.report(&end, family.restarts())
}

// nodeNames are the names of a live run's nodes: its programs, and behind them the parent's
// reader and a front.
func nodeNames(roles []cluster.Role) map[engine.NodeID]string {
	names := map[engine.NodeID]string{}
	for _, r := range roles {
		names[r.ID] = r.Name
	}
	last := engine.NodeID(len(roles))
	names[last+1], names[last+2] = readerName, frontName
	return names
}

// prepare reads the folder's manifest, or writes it.
func (l *live) prepare() error {
	f := l.flags
	for _, sub := range []string{"nodes", "run", "logs"} {
		if err := os.MkdirAll(filepath.Join(l.dir, sub), 0o755); err != nil {
			return fmt.Errorf("parallax run: --live: %w", err)
		}
	}
	err := readJSON(manifestFile(l.dir), &l.manifest)
	switch {
	case err == nil:
		m := &l.manifest
		if f.pace != 0 && f.pace != m.Pace || f.cmdBrokers(l.cmd, m.Brokers) != m.Brokers || f.realTime && !m.RealTime {
			return fmt.Errorf("parallax run: %s was started with --brokers %d, --pace %d, --real-time=%t; that cannot be changed", l.dir, m.Brokers, m.Pace, m.RealTime)
		}
		return m.Check(l.job, f.sets, l.arch)
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: %w", manifestFile(l.dir), err)
	}
	l.manifest = scenarios.Manifest{Brokers: f.brokers, Pace: f.pace, RealTime: f.realTime, StartNs: time.Now().UnixNano()}
	if l.arch == archLambda {
		l.manifest.Arch = scenarios.Lambda
	}
	if err := l.job.NewManifest(f.sets, &l.manifest); err != nil {
		return err
	}
	if l.manifest.Rows == 0 {
		return inconclusive{errors.New("the source has no rows")}
	}
	if l.arch == archLambda {
		if err := l.leaveRecipe(); err != nil {
			return err
		}
	}
	return writeJSON(manifestFile(l.dir), &l.manifest)
}

// leaveRecipe writes down what it takes to understand what the run will leave.
func (l *live) leaveRecipe() error {
	recipe, err := l.manifest.Recipe(l.job)
	if err != nil {
		return err
	}
	content, err := recipe.AppendTo(nil)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(l.dir, scenarios.RecipeFile), content, 0o600)
}

// cmdBrokers is the number of brokers that was asked for, or else the given one.
func (f *runFlags) cmdBrokers(cmd *cobra.Command, otherwise int) int {
	if cmd.Flags().Changed("brokers") {
		return f.brokers
	}
	return otherwise
}

// ending is everything that readers are told in the end.
type ending struct {
	rows []serving.Result
	view uint64 // of a Lambda system, as the rest: the batch view served
	wins int    // answers that showed more than the one before
	err  error  // what readers must never see
}

// collect starts the processes, waits until readers are told everything, and stops them.
func (l *live) collect(ctx context.Context, family *family, roles []cluster.Role) (end ending, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	found := make(chan ending, 1)
	bar := newProgress(remarks(l.cmd))
	if bar != nil {
		bar.what = "running"
	}
	defer bar.end()
	tell := func(records int64) {
		if bar != nil {
			bar.tell(min(records, l.manifest.Records), l.manifest.Records)
		}
	}
	start, decode := startReader(viewOf(roles), found, tell), engine.Decode(decodeReader)
	if l.arch == archLambda {
		start, decode = startLayersReader(serversOf(roles), found, tell), decodeLayersReader
	}
	node, err := osenv.Open(ctx, osenv.Options{
		ID: engine.NodeID(len(roles) + 1), Dir: nodeDir(l.dir, readerName), Decode: decode, Peers: addresses(l.dir, l.names),
	}, start)
	if errors.Is(err, osenv.ErrLocked) {
		return end, fmt.Errorf("parallax run: %s is in use by another run", l.dir)
	}
	if err != nil {
		return end, err
	}
	if err := writeJSON(placeFile(l.dir, readerName), place{node.Addr(), os.Getpid()}); err != nil {
		return end, errors.Join(err, node.Stop())
	}
	failed := family.start(ctx)
	defer func() {
		err = errors.Join(err, family.stop(), os.Remove(placeFile(l.dir, readerName)))
	}()
	select {
	case end = <-found:
	case err = <-failed:
	case <-node.Done():
		err = node.Wait()
	case <-ctx.Done():
		err = context.Canceled
	}
	cancel(nil)
	return end, errors.Join(err, node.Wait())
}

// report compares what readers are told with what the engine answers without processes.
func (l *live) report(end *ending, restarts int) (*scenarios.Table, error) {
	where := fmt.Sprintf("reproduce: it was a run of this machine, keep the folder\nwhere: %s", filepath.Join(l.dir, "logs"))
	if end.err != nil {
		return nil, violated{fmt.Sprintf("safety: %v\n%s", end.err, where)}
	}
	table, err := l.manifest.Table(l.job, end.rows)
	if err != nil {
		return nil, internal{err}
	}
	want, err := l.manifest.Wanted(l.job)
	if err != nil {
		return nil, err
	}
	same, err := equal(table, want)
	if err != nil {
		return nil, internal{err}
	}
	o := liveOutcome{
		Format: "parallax.live/v1", Job: l.job.Name, Arch: l.arch, Verdict: scenarios.Pass, Dir: l.dir, Rows: l.manifest.Rows,
		Partitions: len(l.manifest.Bytes), Brokers: l.manifest.Brokers, Windows: table.Rows, Restarts: restarts,
		Seconds: time.Since(l.began).Seconds(), EveryMs: l.manifest.EveryNs / int64(time.Millisecond), Late: l.manifest.Late, View: end.view, Moved: end.wins,
	}
	if !same {
		o.Verdict = scenarios.Violated
	}
	if err := o.write(l.cmd.OutOrStdout(), l.flags.asJSON); err != nil {
		return nil, err
	}
	if !same {
		if err := l.flags.writeResults(table); err != nil {
			return nil, err
		}
		return nil, violated{fmt.Sprintf("safety: the view in %s is not the answer of %s\n%s", l.dir, l.job.File, where)}
	}
	return table, nil
}

// equal compares two tables as they are written.
func equal(a, b *scenarios.Table) (bool, error) {
	var text [2]bytes.Buffer
	for i, t := range []*scenarios.Table{a, b} {
		if err := t.Write(&text[i], source.JSONL); err != nil {
			return false, err
		}
	}
	return bytes.Equal(text[0].Bytes(), text[1].Bytes()), nil
}
