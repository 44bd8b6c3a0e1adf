package scenarios

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Format is the text of a job or scenario file as it should be written. A scenario
// without comments is printed anew. Of everything else the words stay as they are, and
// their comments with them: top-level keys come in the order of the format, and spaces
// at line ends, doubled empty lines and a missing last line end go. What does not parse
// is not formatted.
func Format(file string, data []byte) ([]byte, error) {
	root, err := parseYAML(&text{file: file, data: data})
	if err != nil {
		return nil, err
	}
	order := keysOf(reflect.TypeFor[document]())
	if v := root.get("parallax"); v != nil && v.scalar == scenarioVersion {
		s, err := ParseScenario(file, data, nil)
		if err != nil {
			return nil, err
		}
		if !hasComments(data) {
			return []byte(s.String()), nil
		}
		order = keysOf(reflect.TypeFor[scenarioDoc]())
	} else if _, err := Parse(file, data, nil); err != nil {
		return nil, err
	}
	out := ordered(data, order)
	again, err := parseYAML(&text{file: file, data: out})
	if err != nil || !sameValue(root, again) {
		return nil, fmt.Errorf("scenarios: %s: formatting it would change what it says", file)
	}
	return out, nil
}

// hasComments reports whether a text may hold comments: a # at the beginning of a line
// or behind a space.
func hasComments(data []byte) bool {
	return bytes.HasPrefix(data, []byte("#")) || bytes.Contains(data, []byte("\n#")) || bytes.Contains(data, []byte(" #"))
}

// block is a top-level key with its lines and the comments above it.
type block struct {
	key   string
	lines []string
}

// ordered puts the top-level keys in order. Comments before the first key that an empty
// line parts from it belong to the file.
func ordered(data []byte, order []string) []byte {
	head, blocks := blocksOf(strings.Split(string(data), "\n"))
	slices.SortStableFunc(blocks, func(a, b block) int { return slices.Index(order, a.key) - slices.Index(order, b.key) })
	lines := head
	for _, b := range blocks {
		lines = append(lines, b.lines...)
	}
	var out []string
	for _, l := range lines {
		if l == "" && (len(out) == 0 || out[len(out)-1] == "") {
			continue
		}
		out = append(out, l)
	}
	for len(out) > 0 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return []byte(strings.Join(out, "\n") + "\n")
}

func blocksOf(lines []string) (head []string, blocks []block) {
	var above []string
	for _, l := range lines {
		l = strings.TrimRight(l, " \t\r")
		inside := l == "" || l[0] == ' ' || l[0] == '-' || l[0] == '\t'
		switch {
		case l != "" && l[0] == '#' || l == "" && len(above) > 0:
			above = append(above, l)
		case len(blocks) == 0 && inside:
			head = append(head, l)
		case inside:
			last := &blocks[len(blocks)-1]
			last.lines, above = append(append(last.lines, above...), l), nil
		default:
			if at := lastEmpty(above); len(blocks) == 0 && at >= 0 {
				head, above = append(head, above[:at+1]...), above[at+1:]
			}
			key, _, _ := strings.Cut(l, ":")
			blocks, above = append(blocks, block{key: strings.Trim(key, `"'`), lines: append(above, l)}), nil
		}
	}
	if len(blocks) > 0 {
		last := &blocks[len(blocks)-1]
		last.lines = append(last.lines, above...)
	}
	return head, blocks
}

func lastEmpty(lines []string) int {
	for i := len(lines) - 1; i >= 0; i-- {
		if lines[i] == "" {
			return i
		}
	}
	return -1
}

// sameValue reports whether two nodes say the same; the order of keys says nothing.
func sameValue(a, b *node) bool {
	if a.kind != b.kind || a.scalar != b.scalar && a.kind == scalarNode || len(a.items) != len(b.items) || len(a.entries) != len(b.entries) {
		return false
	}
	for i := range a.items {
		if !sameValue(a.items[i], b.items[i]) {
			return false
		}
	}
	for _, e := range a.entries {
		if other := b.get(e.key.scalar); other == nil || !sameValue(e.value, other) {
			return false
		}
	}
	return true
}
