package scenarios

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parallax/engine/flow/column"
	"parallax/sim/fault"
	"parallax/sim/story"
)

// comparable makes scenarios comparable: pipelines by their text, floats by their
// bits, and without what only says where something stood in a file.
var scenarioDiff = cmp.Options{
	cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Pipeline" }, cmp.Ignore()),
	cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".File" }, cmp.Ignore()),
	cmp.Comparer(func(a, b column.Value) bool {
		return a.Type == b.Type && a.Null == b.Null && a.Text() == b.Text() && math.Signbit(a.Float) == math.Signbit(b.Float)
	}),
}

// full is a scenario in which everything is said.
func full() *Scenario {
	s := Drawn(8)
	s.Name, s.Doc, s.Defect = "on: a \"name\"", "Two lines\nwith — signs, 'quotes' and\ttabs.", "no-dedup"
	s.Origin = Origin{FoundBy: "parallax fuzz", Seed: 1 << 63, Commit: "0123456", Trace: "00e0", Shrunk: [][2]string{{"rows", "200 -> 3"}, {"faults", "9 -> 1"}}}
	s.Story.Rows[0].ID, s.Story.Rows[1].ID = "a", "12:30"
	s.Story.World.Frozen = []fault.Fault{
		{Family: fault.Crash, Name: 7, At: 1234567890, Node: "worker", Lasts: time.Second, Losses: []fault.Loss{{File: "w.1", Kept: 2, Torn: 1, Zeros: true}}},
		{Family: fault.CrashAtPersist, At: 1, Node: "broker-0", Nth: 3, Moment: fault.Durable},
		{Family: fault.Drop, Name: math.MaxUint64, At: time.Minute + 1, Node: "producer", Peer: "broker-1", Kind: 100, Nth: 2},
	}
	s.Story.World.Faults = fault.Plan{}
	s.Story.AskEvery, s.Story.End, s.Story.Pace, s.Story.Sizes.Brokers = int64(time.Second), 20_000_000, 2, 3
	s.Story.World.Start = 1_000_000
	s.Expect = Expect{
		Verdict: Violated, Property: "nothing-twice", Dropped: []string{"a"}, View: []Line{},
		At: []Instant{{At: 1_000_000, View: []Line{{{Column: "a0", Text: "3"}, {Column: "start", Text: "-5s"}}, {{Column: "a0", Null: true}}}}},
	}
	s.Properties = []string{"nothing-twice", "client-exact"}
	s.Teach = []Note{{At: 5, Say: "look: here"}, {Say: "and there"}}
	return s
}

// What is printed is read as the same scenario: all that is drawn, and one in which
// everything is said.
func TestLawScenarioRoundTrip(t *testing.T) {
	list := []*Scenario{full()}
	for seed := uint64(1); seed <= 150; seed++ {
		list = append(list, Drawn(seed))
	}
	for _, s := range list {
		text := s.String()
		again, err := ParseScenario("x.yaml", []byte(text), nil)
		if err != nil {
			t.Fatalf("%s: %v\n%s", s.Name, err, text)
		}
		if diff := cmp.Diff(s, again, scenarioDiff, cmp.AllowUnexported(story.Story{})); diff != "" {
			t.Fatalf("%s (-printed +read):\n%s", s.Name, diff)
		}
		if a, b := s.Story.Pipeline.String(), again.Story.Pipeline.String(); a != b {
			t.Fatalf("%s: pipeline\n%s\nread as\n%s", s.Name, a, b)
		}
		if !reflect.DeepEqual(s.Story.Pipeline.PartitionBy, again.Story.Pipeline.PartitionBy) || again.String() != text {
			t.Fatalf("%s: printed again it is another text", s.Name)
		}
	}
}

const storm = `parallax: scenario/v1
name: storm
source:
  columns: {key: string, value: int64}
  rows:
    - {id: a, at: 1s, ts: -1s, key: k, value: 1}
    - {at: 2s, key: k}
pipeline:
  - key_by: key
  - window: {tumble: 10s}
  - aggregate: {rows: count()}
`

