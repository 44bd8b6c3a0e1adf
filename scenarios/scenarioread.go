package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"parallax/engine"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/sim"
	"parallax/sim/cluster"
	"parallax/sim/fault"
	"parallax/sim/source"
	"parallax/sim/story"
	"parallax/sim/zoo"
)

// scenarioReader makes a scenario of its document.
type scenarioReader struct {
	root *node
	doc  *scenarioDoc
	s    *Scenario
}

func (r *scenarioReader) read() error {
	if err := r.troubles(); err != nil {
		return err
	}
	r.origin()
	r.sizes()
	for _, part := range []func() error{r.source, r.pipeline, r.verbs, r.faults, r.defect, r.properties, r.expect} {
		if err := part(); err != nil {
			return err
		}
	}
	for _, n := range r.doc.Teach {
		r.s.Teach = append(r.s.Teach, Note{At: int64(n.At), Say: n.Say})
	}
	return nil
}

func (r *scenarioReader) origin() {
	o := r.doc.Origin
	if o == nil {
		return
	}
	r.s.Origin = Origin{FoundBy: o.FoundBy, Seed: uint64(o.Seed), Commit: o.Commit, Trace: o.Trace}
	for _, p := range o.Shrunk {
		r.s.Origin.Shrunk = append(r.s.Origin.Shrunk, [2]string{p.name, p.value})
	}
}

// The times of a run that says nothing about them.
const (
	stormDefault = 10 * time.Second
	calmDefault  = 10 * time.Second
)

// inStore is where checkpoints are that are not on the worker's disk.
const inStore = "store"

// ppm is a rate, 0 unless given.
func ppm(n *int) uint32 { return uint32(min(max(orElse(n, 0), 0), 1_000_000)) }

// orElse is what a pointer points to, or a default.
func orElse[T any](p *T, def T) T {
	if p == nil {
		return def
	}
	return *p
}

func (r *scenarioReader) sizes() {
	c, t, s := &r.doc.Cluster, &r.doc.Clock, &r.s.Story
	if t.Storm == 0 {
		t.Storm = stormDefault
	}
	if t.Calm == 0 {
		t.Calm = calmDefault
	}
	s.StormNs, s.CalmNs, s.Pace = int64(t.Storm), int64(t.Calm), int64(orElse(t.Pace, 0))
	s.World = sim.Options{Seed: uint64(r.doc.Seed), Start: engine.Instant(int64(t.Start) * engine.Microsecond)}
	s.World.Network.DelayMin, s.World.Network.DelayMax = int64(c.DelayMin), int64(c.DelayMax)
	s.Sizes = story.Sizes{
		Brokers: orElse(c.Brokers, 0), SegmentBytes: int64(orElse(c.Segment, 0)), CacheBytes: int64(orElse(c.Cache, 0)), RetainBytes: int64(orElse(c.Retain, 0)),
		IdleAfter: int64(c.IdleAfter), CheckpointBytes: int64(orElse(c.Checkpoint, 0)), Credit: int32(orElse(c.Credit, 0)),
		ViewBytes: int64(orElse(c.ViewBytes, 0)), BaseBytes: orElse(c.ViewBase, 0),
		Store: story.Store{On: c.Checkpoints == inStore, Busy: ppm(c.StoreBusy), Lost: ppm(c.StoreLost), Slow: ppm(c.StoreSlow)},
	}
	if c := r.doc.Client; c != nil {
		s.AskEvery = int64(orElse(c.Every, 0))
		if c.None {
			s.AskEvery = -1
		}
	}
}

// troubles refuses trouble of a store that there is not.
func (r *scenarioReader) troubles() error {
	at := r.root.get("cluster")
	for _, key := range []string{"store_busy_ppm", "store_lost_ppm", "store_slow_ppm"} {
		if n := at.get(key); n != nil && r.doc.Cluster.Checkpoints != inStore {
			return n.errorf("%s says something of an object store, and there is none without checkpoints: store", key)
		}
	}
	return nil
}

