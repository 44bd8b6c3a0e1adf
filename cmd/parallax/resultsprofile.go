package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"parallax/bench/profile"
	"parallax/scenarios"
)

// compare answers the job under several profiles and prints where they disagree.
func (f *resultsFlags) compare(cmd *cobra.Command, file string) error {
	for _, flag := range []string{"format", "late", "rejects", "summary", "print-config"} {
		if cmd.Flags().Changed(flag) {
			return fmt.Errorf("parallax results: --%s is for one answer and does not go with --profile", flag)
		}
	}
	load := func(sets []string) (*scenarios.Job, error) {
		return scenarios.Load(file, append(slices.Clone(f.sets), sets...))
	}
	options := scenarios.Options{Path: f.path}
	bar := newProgress(remarks(cmd))
	if bar != nil {
		options.Progress = bar.tell
	}
	c, err := profile.Compare(load, f.profile, options)
	bar.end()
	if errors.Is(err, profile.ErrProfile) {
		return fmt.Errorf("parallax results: --%w", err)
	}
	if err != nil {
		return blame(err)
	}
	write := c.Write
	if f.json {
		write = c.WriteJSON
	}
	if f.out != "" {
		err = toFile(f.out, write)
	} else {
		err = write(cmd.OutOrStdout())
	}
	if err == nil && len(c.Rows) > 0 {
		return violated{fmt.Sprintf("rows on which the profiles disagree: %d", len(c.Rows))}
	}
	return err
}
