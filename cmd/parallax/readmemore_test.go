package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// elsewhere are the commands of the README that go on until they are interrupted, and the
// tests that let them.
var elsewhere = map[string]string{
	"parallax run --arch lambda --live DIR": "TestLive…",
	"parallax serve DIR":                    "TestLive…",
	"parallax serve job.yaml":               "TestOracleServe…",
	"parallax serve lake":                   "TestServe…",
}

// shortened are those that do more than a test has time for, and what is run instead.
var shortened = map[string]string{
	"parallax demo --nexmark q5": "parallax demo --nexmark q5 --rows 2000 --dir auction",
	"parallax fuzz":              "parallax fuzz --seeds 1..2 --twice 0",
	"parallax fuzz --coverage":   "parallax fuzz --coverage --seeds 1..2 --twice 0",
	"parallax zoo run":           "parallax zoo run no-dedup --shrink 0",
	"parallax lint --verbose":    "parallax lint job.yaml --verbose",
	"parallax results JOB --path lambda --batch every=1h,late=same": "parallax results job.yaml --path lambda --batch every=1h,late=same",
}

// differs are those that say by their exit code that there is a difference.
var differs = map[string]bool{"parallax diff a.yaml b.yaml": true}

// TestVectorReadmeInline runs what the README mentions within its text and in blocks that
// have no output, in its order, over data of the demo: every command is there and takes its
// arguments. A new one that is not executed anywhere fails.
func TestVectorReadmeInline(t *testing.T) {
	root, readme := readmeText(t)
	t.Chdir(t.TempDir())
	prepare(t, root)
	ran := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)`(parallax [^`]+)`|^(parallax [^\n#]*[^\n# ])").FindAllStringSubmatch(readme, -1) {
		text := m[1] + m[2]
		words := strings.Fields(text)
		if ran[text] || elsewhere[text] != "" || strings.Contains(text, "out/compare") { // see TestVectorReadmePicture
			continue
		}
		ran[text] = true
		line := text
		if short := shortened[text]; short != "" {
			line = short
		} else if len(words) == 2 {
			line += " --help" // named, not given
		}
		var stdout, stderr bytes.Buffer
		if code := run(strings.Fields(line)[1:], &stdout, &stderr); (code != 0) != differs[text] {
			t.Errorf("README: %s: exit code %d\n%s", line, code, stderr.String())
		}
		if stdout.Len()+stderr.Len() == 0 {
			t.Errorf("README: %s prints nothing", line)
		}
	}
	if len(ran) < 15 {
		t.Errorf("only %d commands were found", len(ran))
	}
}

// prepare makes the files that the README speaks of.
func prepare(t *testing.T, root string) {
	t.Helper()
	if transcript, code := command("demo", "--rows", "500", "--dir", "."); code != 0 {
		t.Fatal(transcript)
	}
	edit := func(from, to string, change func(text string) string) {
		text, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, []byte(change(string(text))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	edit("job.yaml", "wrong.yaml", func(s string) string { return strings.Replace(s, "amount > 0", "amount > 9", 1) })
	scenario := filepath.Join(root, "scenarios", "library", "two-stragglers.yaml")
	as := func(s string) string { return s }
	edit(scenario, "failing.yaml", as)
	edit(scenario, "a.yaml", as)
	edit(scenario, "b.yaml", func(s string) string { return strings.Replace(s, "\nseed: 1\n", "\nseed: 2\n", 1) })
}

// TestVectorReadmeShell: the line that hands an archive's files to another program gives it
// the files that there are. A program that says what it is asked stands for the other one.
func TestVectorReadmeShell(t *testing.T) {
	root, readme := readmeText(t)
	t.Chdir(t.TempDir())
	prepare(t, root)
	if transcript, code := command("archive", "job.yaml", "--out", "lake"); code != 0 {
		t.Fatal(transcript)
	}
	var files, stderr bytes.Buffer
	if code := run([]string{"files", "lake"}, &files, &stderr); code != 0 {
		t.Fatal(stderr.String())
	}
	for name, text := range map[string]string{"files.txt": files.String(), "parallax": "#!/bin/sh\ncat files.txt\n", "duckdb": "#!/bin/sh\nprintf %s \"$2\"\n"} {
		if err := os.WriteFile(name, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	line := regexp.MustCompile(`(?m)^duckdb .*$`).FindString(readme)
	cmd := exec.Command("sh", "-c", line)
	cmd.Env = append(os.Environ(), "PATH=.:"+os.Getenv("PATH"))
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("skipped: there is no shell to run %s: %v", line, err)
	}
	want := "select count(*) from read_parquet(['" + strings.Join(strings.Fields(files.String()), "','") + "'])"
	if string(out) != want || !strings.Contains(want, ".parquet") {
		t.Errorf("README: %s\nasks %s\nnot  %s", line, out, want)
	}
	for _, file := range strings.Fields(files.String()) {
		if _, err := os.Stat(file); err != nil {
			t.Error(err)
		}
	}
}

// TestVectorReadmePicture does what the README says that its picture is of: what is drawn
// is the same, but for the last digits, which are the machine's, and so are the figures that
// stand below it.
func TestVectorReadmePicture(t *testing.T) {
	root, readme := readmeText(t)
	shown := regexp.MustCompile(`!\[[^\]]*\]\(([^)]*)\)\n\nThe picture is of .parallax demo. and then .(parallax [^` + "`" + `]*).: with the job's delay of 2s, first answers miss one row in (\d+) and windows wait ([\d.]+) s \(p99\); one in a thousand takes 1m(\d+)s`).
		FindStringSubmatch(readme)
	if shown == nil {
		t.Fatal("README: the picture and what stands below it were not found")
	}
	t.Chdir(t.TempDir())
	for _, line := range []string{"parallax demo", shown[2]} {
		if transcript, code := command(strings.Fields(line)[1:]...); code != 0 {
			t.Fatal(transcript)
		}
	}
	want, got := numbers(t, filepath.Join(root, shown[1])), numbers(t, filepath.Join("out", "compare", "pareto.svg"))
	if len(want) != len(got) || len(want) < 100 {
		t.Fatalf("%s has %d numbers, the picture now %d", shown[1], len(want), len(got))
	}
	for i := range want {
		if math.Abs(want[i]-got[i]) > 0.01 {
			t.Fatalf("%s, number %d is %v, now %v", shown[1], i, want[i], got[i])
		}
	}
	said := figuresOf(t, filepath.Join("out", "compare", "results.jsonl"))
	own, patient := said[2000], said[80171]
	if text := fmt.Sprintf("%.0f %.1f %.0f", 1e6/own.Missed, own.Wait/1000, patient.Wait/1000-60); text != strings.Join(shown[3:], " ") {
		t.Errorf("README: below the picture stands %v, it is %s", shown[3:], text)
	}
}

// numbers are all of a file.
func numbers(t *testing.T, file string) (list []float64) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range regexp.MustCompile(`-?\d+(\.\d+)?`).FindAllString(string(text), -1) {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	return list
}

// drawn is two figures of a run.
type drawn struct {
	Delay  float64 `json:"delay_ms"`
	Missed float64 `json:"incomplete_first_ppm"`
	Wait   float64 `json:"result_p99_ms"`
}

func figuresOf(t *testing.T, file string) map[float64]drawn {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	list := map[float64]drawn{}
	lines := bufio.NewScanner(f)
	for lines.Buffer(nil, 1<<20); lines.Scan(); {
		var s drawn
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		list[s.Delay] = s
	}
	return list
}

// readmeText is the README, and where it lies.
func readmeText(t *testing.T) (root, text string) {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return root, string(readme)
}
