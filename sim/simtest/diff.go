package simtest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"parallax/engine/flow/column"
)

// paneName is the column that tells panes apart.
const paneName = "pane"

// shownRow is a row for the reader: the text of each value by column.
type shownRow map[string]string

// String lists the columns in order.
func (r shownRow) String() string {
	var names, parts []string
	for name := range r {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		parts = append(parts, name+"="+r[name])
	}
	return strings.Join(parts, " ")
}

// fits tells whether a row has everything that is wanted of it.
func (r shownRow) fits(wanted shownRow) bool {
	for name, text := range wanted {
		if r[name] != text {
			return false
		}
	}
	return true
}

// compare fails the test unless the rows that came are those that are wanted.
func (s *Stepper) compare(what string, rows []any, got []shownRow, columns []string) {
	s.t.Helper()
	var missing []shownRow
	left := slices.Clone(got)
	for _, row := range rows {
		wanted, err := s.wanted(row, columns)
		if err != nil {
			s.fail("expected %s: %v", what, err)
			return
		}
		i := slices.IndexFunc(left, func(r shownRow) bool { return r.fits(wanted) })
		if i < 0 {
			missing = append(missing, wanted)
			continue
		}
		left = slices.Delete(left, i, i+1)
	}
	if len(missing) == 0 && len(left) == 0 {
		return
	}
	var b strings.Builder
	for _, r := range missing {
		fmt.Fprintf(&b, "\n  - %s", r)
	}
	for _, r := range left {
		fmt.Fprintf(&b, "\n  + %s", r)
	}
	s.fail("%s after %s, - expected and not there, + there and not expected:%s", what, s.last, b.String())
}

// wanted is what somebody expects of a row.
func (s *Stepper) wanted(row any, columns []string) (shownRow, error) {
	given, err := cellsOf(row)
	if err != nil {
		return nil, err
	}
	out := shownRow{}
	for _, name := range given.names() {
		if !slices.Contains(columns, name) {
			slices.Sort(columns)
			return nil, fmt.Errorf("there is no column %q; there are %s", name, strings.Join(slices.Compact(columns), ", "))
		}
		at, isTime := given[name].(time.Duration)
		switch t, known := s.typeOf(name); {
		case isTime && (name == "event_time"):
			out[name] = at.String()
		case !known:
			out[name] = fmt.Sprint(given[name])
		case isTime && t.Kind == column.Int64: // a window's edge
			out[name] = fmt.Sprint(at.Milliseconds())
		default:
			v, err := parse(given[name], t)
			if err != nil {
				return nil, fmt.Errorf("column %s: %w", name, err)
			}
			out[name] = shown(v)
		}
	}
	return out, nil
}

// typeOf is the type of a column of rows or results.
func (s *Stepper) typeOf(name string) (column.Type, bool) {
	for _, schema := range []column.Schema{s.plan.Result, s.plan.Last().Finished, s.plan.Input} {
		if i := schema.Index(name); i >= 0 {
			return schema[i].Type, true
		}
	}
	return column.Type{}, false
}
