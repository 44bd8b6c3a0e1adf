package archive

import (
	"parallax/batch/manifest"
	"parallax/batch/zone"
	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/blob/caller"
	"parallax/engine/commitlog/protocol"
)

// upload is a file that is to be written.
type upload struct {
	file    manifest.File
	content []byte
}

// fileWork is the virtual CPU time of a byte that is encoded, in ns.
const fileWork = 10

// cutFiles makes files of what a generation has gathered up to an offset. A zone that has
// no rows of it has no file, unless the offset would lie behind its last one.
func (a *Archiver) cutFiles(p *part, g *generation, to int64, fx *engine.Effects) error {
	for i, t := range a.targets {
		z := &g.zones[i]
		if z.rows.Len() == 0 && len(z.files) == 0 || t.state.Batch(Writer) >= g.batch {
			continue
		}
		content, f, err := z.rows.Encode(p.number, z.begin, to)
		if err != nil {
			return err
		}
		f.Name = manifest.FileName(t.table, Writer, g.batch, &f)
		z.files, z.begin, z.rows = append(z.files, f), to, zone.NewRows(t.schema)
		a.uploads = append(a.uploads, upload{f, content})
		fx.Work += int64(len(content)) * fileWork
		if len(a.uploads) == 1 && a.commit == nil {
			a.put(fx)
		}
	}
	return nil
}

func (a *Archiver) put(fx *engine.Effects) {
	u := &a.uploads[0]
	a.store.Ask(blob.Put{Request: a.store.Next(), Name: u.file.Name, Expect: blob.Absent, Data: u.content}, fx)
}

// uploaded goes on to the next file.
func (a *Archiver) uploaded(m engine.Message, fx *engine.Effects) error {
	u := &a.uploads[0]
	already, err := caller.Written(m, u.file.Name, u.file.Sum, u.file.Bytes)
	if err != nil {
		return err
	}
	if already {
		a.env.Sometimes("archive.file-there")
	}
	a.uploads = a.uploads[1:]
	if len(a.uploads) > 0 {
		a.put(fx)
	}
	if err := a.close(fx); err != nil {
		return err
	}
	a.paceAll(fx)
	return nil
}

func (a *Archiver) paceAll(fx *engine.Effects) {
	for p := range a.parts {
		a.pace(int32(p), fx)
	}
}

// close makes the files of the generation that is due in all partitions, if it is, and
// commits them once they are written.
func (a *Archiver) close(fx *engine.Effects) error {
	if a.commit != nil {
		return nil
	}
	for _, p := range a.parts {
		if len(p.closed) == 0 {
			return nil
		}
	}
	for _, p := range a.parts {
		if g := &p.closed[0]; !g.whole {
			g.whole = true
			if err := a.cutFiles(p, g, g.cut.Offset, fx); err != nil {
				return err
			}
		}
	}
	if len(a.uploads) > 0 && a.opts.Defect != DefectEarlyCommit {
		return nil
	}
	a.at = -1
	a.commitNext(fx)
	return nil
}

// commitNext commits the generation that is due to the next table, or ends it.
func (a *Archiver) commitNext(fx *engine.Effects) {
	batch := a.marker + 1
	for a.at++; a.at < len(a.targets); a.at++ {
		t := a.targets[a.at]
		if t.state.Batch(Writer) >= batch {
			continue
		}
		change := manifest.Change{
			Writer: Writer, Batch: batch, Operation: manifest.Append, Code: a.opts.Code, From: a.lower, Cut: a.upper(),
		}
		if t.fresh {
			change.Schema = t.schema
		}
		for _, p := range a.parts {
			change.Add = append(change.Add, p.closed[0].zones[a.at].files...)
		}
		a.commit = manifest.NewCommit(t.table, change, a.store.Request)
		a.store.Ask(a.commit.Start(), fx)
		return
	}
	a.committed(fx)
}

// upper is the cut at the marker that is due.
func (a *Archiver) upper() []protocol.Cut {
	cut := make([]protocol.Cut, len(a.parts))
	for i, p := range a.parts {
		cut[i] = p.closed[0].cut
	}
	return cut
}

func (a *Archiver) commitOn(m engine.Message, fx *engine.Effects) error {
	next, err := a.commit.Answer(m)
	a.store.Request = a.commit.Request()
	if err != nil || next != nil {
		a.store.Ask(next, fx)
		return err
	}
	if !a.commit.Done() {
		return nil
	}
	if a.commit.Snapshot() == nil {
		a.env.Sometimes("archive.committed-already")
	}
	t := a.targets[a.at]
	t.state, t.fresh, a.commit = a.commit.State(), false, nil
	a.commitNext(fx)
	if a.commit == nil && len(a.uploads) > 0 {
		a.put(fx)
	}
	return a.close(fx)
}

// committed goes on to the next generation.
func (a *Archiver) committed(fx *engine.Effects) {
	a.lower = a.upper()
	a.marker++
	a.commits++
	for i, p := range a.parts {
		p.closed = p.closed[1:]
		a.tail.Pin(int32(i), a.lower[i])
	}
	a.paceAll(fx)
}