// What is said of mistakes, and where.
func TestVectorScenarioMistakes(t *testing.T) {
	for _, c := range []struct{ old, is, want string }{
		{"name: storm", "nam: storm", `x.yaml:2:1: unknown key "nam"; the keys here are`},
		{"parallax: scenario/v1", "parallax: job/v1", `x.yaml:1:11: format "job/v1" is not the one of a scenario, which is scenario/v1`},
		{"at: 2s", "at: 500ms", `x.yaml:7:7: rows are listed by arrival, and this one arrives before the one above it`},
		{"at: 2s", "at: 2", `x.yaml:7:12: "2" is no time since the start of the run`},
		{"at: 2s", "at: 0:02", `x.yaml:7:12: 0:02 is a number of base 60 to some readers of YAML`},
		{"value: 1}", "value: one}", `x.yaml:6:47: "one" is no whole number of 64 bits; value is int64`},
		{"value: 1}", "valeu: 1}", `unknown key "valeu"; the keys here are id, p, at, ts, key, value; did you mean "value"?`},
		{"value: 1}", "value: 1, p: 1}", `"1" is no partition: there are 1, from 0`},
		{"value: int64", "at: int64", `a column cannot be called "at"`},
		{"count()", "sum(valve)", `did you mean "value"?`},
		{"key_by: key", "key_by: kay", `did you mean "key"?`},
		{"name: storm", "name: storm\ndefect: no-dedap", `x.yaml:3:9: there is no defect "no-dedap"; parallax zoo list names them; did you mean "no-dedup"?`},
		{"name: storm", "name: storm\nexpect: {verdict: violated, property: nothing-lest}", `did you mean "nothing-lost"?`},
		{"name: storm", "name: storm\nexpect: {verdict: lost}", `"lost" is not one of pass, violated, inconclusive`},
		{"name: storm", "name: storm\nexpect: {property: nothing-lost}", `only a run with verdict: violated violates a property`},
		{"name: storm", "name: storm\nexpect: {probes: [kappa.restor]}", `there is no probe "kappa.restor"; did you mean "kappa.restore"?`},
		{"name: storm", "name: storm\nexpect: {excused: [broker-3]}", `there is no node or partition "broker-3"; did you mean "broker-0"?`},
		{"name: storm", "name: storm\nexpect: {dropped: [a, z]}", `no row has the id "z"`},
		{"name: storm", "name: storm\nexpect: {view: [{kay: k}]}", `did you mean "key"?`},
		{"name: storm", "name: storm\nexpect: {at: [{at: 11s, view: []}]}", `instants are listed in order, and lie within clock.storm`},
		{"name: storm", "name: storm\nfaults: {list: [{fault: crush, node: worker}]}", `there is no family "crush"`},
		{"name: storm", "name: storm\nfaults: {list: [{fault: crash, node: workers, at: 1s}]}", `there is no node "workers"; did you mean "worker"?`},
		{"name: storm", "name: storm\nfaults: {swarm: true, list: []}", `swarm, rates and list exclude each other`},
		{"name: storm", "name: storm\nseed: -1", `"-1" is no seed`},
		{"name: storm", "name: storm\nclock: {storm: 1d}", `"1d" is not a duration such as 250ms or 1m30s`},
		{"name: storm", "name: storm\nlate: {rule: operator}", `a run with faults cannot be checked with the rule operator`},
	} {
		text := strings.Replace(storm, c.old, c.is, 1)
		_, err := ParseScenario("x.yaml", []byte(text), nil)
		var e *Error
		if err == nil || !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v\nshould say %s", c.is, err, c.want)
		}
	}
}

// The schema says of every key what decoding wants.
func TestVectorScenarioSchema(t *testing.T) {
	var schema struct {
		Properties map[string]any
		Required   []string
	}
	if err := json.Unmarshal(ScenarioSchema(), &schema); err != nil {
		t.Fatal(err)
	}
	if len(schema.Properties) != reflect.TypeFor[scenarioDoc]().NumField() || !bytes.Contains(ScenarioSchema(), []byte(`"crash-at-persist"`)) {
		t.Errorf("%+v", schema)
	}
	if !reflect.DeepEqual(schema.Required, []string{"parallax", "name", "source", "pipeline"}) {
		t.Errorf("required: %v", schema.Required)
	}
}
