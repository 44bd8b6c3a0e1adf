package segment

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"parallax/engine/flow/column"
)

// oneMessage is an ipc.MessageReader that hands out the message it was given. It never
// reports an end of stream, after which an ipc.Reader refuses to read on.
type oneMessage struct{ next *ipc.Message }

func (m *oneMessage) Message() (*ipc.Message, error) {
	if m.next == nil {
		return nil, errors.New("no message at hand")
	}
	out := m.next
	m.next = nil
	return out, nil
}

func (m *oneMessage) Release() {}
func (m *oneMessage) Retain()  {}

func (m *oneMessage) feed(meta, body []byte) {
	m.next = ipc.NewMessage(memory.NewBufferBytes(meta), memory.NewBufferBytes(body))
}

// arrowReader is arrow-go's own reader of a schema's record batches.
func arrowReader(t rapid.TB, s column.Schema) (*oneMessage, *ipc.Reader) {
	t.Helper()
	var out payload
	w := ipc.NewWriterWithPayloadWriter(&out, ipc.WithSchema(arrowSchema(s)))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	source := new(oneMessage)
	source.feed(out.meta, nil)
	r, err := ipc.NewReaderFromMessageReader(source)
	if err != nil {
		t.Fatal(err)
	}
	return source, r
}

// arrowValue is a row of an Arrow column as a value of a column with a dictionary.
func arrowValue(a arrow.Array, row int, typ column.Type, dict *column.Dict) column.Value {
	v := column.Value{Type: typ}
	if a.IsNull(row) {
		v.Null = true
		return v
	}
	switch a := a.(type) {
	case *array.Boolean:
		v.Bool = a.Value(row)
	case *array.Int64:
		v.Int = a.Value(row)
	case *array.Float64:
		v.Float = a.Value(row)
	case *array.Decimal128:
		v.Decimal = column.Decimal{Hi: a.Value(row).HighBits(), Lo: a.Value(row).LowBits()}
	case *array.Uint32:
		v.String = dict.Value(a.Value(row))
	}
	return v
}

// TestDifferentialArrow has arrow-go read the messages of entries, which are its format,
// and comes to the same rows.
func TestDifferentialArrow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		schema := kinds[rapid.IntRange(0, len(kinds)).Draw(t, "first"):]
		h := Header{ID: 1, Partition: 3, Schema: schema}
		w, errW := NewWriter(h)
		r, errR := NewReader(h)
		if errW != nil || errR != nil {
			t.Fatal(errW, errR)
		}
		source, theirs := arrowReader(t, schema)
		var ours column.Batch
		for i, n := range rapid.SliceOfN(rapid.IntRange(0, 70), 1, 4).Draw(t, "rows") {
			raw, err := w.Append(nil, drawBatch(rng, schema, n, int64(i)*100, rng.IntN(2) == 0))
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Decode(raw, &ours); err != nil {
				t.Fatal(err)
			}
			e, err := parseEntry(raw)
			if err != nil {
				t.Fatal(err)
			}
			source.feed(e.message, e.body)
			if !theirs.Next() {
				t.Fatal(theirs.Err())
			}
			batch := theirs.RecordBatch()
			rows := make([][]column.Value, batch.NumRows())
			for row := range rows {
				for c := range timeColumns {
					rows[row] = append(rows[row], column.Value{Int: batch.Column(c).(*array.Int64).Value(row)})
				}
				for c, f := range schema {
					rows[row] = append(rows[row], arrowValue(batch.Column(timeColumns+c), row, f.Type, r.dicts[c]))
				}
			}
			if diff := cmp.Diff(rows, boxed(&ours)); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}
