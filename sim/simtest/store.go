package simtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"parallax/sim/fault"
	"parallax/sim/story"
)

// stored is a failure as a file holds it: lines of prose that begin with #, and then
// this as JSON.
type stored struct {
	Format   int    `json:"simtest"` // 1
	Test     string `json:"test"`
	Property string `json:"property"`
	Seed     uint64 `json:"seed"`
	// Faults are all that strike.
	Faults []fault.Fault `json:"faults"`
	Job    *packed       `json:"job,omitempty"`
}

// packed is what only a job knows of its run.
type packed struct {
	Columns string      `json:"columns"`
	Storm   int64       `json:"storm_ns"`
	Sizes   story.Sizes `json:"sizes"`
	Rows    []packedRow `json:"rows"`
}

// packedRow is a row; its values are texts, nil for null.
type packedRow struct {
	At        int64     `json:"at_us"`
	Time      int64     `json:"time_us"`
	Partition int32     `json:"partition"`
	Values    []*string `json:"values"`
}

var unsafeName = regexp.MustCompile(`[^\w./-]`)

// folder is where a test's failures are.
func (c *check) folder() string {
	name := strings.ReplaceAll(unsafeName.ReplaceAllString(c.t.Name(), "_"), "..", "_")
	return filepath.Join(c.o.Dir, filepath.FromSlash(name))
}

// store writes a failure to a file of its own, and returns the file's name.
func (c *check) store(a *attempt, out *outcome) (string, error) {
	job, err := c.what.pack(a)
	if err != nil {
		return "", err
	}
	s := stored{Format: 1, Test: c.t.Name(), Property: out.property, Seed: a.seed, Faults: out.fired, Job: job}
	if s.Faults == nil {
		s.Faults = []fault.Fault{}
	}
	body, err := s.text()
	if err != nil {
		return "", err
	}
	h := fnv.New64a()
	h.Write(body)
	file := filepath.Join(c.folder(), fmt.Sprintf("%016x.txt", h.Sum64()))
	var text bytes.Buffer
	for line := range strings.Lines(c.story(a, out, "") + "\n") {
		text.WriteString("# " + line)
	}
	text.Write(append(body, '\n'))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return "", err
	}
	return filepath.ToSlash(file), os.WriteFile(file, text.Bytes(), 0o644)
}

// text is the JSON of a failure with a line for each fault and each row.
func (s *stored) text() ([]byte, error) {
	whole, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	r := strings.NewReplacer(`,"test":`, ",\n\"test\":", `,"property":`, ",\n\"property\":", `,"seed":`, ",\n\"seed\":",
		`,"faults":[`, ",\n\"faults\":[\n ", `},{"fault":`, "},\n {\"fault\":",
		`,"job":{`, ",\n\"job\":{", `,"rows":[`, ",\"rows\":[\n ", `},{"at_us":`, "},\n {\"at_us\":")
	return []byte(r.Replace(string(whole))), nil
}

// load reads a file that store has written.
func (c *check) load(file string) (*attempt, string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, "", err
	}
	for bytes.HasPrefix(text, []byte("#")) {
		_, text, _ = bytes.Cut(text, []byte("\n"))
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var s stored
	if err := d.Decode(&s); err != nil {
		return nil, "", err
	}
	if s.Format != 1 {
		return nil, "", fmt.Errorf("format %d, this program reads 1", s.Format)
	}
	a := (&attempt{seed: s.Seed}).with(s.Faults)
	return a, s.Property, c.what.unpack(s.Job, a)
}

// stored plays what is stored; it reports false, and has failed the test, if something
// of that fails.
func (c *check) stored() bool {
	c.t.Helper()
	files, err := filepath.Glob(filepath.Join(c.folder(), "*.txt"))
	if err != nil {
		c.t.Errorf("simtest: %v", err)
		return false
	}
	ok := true
	for _, file := range files {
		ok = c.again(file) && ok
	}
	return ok
}

// again plays a stored failure.
func (c *check) again(file string) bool {
	c.t.Helper()
	name := filepath.ToSlash(file)
	a, property, err := c.load(file)
	if errors.Is(err, errStale) {
		c.t.Logf("simtest: %s is stale: %v. It was not played; delete it", name, err)
		return true
	}
	if err != nil {
		c.t.Errorf("simtest: %s cannot be read: %v. Delete it, or take it from where it was written", name, err)
		return false
	}
	out := c.play(a)
	switch {
	case out.err != nil && out.property == property:
		c.t.Errorf("%s\n  stored:    %s fails again\n  reproduce: %s", c.story(a, out, " (stored)"), name, rerun(c.t.Name()))
		return false
	case out.err != nil:
		c.t.Errorf("%s\n  stored:    %s now violates another property; it was: %s\n  reproduce: %s",
			c.story(a, out, " (stored)"), name, property, rerun(c.t.Name()))
		return false
	case len(out.fired) == 0 && len(a.frozen) > 0:
		c.t.Logf("simtest: %s is stale: none of its %d faults finds anything to hit any more, so that it passes shows nothing. Delete it",
			name, len(a.frozen))
	case len(out.fired) < len(a.frozen):
		c.t.Logf("simtest: %s passes, but only %d of its %d faults found something to hit: it may be stale", name, len(out.fired), len(a.frozen))
	default:
		c.t.Logf("simtest: %s passes now", name)
	}
	return true
}

// errStale is of a stored failure that says nothing of the test any more.
var errStale = errors.New("it was found with another job")
