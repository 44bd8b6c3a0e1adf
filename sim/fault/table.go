package fault

import (
	"fmt"
	"strings"
)

// Table counts over many runs what each family has done.
type Table struct {
	Runs int
	Rows [Count]Row
}

// Row is what one family has done.
type Row struct {
	Active  int    // runs in which it could strike
	Fired   int    // of these, runs in which it did
	Strikes uint64 // over all
}

// Add takes in a run: which families could strike in it, and how often each did.
func (t *Table) Add(active [Count]bool, strikes [Count]uint64) {
	t.Runs++
	for f := range t.Rows {
		r := &t.Rows[f]
		r.Strikes += strikes[f]
		if !active[f] {
			continue
		}
		r.Active++
		if strikes[f] > 0 {
			r.Fired++
		}
	}
}

// Merge takes in what another table has counted.
func (t *Table) Merge(o *Table) {
	t.Runs += o.Runs
	for f := range t.Rows {
		t.Rows[f].Active += o.Rows[f].Active
		t.Rows[f].Fired += o.Rows[f].Fired
		t.Rows[f].Strikes += o.Rows[f].Strikes
	}
}

// Silent lists the families that could strike and never did: the runs have shown
// nothing of them.
func (t *Table) Silent() []Family {
	var list []Family
	for _, f := range All() {
		if r := &t.Rows[f]; r.Active > 0 && r.Fired == 0 {
			list = append(list, f)
		}
	}
	return list
}

// String is a line for each family.
func (t *Table) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-17s %9s %13s %9s\n", "family", "active", "then fired", "strikes")
	for _, f := range All() {
		r := &t.Rows[f]
		fmt.Fprintf(&b, "%-17s %7.1f %% %11.1f %% %9d\n", f, percent(r.Active, t.Runs), percent(r.Fired, r.Active), r.Strikes)
	}
	return b.String()
}

func percent(part, of int) float64 { return float64(100*part) / float64(max(of, 1)) }