func (r *scenarioReader) source() error {
	at, doc := r.root.get("source"), &r.doc.Source
	s := &r.s.Story
	if s.Partitions = orElse(doc.Partitions, 1); s.Partitions < 1 || s.Partitions > partitionsMax {
		return at.get("partitions").errorf("a run has 1 to %d partitions", partitionsMax)
	}
	s.Pipeline, s.End = &flow.Pipeline{PartitionBy: doc.PartitionBy}, int64(doc.End)
	for _, p := range doc.Columns {
		typ, err := columnType(p)
		if err != nil {
			return err
		}
		if slices.Contains(rowKeys, p.name) {
			return p.key.errorf("a column cannot be called %q: in a row that says something else", p.name)
		}
		s.Schema = append(s.Schema, column.Field{Name: p.name, Type: typ})
	}
	for i := range doc.Rows {
		row, err := r.row(doc.Rows[i], at.get("rows").items[i])
		if err != nil {
			return err
		}
		if i > 0 && row.At < s.Rows[i-1].At {
			return at.get("rows").items[i].errorf("rows are listed by arrival, and this one arrives before the one above it")
		}
		s.Rows = append(s.Rows, row)
	}
	return nil
}

// rowKeys are the keys of a row that are no columns.
var rowKeys = []string{"id", "p", "at", "ts"}

func (r *scenarioReader) row(line Line, at *node) (story.Row, error) {
	s := &r.s.Story
	row := story.Row{Values: make([]column.Value, len(s.Schema))}
	for i, f := range s.Schema {
		row.Values[i] = column.Value{Type: f.Type, Null: true}
	}
	timed := false
	for i := range line {
		c, where := &line[i], at.entries[i].value
		switch c.Column {
		case "id":
			row.ID = c.Text
		case "p":
			v, msg := c.value(column.TypeOf(column.Int64))
			if msg != "" || v.Null || v.Int < 0 || v.Int >= int64(s.Partitions) {
				return row, where.errorf("%q is no partition: there are %d, from 0", c.Text, s.Partitions)
			}
			row.Partition = int32(v.Int)
		case "at", "ts":
			us, err := flow.ParseDuration(c.Text)
			if err != nil || c.Column == "at" && us < 0 {
				return row, where.errorf("%q is no time since the start of the run, such as 3s or 1m30s", c.Text)
			}
			if c.Column == "at" {
				row.At = us
			} else {
				row.Time, timed = us, true
			}
		default:
			col := s.Schema.Index(c.Column)
			if col < 0 {
				return row, unknownKey(at.entries[i].key, append(slices.Clone(rowKeys), s.Schema.Names()...))
			}
			var msg string
			if row.Values[col], msg = c.value(s.Schema[col].Type); msg != "" {
				return row, where.errorf("%q %s; %s is %s", c.Text, msg, c.Column, s.Schema[col].Type)
			}
		}
	}
	if !timed {
		row.Time = row.At
	}
	return row, nil
}

// pipeline reads what is computed by the words of job files.
func (r *scenarioReader) pipeline() error {
	j := Job{File: r.s.File, root: r.root}
	j.Pipeline.PartitionBy = r.s.Story.Pipeline.PartitionBy
	if err := j.computes(&r.doc.Watermark, &r.doc.Late, r.doc.Pipeline); err != nil {
		return err
	}
	r.s.Story.Pipeline = &j.Pipeline
	if _, err := j.Pipeline.Plan(r.s.Story.Schema); err != nil {
		return j.place(err)
	}
	return j.checkCluster()
}

func (r *scenarioReader) faults() error {
	doc, at, w := &r.doc.Faults, r.root.get("faults"), &r.s.Story.World
	said := 0
	for _, is := range []bool{doc.Swarm, at.get("rates") != nil, at.get("list") != nil} {
		if is {
			said++
		}
	}
	if said > 1 {
		return at.errorf("swarm, rates and list exclude each other")
	}
	if doc.Swarm {
		w.Faults = sim.Swarm(w.Seed).Faults
	}
	for _, d := range doc.Rates {
		w.Faults[d.Fault] = fault.Strength{Rate: fault.Rate(*d.PPM), Sure: d.Sure, Least: int64(d.Least), Most: int64(d.Most)}
	}
	nodes := r.nodes()
	for i := range doc.List {
		f, where := &doc.List[i], at.get("list").items[i]
		if f.Family == fault.None {
			return where.errorf("the key %q is missing", "fault")
		}
		for _, name := range []struct{ key, is string }{{"node", f.Node}, {"peer", f.Peer}} {
			if name.is != "" && !slices.Contains(nodes, name.is) {
				e := where.get(name.key).errorf("there is no node %q", name.is)
				e.Nearest = expr.Nearest(name.is, nodes)
				return e
			}
		}
	}
	w.Frozen = doc.List
	r.s.Story.Unrestricted = doc.Unrestricted
	return nil
}

