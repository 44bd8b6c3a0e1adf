package scenarios

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"parallax/batch/manifest"
	"parallax/batch/zone"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/fold"
	"parallax/engine/flow/operator"
	"parallax/scenarios/source"
)

// Batch is how the batch layer of a Lambda system runs.
type Batch struct {
	Every int64 // µs of arrival time between two cuts; 0: an eighth of the arrivals' span
	// Same applies the job's rule for late rows in the batch layer, too. Otherwise it
	// counts every row below its cut.
	Same bool
	// Said is that one of the two was asked for. Otherwise a job whose answers do not add
	// up, which has no other way, goes by its own rule.
	Said bool
}

// The values of a batch layer's late.
const (
	lateComplete = "complete"
	lateSame     = "same"
)

// late is the word for what becomes of late rows.
func (b Batch) late() string {
	if b.Same {
		return lateSame
	}
	return lateComplete
}

// ParseBatch reads every=30s,late=same, as flags have it, over what is set otherwise.
func ParseBatch(text string, b Batch) (Batch, error) {
	for part := range strings.SplitSeq(text, ",") {
		key, value, _ := strings.Cut(part, "=")
		switch {
		case key == "every":
			every, err := flow.ParseDuration(value)
			if err != nil {
				return b, fmt.Errorf("every: %w", err)
			}
			if every < 1 {
				return b, fmt.Errorf("every: %q is not more than 0", value)
			}
			b.Every = every
		case key == "late" && (value == lateComplete || value == lateSame):
			b.Same, b.Said = value == lateSame, true
		default:
			return b, fmt.Errorf("%q is not every=30s, late=complete or late=same; several have commas between", part)
		}
	}
	return b, nil
}

func (j *Job) batch(doc *layersDoc) error {
	if doc.Every != nil {
		if j.Batch.Every = int64(*doc.Every); j.Batch.Every < 1 {
			return j.root.get("batch").get("every").errorf("batch.every must be more than 0")
		}
	}
	j.Batch.Same, j.Batch.Said = doc.Late == lateSame, doc.Late != ""
	return nil
}

// lambda answers by two layers. Rows reach both as they would from a log: the archive's
// as files, the speed layer's as entries.
func (in *input) lambda(o *Options) (*Results, error) {
	b := in.job.Batch
	if o.Batch != nil {
		b = *o.Batch
	}
	if in.panes {
		return nil, in.job.refuse("pipeline", "there are no panes by the path lambda: answers are of a cut, and no window fires")
	}
	b, way, why, err := in.way(b)
	if err != nil {
		return nil, err
	}
	a, err := in.archive(b.Every, o.batchRows)
	if err != nil {
		return nil, in.held(err)
	}
	s := &lambdaSummary{
		Way: way.String(), Why: why, EveryUs: a.every, Late: b.late(), CutUs: a.last * a.every,
		Files: len(a.files), Bytes: a.bytes,
	}
	var out *Results
	if way == fold.Merge {
		out, err = in.layered(a, b, s)
	} else {
		out, err = in.replayed(a, s)
	}
	if out != nil {
		out.Summary.Lambda = s
	}
	return out, err
}

// way is how two layers answer a job, and why if not by adding; and what becomes of late
// rows then.
func (in *input) way(b Batch) (Batch, fold.Way, string, error) {
	way, why := fold.Choose(in.plan, len(in.file.Partitions()))
	switch {
	case way == fold.Neither:
		return b, way, why, in.job.refuse("pipeline", "this job cannot be answered by two layers: "+why)
	case way == fold.Replay && b.Said && !b.Same:
		return b, way, why, in.job.refuse("pipeline", "late=complete needs answers that add up, and this job's do not: "+why+"; use late=same")
	case way == fold.Replay:
		b.Same = true
	}
	return b, way, why, nil
}

// Layered says in a few words how a batch and a speed layer answer the job, and why if not
// by adding. It reads the job's data.
func (j *Job) Layered() (string, error) {
	in, err := j.open(nil)
	if err != nil {
		return "", err
	}
	switch way, why := fold.Choose(in.plan, len(in.file.Partitions())); way {
	case fold.Merge:
		return "two layers answer it by adding", nil
	case fold.Replay:
		return "two layers answer it by replay: " + why, nil
	default:
		return "two layers cannot answer it: " + why, nil
	}
}

// Layers is how two layers answer the stage's job, and why if not by adding; and how their
// batch layer runs then. It refuses jobs that they cannot answer.
func (s *Stage) Layers(b Batch) (Batch, fold.Way, string, error) { return s.in.way(b) }

