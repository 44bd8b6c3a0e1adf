package scenarios

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"

	"parallax/engine/flow/column"
	"parallax/scenarios/source"
)

// Write prints a table as CSV (RFC 4180, LF, a header), JSON Lines or Parquet.
// The bytes are a function of the table alone. In CSV a null is an empty field,
// as an empty string is; in JSON decimals are numbers with all their digits, and
// NaN and infinities are strings.
func (t *Table) Write(w io.Writer, format source.Format) error {
	switch format {
	case source.Parquet:
		return source.WriteParquet(w, t.Schema, t.Columns, t.Rows)
	case source.CSV, source.JSONL:
	default:
		return fmt.Errorf("scenarios: format %q is not one of csv, jsonl, parquet", string(format))
	}
	out := bufio.NewWriterSize(w, 64<<10)
	row := t.csvRow
	if format == source.JSONL {
		row = t.jsonRow
	} else {
		line := []byte{}
		for i, name := range t.Schema.Names() {
			if i > 0 {
				line = append(line, ',')
			}
			line = appendField(line, name)
		}
		if _, err := out.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	line := []byte{}
	for i := 0; i < t.Rows; i++ {
		line = append(row(line[:0], i), '\n')
		if _, err := out.Write(line); err != nil {
			return err
		}
	}
	return out.Flush()
}

func (t *Table) csvRow(line []byte, row int) []byte {
	for c := range t.Columns {
		if c > 0 {
			line = append(line, ',')
		}
		line = appendField(line, t.Value(row, c).Text())
	}
	return line
}

// appendField quotes a CSV field if it needs it.
func appendField(line []byte, s string) []byte {
	if !strings.ContainsAny(s, ",\"\r\n") {
		return append(line, s...)
	}
	line = append(line, '"')
	line = append(line, strings.ReplaceAll(s, `"`, `""`)...)
	return append(line, '"')
}

func (t *Table) jsonRow(line []byte, row int) []byte {
	line = append(line, '{')
	for c := range t.Columns {
		if c > 0 {
			line = append(line, ',')
		}
		line = appendJSONString(line, t.Schema[c].Name)
		line = append(line, ':')
		v := t.Value(row, c)
		switch {
		case v.Null:
			line = append(line, "null"...)
		case v.Type.Kind == column.String,
			v.Type.Kind == column.Float64 && (math.IsNaN(v.Float) || math.IsInf(v.Float, 0)):
			line = appendJSONString(line, v.Text())
		default:
			line = append(line, v.Text()...)
		}
	}
	return append(line, '}')
}

func appendJSONString(line []byte, s string) []byte {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil { // a string always encodes
		panic(err)
	}
	return append(line, strings.TrimSuffix(b.String(), "\n")...)
}
