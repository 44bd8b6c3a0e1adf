package oracle

import (
	"strconv"

	"parallax/engine/flow/column"
)

// identity names a (key, window): texts with their lengths, so that no two keys
// run into one. Values that compare as equal have one text.
func identity(key []column.Value, s span) string {
	b := strconv.AppendInt(make([]byte, 0, 64), s.start, 10)
	b = strconv.AppendInt(append(b, ' '), s.end, 10)
	for _, v := range key {
		if v.Null {
			b = append(b, " null"...)
			continue
		}
		text := v.Text()
		b = strconv.AppendInt(append(b, ' '), int64(len(text)), 10)
		b = append(append(b, ':'), text...)
	}
	return string(b)
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
