package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"parallax/scenarios/dataset"
)

// filesFlags are the flags of the command files.
type filesFlags struct {
	zone     string
	snapshot uint64
	check    bool
	asJSON   bool
}

func newFiles() *cobra.Command {
	f := filesFlags{zone: dataset.Raw}
	cmd := &cobra.Command{
		Use:   "files DIR",
		Short: "List the Parquet files of one snapshot of an archive, for other programs",
		Long: `List exactly the files that make a zone of an archive, or its batch view, as of one
snapshot: their paths, one a line. DIR was made by parallax archive, or is that of a run
with --arch lambda --live, which may go on meanwhile. A folder has files of all snapshots beside one another, and only its manifest says which belong together: a
program that reads all of them may count rows twice.

--zone raw has every row as it came, with hidden columns: _offset, _event, _append,
_frontier, and _reject, which is not null for a row that was refused. --zone refined has
the rows that count, of the columns that the archive was told. --zone view has a row for
each key and window, complete or not. --snapshot is a number from 1 on, as --json prints
it; of views the last one is kept.

The sizes of all files are checked, and that they begin and end as Parquet does; with
--check their checksums, too.`,
		Example: `  parallax files lake
  parallax files lake --zone view --json
  parallax files lake --zone refined --snapshot 3
  duckdb -c "select count(*) from read_parquet([$(parallax files lake | sed "s/.*/'&'/" | paste -sd,)])"`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("parallax files: one folder was expected, there are %d; see parallax files --help", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.zone, "zone", f.zone, "raw, refined or view")
	flags.Uint64Var(&f.snapshot, "snapshot", 0, "as of this snapshot; 0 is the last")
	flags.BoolVar(&f.check, "check", false, "read every file and compare its checksum")
	flags.BoolVar(&f.asJSON, "json", false, "print rows, bytes, partition, offsets, cut and code version as one line of JSON")
	complete(cmd, "zone", dataset.Raw, dataset.Refine, dataset.View)
	return cmd
}

func (f *filesFlags) run(cmd *cobra.Command, dir string) error {
	if f.zone != dataset.Raw && f.zone != dataset.Refine && f.zone != dataset.View {
		return fmt.Errorf("parallax files: --zone %q is not one of raw, refined, view", f.zone)
	}
	folder, err := dataset.Open(dir)
	if err != nil {
		return fmt.Errorf("parallax files: %w", err)
	}
	list, err := folder.List(f.zone, f.snapshot, f.check)
	if err != nil {
		return fmt.Errorf("parallax files: %w", err)
	}
	if f.asJSON {
		return writeJSONLine(cmd.OutOrStdout(), list)
	}
	for i := range list.Files {
		if _, err := fmt.Fprintln(cmd.OutOrStdout(), list.Files[i].Path); err != nil {
			return err
		}
	}
	return nil
}
