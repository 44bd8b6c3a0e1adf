package engine_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "parallax"

// room is one package of the plan.
type room struct {
	floor   int
	law     bool
	modules []string // third-party modules that it may import
}

// plan is floorplan.txt.
type plan struct {
	rooms  map[string]room
	beside [][2]string
}

// unit is what the plan is held against: the non-test files of one package.
type unit struct {
	dir     string // relative to the module's root, with slashes
	name    string
	imports []string
}

func parsePlan(text string) (plan, error) {
	p := plan{rooms: map[string]room{}}
	for n, line := range strings.Split(text, "\n") {
		f := strings.Fields(line)
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		if f[0] == "beside" && len(f) == 3 {
			p.beside = append(p.beside, [2]string{f[1], f[2]})
			continue
		}
		floor, err := strconv.Atoi(f[0])
		if err != nil || len(f) < 3 || (f[2] != "law" && f[2] != "free") {
			return plan{}, fmt.Errorf("floorplan.txt:%d: want FLOOR PACKAGE law|free MODULE..., or beside A B: %q", n+1, line)
		}
		if _, twice := p.rooms[f[1]]; twice {
			return plan{}, fmt.Errorf("floorplan.txt:%d: %s is there twice", n+1, f[1])
		}
		p.rooms[f[1]] = room{floor: floor, law: f[2] == "law", modules: f[3:]}
	}
	return p, nil
}

// under reports whether dir is pattern, or below it if that ends in "/...".
func under(dir, pattern string) bool {
	root, tree := strings.CutSuffix(pattern, "/...")
	return dir == root || tree && strings.HasPrefix(dir, root+"/")
}

// violations says what in units breaks the plan, in the order of units.
func (p plan) violations(units []unit) []string {
	var out []string
	report := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, u := range units {
		r, planned := p.rooms[u.dir]
		if !planned {
			report("%s is not in the plan: put it on a floor in engine/floorplan.txt, "+
				"on the lowest that its imports allow, or merge it into a package that is there", u.dir)
			continue
		}
		if tool := path.Dir(u.dir) == "cmd"; tool != (u.name == "main") {
			report("%s is package %s: cmd/X are the packages main, and no others", u.dir, u.name)
		}
		for _, imp := range u.imports {
			if why := p.forbidden(u.dir, r, imp); why != "" {
				report("%s imports %s: %s", u.dir, imp, why)
			}
		}
	}
	return out
}

// forbidden says why the package in dir may not import imp, "" if it may.
func (p plan) forbidden(dir string, r room, imp string) string {
	if imp == module || strings.HasPrefix(imp, module+"/") {
		target := strings.TrimPrefix(imp, module+"/")
		t, planned := p.rooms[target]
		switch {
		case !planned:
			return "it is not in engine/floorplan.txt"
		case t.floor < r.floor:
			return ""
		case t.floor == r.floor && slices.ContainsFunc(p.beside, func(b [2]string) bool {
			return under(dir, b[0]) && under(target, b[1])
		}):
			return ""
		}
		return fmt.Sprintf("imports go down only, and floor %d does not lie below floor %d", t.floor, r.floor)
	}
	if host, _, _ := strings.Cut(imp, "/"); !strings.Contains(host, ".") {
		return "" // the standard library
	}
	if slices.ContainsFunc(r.modules, func(m string) bool { return under(imp, m+"/...") }) {
		return ""
	}
	return fmt.Sprintf("a third-party module that engine/floorplan.txt does not give it (it has %q)", r.modules)
}

// goDirs calls visit for every folder of the module that may hold packages.
func goDirs(t *testing.T, root string, visit func(dir string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		base := d.Name()
		if file != root {
			if base == "testdata" || base == "out" || base[0] == '.' || base[0] == '_' {
				return fs.SkipDir
			}
			if _, err := os.Stat(filepath.Join(file, "go.mod")); err == nil {
				return fs.SkipDir // a module of its own
			}
		}
		visit(file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// readUnits parses the imports of all non-test files, whatever their build tags.
func readUnits(t *testing.T, root string) []unit {
	t.Helper()
	var units []unit
	goDirs(t, root, func(dir string) {
		rel, err := filepath.Rel(root, dir)
		if err != nil {
			t.Fatal(err)
		}
		u := unit{dir: filepath.ToSlash(rel)}
		files, _ := filepath.Glob(filepath.Join(dir, "*.go")) // the pattern is well-formed
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			u.name = f.Name.Name
			for _, imp := range f.Imports {
				u.imports = append(u.imports, strings.Trim(imp.Path.Value, `"`))
			}
		}
		if u.name != "" {
			slices.Sort(u.imports)
			u.imports = slices.Compact(u.imports)
			units = append(units, u)
		}
	})
	return units
}

func readPlan(t *testing.T) plan {
	t.Helper()
	text, err := os.ReadFile("floorplan.txt")
	if err != nil {
		t.Fatal(err)
	}
	p, err := parsePlan(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestFloorPlan(t *testing.T) {
	units := readUnits(t, "..")
	if len(units) == 0 {
		t.Fatal("no packages found")
	}
	for _, v := range readPlan(t).violations(units) {
		t.Error(v)
	}
}

// Floors 0 to 4 are under the determinism law; the drivers, and what
// holds them to the contract, may be.
func TestFloorPlanLaw(t *testing.T) {
	for dir, r := range readPlan(t).rooms {
		driver := dir == "sim" || dir == "engine/osenv" || dir == "engine/conformance"
		if want := r.floor <= 4; r.law != want && !driver {
			t.Errorf("%s is on floor %d and under the law: %v, want %v", dir, r.floor, r.law, want)
		}
	}
}
