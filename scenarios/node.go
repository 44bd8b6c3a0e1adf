package scenarios

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// nodeKind is the shape of a YAML value.
type nodeKind uint8

const (
	scalarNode nodeKind = iota
	listNode
	mapNode
	nullNode
)

// String names the shape in messages.
func (k nodeKind) String() string {
	return [...]string{"a value", "a list", "a mapping", "nothing"}[k]
}

// text is what positions point into: the job file or an override.
type text struct {
	file string
	data []byte
}

// node is a YAML value and where it stands.
type node struct {
	kind    nodeKind
	from    *text
	line    int
	column  int
	scalar  string // of a scalar
	plain   bool   // a scalar without quotes, on one line
	quoted  bool   // a scalar in quotes, on one line
	flow    bool   // a mapping or list in brackets
	items   []*node
	entries []entry
}

// entry is one key of a mapping.
type entry struct {
	key   *node
	value *node
}

func (n *node) errorf(format string, args ...any) *Error {
	return &Error{
		File: n.from.file, Line: n.line, Column: n.column, Msg: fmt.Sprintf(format, args...),
		source: n.from.data, width: utf8.RuneCountInString(n.scalar),
	}
}

// within points at a byte of a scalar's text.
func (n *node) within(offset int, format string, args ...any) *Error {
	e := n.errorf(format, args...)
	if n.kind == scalarNode && offset >= 0 && (n.plain || n.quoted) {
		e.Column += utf8.RuneCountInString(n.scalar[:min(offset, len(n.scalar))])
		e.width = 1
		if n.quoted {
			e.Column++
		}
	}
	return e
}

// get is the value of a key, or nil.
func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	for i := range n.entries {
		if n.entries[i].key.scalar == key {
			return n.entries[i].value
		}
	}
	return nil
}

// find follows a path such as "pipeline[3].aggregate.bytes" as far as it goes.
func (n *node) find(path string) *node {
	for path != "" {
		next, rest := n.child(path)
		if next == nil {
			return n
		}
		n, path = next, rest
	}
	return n
}

// child follows one part of a path. A key may hold dots; the longest one wins.
func (n *node) child(path string) (*node, string) {
	if index, ok := strings.CutPrefix(path, "["); ok {
		number, rest, _ := strings.Cut(index, "]")
		i, err := strconv.Atoi(number)
		if err != nil || i < 0 || i >= len(n.items) {
			return nil, ""
		}
		return n.items[i], strings.TrimPrefix(rest, ".")
	}
	best := -1
	for i := range n.entries {
		key := n.entries[i].key.scalar
		rest, ok := strings.CutPrefix(path, key)
		if ok && (rest == "" || rest[0] == '.' || rest[0] == '[') && (best < 0 || len(key) > len(n.entries[best].key.scalar)) {
			best = i
		}
	}
	if best < 0 {
		return nil, ""
	}
	rest := path[len(n.entries[best].key.scalar):]
	value := n.entries[best].value
	if value.kind == nullNode {
		return nil, ""
	}
	return value, strings.TrimPrefix(rest, ".")
}
