package cluster

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var sometimes = regexp.MustCompile(`[sS]ometimes\("([^"]+)"\)`)

// Every place of which the code says Sometimes is in the table, and the other way
// round; and each begins with its package.
func TestProbesAreListed(t *testing.T) {
	found := map[string]bool{}
	for _, root := range []string{"../../engine", "../../serving"} {
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			for _, m := range sometimes.FindAllStringSubmatch(string(text), -1) {
				if found[m[1]] {
					t.Errorf("%s: %s is said twice", path, m[1])
				}
				found[m[1]] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(found) == 0 {
		t.Skip("the sources are not here")
	}
	var listed []string
	for _, p := range Probes() {
		listed = append(listed, p.Name)
		if !found[p.Name] {
			t.Errorf("%s is in no source", p.Name)
		}
		delete(found, p.Name)
	}
	for name := range found {
		t.Errorf("%s is not in the table", name)
	}
	if !slices.IsSorted(listed) {
		t.Error("the table is not by name")
	}
}

// All probes are come to by drawn runs.
func TestLawProbesAreHit(t *testing.T) {
	from, to := seeds(t, 300)
	var c Coverage
	for seed := from; seed <= to; seed++ {
		d, err := runSmall(t, seed, func(o *Options) { o.Unchecked = true })
		if err != nil {
			t.Errorf("seed %d: %v", seed, err)
			continue
		}
		c.Add(d.Probes())
	}
	t.Logf("%d runs\n%s", c.Runs, c.String())
	if missed := c.Missed(); c.Runs > 250 && missed != nil {
		t.Errorf("never come to: %v", missed)
	}
}
