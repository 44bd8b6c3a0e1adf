package upkeep

import (
	"errors"
	"fmt"

	"parallax/batch/manifest"
	"parallax/batch/zone"
	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/blob/caller"
)

// rowWork is the virtual CPU time of a row that is read and written again, in ns.
const rowWork = 200

// choose finds files that are to be put together: the first run of small ones of a
// partition and schema.
func (k *Keeper) choose() bool {
	files := k.table.Files
	k.replaced, k.read = nil, 0
	for from := 0; from < len(files); {
		to := from
		for to < len(files) && to-from < k.opts.FilesMax && files[to].Rows < k.opts.SmallRows &&
			files[to].Partition == files[from].Partition && files[to].Schema == files[from].Schema {
			to++
		}
		if to-from >= k.opts.FilesMin {
			k.replaced = files[from:to]
			schema := &k.table.Schemas[files[from].Schema-1]
			k.rows = zone.NewRows(schema)
			return true
		}
		from = max(to, from+1)
	}
	return false
}

// get reads the next file that is to be replaced.
func (k *Keeper) get(fx *engine.Effects) {
	k.step = readingFile
	k.store.Ask(blob.Get{Request: k.store.Next(), Name: k.replaced[k.read].Name, Length: -1}, fx)
}

func (k *Keeper) gotFile(m engine.Message, fx *engine.Effects) error {
	f := k.replaced[k.read]
	got, ok := m.(blob.Got)
	switch {
	case ok && got.Code == blob.Missing:
		k.next(fx) // another keeper was faster, and has cleaned up
		return nil
	case !ok || got.Code != blob.OK:
		return fmt.Errorf("%s: the store says %s", f.Name, got.Code)
	}
	if err := k.rows.AppendFile(f, got.Data); err != nil {
		return err
	}
	fx.Work += f.Rows * rowWork
	if k.read++; k.read < len(k.replaced) {
		k.get(fx)
		return nil
	}
	first, last := &k.replaced[0], &k.replaced[len(k.replaced)-1]
	content, file, err := k.rows.Encode(first.Partition, first.From, last.To)
	if err != nil {
		return err
	}
	k.rows = nil
	file.Name = manifest.FileName(k.name(), writer, k.table.Batch(writer)+1, &file)
	k.file, k.step = file, writing
	k.store.Ask(blob.Put{Request: k.store.Next(), Name: file.Name, Expect: blob.Absent, Data: content}, fx)
	return nil
}

func (k *Keeper) wrote(m engine.Message, fx *engine.Effects) error {
	if _, err := caller.Written(m, k.file.Name, k.file.Sum, k.file.Bytes); err != nil {
		return err
	}
	change := manifest.Change{
		Writer: writer, Batch: k.table.Batch(writer) + 1, Operation: manifest.Replace, Code: k.opts.Code, Add: []manifest.File{k.file},
	}
	for i := range k.replaced {
		change.Remove = append(change.Remove, k.replaced[i].Name)
	}
	k.commit = manifest.NewCommit(k.name(), change, k.store.Request)
	k.step = committing
	k.store.Ask(k.commit.Start(), fx)
	return nil
}

func (k *Keeper) commitOn(m engine.Message, fx *engine.Effects) error {
	next, err := k.commit.Answer(m)
	k.store.Request = k.commit.Request()
	switch {
	case errors.Is(err, manifest.ErrGone):
		k.env.Sometimes("upkeep.overtaken")
	case err != nil || next != nil:
		k.store.Ask(next, fx)
		return err
	case !k.commit.Done():
		return nil
	case k.commit.Snapshot() == nil:
		k.env.Sometimes("upkeep.overtaken") // or committed by a try whose answer was lost
	default:
		k.counts.Commits++
		k.counts.Replaced += len(k.replaced)
	}
	k.commit = nil
	k.begin(fx) // there may be more, and what was replaced is dead
	return nil
}

// next goes on to the next table or view.
func (k *Keeper) next(fx *engine.Effects) {
	k.at++
	k.begin(fx)
}
