package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"parallax/batch/archive"
	"parallax/engine/flow/fold"
	"parallax/scenarios"
	"parallax/scenarios/dataset"
)

// archiveFlags are the flags of the command archive.
type archiveFlags struct {
	sets      []string
	out       string
	batch     string
	pace      int64
	code      string
	columns   []string
	anonymous []string
	secret    string
	asJSON    bool
}

func newArchive() *cobra.Command {
	var f archiveFlags
	cmd := &cobra.Command{
		Use:   "archive JOB --out DIR",
		Short: "Archive a job's rows as Parquet files, and fold them into a view",
		Long: `Run the batch layer of a job over all its rows and leave its object store in DIR,
which must not be there, or be empty. The rows come into a log as they arrived, in the
data's time; markers in the log cut it every so often, and at each an archiver commits a
snapshot and a batch job publishes a view. Nothing is broken in this world; for one in
which everything is, see parallax run --arch lambda. The same job, data and flags make
the same files.

DIR has a raw zone: all rows as they came, those that were refused with the reason; a
refined zone: the rows that count, of --columns, those of --anonymous hashed by the key
in the file of --secret; and the batch view, if the job's answers follow from a cut: of
sessions and other windows that do not add up, what is shown at the cut, and the state
to go on from, which is no Parquet. parallax files DIR lists the Parquet files of each.`,
		Example: `  parallax archive job.yaml --out lake
  parallax archive job.yaml --out lake --batch every=30s,late=same
  parallax archive job.yaml --out lake --columns page,ms --anonymous page --secret key.txt`,
		Args:              oneJob,
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
		ValidArgsFunction: yamlFiles,
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.sets, "set", nil, "override a key of the job, as in watermark.bounded=5s (may be repeated)")
	flags.StringVarP(&f.out, "out", "o", "", "the folder to be made")
	flags.StringVar(&f.batch, "batch", "", "every=30s,late=complete, or late=same; otherwise the job's batch key decides")
	flags.Int64Var(&f.pace, "pace", 0, "stretch every period of the programs so many times; 0 chooses")
	flags.StringVar(&f.code, "code", "", "version of the code, as snapshots and answers name it; otherwise a hash of the pipeline")
	flags.StringSliceVar(&f.columns, "columns", nil, "columns of the refined zone; otherwise all that the job reads")
	flags.StringSliceVar(&f.anonymous, "anonymous", nil, "those of them that are hashed")
	flags.StringVar(&f.secret, "secret", "", "a file that holds the key of that hash")
	flags.BoolVar(&f.asJSON, "json", false, "print what was made as JSON: a listing of each zone, one a line")
	return cmd
}

func (f *archiveFlags) run(cmd *cobra.Command, file string) error {
	if f.out == "" {
		return errors.New("parallax archive: --out DIR is missing: the folder to be made")
	}
	if f.pace < 0 {
		return fmt.Errorf("parallax archive: --pace %d is negative", f.pace)
	}
	if err := dataset.Vacant(f.out); err != nil {
		return fmt.Errorf("parallax archive: %w", err)
	}
	refined := archive.Refined{Columns: f.columns, Anonymous: f.anonymous}
	if f.secret != "" {
		key, err := os.ReadFile(f.secret)
		if err != nil {
			return fmt.Errorf("parallax archive: --secret: %w", err)
		}
		refined.Secret = key
	}
	if len(f.anonymous) > 0 && len(refined.Secret) == 0 {
		return errors.New("parallax archive: --anonymous needs --secret FILE, and a key in it: without one, anybody can hash a list of names")
	}
	layers, err := runLayers(cmd, "archive", file, f.sets, f.batch, dataset.Options{Pace: f.pace, Code: f.code, Refined: &refined})
	if err != nil {
		return err
	}
	if err := layers.Write(f.out); err != nil {
		return fmt.Errorf("parallax archive: %w", err)
	}
	return f.tell(cmd, layers)
}

// runLayers runs a job's batch and speed layer to their end.
func runLayers(cmd *cobra.Command, name, file string, sets []string, batch string, o dataset.Options) (*dataset.Layers, error) {
	job, err := scenarios.Load(file, sets)
	if err != nil {
		return nil, err
	}
	o.Batch = job.Batch
	if batch != "" {
		if o.Batch, err = scenarios.ParseBatch(batch, job.Batch); err != nil {
			return nil, fmt.Errorf("parallax %s: --batch: %w", name, err)
		}
	}
	bar := newProgress(remarks(cmd))
	if bar != nil {
		o.Progress = bar.tell
	}
	layers, err := dataset.Run(job, o)
	bar.end()
	if err != nil {
		return nil, fmt.Errorf("parallax %s: %w", name, err)
	}
	return layers, nil
}

// tell says what was made.
func (f *archiveFlags) tell(cmd *cobra.Command, layers *dataset.Layers) error {
	folder, err := dataset.Open(f.out)
	if err != nil {
		return internal{err}
	}
	zones := []string{dataset.Raw, dataset.Refine, dataset.View}
	if layers.Way == fold.Neither {
		zones = zones[:2]
		fmt.Fprintf(remarks(cmd), "there is no view: %s\n", layers.Why)
	}
	for _, zone := range zones {
		list, err := folder.List(zone, 0, false)
		if err != nil {
			return internal{err}
		}
		if f.asJSON {
			err = writeJSONLine(cmd.OutOrStdout(), list)
		} else {
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%-8s snapshot %d, %d rows in %d files, %d bytes, code %s\n",
				list.Zone, list.Snapshot, list.Rows, len(list.Files), list.Bytes, list.Code)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
