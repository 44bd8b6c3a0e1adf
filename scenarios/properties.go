package scenarios

import (
	"errors"
	"fmt"

	"parallax/sim/cluster"
)

// errNothingOf says that a run which must show something of a property has not.
var errNothingOf = errors.New("nothing has happened that the property is about")

// propertyNames are the names of all properties.
func propertyNames() (names []string) {
	for _, p := range cluster.Properties() {
		names = append(names, p.Name)
	}
	return names
}

// properties reads what the run must show something of.
func (r *scenarioReader) properties() error {
	r.s.Properties = r.doc.Properties
	for _, name := range r.s.Properties {
		if err := oneOf(r.root.get("properties"), "property", name, propertyNames()); err != nil {
			return err
		}
	}
	return nil
}

// unshown says of which property a run should have shown something and has not, or nil.
func (s *Scenario) unshown(t *cluster.Tally) error {
	for _, name := range s.Properties {
		for _, p := range cluster.Properties() {
			if p.Name == name && p.Shown(t) == 0 {
				return fmt.Errorf("%w: %s", errNothingOf, name)
			}
		}
	}
	return nil
}
