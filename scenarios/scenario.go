package scenarios

import (
	"errors"
	"os"
	"reflect"
	"strings"

	"parallax/sim/story"
)

// Scenario is a run as a file holds it: a story, what it must come to, and what there
// is to learn from it.
type Scenario struct {
	File   string // "" for one that no file holds
	Name   string
	Doc    string
	Origin Origin
	Story  story.Story
	// Properties are those that the run must show something of, or else it is
	// inconclusive. All are checked, whatever is listed.
	Properties []string
	Defect     string // of the zoo, for a scenario that shows a mistake being found
	Expect     Expect
	Teach      []Note
}

// Origin is where a scenario comes from; the zero value is somebody's hand.
type Origin struct {
	FoundBy string // a command
	Seed    uint64
	Commit  string      // of the program that found it
	Trace   string      // hash of the run, by that program
	Shrunk  [][2]string // what was made smaller, and from what to what
}

// Expect is what the run must come to. What is left out is not asked.
type Expect struct {
	Verdict  string // pass unless given
	Property string // the one that is violated
	View     []Line // the rows of the view at the end; nil is not asked
	Dropped  []string
	Excused  []string // whose destroyed data excuses the run: nodes, and partitions as "partition 0"
	Probes   []string // places in the code that the run must come to, or else it shows nothing
	At       []Instant
}

// Instant is what the view holds at an instant, in microseconds from the start.
type Instant struct {
	At   int64
	View []Line
}

// Line is some columns of a row of an answer: by name, the value's text.
type Line []Cell

// Cell is a column and the text of its value.
type Cell struct {
	Column string
	Text   string
	Null   bool
}

// Note says what to see at an instant, in microseconds from the start.
type Note struct {
	At  int64
	Say string
}

// LoadScenario reads a scenario file and applies overrides of the form
// "watermark.bounded=5s" to it. A mistake is an *[Error].
func LoadScenario(file string, sets []string) (*Scenario, error) {
	data, err := readFile(file)
	if err != nil {
		return nil, err
	}
	return ParseScenario(file, data, sets)
}

// ParseScenario is LoadScenario for a scenario whose text is at hand.
func ParseScenario(file string, data []byte, sets []string) (*Scenario, error) {
	root, err := parseYAML(&text{file: file, data: data})
	if err != nil {
		return nil, err
	}
	if err := checkVersion(root, scenarioVersion); err != nil {
		return nil, err
	}
	for _, set := range sets {
		if err := override(root, set); err != nil {
			return nil, err
		}
	}
	var doc scenarioDoc
	if err := decode(root, reflect.ValueOf(&doc).Elem()); err != nil {
		return nil, err
	}
	r := scenarioReader{root: root, doc: &doc, s: &Scenario{File: file, Name: doc.Name, Doc: doc.Doc, Defect: doc.Defect}}
	return r.s, r.read()
}

// Kind tells what a file says it is: "job", "scenario", or "" for neither.
func Kind(file string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	root, err := parseYAML(&text{file: file, data: data})
	if err != nil || root.get("parallax") == nil {
		return ""
	}
	kind, _, _ := strings.Cut(root.get("parallax").scalar, "/")
	if kind != "job" && kind != "scenario" {
		return ""
	}
	return kind
}

// readFile reads a file of ours; a failure is an *[Error].
func readFile(file string) ([]byte, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		reason := err
		var pe *os.PathError
		if errors.As(err, &pe) {
			reason = pe.Err
		}
		return nil, &Error{File: file, Msg: "cannot be read: " + reason.Error()}
	}
	return data, nil
}
