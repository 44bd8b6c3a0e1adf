package scenarios

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
	"time"

	"parallax/engine"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/sim/fault"
	"parallax/sim/story"
)

// String is the canonical text of the scenario: what [ParseScenario] reads as the same,
// and parallax fmt writes.
func (s *Scenario) String() string {
	p := &printer{}
	p.line("parallax: %s", scenarioVersion)
	p.line("name: %s", yamlScalar(s.Name))
	if s.Doc != "" {
		p.line("doc: %s", yamlScalar(s.Doc))
	}
	p.origin(&s.Origin)
	if s.Story.World.Seed != 0 {
		p.line("seed: %d", s.Story.World.Seed)
	}
	p.clock(s)
	p.cluster(s)
	p.source(s)
	p.b.WriteString(s.Story.Pipeline.String())
	switch every := s.Story.AskEvery; {
	case every < 0 && s.Story.Queries == nil:
		p.line("client: {none: true}")
	case every > 0, every == 0 && s.Story.Queries != nil:
		p.line("client: {every: %s}", orDefault(time.Duration(every), 400*time.Millisecond))
	}
	p.verbs(&s.Story)
	p.faults(&s.Story)
	if s.Defect != "" {
		p.line("defect: %s", yamlScalar(s.Defect))
	}
	if s.Properties != nil {
		p.line("properties: %s", flowList(s.Properties))
	}
	p.expect(&s.Expect)
	if s.Teach != nil {
		p.line("teach:")
	}
	for _, n := range s.Teach {
		p.line("  - {at: %s, say: %s}", flow.FormatDuration(n.At), yamlScalar(n.Say))
	}
	return p.b.String()
}

// orDefault is a value, or another one for 0.
func orDefault[T comparable](v, def T) T {
	if v == *new(T) {
		return def
	}
	return v
}

// printer gathers lines.
type printer struct{ b strings.Builder }

func (p *printer) line(format string, args ...any) { fmt.Fprintf(&p.b, format+"\n", args...) }

// member is a key and the text of its value, of a mapping on one line.
func (p *printer) mapping(key string, members ...[2]string) {
	var parts []string
	for _, m := range members {
		if m[1] != "" {
			parts = append(parts, m[0]+": "+m[1])
		}
	}
	if parts != nil {
		p.line("%s: {%s}", key, strings.Join(parts, ", "))
	}
}

// number is a number's text, "" of 0.
func number[T int | int32 | int64 | uint32 | uint64](n T) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// span is a time's text, "" of a default.
func lasting(ns int64, def time.Duration) string {
	if ns == int64(def) {
		return ""
	}
	return time.Duration(ns).String()
}

func (p *printer) origin(o *Origin) {
	shrunk := ""
	for i, s := range o.Shrunk {
		if i > 0 {
			shrunk += ", "
		}
		shrunk += yamlScalar(s[0]) + ": " + yamlScalar(s[1])
	}
	if shrunk != "" {
		shrunk = "{" + shrunk + "}"
	}
	text := func(s string) string {
		if s == "" {
			return ""
		}
		return yamlScalar(s)
	}
	p.mapping("origin", [2]string{"found_by", text(o.FoundBy)}, [2]string{"seed", number(o.Seed)}, [2]string{"commit", text(o.Commit)},
		[2]string{"trace", text(o.Trace)}, [2]string{"shrunk", shrunk})
}

func (p *printer) clock(s *Scenario) {
	start := ""
	if s.Story.World.Start != 0 {
		start = flow.FormatDuration(int64(s.Story.World.Start) / engine.Microsecond)
	}
	p.mapping("clock", [2]string{"start", start}, [2]string{"storm", lasting(s.Story.StormNs, stormDefault)},
		[2]string{"calm", lasting(s.Story.CalmNs, calmDefault)}, [2]string{"pace", number(s.Story.Pace)})
}

func (p *printer) cluster(s *Scenario) {
	z, n := &s.Story.Sizes, &s.Story.World.Network
	p.mapping("cluster", [2]string{"brokers", number(z.Brokers)}, [2]string{"segment_bytes", number(z.SegmentBytes)},
		[2]string{"cache_bytes", number(z.CacheBytes)}, [2]string{"retain_bytes", number(z.RetainBytes)}, [2]string{"checkpoint_bytes", number(z.CheckpointBytes)},
		[2]string{"checkpoints", map[bool]string{true: inStore}[z.Store.On]}, [2]string{"store_busy_ppm", number(z.Store.Busy)},
		[2]string{"store_lost_ppm", number(z.Store.Lost)}, [2]string{"store_slow_ppm", number(z.Store.Slow)},
		[2]string{"credit_bytes", number(z.Credit)}, [2]string{"view_segment_bytes", number(z.ViewBytes)},
		[2]string{"view_base_bytes", number(z.BaseBytes)}, [2]string{"idle_after", lasting(z.IdleAfter, 0)},
		[2]string{"delay_min", lasting(n.DelayMin, 0)}, [2]string{"delay_max", lasting(n.DelayMax, 0)})
}

