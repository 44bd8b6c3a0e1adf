package notebooks

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the notebooks anew")

// read is what a notebook says: its cells, each with the text that it printed.
type read struct {
	Cells []struct {
		Type    string `json:"cell_type"`
		Source  text
		Outputs []struct {
			Type string `json:"output_type"`
			Name string
			Text text
			Data map[string]text
		}
	}
}

// text is a string, or the lines of one.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	var list []string
	if err := json.Unmarshal(b, &list); err == nil {
		*t = text(strings.Join(list, ""))
		return nil
	}
	return json.Unmarshal(b, (*string)(t))
}

// printed is the cells and what they print, without pictures, whose last digits are
// the machine's, and without the first cell of code, which is about the kernel.
func printed(t *testing.T, data []byte) (out []string, pictures int) {
	t.Helper()
	var n read
	if err := json.Unmarshal(data, &n); err != nil {
		t.Fatal(err)
	}
	for i, c := range n.Cells {
		out = append(out, c.Type+": "+string(c.Source))
		if i < 2 {
			continue
		}
		for _, o := range c.Outputs {
			switch {
			case o.Type == "stream" && o.Name == "stdout":
				out = append(out, strings.TrimRight(string(o.Text), "\n"))
			case o.Type == "display_data" && strings.Contains(string(o.Data["image/svg+xml"]+o.Data["text/html"]), "<svg"):
				pictures++
			default:
				t.Errorf("cell %d: %s %s: %s%v", i, o.Type, o.Name, o.Text, o.Data)
			}
		}
	}
	return out, pictures
}

// TestOracleCommitted: the notebooks that are committed are what the lessons say now,
// and every cell runs.
func TestOracleCommitted(t *testing.T) {
	for _, l := range Lessons() {
		now, err := l.Render()
		if err != nil {
			t.Fatal(err)
		}
		file := l.Name + ".ipynb"
		if *update {
			if err := os.WriteFile(file, now, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		committed, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got, drawn := printed(t, now)
		want, shown := printed(t, committed)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s is not what the lesson says now (go test ./notebooks -update):\n%s", file, diff)
		}
		if drawn != shown || drawn == 0 {
			t.Errorf("%s: %d pictures, the lesson draws %d", file, shown, drawn)
		}
	}
}

// TestDifferentialKernel: Jupyter and the GoNB kernel print the same. PARALLAX_NOTEBOOKS
// names the folder of what they made; see make notebooks.
func TestDifferentialKernel(t *testing.T) {
	dir := os.Getenv("PARALLAX_NOTEBOOKS")
	if dir == "" {
		t.Skip("no notebooks that a kernel has run: make notebooks")
	}
	for _, l := range Lessons() {
		file := l.Name + ".ipynb"
		ran, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		committed, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want, shown := printed(t, committed)
		got, drawn := printed(t, ran)
		if diff := cmp.Diff(want, got); diff != "" || shown != drawn {
			t.Errorf("%s: the kernel prints something else (%d pictures, not %d):\n%s", file, drawn, shown, diff)
		}
	}
}

// TestLawLessons: each has an exercise with a solution, says where the next one
// begins, and every cell that Cells has is in it.
func TestLawLessons(t *testing.T) {
	all := Lessons()
	for i, l := range all {
		_, cells, err := split(l.Name, l.Source)
		if err != nil {
			t.Fatal(err)
		}
		mains, solutions, prose := 0, 0, ""
		for _, c := range cells {
			if c.main != "" {
				mains++
			}
			if c.solution {
				solutions++
			}
			if c.prose {
				prose += c.text + "\n"
			}
		}
		if mains != len(l.Cells) || solutions != 1 {
			t.Errorf("%s: %d mains, Cells has %d; %d solutions", l.Name, mains, len(l.Cells), solutions)
		}
		if i > 0 && !strings.Contains(prose, "("+all[i-1].Name+".ipynb)") {
			t.Errorf("%s does not say that it begins where %s ended", l.Name, all[i-1].Name)
		}
	}
}

// TestVectorSplit: what is prose, a declaration, a main; and what is refused.
func TestVectorSplit(t *testing.T) {
	const source = "package x\n\n/*\n# T\n*/\n\nimport \"fmt\"\n\n// n is one.\nconst n = 1\n\nfunc f(i int) {}\n\nfunc show() {\n\tif true {\n\t\tfmt.Println(n)\n\t}\n}\n\n/* two\n## Exercise */\n\nfunc last() {}\n"
	imports, cells, err := split("x.go", source)
	want := []cell{
		{prose: true, text: "# T"},
		{text: "// n is one.\nconst n = 1\n\nfunc f(i int) {}", main: "show", body: "if true {\n\tfmt.Println(n)\n}"},
		{prose: true, text: "two\n## Exercise"},
		{main: "last", solution: true},
	}
	if diff := cmp.Diff(want, cells, cmp.AllowUnexported(cell{})); err != nil || imports != `import "fmt"` || diff != "" {
		t.Errorf("%v, imports %q, cells:\n%s", err, imports, diff)
	}
	for _, bad := range []string{"package", "package x\nfunc a() {}\nfunc b() {}\n"} {
		if _, _, err := split("x.go", bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	if _, err := render("x.go", source, nil); err == nil {
		t.Error("a main that Cells does not know is taken")
	}
}
