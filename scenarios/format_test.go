package scenarios

import (
	"strings"
	"testing"
)

// What formatting does to jobs, and to scenarios with comments and without.
func TestVectorFormat(t *testing.T) {
	job := "# a file of mine\n\n# who\nname: x   \npipeline:\n  - window: {tumble: 1s} # one\n\n\n  - aggregate: {n: count()}\n# where\nsource:\n  file: a.csv\n  event_time: {field: t}\nparallax: job/v1"
	want := "# a file of mine\n\nparallax: job/v1\n# who\nname: x\n# where\nsource:\n  file: a.csv\n  event_time: {field: t}\npipeline:\n  - window: {tumble: 1s} # one\n\n  - aggregate: {n: count()}\n"
	for _, c := range []struct{ in, want string }{
		{job, want},
		{want, want},
		{strings.Replace(storm, "  rows:", "  rows: # by arrival", 1), strings.Replace(storm, "  rows:", "  rows: # by arrival", 1)},
		{storm, parsed(t, storm).String()},
	} {
		got, err := Format("x.yaml", []byte(c.in))
		if err != nil || string(got) != c.want {
			t.Errorf("%v\n%s\nshould be\n%s", err, got, c.want)
		}
	}
	if _, err := Format("x.yaml", []byte("parallax: job/v1\nnam: x\n")); err == nil {
		t.Error("a file with mistakes was formatted")
	}
}

// Formatting again changes nothing, and what is said stays.
func TestLawFormat(t *testing.T) {
	for seed := uint64(1); seed <= 20; seed++ {
		text := Drawn(seed).String()
		once, err := Format("x.yaml", []byte(text))
		if err != nil || string(once) != text {
			t.Fatalf("seed %d: %v\n%s", seed, err, once)
		}
	}
}
