package scenarios

import (
	"fmt"
	"io"
	"strings"
)

// WriteConfig prints what a job says in full, one value on each line, with where
// it is from: the job file and line, or the override.
func (j *Job) WriteConfig(w io.Writer) error {
	if j.root == nil {
		return nil
	}
	var lines [][2]string
	j.root.leaves("", &lines)
	width := 0
	for _, l := range lines {
		width = max(width, len(l[0]))
	}
	for _, l := range lines {
		if _, err := fmt.Fprintf(w, "%-*s  # %s\n", width, l[0], l[1]); err != nil {
			return err
		}
	}
	return nil
}

func (n *node) leaves(path string, out *[][2]string) {
	under := func(name string) string {
		if path == "" {
			return name
		}
		return path + "." + name
	}
	switch n.kind {
	case mapNode:
		for _, e := range n.entries {
			e.value.leaves(under(e.key.scalar), out)
		}
	case listNode:
		for i, item := range n.items {
			item.leaves(under(fmt.Sprint(i)), out)
		}
	case scalarNode:
		origin := n.from.file
		if !strings.HasPrefix(origin, "--set ") && !fromProfile(n) {
			origin = fmt.Sprintf("%s:%d", origin, n.line)
		}
		*out = append(*out, [2]string{path + " = " + n.scalar, origin})
	}
}
