package dataset

import (
	"fmt"
	"math"
	"time"

	"parallax/batch/manifest"
	"parallax/batch/sheet"
	"parallax/batch/view"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow/column"
)

// Schema is the name of what a listing is printed as.
const Schema = "parallax.files/v1"

// Listing is the files of one snapshot.
type Listing struct {
	Schema   string `json:"schema"`
	Zone     string `json:"zone"`
	Snapshot uint64 `json:"snapshot"` // its number, from 1; of a view, its id
	ID       string `json:"id,omitempty"`
	Code     string `json:"code"`
	Late     string `json:"late,omitempty"` // of a view
	Cut      []Cut  `json:"cut"`
	Rows     int64  `json:"rows"`
	Bytes    int64  `json:"bytes"`
	Files    []File `json:"files"`
}

// Cut is how far a snapshot goes in a partition: the rows below the offset, and the
// frontier there, null before the first row and when the partition has ended.
type Cut struct {
	Partition int    `json:"partition"`
	Offset    int64  `json:"offset"`
	Frontier  *int64 `json:"frontier_us"`
	Ended     bool   `json:"ended"`
}

// File is one Parquet file. One of a zone has rows of one partition, of offsets
// [From, To), some of which may be those of markers; one of a view has windows that
// begin in [FirstStart, LastStart].
type File struct {
	Path       string  `json:"path"`
	Object     string  `json:"object"`
	Rows       int64   `json:"rows"`
	Bytes      int64   `json:"bytes"`
	Sum        string  `json:"xxh3"`
	Partition  *int32  `json:"partition,omitempty"`
	From       *int64  `json:"from,omitempty"`
	To         *int64  `json:"to,omitempty"`
	FirstStart *string `json:"first_start,omitempty"`
	LastStart  *string `json:"last_start,omitempty"`
}

// Cuts says a cut in a form that can be printed.
func Cuts(cut []protocol.Cut) []Cut {
	list := make([]Cut, len(cut))
	for p, c := range cut {
		list[p] = Cut{Partition: p, Offset: c.Offset, Ended: c.Frontier == math.MaxInt64}
		if c.Frontier != column.NoFrontier && !list[p].Ended {
			list[p].Frontier = &c.Frontier
		}
	}
	return list
}

// List names the files of a zone as of a snapshot, 0 for the last. With whole, each is
// read and compared with its checksum; otherwise its size and its ends are.
func (f *Folder) List(zone string, snapshot uint64, whole bool) (*Listing, error) {
	list := (*Listing)(nil)
	var err error
	switch zone {
	case Raw, Refine:
		list, err = f.table(zone, snapshot)
	case View:
		list, err = f.view(snapshot)
	default:
		return nil, fmt.Errorf("%q is no zone: there are %s, %s and %s", zone, Raw, Refine, View)
	}
	if err != nil {
		return nil, err
	}
	list.Schema, list.Zone = Schema, zone
	for i := range list.Files {
		file := &list.Files[i]
		if file.Path, err = f.path(file.Object, file.Bytes); err != nil {
			return nil, err
		}
		if whole && sumText(sheet.Sum(f.get(file.Object))) != file.Sum {
			return nil, fmt.Errorf("%s: %w: its content is not what was written; %s", file.Path, ErrFolder, cure)
		}
		list.Rows, list.Bytes = list.Rows+file.Rows, list.Bytes+file.Bytes
	}
	return list, nil
}

func sumText(sum uint64) string { return fmt.Sprintf("%016x", sum) }

// table lists a zone's files.
func (f *Folder) table(zone string, snapshot uint64) (*Listing, error) {
	state, err := f.state(zone, snapshot)
	if err != nil {
		return nil, err
	}
	list := &Listing{Snapshot: uint64(state.Sequence), ID: sumText(state.ID), Code: state.Code, Cut: Cuts(state.Cut), Files: []File{}}
	for i := range state.Files {
		m := &state.Files[i]
		list.Files = append(list.Files, File{
			Object: m.Name, Rows: m.Rows, Bytes: m.Bytes, Sum: sumText(m.Sum), Partition: &m.Partition, From: &m.From, To: &m.To,
		})
	}
	return list, nil
}

// state is a zone as of a snapshot, 0 for the last.
func (f *Folder) state(zone string, snapshot uint64) (*manifest.State, error) {
	if f.get(manifest.Pointer(zone)) == nil {
		return nil, fmt.Errorf("%s: %w: there is no zone %s in it, or its pointer is damaged; %s", f.dir, ErrFolder, zone, cure)
	}
	state, err := manifest.Table(zone, 0, f.get)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w; %s", f.dir, ErrFolder, err, cure)
	}
	last := uint64(state.Sequence)
	if snapshot > last {
		return nil, fmt.Errorf("%s: zone %s has no snapshot %d: they are 1 to %d", f.dir, zone, snapshot, last)
	}
	for snapshot != 0 && uint64(state.Sequence) > snapshot {
		parent := state.Parent
		if state, err = manifest.Table(zone, parent, f.get); err != nil {
			return nil, fmt.Errorf("%s: snapshot %d of zone %s cannot be read: %w; take a later one, up to %d", f.dir, snapshot, zone, err, last)
		}
	}
	return state, nil
}

// view lists the batch view's files. Of a view the last one is kept, and no other.
func (f *Folder) view(id uint64) (*Listing, error) {
	content := f.get(view.Pointer(View))
	if content == nil {
		return nil, fmt.Errorf("%s: %w: there is no batch view in it: the job is not one that batch and speed layer can answer, "+
			"or its pointer is damaged; --zone %s has the rows", f.dir, ErrFolder, Raw)
	}
	head, err := view.DecodeHead(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w; %s", f.dir, ErrFolder, err, cure)
	}
	if id != 0 && id != head.ID {
		return nil, fmt.Errorf("%s: there is no view %d any more: only the last one is kept, %d; zones have all their snapshots", f.dir, id, head.ID)
	}
	list := &Listing{Snapshot: head.ID, Code: head.Code, Late: "same", Cut: Cuts(head.Cut), Files: []File{}}
	if head.Complete {
		list.Late = "complete"
	}
	for i := range head.Files {
		m := &head.Files[i]
		if m.State() {
			continue // no Parquet
		}
		list.Files = append(list.Files, File{
			Object: m.Name, Rows: m.Rows, Bytes: m.Bytes, Sum: sumText(m.Sum), FirstStart: Moment(m.First.Start), LastStart: Moment(m.Last.Start),
		})
	}
	return list, nil
}

// Moment is an event time, of µs, as text.
func Moment(us int64) *string {
	text := time.UnixMicro(us).UTC().Format(time.RFC3339Nano)
	return &text
}
