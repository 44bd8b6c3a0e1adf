package scenarios

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"parallax/engine/flow"
	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/window"
	"parallax/scenarios/source"
)

// Job is a job file that was read and checked as far as that goes without its
// data.
type Job struct {
	File     string // "" for a job that no file holds
	Name     string
	Doc      string
	Source   source.Spec // with the path of the data file as it can be opened
	Pipeline flow.Pipeline
	// IdleAfter is how long, in microseconds, nothing arrives in a partition
	// before it holds windows back no longer; 0 means never. By the rule "log" it is
	// told the frontier of the others then, and only a run as a cluster has a log in
	// which that can be written; by the rule "operator" it leaves the least watermark
	// (see flow.Pipeline).
	IdleAfter int64
	Batch     Batch // of a Lambda system
	// Store keeps the checkpoints of a cluster's worker in an object store.
	Store bool

	root  *node    // for the places of later mistakes
	reads []string // columns that other code over the same data needs besides
	text  string   // of the file, and the overrides
	sets  []string
}

// Load reads a job file and applies overrides of the form "watermark.bounded=5s"
// to it. A mistake is an *[Error].
func Load(file string, sets []string) (*Job, error) {
	data, err := readFile(file)
	if err != nil {
		return nil, err
	}
	return Parse(file, data, sets)
}

// Parse is Load for a job whose text is at hand; file is what mistakes call it,
// and paths in it are relative to file's folder.
func Parse(file string, data []byte, sets []string) (*Job, error) {
	root, err := parseYAML(&text{file: file, data: data})
	if err != nil {
		return nil, err
	}
	if err := checkVersion(root, jobVersion); err != nil {
		return nil, err
	}
	for _, set := range sets {
		if err := override(root, set); err != nil {
			return nil, err
		}
	}
	var doc document
	if err := applyProfile(root); err != nil {
		return nil, err
	}
	if err := decode(root, reflect.ValueOf(&doc).Elem()); err != nil {
		return nil, err
	}
	job := &Job{
		File: file, Name: doc.Name, Doc: doc.Doc, Store: doc.Checkpoints == inStore, root: root, text: string(data), sets: sets,
	}
	if err := job.source(&doc.Source); err != nil {
		return nil, err
	}
	if err := job.batch(&doc.Batch); err != nil {
		return nil, err
	}
	return job, job.computes(&doc.Watermark, &doc.Late, doc.Pipeline)
}

// computes takes in what a job computes, which scenarios say in the same words.
func (j *Job) computes(w *watermarkDoc, late *lateDoc, steps []stepDoc) error {
	if err := j.watermark(w, j.root.get("watermark")); err != nil {
		return err
	}
	if late.Rule == "operator" {
		j.Pipeline.Late.Rule, j.Pipeline.IdleAfter = flow.Operator, j.IdleAfter
	}
	j.Pipeline.Late.Allowed = int64(late.Allowed)
	j.Pipeline.Late.PerElement = late.Per == "element"
	for i := range steps {
		if err := j.step(&steps[i], j.root.get("pipeline").items[i]); err != nil {
			return err
		}
	}
	return j.checkShape()
}

// checkShape finds what is wrong with a pipeline whatever the columns of its data:
// the order of steps, lengths of time, names of functions.
func (j *Job) checkShape() error {
	for i := range j.Pipeline.Steps {
		for _, a := range j.Pipeline.Steps[i].Aggregates {
			if !slices.Contains(aggregate.Names(), a.Call.Func) {
				at := j.root.find(fmt.Sprintf("pipeline[%d].aggregate.%s", i, a.Name))
				e := at.within(a.Call.At, "unknown aggregate function %q; there are %s", a.Call.Func, strings.Join(aggregate.Names(), ", "))
				e.width = len(a.Call.Func)
				e.Nearest = expr.Nearest(a.Call.Func, aggregate.Names())
				return e
			}
		}
	}
	_, err := j.Pipeline.Plan(nil)
	var bad *flow.Error
	if errors.As(err, &bad) && strings.HasPrefix(bad.Msg, "unknown column") {
		return nil
	}
	return j.place(err)
}

