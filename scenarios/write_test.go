package scenarios

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"parallax/engine/flow/column"
	"parallax/scenarios/source"
)

var everyType = []column.Type{
	column.TypeOf(column.Bool), column.TypeOf(column.Int64), column.TypeOf(column.Float64),
	{Kind: column.Decimal128, Precision: 38, Scale: 7},
	column.TypeOf(column.String), column.TypeOf(column.Timestamp),
}

func drawValue(t *rapid.T, typ column.Type) column.Value {
	v := column.Value{Type: typ, Null: rapid.IntRange(0, 4).Draw(t, "null") == 0}
	if v.Null {
		return v
	}
	switch typ.Kind {
	case column.Bool:
		v.Bool = rapid.Bool().Draw(t, "bool")
	case column.Int64, column.Timestamp:
		v.Int = rapid.Int64().Draw(t, "int")
	case column.Float64:
		v.Float = rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1)})).Draw(t, "float")
	case column.Decimal128:
		v.Decimal = column.Decimal{Hi: rapid.Int64Range(-1<<61, 1<<61).Draw(t, "hi"), Lo: rapid.Uint64().Draw(t, "lo")}
		if !v.Decimal.Fits(typ.Precision) {
			v.Decimal.Hi = 0
		}
	case column.String:
		v.String = rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", `a,"b"`, "a\nb", "\r", " ", "é", "null"})).Draw(t, "string")
	}
	return v
}

// TestLawWriteRead: what is written reads back as the same values, in every
// format; CSV alone does not tell null from the empty string. Written twice, the
// bytes are the same.
func TestLawWriteRead(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		schema := column.Schema{{Name: "t", Type: column.TypeOf(column.Int64)}}
		for i := range rapid.IntRange(0, 6).Draw(rt, "columns") {
			schema = append(schema, column.Field{Name: fmt.Sprintf("z%d", 9-i), Type: rapid.SampledFrom(everyType).Draw(rt, "type")})
		}
		table := newTable(schema)
		for i := range rapid.IntRange(0, 12).Draw(rt, "rows") {
			row := []column.Value{{Type: schema[0].Type, Int: int64(i)}}
			for _, f := range schema[1:] {
				row = append(row, drawValue(rt, f.Type))
			}
			table.add(row)
		}
		for _, format := range []source.Format{source.CSV, source.JSONL, source.Parquet} {
			var data, again bytes.Buffer
			if err := table.Write(&data, format); err != nil {
				rt.Fatal(err)
			}
			if err := table.Write(&again, format); err != nil || !bytes.Equal(data.Bytes(), again.Bytes()) {
				rt.Fatalf("%s: other bytes the second time (%v)", format, err)
			}
			if table.Rows == 0 && format == source.JSONL {
				continue // no rows, no columns
			}
			file := filepath.Join(dir, "t."+string(format))
			if err := os.WriteFile(file, data.Bytes(), 0o600); err != nil {
				rt.Fatal(err)
			}
			compareFile(rt, table, file, format)
		}
	})
}

func compareFile(rt *rapid.T, table *Table, file string, format source.Format) {
	spec := source.Spec{File: file, EventTime: source.TimeField{Field: "t", Unit: "s"}, Columns: table.Schema}
	f, err := source.Scan(spec, table.Schema.Names(), nil)
	if err != nil {
		rt.Fatalf("%s: %v", format, err)
	}
	got := newTable(f.Needed())
	if err := f.Read(source.ReadOptions{}, got.addBatch); err != nil {
		rt.Fatalf("%s: %v", format, err)
	}
	if got.Rows != table.Rows {
		rt.Fatalf("%s: %d rows, want %d", format, got.Rows, table.Rows)
	}
	for i := range table.Rows {
		for c, field := range table.Schema {
			at := got.Schema.Index(field.Name)
			v, want := got.Value(i, at), table.Value(i, c)
			if format == source.CSV && want.Type.Kind == column.String && want.Null {
				want = column.Value{Type: want.Type}
			}
			if v.Type != want.Type || v.Null != want.Null || v.Compare(want) != 0 {
				rt.Fatalf("%s: row %d, %s %s: %+v, want %+v", format, i, field.Name, field.Type, v, want)
			}
		}
	}
}

// TestVectorWrite: the text forms.
func TestVectorWrite(t *testing.T) {
	schema := column.Schema{{Name: "a,b", Type: column.TypeOf(column.String)}, {Name: "f", Type: column.TypeOf(column.Float64)}, {Name: "d", Type: everyType[3]}}
	table := newTable(schema)
	table.add([]column.Value{
		{Type: schema[0].Type, String: "x \"y\"\n<é>"}, {Type: schema[1].Type, Float: 0.1}, {Type: schema[2].Type, Decimal: column.DecimalFromInt(-15)},
	})
	table.add([]column.Value{{Type: schema[0].Type, Null: true}, {Type: schema[1].Type, Float: math.NaN()}, {Type: schema[2].Type, Null: true}})
	for format, want := range map[source.Format]string{
		source.CSV:   "\"a,b\",f,d\n\"x \"\"y\"\"\n<é>\",0.1,-0.0000015\n,NaN,\n",
		source.JSONL: `{"a,b":"x \"y\"\n<é>","f":0.1,"d":-0.0000015}` + "\n" + `{"a,b":null,"f":"NaN","d":null}` + "\n",
	} {
		var b bytes.Buffer
		if err := table.Write(&b, format); err != nil || b.String() != want {
			t.Errorf("%s:\n%s\nwant\n%s\n%v", format, b.String(), want, err)
		}
	}
	if err := table.Write(&bytes.Buffer{}, "xml"); err == nil {
		t.Error("xml was written")
	}
}

// TestLawSchema: the schema is JSON, and names every key that the decoder takes.
func TestLawSchema(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(JSONSchema(), &schema); err != nil {
		t.Fatal(err)
	}
	properties := schema["properties"].(map[string]any)
	for _, key := range []string{"parallax", "name", "source", "watermark", "late", "pipeline"} {
		if properties[key] == nil {
			t.Errorf("no %s", key)
		}
	}
	steps := properties["pipeline"].(map[string]any)["items"].(map[string]any)["properties"].(map[string]any)
	if steps["key_by"] == nil || steps["window"].(map[string]any)["additionalProperties"] != false {
		t.Errorf("steps: %v", steps)
	}
}
