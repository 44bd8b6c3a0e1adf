package flow_test

import (
	"testing"

	"github.com/goccy/go-yaml"
	"pgregory.net/rapid"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/window"
)

// TestLawString: the canonical text is YAML that gives back every name and every
// expression, however odd.
func TestLawString(t *testing.T) {
	odd := rapid.OneOf(
		rapid.SampledFrom([]string{"a", "no", "Null", "a: b", "x #y", "- z", "'q'", "\"", "{", "[", "&a", "*", "!", "%", "@", "`", " ", "", "1e3", "0x1", "~", "é", "\t", "\n", "a,b", "a'b", "<<", "=", ".inf", "2001-01-01"}),
		rapid.StringN(0, 6, -1), rapid.StringMatching(`[a-z_. ,:'#-]{1,8}`),
	)
	rapid.Check(t, func(t *rapid.T) {
		name, key, text := odd.Draw(t, "name"), odd.Draw(t, "key"), odd.Draw(t, "text")
		w := window.Hop(rapid.Int64Range(1, 1<<50).Draw(t, "size"), rapid.Int64Range(1, 1<<50).Draw(t, "every"), rapid.Int64Range(-1<<50, 1<<50).Draw(t, "offset"))
		literal := &expr.Literal{Value: column.Value{Type: column.TypeOf(column.String), String: text}}
		filter := &expr.Binary{Op: "=", L: &expr.Field{Name: "x" + key}, R: literal}
		p := &flow.Pipeline{Steps: []flow.Step{
			{Filter: filter},
			{KeyBy: []string{key, name}},
			{Window: &w},
			{Aggregates: []flow.Aggregate{{Name: name, Call: expr.CallExpr{Func: "count", Where: filter}}}},
		}}
		var doc struct {
			Pipeline []struct {
				Filter    string
				KeyBy     []string `yaml:"key_by"`
				Window    map[string]string
				Aggregate map[string]string
			}
		}
		if err := yaml.Unmarshal([]byte(p.String()), &doc); err != nil || len(doc.Pipeline) != 4 {
			t.Fatalf("%v\n%s", err, p)
		}
		d := doc.Pipeline
		offset := int64(0)
		if d[2].Window["offset"] != "" {
			offset, _ = flow.ParseDuration(d[2].Window["offset"])
		}
		size, _ := flow.ParseDuration(d[2].Window["hop"])
		every, _ := flow.ParseDuration(d[2].Window["every"])
		if d[0].Filter != filter.String() || d[1].KeyBy[0] != key || d[1].KeyBy[1] != name ||
			d[3].Aggregate[name] != "count() where "+filter.String() || window.Hop(size, every, offset) != w {
			t.Fatalf("%q reads as %+v", p, d)
		}
	})
}
