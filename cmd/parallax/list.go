package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"parallax/engine/flow/aggregate"
	"parallax/sim/cluster"
	"parallax/sim/fault"
)

// lists are what there is to list.
var lists = []struct {
	name  string
	lines func() [][2]string
}{
	{"faults", func() (list [][2]string) {
		for _, f := range fault.All() {
			list = append(list, [2]string{f.String(), string(f.Group())})
		}
		return list
	}},
	{"properties", func() (list [][2]string) {
		for _, p := range cluster.Properties() {
			list = append(list, [2]string{p.Name, p.Says})
		}
		return list
	}},
	{"probes", func() (list [][2]string) {
		for _, p := range cluster.Probes() {
			list = append(list, [2]string{p.Name, p.Says})
		}
		return list
	}},
	{"aggregates", func() (list [][2]string) {
		for _, name := range aggregate.Names() {
			list = append(list, [2]string{name, ""})
		}
		return list
	}},
}

func newList() *cobra.Command {
	var names []string
	for _, l := range lists {
		names = append(names, l.name)
	}
	return &cobra.Command{
		Use:       "list " + strings.Join(names, "|"),
		Short:     "List the families of faults, the properties, the probes, the aggregate functions",
		Example:   "  parallax list faults\n  parallax list properties\n  parallax list probes",
		ValidArgs: names,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || !slices.Contains(names, args[0]) {
				return fmt.Errorf("parallax list: what is to be listed is one of %s", strings.Join(names, ", "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, l := range lists {
				if l.name == args[0] {
					return printPairs(cmd.OutOrStdout(), l.lines())
				}
			}
			return nil
		},
	}
}

// printPairs prints names with what there is to say about them, aligned.
func printPairs(w io.Writer, list [][2]string) error {
	width := 0
	for _, l := range list {
		width = max(width, len(l[0]))
	}
	for _, l := range list {
		if _, err := fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("%-*s  %s", width, l[0], l[1]), " ")); err != nil {
			return err
		}
	}
	return nil
}