// nodes are the names of what faults may hit: the deployment's nodes, and the sources of
// its partitions.
func (r *scenarioReader) nodes() []string {
	list := cluster.NodeNames(&r.s.Story.Sizes)
	for part := range r.s.Story.Partitions {
		list = append(list, source.Name(part))
	}
	return list
}

func (r *scenarioReader) defect() error {
	if r.s.Defect == "" {
		return nil
	}
	if _, ok := zoo.Find(r.s.Defect); !ok {
		e := r.root.get("defect").errorf("there is no defect %q; parallax zoo list names them", r.s.Defect)
		e.Nearest = expr.Nearest(r.s.Defect, zoo.Names())
		return e
	}
	return nil
}

func (r *scenarioReader) expect() error {
	doc, at := &r.doc.Expect, r.root.get("expect")
	x := &r.s.Expect
	*x = Expect{Verdict: doc.Verdict, Property: doc.Property, View: doc.View, Dropped: doc.Dropped, Excused: doc.Excused, Probes: doc.Probes}
	if x.Verdict == "" {
		x.Verdict = Pass
	}
	if err := r.names(at); err != nil {
		return err
	}
	for _, id := range x.Dropped {
		if !slices.ContainsFunc(r.s.Story.Rows, func(row story.Row) bool { return row.ID == id }) {
			return at.get("dropped").errorf("no row has the id %q", id)
		}
	}
	last := duration(0)
	for k, i := range doc.At {
		if i.At < last || int64(i.At)*engine.Microsecond > r.s.Story.StormNs*max(r.s.Story.Pace, 1) {
			return at.get("at").items[k].get("at").errorf("instants are listed in order, and lie within clock.storm")
		}
		last = i.At
		x.At = append(x.At, Instant{At: int64(i.At), View: i.View})
	}
	return r.answers(at)
}

// names asks that what is expected is called as something that there is.
func (r *scenarioReader) names(at *node) error {
	x := &r.s.Expect
	if x.Property != "" {
		if err := oneOf(at.get("property"), "property", x.Property, propertyNames()); err != nil {
			return err
		}
		if x.Verdict != Violated {
			return at.get("property").errorf("only a run with verdict: violated violates a property")
		}
	}
	var probes []string
	for _, p := range cluster.Probes() {
		probes = append(probes, p.Name)
	}
	for _, name := range x.Probes {
		if err := oneOf(at.get("probes"), "probe", name, probes); err != nil {
			return err
		}
	}
	owners := r.nodes()
	for part := range r.s.Story.Partitions {
		owners = append(owners, fmt.Sprintf("partition %d", part))
	}
	for _, name := range x.Excused {
		if err := oneOf(at.get("excused"), "node or partition", name, owners); err != nil {
			return err
		}
	}
	return nil
}

// oneOf asks that a name is one of those there are.
func oneOf(at *node, what, name string, names []string) error {
	if slices.Contains(names, name) {
		return nil
	}
	e := at.errorf("there is no %s %q", what, name)
	e.Nearest = expr.Nearest(name, names)
	return e
}

// answers asks that what is expected of the view speaks of columns that it has.
func (r *scenarioReader) answers(at *node) error {
	plan, err := r.s.Story.Pipeline.Plan(r.s.Story.Schema)
	if err != nil {
		return err
	}
	check := func(rows *node) error {
		if rows == nil {
			return nil
		}
		for _, row := range rows.items {
			for _, e := range row.entries {
				if _, ok := viewColumn(e.key.scalar, plan.Result); !ok {
					return unknownKey(e.key, append([]string{"start", "end"}, plan.Result.Names()...))
				}
			}
		}
		return nil
	}
	if err := check(at.get("view")); err != nil || at.get("at") == nil {
		return err
	}
	for _, i := range at.get("at").items {
		if err := check(i.get("view")); err != nil {
			return err
		}
	}
	return nil
}

// viewColumn finds a column of an answer by the name that a scenario has for it:
// start and end are the edges of the window, as durations.
func viewColumn(name string, schema column.Schema) (int, bool) {
	switch name {
	case "start":
		name = flow.WindowStart
	case "end":
		name = flow.WindowEnd
	}
	i := schema.Index(name)
	return i, i >= 0
}

func unknownKey(key *node, have []string) error {
	e := key.errorf("unknown key %q; the keys here are %s", key.scalar, strings.Join(have, ", "))
	e.Nearest = expr.Nearest(key.scalar, have)
	return e
}
