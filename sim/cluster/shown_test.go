package cluster

import "testing"

// What is said to show something is said of properties that there are, and drawn runs
// show something of all of them.
func TestLawEveryPropertyIsShown(t *testing.T) {
	names, sum := map[string]bool{}, map[string]int{}
	for seed := uint64(1); seed <= 20; seed++ {
		d, err := runSmall(t, seed, nil)
		if err != nil {
			t.Fatal(err)
		}
		tally := d.Tally()
		for _, p := range Properties() {
			if names[p.Name] = true; p.Shown(&tally) > 0 {
				sum[p.Name]++
			}
			if p.Shown(&Tally{}) != 0 {
				t.Errorf("%s: a run in which nothing happened shows something", p.Name)
			}
		}
	}
	for name := range shown {
		if !names[name] {
			t.Errorf("there is no property %s", name)
		}
	}
	for name := range names {
		if sum[name] == 0 {
			t.Errorf("%s: no run has shown anything", name)
		}
	}
}
