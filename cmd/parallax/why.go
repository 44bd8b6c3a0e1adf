package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"parallax/scenarios"
	"parallax/scenarios/why"
)

func newWhy() *cobra.Command {
	var (
		q      why.Question
		sets   []string
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:   "why JOB",
		Short: "Say what a job's windows wait for at a moment",
		Long: `Replay a job up to a moment of processing time, which is the rows' arrival, and
say what it waits for: the watermark, the partition that holds it and the row that
set it, which windows are open and what each of them needs to fire, and what would
become of rows that came late now. With --window also when that one fired, by which
row, and which rows came too late for it.

Moments of --at: RFC 3339 (2024-05-06T07:08:09Z), milliseconds since 1970, a length
of time since the first arrival (1m30s), or end, when the last row has arrived.
--window takes window_start_ms and window_end_ms as results print them, or RFC 3339.
Of sessions it chooses those that have a time in START/END.`,
		Example: `  parallax why job.yaml
  parallax why job.yaml --at 1m30s
  parallax why job.yaml --at 2024-05-06T07:08:09Z --window 1714979280000 --key page=/cart
  parallax why job.yaml --at end --window 0/5000 --json`,
		Args:              oneJob,
		ValidArgsFunction: yamlFiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			job, err := scenarios.Load(args[0], sets)
			if err != nil {
				return err
			}
			bar := newProgress(remarks(cmd))
			if bar != nil {
				q.Progress = bar.tell
			}
			out, err := job.Why(q)
			bar.end()
			switch {
			case errors.Is(err, why.ErrAsk):
				return fmt.Errorf("parallax why: %s", strings.TrimPrefix(err.Error(), why.ErrAsk.Error()+": "))
			case err != nil:
				return blame(err)
			case asJSON:
				return out.WriteJSON(cmd.OutOrStdout())
			}
			return out.Write(cmd.OutOrStdout())
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&sets, "set", nil, "override a key of the job, as in watermark.bounded=5s (may be repeated)")
	flags.StringVar(&q.At, "at", "end", "the moment: RFC 3339, milliseconds since 1970, 1m30s since the first arrival, or end")
	flags.StringVar(&q.Window, "window", "", "only this window, START or START/END, and what has become of it")
	flags.StringArrayVar(&q.Keys, "key", nil, "only keys with this NAME=VALUE (may be repeated)")
	flags.BoolVar(&asJSON, "json", false, "print the facts as JSON (schema parallax.why/v1)")
	complete(cmd, "at", "end")
	return cmd
}
