package scenarios

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// parseYAML reads one document into nodes. It refuses what different readers of
// YAML understand differently, and what hides text elsewhere: anchors, aliases,
// merge keys and tags.
func parseYAML(from *text) (n *node, err error) {
	whole := &node{from: from, line: 1, column: 1}
	defer func() {
		if p := recover(); p != nil { // the library's, on text that it does not foresee
			n, err = nil, whole.errorf("not YAML: %v", p)
		}
	}()
	file, err := parser.ParseBytes(from.data, 0)
	if err != nil {
		var syntax *yaml.SyntaxError
		if errors.As(err, &syntax) && syntax.Token != nil && syntax.Token.Position != nil {
			at := *whole
			at.line, at.column = syntax.Token.Position.Line, syntax.Token.Position.Column
			return nil, at.errorf("not YAML: %s", syntax.Message)
		}
		return nil, whole.errorf("not YAML: %v", err)
	}
	var body ast.Node
	for _, doc := range file.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.CommentType {
			continue
		}
		if body != nil {
			return nil, place(doc.Body, from).errorf("a second document; a file holds one")
		}
		body = doc.Body
	}
	if body == nil {
		return nil, whole.errorf("empty; a job begins with parallax: job/v1, a scenario with parallax: scenario/v1")
	}
	r := yamlReader{from: from}
	n = r.read(body)
	if r.err != nil {
		return nil, r.err
	}
	return n, nil
}

// yamlReader turns the library's tree into nodes; the first error stays.
type yamlReader struct {
	from *text
	err  *Error
}

func place(a ast.Node, from *text) *node {
	n := &node{from: from, line: 1, column: 1}
	if t := a.GetToken(); t != nil && t.Position != nil {
		n.line, n.column = t.Position.Line, t.Position.Column
	}
	return n
}

func (r *yamlReader) fail(e *Error) {
	if r.err == nil {
		r.err = e
	}
}

func (r *yamlReader) read(a ast.Node) *node {
	n := place(a, r.from)
	switch a := a.(type) {
	case *ast.MappingNode:
		n.kind, n.flow = mapNode, a.IsFlowStyle
		for _, v := range a.Values {
			r.entry(n, v)
		}
		if !a.IsFlowStyle && len(n.entries) > 0 {
			n.line, n.column = n.entries[0].key.line, n.entries[0].key.column
		}
	case *ast.MappingValueNode:
		n.kind, n.flow = mapNode, a.IsFlowStyle
		r.entry(n, a)
		if len(n.entries) > 0 {
			n.line, n.column = n.entries[0].key.line, n.entries[0].key.column
		}
	case *ast.SequenceNode:
		n.kind, n.flow = listNode, a.IsFlowStyle
		for _, v := range a.Values {
			n.items = append(n.items, r.read(v))
		}
	case *ast.NullNode:
		n.kind = nullNode
	case *ast.LiteralNode:
		n.scalar = a.Value.Value
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		r.scalar(n, a.GetToken())
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode:
		r.fail(n.errorf("anchors, aliases and merge keys are not used here; write the value out"))
	case *ast.TagNode:
		r.fail(n.errorf("tags are not used here"))
	default:
		r.fail(n.errorf("this YAML is not used here"))
	}
	return n
}

func (r *yamlReader) entry(n *node, v *ast.MappingValueNode) {
	if v.Key.IsMergeKey() {
		r.fail(place(v.Key, r.from).errorf("anchors, aliases and merge keys are not used here; write the value out"))
		return
	}
	key := r.read(v.Key)
	if key.kind != scalarNode {
		r.fail(key.errorf("a key must be a name"))
		return
	}
	if n.get(key.scalar) != nil {
		r.fail(key.errorf("the key %q stands here twice", key.scalar))
		return
	}
	value := r.read(v.Value)
	if value.kind == nullNode {
		value.line, value.column, value.scalar = key.line, key.column, ""
	}
	n.entries = append(n.entries, entry{key, value})
}

// Plain scalars that a reader of YAML 1.1 takes for a bool, a number of base 60
// or of base 8, or that readers take for a date.
var (
	trapBool  = regexp.MustCompile(`^(?i:yes|no|on|off)$`)
	trapSixty = regexp.MustCompile(`^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$`)
	trapOctal = regexp.MustCompile(`^[-+]?0o?[0-7_]+$`)
	trapDate  = regexp.MustCompile(`^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?$`)
)

func (r *yamlReader) scalar(n *node, t *token.Token) {
	n.scalar = t.Value
	switch t.Type {
	case token.SingleQuoteType, token.DoubleQuoteType:
		n.quoted = true
		return
	}
	n.plain = true
	switch s := n.scalar; {
	case trapBool.MatchString(s):
		r.fail(n.errorf("%s is a truth value to some readers of YAML; write %q in quotes, or true or false", s, s))
	case trapSixty.MatchString(s):
		r.fail(n.errorf("%s is a number of base 60 to some readers of YAML; write %q in quotes, or a duration such as 3s", s, s))
	case trapOctal.MatchString(s) && s != "0":
		r.fail(n.errorf("%s is a number of base 8 to some readers of YAML; write %q in quotes", s, s))
	case trapDate.MatchString(s):
		r.fail(n.errorf("%s is a date to some readers of YAML; write %q in quotes", s, s))
	}
}

// trap reports whether a plain scalar is something else to some reader of YAML.
func trap(s string) bool {
	return trapBool.MatchString(s) || trapSixty.MatchString(s) || trapOctal.MatchString(s) && s != "0" || trapDate.MatchString(s)
}

// unlikeText reports whether a plain scalar is a word that YAML has a value for.
func unlikeText(s string) bool {
	switch strings.ToLower(s) {
	case "true", "false", "null", "y", "n", "~", ".nan", ".inf":
		return true
	}
	return false
}

// quoted is a text in double quotes, with escapes that every reader of YAML knows.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r >= ' ' && r < '\u007f' || r >= '\u00a0' && strconv.IsPrint(r) && r != '\ufeff':
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