func (p *printer) source(s *Scenario) {
	p.line("source:")
	p.line("  partitions: %d", s.Story.Partitions)
	if by := s.Story.Pipeline.PartitionBy; by != nil {
		p.line("  partition_by: %s", flowList(by))
	}
	var columns []string
	for _, f := range s.Story.Schema {
		typ := f.Type.String()
		if f.Type.Kind == column.Decimal128 {
			typ = "'" + typ + "'"
		}
		columns = append(columns, yamlScalar(f.Name)+": "+typ)
	}
	p.line("  columns: {%s}", strings.Join(columns, ", "))
	if s.Story.End != 0 {
		p.line("  end: %s", flow.FormatDuration(s.Story.End))
	}
	if len(s.Story.Rows) > 0 {
		p.line("  rows:")
	}
	for i := range s.Story.Rows {
		r := &s.Story.Rows[i]
		line := Line{}
		if r.ID != "" {
			line = append(line, Cell{Column: "id", Text: r.ID})
		}
		line = append(line, Cell{Column: "at", Text: flow.FormatDuration(r.At)})
		if r.Time != r.At {
			line = append(line, Cell{Column: "ts", Text: flow.FormatDuration(r.Time)})
		}
		if r.Partition != 0 {
			line = append(line, Cell{Column: "p", Text: fmt.Sprint(r.Partition)})
		}
		for c, f := range s.Story.Schema {
			if v := r.Values[c]; !v.Null {
				line = append(line, cellOf(f.Name, v))
			}
		}
		p.line("    - %s", line)
	}
}

// String is the row as a mapping on one line.
func (l Line) String() string {
	parts := make([]string, len(l))
	for i, c := range l {
		text := "null"
		if !c.Null {
			text = yamlScalar(c.Text)
		}
		parts[i] = yamlScalar(c.Column) + ": " + text
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func (p *printer) faults(s *story.Story) {
	rates, list := &s.World.Faults, s.World.Frozen
	if list != nil || *rates != (fault.Plan{}) || s.Unrestricted {
		p.line("faults:")
	}
	if s.Unrestricted {
		p.line("  unrestricted: true")
	}
	if list != nil {
		p.line("  list:%s", map[bool]string{true: " []"}[len(list) == 0])
		for i := range list {
			p.line("    - %s", inline(reflect.ValueOf(list[i])))
		}
		return
	}
	said := false
	for _, f := range fault.All() {
		r := rates[f]
		if r == (fault.Strength{}) {
			continue
		}
		if !said {
			p.line("  rates:")
			said = true
		}
		amount := ""
		if r.Sure {
			amount = ", sure: true"
		}
		if r.Least != 0 {
			amount += ", least: " + time.Duration(r.Least).String()
		}
		if r.Most != 0 {
			amount += ", most: " + time.Duration(r.Most).String()
		}
		p.line("    - {fault: %s, ppm: %d%s}", f, r.Rate, amount)
	}
}

func (p *printer) expect(x *Expect) {
	p.line("expect:")
	p.line("  verdict: %s", x.Verdict)
	if x.Property != "" {
		p.line("  property: %s", x.Property)
	}
	if x.Dropped != nil {
		p.line("  dropped: %s", flowList(x.Dropped))
	}
	if x.Excused != nil {
		p.line("  excused: %s", flowList(x.Excused))
	}
	if x.Probes != nil {
		p.line("  probes: %s", flowList(x.Probes))
	}
	lines := func(indent string, view []Line) {
		if len(view) == 0 {
			p.line("%sview: []", indent)
			return
		}
		p.line("%sview:", indent)
		for _, l := range view {
			p.line("%s  - %s", indent, l)
		}
	}
	if x.View != nil {
		lines("  ", x.View)
	}
	if x.At != nil {
		p.line("  at:")
	}
	for _, i := range x.At {
		p.line("    - at: %s", flow.FormatDuration(i.At))
		lines("      ", i.View)
	}
}

// flowList is texts as a list on one line.
func flowList(texts []string) string {
	list := make([]string, len(texts))
	for i, t := range texts {
		list[i] = yamlScalar(t)
	}
	return "[" + strings.Join(list, ", ") + "]"
}

// inline is a struct with yaml tags as a mapping on one line, without what is zero.
func inline(v reflect.Value) string {
	var parts []string
	for i := range v.NumField() {
		if f := v.Field(i); !f.IsZero() {
			parts = append(parts, keyOf(v.Type().Field(i).Tag)+": "+inlineValue(f))
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func inlineValue(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case encoding.TextMarshaler:
		text, err := x.MarshalText()
		if err != nil {
			panic(err) // only names of ours
		}
		return yamlScalar(string(text))
	case time.Duration:
		return x.String()
	}
	switch v.Kind() {
	case reflect.Struct:
		return inline(v)
	case reflect.Slice:
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = inlineValue(v.Index(i))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case reflect.String:
		return yamlScalar(v.String())
	}
	return fmt.Sprint(v.Interface())
}

// yamlScalar is a text as a YAML scalar that stands anywhere, also within brackets:
// plain where no reader could take it for anything else, else in quotes.
func yamlScalar(s string) string {
	plain := s != ""
	for i := 0; i < len(s) && plain; i++ {
		c := s[i]
		word := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= '0' && c <= '9'
		plain = word || i > 0 && (c == '.' || c == '-' || c == '+') || i == 0 && len(s) > 1 && (c == '-' || c == '+') && s[1] >= '0' && s[1] <= '9'
	}
	if plain && !trap(s) && !unlikeText(s) {
		return s
	}
	for _, r := range s {
		if r < ' ' || r == '\u007f' || r >= '\u0080' {
			return quoted(s)
		}
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}
