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
)

// A live run's folder:
//
//	manifest.json     what the processes agree on, written at the first start
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

// live is a live run as its parent sees it.
type live struct {
	flags    *runFlags
	cmd      *cobra.Command
	job      *scenarios.Job
	manifest scenarios.Manifest
	names    map[engine.NodeID]string
	began    time.Time
}

// runLive runs a job as processes until the view has everything, or until it is
// told to stop.
func (f *runFlags) runLive(cmd *cobra.Command, job *scenarios.Job) error {
	l := &live{flags: f, cmd: cmd, job: job, began: time.Now()}
	if err := l.prepare(); err != nil {
		return err
	}
	roles, err := l.manifest.Roles(job, false)
	if err != nil {
		return err
	}
	l.names = map[engine.NodeID]string{engine.NodeID(len(roles) + 1): readerName}
	family := newFamily(f.live, remarks(cmd))
	for _, r := range roles {
		l.names[r.ID] = r.Name
		family.names = append(family.names, r.Name)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	rows, err := l.collect(ctx, family, roles[len(roles)-3].ID)
	if errors.Is(err, context.Canceled) {
		fmt.Fprintf(cmd.ErrOrStderr(), "stopped; the same command goes on where this one was\n")
		return inconclusive{errors.New("stopped before the view had everything")}
	}
	if err != nil {
		return err
	}
	return l.report(rows, family.restarts())
}

// prepare reads the folder's manifest, or writes it.
func (l *live) prepare() error {
	f := l.flags
	for _, sub := range []string{"nodes", "run", "logs"} {
		if err := os.MkdirAll(filepath.Join(f.live, sub), 0o755); err != nil {
			return fmt.Errorf("parallax run: --live: %w", err)
		}
	}
	err := readJSON(manifestFile(f.live), &l.manifest)
	switch {
	case err == nil:
		m := &l.manifest
		if f.pace != 0 && f.pace != m.Pace || f.cmdBrokers(l.cmd, m.Brokers) != m.Brokers || f.realTime && !m.RealTime {
			return fmt.Errorf("parallax run: %s was started with --brokers %d, --pace %d, --real-time=%t; that cannot be changed", f.live, m.Brokers, m.Pace, m.RealTime)
		}
		return m.Check(l.job, f.sets)
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: %w", manifestFile(f.live), err)
	}
	l.manifest = scenarios.Manifest{Brokers: f.brokers, Pace: f.pace, RealTime: f.realTime, StartNs: time.Now().UnixNano()}
	if err := l.job.NewManifest(f.sets, &l.manifest); err != nil {
		return err
	}
	if l.manifest.Rows == 0 {
		return inconclusive{errors.New("the source has no rows")}
	}
	return writeJSON(manifestFile(f.live), &l.manifest)
}

// cmdBrokers is the number of brokers that was asked for, or else the given one.
func (f *runFlags) cmdBrokers(cmd *cobra.Command, otherwise int) int {
	if cmd.Flags().Changed("brokers") {
		return f.brokers
	}
	return otherwise
}

// collect starts the processes, waits until the view has everything, reads it and
// stops them.
func (l *live) collect(ctx context.Context, family *family, view engine.NodeID) (rows []serving.Result, err error) {
	dir := l.flags.live
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	found := make(chan []serving.Result, 1)
	bar := newProgress(remarks(l.cmd))
	if bar != nil {
		bar.what = "running"
	}
	defer bar.end()
	node, err := osenv.Open(ctx, osenv.Options{
		ID: view + 3, Dir: nodeDir(dir, readerName), Decode: decodeReader, Peers: addresses(dir, l.names),
	}, startReader(view, found, func(records int64) {
		if bar != nil {
			bar.tell(records, l.manifest.Records)
		}
	}))
	if errors.Is(err, osenv.ErrLocked) {
		return nil, fmt.Errorf("parallax run: %s is in use by another run", dir)
	}
	if err != nil {
		return nil, err
	}
	if err := writeJSON(placeFile(dir, readerName), place{node.Addr(), os.Getpid()}); err != nil {
		return nil, errors.Join(err, node.Stop())
	}
	failed := family.start(ctx)
	defer func() {
		err = errors.Join(err, family.stop())
	}()
	select {
	case rows = <-found:
	case err = <-failed:
	case <-node.Done():
		err = node.Wait()
	case <-ctx.Done():
		err = context.Canceled
	}
	cancel(nil)
	return rows, errors.Join(err, node.Wait())
}

// report writes the results and compares them with what the engine answers without
// processes.
func (l *live) report(rows []serving.Result, restarts int) error {
	table, err := l.manifest.Table(l.job, rows)
	if err != nil {
		return internal{err}
	}
	if err := l.flags.writeResults(table); err != nil {
		return err
	}
	want, err := scenarios.Run(l.job, scenarios.Options{})
	if err != nil {
		return err
	}
	same, err := equal(table, want.Table)
	if err != nil {
		return internal{err}
	}
	o := liveOutcome{
		Format: "parallax.live/v1", Job: l.job.Name, Verdict: scenarios.Pass, Dir: l.flags.live, Rows: l.manifest.Rows,
		Partitions: len(l.manifest.Bytes), Brokers: l.manifest.Brokers, Windows: table.Rows, Restarts: restarts,
		Seconds: time.Since(l.began).Seconds(),
	}
	if !same {
		o.Verdict = scenarios.Violated
	}
	if err := o.write(l.cmd.OutOrStdout(), l.flags.asJSON); err != nil {
		return err
	}
	if !same {
		return violated{fmt.Sprintf("safety: the view in %s is not the answer of %s\nreproduce: it was a run of this machine, keep the folder\nwhere: %s",
			l.flags.live, l.job.File, filepath.Join(l.flags.live, "logs"))}
	}
	return nil
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
