package main

import (
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"parallax/sim/zoo/layers"
)

// Mistakes of a batch layer, a speed layer and servers are looked for in drawn Lambda
// systems. No shrinker takes those apart, so the table shows the seed as it was drawn.
const layersTitle = "Of a batch layer, a speed layer and servers; nothing is shrunk, rows and faults are those of the plain seed:"

// showLayer says what such a mistake is.
func showLayer(w io.Writer, d *layers.Defect) error {
	_, err := fmt.Fprintf(w, "%s, in the %s\n\nLike:      %s\nMistake:   %s\nFound by:  any check of a Lambda run: it has many faces\nScenario:  none; parallax zoo run %s finds its seed\n",
		d.Name, d.Layer, d.Reference, d.Mechanism, d.Name)
	return err
}

// runLayers looks for mistakes of layers, and prints their table behind the other one.
func (f *zooFlags) runLayers(w io.Writer, list []*layers.Defect, behind bool) error {
	if !f.asJSON {
		gap := ""
		if behind {
			gap = "\n"
		}
		if _, err := fmt.Fprintf(w, "%s%s\n%s\n", gap, layersTitle, specimenHead); err != nil {
			return err
		}
	}
	var seeds []uint64
	for _, d := range list {
		s, err := f.huntLayer(d)
		if err != nil {
			return err
		}
		if s.Seeds > 0 {
			seeds = append(seeds, s.Seeds)
		}
		if f.asJSON {
			err = writeJSONLine(w, s)
		} else {
			_, err = fmt.Fprintln(w, s)
		}
		if err != nil {
			return err
		}
	}
	if n := len(seeds); n > 0 && !f.asJSON {
		slices.Sort(seeds)
		fmt.Fprintf(w, "%d of %d found, the median after %s\n", n, len(list), count(seeds[n/2], "seed", "seeds"))
	}
	if len(seeds) < len(list) {
		return violated{fmt.Sprintf("%d of %d mistakes of layers were not found", len(list)-len(seeds), len(list))}
	}
	return nil
}

// huntLayer looks for one mistake, in so many worlds at a time; the first seed that shows
// it counts.
func (f *zooFlags) huntLayer(d *layers.Defect) (specimen, error) {
	s := specimen{Format: "parallax.zoo/v1", Defect: d.Name, Layer: d.Layer, Plain: true}
	began := time.Now()
	found := make([]layers.Finding, max(1, f.jobs))
	errs := make([]error, len(found))
	for seed := uint64(1); seed <= f.seeds && s.Seeds == 0; seed += uint64(len(found)) {
		var all sync.WaitGroup
		for i := range found {
			all.Go(func() { found[i], errs[i] = d.Play(seed + uint64(i)) })
		}
		all.Wait()
		for i := range found {
			if errs[i] != nil {
				return s, internal{errs[i]}
			}
			if s.Seeds == 0 && found[i].Err != nil && found[i].Seed <= f.seeds {
				s.Seeds, s.Property, s.Expected = found[i].Seed, found[i].Check, true
				s.Rows, s.Faults = found[i].Rows, found[i].Faults
			}
		}
	}
	s.Found = seconds(int64(time.Since(began)))
	return s, nil
}
