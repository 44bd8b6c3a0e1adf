package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// block is a fenced block of the README with the comment before it, which says
// what it is: a file, something to run, or, without one, for the reader only.
var block = regexp.MustCompile("(?m)^(?:<!-- (file|run)(?:: (.*))? -->\n)?```(\\w*)\n((?s:.*?))^```$")

// TestVectorReadme does what the README says, in its order, in an empty folder:
// it writes the files and runs the commands, which must print what stands there.
func TestVectorReadme(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	ran := 0
	for _, m := range block.FindAllStringSubmatch(string(readme), -1) {
		what, name, text := m[1], m[2], m[4]
		switch {
		case what == "file":
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		case what == "run" && name != "":
			ran++
			checkCommand(t, name, text)
		case what == "run":
			command, output, _ := strings.Cut(text, "\n")
			ran++
			checkCommand(t, strings.TrimPrefix(command, "$ "), output)
		}
		for _, target := range regexp.MustCompile(`(?m)^make ([a-z-]+)`).FindAllStringSubmatch(text, -1) {
			if !bytes.Contains(makefile, []byte("\n"+target[1]+":")) {
				t.Errorf("README says make %s, the Makefile has no such target", target[1])
			}
		}
	}
	if ran < 4 {
		t.Errorf("only %d commands of the README were found", ran)
	}
}

// checkCommand runs a command line. The output may go on behind what the README
// shows.
func checkCommand(t *testing.T, line, want string) {
	t.Helper()
	words := strings.Fields(line)
	if words[0] != "parallax" {
		t.Fatalf("README: the test cannot run %q", line)
	}
	var stdout, stderr bytes.Buffer
	if code := run(words[1:], &stdout, &stderr); code != 0 {
		t.Fatalf("README: %s: exit code %d\n%s", line, code, stderr.String())
	}
	got := stdout.String()
	if diff := cmp.Diff(want, got[:min(len(want), len(got))]); diff != "" {
		t.Errorf("README: %s prints something else (-README +now):\n%s", line, diff)
	}
}
