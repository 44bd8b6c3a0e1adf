package archive

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"parallax/batch/manifest"
	"parallax/batch/zone"
	"parallax/engine"
	"parallax/engine/commitlog/tail"
	"parallax/engine/flow/column"
	"parallax/engine/flow/tuple"
	"parallax/engine/flow/watermark"
)

// Holder is the name of an archiver's pins.
const Holder = "archive"

// Options describe an archiver.
type Options struct {
	Log       tail.Options   // Holder and Timers are the archiver's own
	Markers   uint64         // the producer of markers
	Schema    column.Schema  // of the log's rows
	Watermark watermark.Spec // by which rows are stamped and rejected
	Store     engine.NodeID
	Table     string   // of the raw zone
	Refined   *Refined // or nil
	Code      string   // version of the code
	FileRows  int      // at which a file is closed before its marker has come; 0 means 1 Mi
	Defect    Defect
}

// Refined says what a refined zone holds.
type Refined struct {
	Table     string
	Columns   []string // nil means all
	Anonymous []string // those of them that are hashed
	Secret    []byte   // the key of the hash
}

// Defect is a mistake that can be switched on, to see that it is found.
type Defect string

// The defects.
const (
	DefectNone        Defect = ""
	DefectEarlyCommit Defect = "early-commit" // commits before the files are written
	DefectStaleMarker Defect = "stale-marker" // takes the frontier of the cut before for a cut's
	DefectNoRejects   Defect = "no-rejects"   // forgets that a rejected row does not move the frontier
)

// errRefined refuses a refined zone that cannot be made.
var errRefined = errors.New("archive: refined zone")

// target is one zone on its way.
type target struct {
	table   string
	input   column.Schema // of its files
	from    []int         // columns of the log's rows; nil: all, as they are
	hashed  []bool        // by column of input
	secret  []byte
	refined bool

	state  *manifest.State
	schema *manifest.Schema // of files from now on
	fresh  bool             // the schema is to be committed
	batch  column.Batch     // scratch
}

// Check refuses a refined zone that cannot be made.
func (o *Options) Check() error {
	_, err := o.targets()
	return err
}

// targets lists the zones of an archiver.
func (o *Options) targets() ([]*target, error) {
	list := []*target{{table: o.Table, input: o.Schema}}
	if r := o.Refined; r != nil {
		t, err := r.target(o.Schema)
		if err != nil {
			return nil, err
		}
		if t.table == o.Table {
			return nil, fmt.Errorf("%w: it has the table of the raw zone, %q", errRefined, t.table)
		}
		list = append(list, t)
	}
	return list, nil
}

func (r *Refined) target(schema column.Schema) (*target, error) {
	columns := r.Columns
	if columns == nil {
		columns = schema.Names()
	}
	t := &target{table: r.Table, secret: r.Secret, refined: true}
	for _, name := range columns {
		at := schema.Index(name)
		if at < 0 {
			return nil, fmt.Errorf("%w: no column %q among %q", errRefined, name, schema.Names())
		}
		f := schema[at]
		hashed := slices.Contains(r.Anonymous, name)
		if hashed {
			f.Type = column.TypeOf(column.String)
		}
		t.from, t.hashed, t.input = append(t.from, at), append(t.hashed, hashed), append(t.input, f)
	}
	for _, name := range r.Anonymous {
		if t.input.Index(name) < 0 {
			return nil, fmt.Errorf("%w: column %q is to be anonymous and is not in it", errRefined, name)
		}
	}
	if len(r.Anonymous) > 0 && len(r.Secret) == 0 {
		return nil, fmt.Errorf("%w: columns %q are to be anonymous: that needs a secret", errRefined, r.Anonymous)
	}
	return t, nil
}

// found takes in how a table stands.
func (t *target) found(s *manifest.State) {
	t.state = s
	if len(s.Schemas) == 0 {
		t.schema, t.fresh = zone.Schema(t.input), true
		return
	}
	last := s.Schemas[len(s.Schemas)-1]
	t.schema = &last
	if next := zone.Evolve(&last, t.input); next != nil {
		t.schema, t.fresh = next, true
	}
}

// hashBytes is how much of a hash is kept: who does not know the secret finds no two
// values with one hash among as many as there are rows.
const hashBytes = 16

// refine makes the batch that a zone has of one of the log, of the same rows.
func (t *target) refine(b *column.Batch) *column.Batch {
	if t.from == nil {
		return b
	}
	out := &t.batch
	*out = *b
	out.Schema, out.Columns = t.input, make([]column.Column, len(t.from))
	for i, at := range t.from {
		if !t.hashed[i] {
			out.Columns[i] = b.Columns[at]
			continue
		}
		t.anonymise(&b.Columns[at], b.Rows, &out.Columns[i])
	}
	return out
}

func (t *target) anonymise(from *column.Column, rows int, to *column.Column) {
	to.Reset(column.TypeOf(column.String), new(column.Dict))
	mac := hmac.New(sha256.New, t.secret)
	for row := range rows {
		v := from.Value(row)
		out := column.Value{Type: to.Type, Null: v.Null}
		if !v.Null {
			mac.Reset()
			mac.Write(tuple.Append(nil, v))
			out.String = hex.EncodeToString(mac.Sum(nil)[:hashBytes])
		}
		to.Append(out)
	}
}
