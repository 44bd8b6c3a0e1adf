package scenarios

import (
	"strconv"
	"strings"
)

// override applies KEY=VALUE to a job: KEY is a path of names and list positions
// from 0 with dots between, VALUE is YAML. Missing mappings are created; whether
// the key belongs there is for the decoder to say.
func override(root *node, set string) error { return overrideFrom(root, set, "--set "+set) }

// overrideFrom is override, of what origin says.
func overrideFrom(root *node, set, origin string) error {
	from := &text{file: origin, data: []byte(set)}
	whole := &node{from: from, line: 0}
	path, value, ok := strings.Cut(set, "=")
	if !ok || path == "" {
		return whole.errorf("an override is KEY=VALUE, as in watermark.bounded=5s")
	}
	n, err := parseOverride(from, value, len(path)+1)
	if err != nil {
		return err
	}
	at, names := root, strings.Split(path, ".")
	for i, name := range names {
		last := i == len(names)-1
		key := &node{from: from, line: 1, column: 1 + len(strings.Join(names[:i], "."))}
		if i > 0 {
			key.column++
		}
		key.scalar = name
		switch at.kind {
		case nullNode:
			at.kind, at.from, at.line, at.column = mapNode, from, 1, 1
		case scalarNode:
			return key.errorf("%s is a value, it has no keys", strings.Join(names[:i], "."))
		}
		if at.kind == listNode {
			index, err := strconv.Atoi(name)
			if err != nil || index < 0 || index >= len(at.items) {
				return key.errorf("%q is not a position in a list of %d, from 0", name, len(at.items))
			}
			if last {
				at.items[index] = n
			}
			at = at.items[index]
			continue
		}
		next := at.get(name)
		if last {
			at.put(key, n)
			return nil
		}
		if next == nil {
			next = &node{kind: mapNode, from: from, line: 1, column: 1}
			at.put(key, next)
		}
		at = next
	}
	return nil
}

// parseOverride reads the VALUE of an override, which begins at a byte of it.
func parseOverride(from *text, value string, offset int) (*node, error) {
	if strings.TrimSpace(value) == "" {
		return &node{kind: scalarNode, from: from, line: 1, column: offset + 1, quoted: true}, nil
	}
	n, err := parseYAML(&text{file: from.file, data: []byte(value)})
	if err != nil {
		if e, ok := err.(*Error); ok {
			e.source, e.Column = from.data, e.Column+offset
		}
		return nil, err
	}
	n.shift(from, offset)
	return n, nil
}

// shift moves the positions of an override's value to where it stands in it.
func (n *node) shift(from *text, offset int) {
	if n.line == 1 {
		n.column += offset
	}
	n.from = from
	for _, item := range n.items {
		item.shift(from, offset)
	}
	for _, e := range n.entries {
		e.key.shift(from, offset)
		e.value.shift(from, offset)
	}
}

// put replaces or adds a key. A replaced key keeps its own place.
func (n *node) put(key, value *node) {
	for i := range n.entries {
		if n.entries[i].key.scalar == key.scalar {
			n.entries[i].value = value
			return
		}
	}
	n.entries = append(n.entries, entry{key, value})
}