func (j *Job) source(doc *sourceDoc) error {
	at := j.root.get("source")
	j.Source = source.Spec{
		File: j.dataFile(doc.File, at.get("file")), Format: source.Format(doc.Format),
		EventTime: source.TimeField(doc.EventTime), PartitionBy: doc.PartitionBy, SkipBad: doc.OnError == "skip",
	}
	if doc.ArrivalTime != nil {
		j.Source.ArrivalTime = source.TimeField(*doc.ArrivalTime)
	}
	if doc.Idle != nil {
		if j.IdleAfter = int64(doc.Idle.After); j.IdleAfter < 1 {
			return at.get("idle").get("after").errorf("idle.after must be more than 0")
		}
	}
	if doc.Align != nil {
		if j.Pipeline.AlignDrift = int64(doc.Align.Drift); j.Pipeline.AlignDrift < 1 {
			return at.get("align").get("drift").errorf("align.drift must be more than 0")
		}
	}
	if doc.Partitions != nil {
		if *doc.Partitions < 1 {
			return at.get("partitions").errorf("partitions must be at least 1")
		}
		j.Source.Partitions = *doc.Partitions
	}
	for _, p := range doc.Columns {
		typ, err := columnType(p)
		if err != nil {
			return err
		}
		j.Source.Columns = append(j.Source.Columns, column.Field{Name: p.name, Type: typ})
	}
	j.Pipeline.PartitionBy = doc.PartitionBy
	if err := j.Source.Check(); err != nil {
		var bad *source.Error
		if errors.As(err, &bad) {
			return j.placeRole(at, bad.Field).errorf("%s", bad.Msg)
		}
		return at.errorf("%v", err)
	}
	return nil
}

// columnType reads the type that is declared for a column.
func columnType(p pair) (column.Type, error) {
	typ, err := column.ParseType(p.value)
	if err != nil {
		e := p.node.errorf("%q is not a type: bool, int64, float64, decimal(p,s), string, timestamp", p.value)
		e.Nearest = expr.Nearest(p.value, []string{"bool", "int64", "float64", "string", "timestamp"})
		return typ, e
	}
	return typ, nil
}

// dataFile is the path of the data: relative to the job file, or for an override
// that names no file there, to the working directory.
func (j *Job) dataFile(file string, at *node) string {
	if filepath.IsAbs(file) || file == "" {
		return file
	}
	path := filepath.Join(filepath.Dir(j.File), file)
	if at.from != j.root.from {
		if _, err := os.Stat(path); err != nil {
			if _, err := os.Stat(file); err == nil {
				return file
			}
		}
	}
	return path
}

// placeRole is where the source names a column for a purpose of its own.
func (j *Job) placeRole(at *node, name string) *node {
	names, roles := j.Source.Roles()
	for i := range names {
		if names[i] == name && name != "" {
			return at.find(roles[i])
		}
	}
	return at
}

// step adds one step of the pipeline, which must hold exactly one key.
func (j *Job) step(doc *stepDoc, at *node) error {
	if len(at.entries) != 1 {
		return at.errorf("a step holds exactly one of filter, project, key_by, window, trigger, aggregate; this one has %d keys", len(at.entries))
	}
	value := at.entries[0].value
	var s flow.Step
	switch at.entries[0].key.scalar {
	case "filter":
		e, err := expr.Parse(doc.Filter)
		if err != nil {
			return placeExpr(value, err)
		}
		s.Filter = e
	case "project":
		for _, p := range doc.Project {
			e, err := expr.Parse(p.value)
			if err != nil {
				return placeExpr(p.node, err)
			}
			s.Project = append(s.Project, flow.Projection{Name: p.name, Expr: e})
		}
	case "key_by":
		s.KeyBy = doc.KeyBy
	case "window":
		w, err := doc.Window.spec(value)
		if err != nil {
			return err
		}
		s.Window = w
	case "trigger":
		t, err := doc.Trigger.spec(value)
		if err != nil {
			return err
		}
		s.Trigger = t
	case "aggregate":
		for _, p := range doc.Aggregate {
			call, err := expr.ParseCall(p.value)
			if err != nil {
				return placeExpr(p.node, err)
			}
			s.Aggregates = append(s.Aggregates, flow.Aggregate{Name: p.name, Call: call})
		}
	}
	j.Pipeline.Steps = append(j.Pipeline.Steps, s)
	return nil
}