// archive is a job's rows below the last cut, as files, and those behind it.
type archive struct {
	every  int64
	schema *manifest.Schema
	input  column.Schema
	files  []archived // by interval, then partition
	parts  []archiving
	last   int64 // interval: the cut lies at its beginning
	rows   []Counts
	bytes  int64
	// stamps gives rows their frontiers; it is a whole path because some strategies
	// look at columns.
	stamps *operator.Path
}

// archived is a file.
type archived struct {
	interval int64
	manifest.File
	content []byte
}

// archiving is a partition on its way into files: the rows of one interval.
type archiving struct {
	lane
	interval int64
	rows     *zone.Rows // or nil
	from     int64      // offset
	before   int64      // its frontier before them
	entries  []*column.Batch
}

// archive reads the job's data, cut by arrival into intervals.
func (in *input) archive(every int64, batchRows int) (*archive, error) {
	if every == 0 {
		s, err := in.arrivals()
		if err != nil {
			return nil, err
		}
		const periods = 8
		every = max(1, (s.last-s.first)/periods)
	}
	plan, err := in.pipeline.Plan(in.plan.Input)
	if err != nil {
		return nil, err
	}
	n := len(in.file.Partitions())
	a := &archive{
		every: every, schema: zone.Schema(plan.Input), input: plan.Input, parts: make([]archiving, n), rows: make([]Counts, n),
		stamps: operator.NewPath(plan, n), last: column.NoFrontier,
	}
	for p := range a.parts {
		a.parts[p].before = column.NoFrontier
	}
	if err := in.file.Read(source.ReadOptions{BatchRows: batchRows}, a.take); err != nil {
		return nil, err
	}
	for p := range a.parts {
		if a.parts[p].writer != nil {
			a.last = max(a.last, a.parts[p].interval)
		}
	}
	if a.last == column.NoFrontier { // there are no rows
		a.last = 0
	}
	for p := range a.parts {
		if part := &a.parts[p]; part.rows != nil && part.interval < a.last {
			if err := a.close(int32(p)); err != nil {
				return nil, err
			}
		}
	}
	a.sort()
	return a, nil
}

// take deals the rows of a batch out to intervals.
func (a *archive) take(b *column.Batch) error {
	for from := 0; from < b.Rows; {
		interval := floorDiv(b.Appends[from], a.every)
		to := from + 1
		for to < b.Rows && floorDiv(b.Appends[to], a.every) == interval {
			to++
		}
		var part column.Batch
		b.View(from, to, &part)
		if err := a.add(interval, &part); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// floorDiv is a / b rounded down, b being positive.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// add takes rows of one interval through the log and into the archive.
func (a *archive) add(interval int64, b *column.Batch) error {
	part := &a.parts[b.Partition]
	if part.rows != nil && part.interval != interval {
		if err := a.close(b.Partition); err != nil {
			return err
		}
	}
	if part.writer == nil {
		if err := part.open(b); err != nil {
			return err
		}
	}
	if part.rows == nil {
		part.rows, part.interval, part.from = zone.NewRows(a.schema), interval, b.Offset
		part.before = a.stamps.Entry().Frontier(int(b.Partition))
	}
	entry, err := part.writer.Append(nil, b)
	if err != nil {
		return err
	}
	own, err := part.own(entry)
	if err != nil {
		return err
	}
	part.entries = append(part.entries, own)
	stamped := *own
	stamped.Frontiers, stamped.Select = nil, nil
	if _, err := a.stamps.Front(&stamped); err != nil {
		return err
	}
	a.rows[b.Partition].Rows += int64(b.Rows)
	rejects := a.stamps.Entry().Rejects()
	refused := make([]int32, len(rejects))
	for i := range rejects {
		refused[i] = int32(rejects[i].Offset - b.Offset)
	}
	stamped.Select = nil
	part.rows.Append(&stamped, refused, "ahead_max")
	return nil
}

// close makes a file of a partition's interval.
func (a *archive) close(p int32) error {
	part := &a.parts[p]
	content, f, err := part.rows.Encode(p, part.from, part.from+int64(part.rows.Len()))
	if err != nil {
		return err
	}
	f.Name = fmt.Sprintf("%d/%d-%d.parquet", p, f.From, f.To)
	a.files = append(a.files, archived{part.interval, f, content})
	a.bytes += f.Bytes
	part.rows, part.entries = nil, nil
	part.before = a.stamps.Entry().Frontier(int(p))
	return nil
}

// read hands out the rows of a file.
func (a *archive) read(f *archived, frontiers bool, emit func(*column.Batch) error) error {
	r, err := zone.Open(f.File, a.schema, a.input, f.content, zone.Options{Appends: true, Frontiers: frontiers})
	if err != nil {
		return err
	}
	var b column.Batch
	for {
		switch err := r.Next(&b); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := emit(&b); err != nil {
			return err
		}
	}
}
