package scenarios

import (
	"strings"
	"testing"
)

const asking = `parallax: scenario/v1
name: asking
source:
  columns: {city: string, value: int64}
  rows:
    - {at: 1s, city: Bern, value: 1}
    - {at: 2s, city: Oslo, value: 2}
    - {at: 8s, city: Bern, value: 4}
watermark: {monotonic: true}
pipeline:
  - key_by: [city]
  - window: {tumble: 5s}
  - aggregate:
      sum: sum(value)
queries:
  - {at: 9s}
  - {at: 9s500ms, key: {city: Oslo}}
  - {at: 9s600ms, from: 0s, to: 5s, limit: 1}
  - {at: 9s700ms, limit: 1, more: true}
restarts:
  - {at: 3s, node: worker}
  - {at: 4s, node: view}
`

// What is asked is answered and compared, and nobody asks more; restarts happen.
func TestVectorVerbs(t *testing.T) {
	s, err := ParseScenario("asking.yaml", []byte(asking), nil)
	if err != nil {
		t.Fatal(err)
	}
	out := mustPlay(t, s)
	if out.Verdict != Pass || out.Tally.Answers != 4 || out.Tally.AnswerRows != 6 || out.Tally.AnswerPages != 1 || out.Tally.Crashes != 2 {
		t.Errorf("%s, %v: %+v", out.Verdict, out.Why, out.Tally)
	}
	again, err := ParseScenario("asking.yaml", []byte(s.String()), nil)
	if err != nil || again.String() != s.String() || mustPlay(t, again).Hash != out.Hash {
		t.Errorf("%v: printed it is\n%s", err, s)
	}
}

// A scenario says of which properties it is to show something, and shows nothing where
// nobody asks.
func TestVectorProperties(t *testing.T) {
	text := asking + "properties: [client-exact, answer-exact]\n"
	s, err := ParseScenario("asking.yaml", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	if out := mustPlay(t, s); out.Verdict != Pass {
		t.Errorf("%s, %v", out.Verdict, out.Why)
	}
	s.Story.Queries = nil
	if out := mustPlay(t, s); out.Verdict != Inconclusive || !strings.Contains(out.Why.Error(), "client-exact") {
		t.Errorf("%s, %v", out.Verdict, out.Why)
	}
	_, err = ParseScenario("asking.yaml", []byte(strings.Replace(text, "client-exact", "client-exakt", 1)), nil)
	if err == nil || !strings.Contains(err.Error(), `23:13: there is no property "client-exakt"; did you mean "client-exact"?`) {
		t.Error(err)
	}
}

// Mistakes in what is asked are told with their place.
func TestVectorVerbsRefused(t *testing.T) {
	for _, c := range []struct{ old, now, want string }{
		{"{at: 9s500ms, key: {city: Oslo}}", "{at: 8s}", "17:10: questions are listed by instant"},
		{"key: {city: Oslo}", "key: {town: Oslo}", `17:25: unknown key "town"; the keys here are city`},
		{"from: 0s, to: 5s", "from: 5s, to: 5s", "18:5: no window begins"},
		{"limit: 1,", "limit: 0,", "19:26: an answer has 1 to 4096 rows"},
		{"node: view", "node: vew", `22:20: there is no node "vew"; did you mean "view"?`},
		{"{at: 4s, node", "{at: 2s, node", "22:10: restarts are listed by instant"},
	} {
		_, err := ParseScenario("asking.yaml", []byte(strings.Replace(asking, c.old, c.now, 1)), nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, should say %s", c.now, err, c.want)
		}
	}
}
