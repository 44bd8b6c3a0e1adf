package dataset

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"

	"parallax/batch/job"
	"parallax/batch/view"
	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/commitlog/tail"
	"parallax/engine/flow"
	"parallax/engine/flow/fold"
	"parallax/scenarios"
	"parallax/speed"
)

// Kept answers questions from what a folder holds, by the program that serves views in a
// cluster, behind whose view there is no log here.
type Kept struct {
	*speed.Server
	Name string // of the job
	Plan *flow.Plan

	folder  *Folder
	instead map[string][]byte // objects that are none of the folder's
}

// The nodes that a kept server believes to talk to.
const (
	keptLog engine.NodeID = 1 + iota
	keptStore
	keptServer
)

// viewRows is how many rows a file of a view has that is made here.
const viewRows = 256 << 10

// Serve loads the batch view of the folder, or, of a snapshot of the raw zone, folds its
// rows into one.
func (f *Folder) Serve(snapshot uint64) (*Kept, error) {
	recipe, plan, err := f.recipe()
	if err != nil {
		return nil, err
	}
	k := &Kept{Name: recipe.Name, Plan: plan, folder: f, instead: map[string][]byte{}}
	switch way, why := fold.Choose(plan, recipe.Partitions); {
	case way == fold.Neither:
		return nil, fmt.Errorf("%s: two layers cannot answer its job, so there is nothing to serve: %s; parallax results JOB answers it", f.top, why)
	case way == fold.Replay && snapshot != 0:
		return nil, fmt.Errorf("%s: what its job shows is made on the way and not added up afterwards: %s; only the last view is kept, leave --snapshot out", f.top, why)
	}
	if snapshot == 0 {
		// Each file is read and compared now, so that what is damaged is refused by its path.
		if _, err := f.List(View, 0, true); err != nil {
			return nil, err
		}
	} else if err := k.fold(snapshot, recipe); err != nil {
		return nil, err
	}
	return k, k.load(recipe.Partitions)
}

// recipe is that of the job whose rows the folder holds.
func (f *Folder) recipe() (*scenarios.Recipe, *flow.Plan, error) {
	path := filepath.Join(f.top, scenarios.RecipeFile)
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("%s: %w: it is missing, and says which job the folder is of; %s", path, ErrFolder, cure)
	}
	if err != nil {
		return nil, nil, err
	}
	recipe, plan, err := scenarios.DecodeRecipe(content)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w: %w; %s", path, ErrFolder, err, cure)
	}
	return recipe, plan, nil
}

// load starts the server and carries its questions to the store until it has all it asks
// for.
func (k *Kept) load(partitions int) error {
	var fx engine.Effects
	actor, err := speed.Start(speed.Options{
		Pipeline: k.Plan.Pipeline, Schema: k.Plan.Input, Markers: metronome, Store: keptStore, View: View,
		Log: tail.Options{Topic: topic, Partitions: int32(partitions), Brokers: []engine.NodeID{keptLog}},
	})(engine.Env{ID: keptServer, Boot: 1, Rand: rand.New(rand.NewPCG(1, 1))}, &fx)
	if err != nil {
		return fmt.Errorf("%s: %w", k.folder.top, err)
	}
	k.Server = actor.(*speed.Server)
	for {
		asked := blob.Get{}
		for _, e := range fx.Sends {
			if get, ok := e.Msg.(blob.Get); ok {
				asked = get
			}
		}
		if asked.Name == "" {
			return nil // the rest is for a log
		}
		got := blob.Got{Request: asked.Request, Code: blob.Missing}
		if got.Data = k.get(asked.Name); got.Data != nil {
			got.Code = blob.OK
		}
		fx.Reset()
		if k.Step(engine.Event{From: keptStore, Msg: got}, &fx); fx.Fatal != nil {
			return fmt.Errorf("%s: %w: %w; %s", k.folder.dir, ErrFolder, fx.Fatal, cure)
		}
	}
}

func (k *Kept) get(name string) []byte {
	if content, ok := k.instead[name]; ok {
		return content
	}
	return k.folder.get(name)
}

// fold makes a view of the rows of a snapshot.
func (k *Kept) fold(snapshot uint64, r *scenarios.Recipe) error {
	if _, err := k.folder.List(Raw, snapshot, true); err != nil {
		return err
	}
	state, err := k.folder.state(Raw, snapshot)
	if err != nil {
		return err
	}
	head := &view.Head{ID: uint64(state.Sequence), Marker: 1, Cut: state.Cut, Code: state.Code, Complete: r.Complete()}
	f, err := fold.New(k.Plan, r.Partitions, fold.Options{CountDropped: head.Complete, Refuse: true})
	if err != nil {
		return err
	}
	for i := range state.Files {
		m := state.Files[i]
		_, err := job.Fold(f, m, &state.Schemas[len(state.Schemas)-1], k.folder.get(m.Name), job.Reader{Input: k.Plan.Input, Bounded: k.Plan.Pipeline.Watermark.Bounded})
		if err != nil {
			return fmt.Errorf("%s: %w: %w; %s", k.folder.dir, ErrFolder, err, cure)
		}
	}
	files, contents, err := job.Files(k.Plan, View, head.Marker, f.Rows(nil), viewRows)
	if err != nil {
		return err
	}
	head.Files = files
	for i := range files {
		k.instead[files[i].Name] = contents[i]
	}
	k.instead[view.Pointer(View)] = head.AppendTo(nil)
	return nil
}
