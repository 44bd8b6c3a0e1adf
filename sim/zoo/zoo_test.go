package zoo

import (
	"slices"
	"testing"

	"parallax/sim/cluster"
)

// Every defect says what it is, changes something, and names properties that there
// are.
func TestVectorZoo(t *testing.T) {
	var names, properties []string
	for _, p := range cluster.Properties() {
		properties = append(properties, p.Name)
	}
	for _, d := range All() {
		if d.Name == "" || d.Layer == "" || d.Reference == "" || d.Mechanism == "" || d.Plant == nil {
			t.Errorf("%+v says too little", d)
			continue
		}
		if slices.Contains(names, d.Name) {
			t.Errorf("%s: twice", d.Name)
		}
		names = append(names, d.Name)
		for _, p := range d.Properties {
			if !slices.Contains(properties, p) {
				t.Errorf("%s: there is no property %s", d.Name, p)
			}
		}
		if found, ok := Find(d.Name); !ok || found != d {
			t.Errorf("%s: not found", d.Name)
		}
	}
	for _, a := range Absences() {
		if a.Layer == "" || a.Reference == "" || a.Reason == "" {
			t.Errorf("%+v says too little", a)
		}
	}
	if _, ok := Find("honesty"); ok || len(names) != len(Names()) {
		t.Error("a defect that there is not")
	}
}
