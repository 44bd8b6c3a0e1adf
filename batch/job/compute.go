package job

import (
	"fmt"
	"io"
	"math"

	"parallax/batch/archive"
	"parallax/batch/manifest"
	"parallax/batch/replay"
	"parallax/batch/sheet"
	"parallax/batch/view"
	"parallax/batch/zone"
	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow/column"
	"parallax/engine/flow/fold"
)

// Virtual CPU times, in ns.
const (
	rowWork = 20  // of a row that is folded
	outWork = 200 // of a row of a view, read or written
)

// begin chooses what is to be read for the view at the archive's cut.
func (j *Job) begin(fx *engine.Effects) error {
	j.next = &view.Head{
		Marker: j.table.Batch(archive.Writer), Cut: j.table.Cut, Code: j.opts.Code, Complete: j.opts.Late.Complete,
		Replay: j.way == fold.Replay,
	}
	var err error
	if j.next.Replay {
		j.run, err = replay.New(j.running())
	} else {
		j.fold, err = fold.New(j.plan, int(j.opts.Partitions), fold.Options{CountDropped: j.opts.Late.Complete, Refuse: true})
	}
	if err != nil {
		return err
	}
	j.base, j.rewrite = nil, j.head.Damaged
	if j.incremental() {
		j.base = j.head.Files
	}
	j.files = nil
	for _, f := range j.table.Files {
		if f.To > j.from(f.Partition).Offset {
			j.files = append(j.files, f)
		}
	}
	return j.readOn(fx)
}

// incremental tells whether the view that is published can be folded on.
func (j *Job) incremental() bool {
	return j.head.Marker > 0 && !j.head.Damaged && !j.opts.Late.Full && j.head.Code == j.opts.Code && j.head.Complete == j.opts.Late.Complete &&
		j.head.Replay == (j.way == fold.Replay)
}

// from is the cut of a partition above which rows are to be folded.
func (j *Job) from(partition int32) protocol.Cut {
	if j.incremental() && j.opts.Defect != DefectTwice && int(partition) < len(j.head.Cut) {
		return j.head.Cut[partition]
	}
	return protocol.LogStart()
}

// readOn reads the next file, or goes on to write the view.
func (j *Job) readOn(fx *engine.Effects) error {
	switch {
	case len(j.base) > 0:
		j.step = readingBase
		j.get(j.base[0].Name, fx)
	case len(j.files) > 0:
		if j.run != nil {
			j.chooseFile()
		}
		j.step = readingFiles
		j.get(j.files[0].Name, fx)
	default:
		return j.write(fx)
	}
	return nil
}

// content is what a file holds; ok is false when it was cleaned up, because archive or
// view have gone on: then all begins anew. If a view's file is damaged, the archive has
// what it was made of.
func (j *Job) content(m engine.Message, name string, fx *engine.Effects) (data []byte, ok bool, err error) {
	got, is := m.(blob.Got)
	switch {
	case is && got.Code == blob.OK:
		j.counts.BytesRead += int64(len(got.Data))
		return got.Data, true, nil
	case is && got.Code == blob.Missing:
		j.env.Sometimes("job.file-gone")
		j.wait(fx)
		return nil, false, nil
	case is && got.Code == blob.Damaged && j.step == readingBase:
		j.env.Sometimes("job.base-damaged")
		j.head.Damaged, j.found = true, found{}
		return nil, false, j.begin(fx)
	}
	return nil, false, fmt.Errorf("%w: %s: the store says %s", sheet.ErrDamaged, name, got.Code)
}

// gotBase merges a file of the view that is folded on.
func (j *Job) gotBase(m engine.Message, fx *engine.Effects) error {
	f := &j.base[0]
	data, ok, err := j.content(m, f.Name, fx)
	if !ok {
		return err
	}
	if j.run != nil {
		return j.foundFile(f, data, fx)
	}
	rows, err := view.DecodeFile(j.plan, f, data, nil)
	if err != nil {
		return err
	}
	if err := j.fold.Merge(rows); err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	fx.Work += int64(len(rows)) * outWork
	j.base = j.base[1:]
	return j.readOn(fx)
}

// gotFile folds the rows of a file of the archive.
func (j *Job) gotFile(m engine.Message, fx *engine.Effects) error {
	f := j.files[0]
	data, ok, err := j.content(m, f.Name, fx)
	if !ok {
		return err
	}
	rows, schema := int64(0), &j.table.Schemas[len(j.table.Schemas)-1]
	if j.run != nil {
		rows, err = j.run.AddFile(f, schema, data)
	} else {
		rows, err = Fold(j.fold, f, schema, data, Reader{
			Input: j.plan.Input, Need: j.need, From: j.from(f.Partition).Offset, Bounded: j.bounded(),
		})
	}
	if err != nil {
		return err
	}
	j.counts.RowsFolded += rows
	fx.Work += rows * rowWork
	j.files = j.files[1:]
	return j.readOn(fx)
}

func (j *Job) bounded() int64 {
	if j.opts.Defect == DefectForgetLate {
		return math.MaxInt64
	}
	return j.opts.Pipeline.Watermark.Bounded
}

// Reader says how a file is folded.
type Reader struct {
	Input   column.Schema
	Need    []bool // by column of Input; nil means all
	From    int64  // offset below which rows are passed over
	Bounded int64  // µs: rows that are behind by no more are on time, and need no frontier
}

// Fold adds the rows of a zone's file to a fold, and returns how many.
func Fold(f *fold.Fold, file manifest.File, schema *manifest.Schema, content []byte, o Reader) (rows int64, err error) {
	opts := zone.Options{Need: o.Need}
	r, err := zone.Open(file, schema, o.Input, content, opts)
	if err != nil {
		return 0, err
	}
	if r.Behind() > o.Bounded {
		opts.Frontiers = true
		if r, err = zone.Open(file, schema, o.Input, content, opts); err != nil {
			return 0, err
		}
	}
	var b column.Batch
	for {
		err := r.Next(&b)
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		if !above(&b, o.From) {
			continue
		}
		if err := f.AddMarked(&b); err != nil {
			return rows, fmt.Errorf("%s: %w", file.Name, err)
		}
		rows += int64(b.Selected())
	}
}

// above leaves out the rows of a batch that lie below an offset, and tells whether there
// are others.
func above(b *column.Batch, from int64) bool {
	if b.Offset+int64(b.Rows) <= from {
		return false
	}
	if b.Offset >= from {
		return true
	}
	list := make([]int32, 0, b.Rows)
	if b.Select == nil {
		for row := int32(from - b.Offset); int(row) < b.Rows; row++ {
			list = append(list, row)
		}
	}
	for _, row := range b.Select {
		if b.Offset+int64(row) >= from {
			list = append(list, row)
		}
	}
	b.Select = list
	return true
}