func (w *windowDoc) spec(at *node) (*window.Spec, error) {
	tumble, hop, every := at.get("tumble") != nil, at.get("hop") != nil, at.get("every") != nil
	session, merge, offset := at.get("session") != nil, at.get("merge") != nil, at.get("offset") != nil
	if tiled, err := w.tiled(at); tiled != nil || err != nil {
		return tiled, err
	}
	if at.get("count") != nil {
		return w.counted(at)
	}
	sliding, grain := at.get("sliding") != nil, at.get("grain") != nil
	var s window.Spec
	switch {
	case sliding && !session && !merge && !tumble && !hop && !every && !offset && at.get("clamp") == nil:
		const millisecond = 1000
		s = window.Slide(int64(w.Sliding), millisecond)
		if grain {
			s = window.Slide(int64(w.Sliding), int64(w.Grain))
		}
	case sliding || grain:
		return nil, at.errorf("sliding windows are {sliding: 10s}, perhaps with grain: 1s, and nothing else")
	case session && !tumble && !hop && !every && !offset && at.get("clamp") == nil:
		s = window.Sessions(int64(w.Session), window.Overlapping)
		if w.Merge == window.Touching.String() {
			s.Merge = window.Touching
		}
	case session || merge:
		return nil, at.errorf("sessions are {session: 30m}, perhaps with merge: touching, and nothing else")
	case tumble && !hop && !every:
		s = window.Tumble(int64(w.Tumble), int64(w.Offset))
	case hop && every && !tumble:
		s = window.Hop(int64(w.Hop), int64(w.Every), int64(w.Offset))
	default:
		return nil, at.errorf("a window is {tumble: 5s} or {hop: 10s, every: 2s}, perhaps with offset, {session: 30m}, {sliding: 10s}, {count: 100}, {calendar: day, zone: Europe/Berlin} or {global: true}")
	}
	s.Clamp = w.Clamp
	if err := s.Validate(); err != nil {
		return nil, at.errorf("%s", plain(err.Error()))
	}
	return &s, nil
}

// counted is windows of so many rows.
func (w *windowDoc) counted(at *node) (*window.Spec, error) {
	if len(at.entries) > 1 {
		return nil, at.errorf("count windows are {count: 100} and nothing else")
	}
	s := window.Count(int64(w.Count))
	if err := s.Validate(); err != nil {
		return nil, at.get("count").errorf("a count window holds at least 1 row")
	}
	return &s, nil
}

// placeExpr gives a mistake in an expression its place in the file.
func placeExpr(at *node, err error) error {
	var bad *expr.Error
	if !errors.As(err, &bad) {
		return at.errorf("%v", err)
	}
	e := at.within(bad.Offset, "%s", plain(bad.Msg))
	e.Nearest = bad.Nearest
	return e
}

// plain is a message without the name of the package that it is from.
func plain(msg string) string {
	for _, name := range []string{"aggregate: ", "civil: ", "expr: ", "flow: ", "trigger: ", "watermark: ", "window: "} {
		msg = strings.TrimPrefix(msg, name)
	}
	return msg
}

// place gives a mistake that planning found its place in the file.
func (j *Job) place(err error) error {
	var bad *flow.Error
	if err == nil || j.root == nil || !errors.As(err, &bad) {
		return err
	}
	at := j.root.find(bad.Path)
	e := at.within(bad.Offset, "%s", plain(bad.Msg))
	e.Nearest = bad.Nearest
	return e
}
