package job

import (
	"bytes"
	"math"

	"parallax/batch/replay"
	"parallax/batch/sheet"
	"parallax/batch/view"
	"parallax/engine"
	"parallax/serving"
)

// found is what was read so far of a view by replay.
type found struct {
	state []byte
	rows  []serving.Row
}

// running is how a job that does not add up is run.
func (j *Job) running() replay.Options {
	return replay.Options{
		Pipeline: j.opts.Pipeline, Schema: j.opts.Schema, Partitions: int(j.opts.Partitions), Defect: replay.Defect(j.opts.Defect),
	}
}

// foundFile takes in a file of the view that the job begins from; behind the last, the run
// stands at the view's cut.
func (j *Job) foundFile(f *view.File, data []byte, fx *engine.Effects) error {
	var err error
	if f.State() {
		if err = view.Whole(f, data); err != nil {
			return err
		}
		j.found.state = append(j.found.state, data...)
	} else if j.found.rows, err = view.DecodeShown(j.plan, f, data, j.found.rows); err != nil {
		return err
	}
	fx.Work += f.Rows * outWork
	if j.base = j.base[1:]; len(j.base) == 0 {
		if err := j.run.Load(j.found.state, j.found.rows); err != nil {
			return err
		}
		j.found = found{}
	}
	return j.readOn(fx)
}

// chooseFile puts the file that is to be read next in front: the first of the partition
// that is behind the others.
func (j *Job) chooseFile() {
	at := 0
	for i := range j.files {
		if p := j.files[i].Partition; p != j.files[at].Partition && j.run.Behind(p, j.files[at].Partition) {
			at = i
		}
	}
	for next := j.files[at]; at > 0; at-- {
		j.files[at], j.files[at-1] = j.files[at-1], next
	}
}

// stateBytes is how long a piece of a state is at most.
const stateBytes = 16 << 20

// makeShown is the files of a view by replay: what the run shows, and its state.
func (j *Job) makeShown(fx *engine.Effects) (files []view.File, contents [][]byte, err error) {
	if err := j.run.Stand(j.next.Cut); err != nil {
		return nil, nil, err
	}
	j.next.Cut = j.run.Cut()
	var rows []serving.Row
	j.run.Shown().Ask(&serving.Query{From: math.MinInt64, To: math.MaxInt64}, func(r *serving.Row) bool {
		rows = append(rows, *r)
		return true
	})
	fx.Work += int64(len(rows)) * outWork
	add := func(f view.File, content []byte, named func(string, uint64, int, uint64) string) {
		f.Bytes, f.Sum = int64(len(content)), sheet.Sum(content)
		f.Name = named(j.opts.View, j.next.Marker, len(files), f.Sum)
		files, contents = append(files, f), append(contents, content)
	}
	for len(rows) > 0 {
		some := rows[:min(j.opts.FileRows, len(rows))]
		rows = rows[len(some):]
		content, err := view.EncodeShown(j.plan, some)
		if err != nil {
			return nil, nil, err
		}
		first, last := &some[0], &some[len(some)-1]
		add(view.File{
			Rows: int64(len(some)), First: view.Place{Start: first.Start, Key: bytes.Clone(first.Key)},
			Last: view.Place{Start: last.Start, Key: bytes.Clone(last.Key)},
		}, content, view.FileName)
	}
	for state := j.run.AppendTo(nil); len(state) > 0; {
		piece := state[:min(stateBytes, len(state))]
		state = state[len(piece):]
		add(view.File{}, piece, view.StateName)
	}
	return files, contents, nil
}
