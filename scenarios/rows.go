package scenarios

import (
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/scenarios/source"
)

// Rows is a job's data, scanned and bound, for programs that judge rows by
// themselves.
type Rows struct{ in *input }

// Open scans the job's data and plans its pipeline. Mistakes in the job are *[Error],
// those in its data *[source.Error]. progress is told the bytes read, over two
// passes.
func (j *Job) Open(progress func(done, total int64)) (*Rows, error) {
	in, err := j.open(progress)
	if err != nil {
		return nil, err
	}
	return &Rows{in}, nil
}

// Plan binds a pipeline to the columns of the data: the job's, or one made of it.
// A plan serves one row path.
func (r *Rows) Plan(p *flow.Pipeline) (*flow.Plan, error) {
	plan, err := p.Plan(r.in.file.Needed())
	return plan, r.in.job.place(err)
}

// Partitions are the data's partitions, in the order of their numbers.
func (r *Rows) Partitions() []source.Partition { return r.in.file.Partitions() }

// Each hands out all rows in batches; see [source.File.Read].
func (r *Rows) Each(o source.ReadOptions, emit func(*column.Batch) error) error {
	if err := r.in.file.Read(o, emit); err != nil {
		return r.in.explain(err)
	}
	return nil
}
