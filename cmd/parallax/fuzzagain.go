package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"parallax/scenarios"
	"parallax/scenarios/fuzz"
)

// nondeterministic is two runs of one scenario that differ.
type nondeterministic struct{ what string }

func (n nondeterministic) Error() string { return "nondeterministic: " + n.what }

// playedAgain has some of the seeds played by a second process, with another number of
// processors, and lists those whose hash is another there.
func (f *fuzzFlags) playedAgain(cmd *cobra.Command, target string, hashes []fuzz.Hash) (differ []uint64, again int, err error) {
	chosen := f.chosen(hashes)
	if len(chosen) == 0 || runtime.GOOS == "js" || runtime.GOOS == "wasip1" {
		return nil, 0, nil
	}
	exe, err := os.Executable()
	if err != nil {
		return nil, 0, err
	}
	args := []string{"hashes", "--rows", fmt.Sprint(f.rows)}
	if f.unrestricted {
		args = append(args, "--unrestricted")
	}
	if target != "" {
		args = append(args, target)
	}
	var seeds strings.Builder
	for _, h := range chosen {
		fmt.Fprintln(&seeds, h.Seed)
	}
	child := exec.Command(exe, args...)
	child.Env = append(os.Environ(), "GOMAXPROCS=1")
	child.Stdin = strings.NewReader(seeds.String())
	child.Stderr = cmd.ErrOrStderr()
	out, err := child.Output()
	if err != nil {
		return nil, 0, fmt.Errorf("the second process: %w", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	for _, h := range chosen {
		if !lines.Scan() {
			return nil, 0, fmt.Errorf("the second process has lost seed %d", h.Seed)
		}
		if lines.Text() != fmt.Sprintf("%d %016x", h.Seed, h.Hash) {
			differ = append(differ, h.Seed)
		}
	}
	return differ, len(chosen), nil
}

// chosen is the given percentage of hashes, and one at least.
func (f *fuzzFlags) chosen(hashes []fuzz.Hash) []fuzz.Hash {
	var list []fuzz.Hash
	for i, h := range hashes {
		if f.twice > 0 && (i*f.twice)/100 != ((i-1)*f.twice)/100 || f.twice > 0 && i == 0 {
			list = append(list, h)
		}
	}
	return list
}

// newHashes is the second process: it plays the seeds on its standard input.
func newHashes() *cobra.Command {
	f := &fuzzFlags{}
	cmd := &cobra.Command{
		Use:    "hashes [JOB | SCENARIO | DIR]",
		Short:  "Print the trace hashes of the seeds on standard input",
		Hidden: true,
		Args:   cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			expand, _, err := f.expansion(strings.Join(args, ""))
			if err != nil {
				return err
			}
			return f.hashes(cmd.InOrStdin(), cmd.OutOrStdout(), expand)
		},
	}
	f.targetFlags(cmd)
	return cmd
}

func (f *fuzzFlags) hashes(in io.Reader, out io.Writer, expand func(uint64) (*scenarios.Scenario, error)) error {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		seed, err := strconv.ParseUint(lines.Text(), 10, 64)
		if err != nil {
			return err
		}
		s, err := expand(seed)
		if err != nil {
			return err
		}
		played, err := scenarios.Play(s, scenarios.PlayOptions{})
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(out, "%d %016x\n", seed, played.Hash); err != nil {
			return err
		}
	}
	return lines.Err()
}
