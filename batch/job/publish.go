package job

import (
	"fmt"

	"parallax/batch/sheet"
	"parallax/batch/view"
	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/blob/caller"
	"parallax/engine/flow"
	"parallax/engine/flow/fold"
)

// write makes the view's files, and writes them one by one.
func (j *Job) write(fx *engine.Effects) error {
	files, contents, err := j.make(fx)
	if err != nil {
		return err
	}
	j.uploads = j.uploads[:0]
	for i := range files {
		j.uploads = append(j.uploads, upload{files[i], contents[i]})
	}
	j.next.Files = files
	if j.opts.Defect == DefectEarlySwap {
		j.compare(fx)
		return nil
	}
	j.put(fx)
	return nil
}

// make is the view's files.
func (j *Job) make(fx *engine.Effects) (files []view.File, contents [][]byte, err error) {
	if j.run != nil {
		return j.makeShown(fx)
	}
	rows := j.fold.Rows(nil)
	fx.Work += int64(len(rows)) * outWork
	return Files(j.plan, j.opts.View, j.next.Marker, rows, j.opts.FileRows)
}

// Files is the files of a view: rows in their order, at most so many in each.
func Files(plan *flow.Plan, name string, marker uint64, rows []fold.Row, fileRows int) (files []view.File, contents [][]byte, err error) {
	for part := 0; len(rows) > 0; part++ {
		some := rows[:min(fileRows, len(rows))]
		rows = rows[len(some):]
		content, err := view.EncodeFile(plan, some)
		if err != nil {
			return nil, nil, err
		}
		first, last := &some[0], &some[len(some)-1]
		f := view.File{
			Rows: int64(len(some)), Bytes: int64(len(content)), Sum: sheet.Sum(content),
			First: view.Place{Start: first.Start, Key: first.Key}, Last: view.Place{Start: last.Start, Key: last.Key},
		}
		f.Name = view.FileName(name, marker, part, f.Sum)
		files, contents = append(files, f), append(contents, content)
	}
	return files, contents, nil
}

// put writes the next file, or goes on to publish.
func (j *Job) put(fx *engine.Effects) {
	if len(j.uploads) == 0 {
		if j.opts.Defect == DefectEarlySwap {
			j.wait(fx)
			return
		}
		j.compare(fx)
		return
	}
	j.step = writing
	u, expect := &j.uploads[0], blob.Absent
	if j.rewrite {
		expect = blob.Any // the name tells the content
	}
	j.store.Ask(blob.Put{Request: j.store.Next(), Name: u.file.Name, Expect: expect, Data: u.content}, fx)
}

func (j *Job) wrote(m engine.Message, fx *engine.Effects) error {
	u := &j.uploads[0]
	already, err := caller.Written(m, u.file.Name, u.file.Sum, u.file.Bytes)
	if err != nil {
		return err
	}
	if already {
		j.env.Sometimes("job.file-there")
	}
	j.counts.BytesWrite += u.file.Bytes
	j.uploads = j.uploads[1:]
	j.put(fx)
	return nil
}

// compare looks at the head once more, before the swap.
func (j *Job) compare(fx *engine.Effects) {
	if j.opts.Defect == DefectGoesBack {
		j.swap(fx)
		return
	}
	j.step = comparing
	j.get(view.Pointer(j.opts.View), fx)
}

// remake tells whether a view is to be made again at the marker at which it is: a reader
// has found it damaged.
func (j *Job) remake(marker uint64) bool {
	if j.head.Damaged && j.head.Marker == marker && marker > 0 {
		j.env.Sometimes("job.remake")
		return true
	}
	return false
}

// swap moves the pointer, unless the view is there already: by another job, or by a swap
// of this one's whose reply was lost.
func (j *Job) swap(fx *engine.Effects) {
	if j.head.Marker >= j.next.Marker && !j.remake(j.next.Marker) && j.opts.Defect != DefectGoesBack {
		j.env.Sometimes("job.published-already")
		j.wait(fx)
		return
	}
	j.step = swapping
	j.next.ID = j.head.ID + 1
	expect := j.version
	if j.opts.Defect == DefectGoesBack {
		expect = blob.Any
	}
	j.store.Ask(blob.Put{
		Request: j.store.Next(), Name: view.Pointer(j.opts.View), Expect: expect, Data: j.next.AppendTo(nil),
	}, fx)
}

func (j *Job) swapped(m engine.Message, fx *engine.Effects) error {
	done, ok := m.(blob.Done)
	switch {
	case !ok || done.Code != blob.OK && done.Code != blob.Mismatch:
		return fmt.Errorf("%s: the store says %s", view.Pointer(j.opts.View), done.Code)
	case done.Code == blob.Mismatch:
		j.compare(fx)
		return nil
	}
	j.counts.Published++
	if j.incremental() {
		j.counts.Incremental++
		j.env.Sometimes("job.incremental")
	}
	j.head, j.version = j.next, done.Info.Version
	if j.opts.Defect == DefectEarlySwap {
		j.put(fx)
		return nil
	}
	j.look(fx)
	return nil
}
