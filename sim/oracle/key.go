package oracle

import (
	"fmt"
	"strings"

	"parallax/engine/flow/column"
)

// identity names a (key, window): texts with their lengths, so that no two keys
// run into one. Values that compare as equal have one text.
func identity(key []column.Value, s span) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %d", s.start, s.end)
	for _, v := range key {
		if v.Null {
			b.WriteString(" null")
			continue
		}
		text := v.Text()
		fmt.Fprintf(&b, " %d:%s", len(text), text)
	}
	return b.String()
}

// compareKeys orders key tuples by their first difference.
func compareKeys(a, b []column.Value) int {
	for i := range a {
		if c := a[i].Compare(b[i]); c != 0 {
			return c
		}
	}
	return 0
}
