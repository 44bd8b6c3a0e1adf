package source

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"parallax/engine/flow/column"
)

// readAll scans and reads arbitrary bytes. Whatever they are, there is an *Error
// or every batch keeps the invariant of package column, and both passes agree.
func readAll(t *testing.T, name string, data []byte, skip bool) {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	spec := Spec{File: file, EventTime: TimeField{Field: "t", Unit: "ms"}, PartitionBy: []string{"p"}, SkipBad: skip}
	if strings.HasSuffix(name, ".parquet") {
		spec.EventTime.Field, spec.PartitionBy = "time", []string{"key"}
	}
	f, err := Scan(spec, nil, nil)
	var bad *Error
	if err != nil {
		if !errors.As(err, &bad) {
			t.Fatalf("error %v of type %T", err, err)
		}
		return
	}
	rows := int64(0)
	err = f.Read(ReadOptions{BatchRows: 7}, func(b *column.Batch) error {
		rows += int64(b.Rows)
		if len(b.Times) != b.Rows || len(b.Appends) != b.Rows {
			t.Fatalf("%d rows, %d times, %d append times", b.Rows, len(b.Times), len(b.Appends))
		}
		for c := range b.Columns {
			col := &b.Columns[c]
			if col.Len() != b.Rows || col.Null != nil && len(col.Null) != b.Rows {
				t.Fatalf("column %d: %d values, %d nulls, %d rows", c, col.Len(), len(col.Null), b.Rows)
			}
			for _, code := range col.Codes {
				if int(code) >= col.Dict.Len() && col.Dict.Len() > 0 {
					t.Fatalf("code %d of %d", code, col.Dict.Len())
				}
			}
		}
		return nil
	})
	if err != nil || rows != f.Rows() {
		t.Fatalf("Read: %d rows, %v; Scan found %d", rows, err, f.Rows())
	}
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{
		"t,p,s\n1,a,x\n2,b,\"y\"\n", "t,p\r\n1,\"a\r\nb\"\r\n", "t,p\n1\n", "t,p\n1,\"a", "\xef\xbb\xbft,p\n,\n", "t,p\n1,\"\"\"\"\n\n2,\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		readAll(t, "f.csv", data, false)
		readAll(t, "f.csv", data, true)
	})
}

// FuzzCSVSplit compares the splitter with the standard library's reader, where
// that is as strict.
func FuzzCSVSplit(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a,b\n\"x\"\"y\",\"u\nv\"\n", "a,b\r\n1,2\r\n\r\n3,4", "a,b\n1\n", "a\n\n1\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.HasPrefix(data, utf8Mark) || bytes.Contains(data, []byte("\r")) {
			return // the library keeps a mark and drops carriage returns inside quotes
		}
		r := csv.NewReader(bytes.NewReader(data))
		want, err := r.ReadAll()
		if err != nil || len(want) == 0 {
			return
		}
		lex, err := newCSV("f.csv", bytes.NewReader(data))
		if err != nil {
			return // a header that the library lets pass: names twice, binary
		}
		lex.want(nil)
		all := make([]string, len(lex.names))
		for i := range lex.slot { // by position: names may be empty, and so alike
			lex.slot[i] = i
		}
		if got := lex.names; strings.Join(got, "\x00") != strings.Join(want[0], "\x00") {
			t.Fatalf("header %q, want %q", got, want[0])
		}
		cells := make([]cell, len(all))
		for row := 1; ; {
			err := lex.next(cells)
			if err == io.EOF {
				if row != len(want) {
					t.Fatalf("%d records, want %d", row, len(want))
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for i := range cells {
				all[i] = string(cells[i].text)
			}
			if len(all) == 1 && all[0] == "" && (row == len(want) || want[row][0] != "") {
				continue // the library skips empty lines of a single column
			}
			if row == len(want) || strings.Join(all, "\x00") != strings.Join(want[row], "\x00") {
				t.Fatalf("record %d: %q, want %q", row, all, want[min(row, len(want)-1)])
			}
			row++
		}
	})
}

func FuzzJSONL(f *testing.F) {
	for _, s := range []string{
		`{"t":1,"p":"a"}`, `{"t":1,"p":{"x":[1,"}"]},"s":null}` + "\n\n" + `{"t":-2,"p":true,"f":1.5e3}`, `{"t":1,"p":"\u00e9\n"}`, `{"t":1`, `{}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		readAll(t, "f.jsonl", data, false)
		readAll(t, "f.jsonl", data, true)
	})
}

// FuzzJSONLine compares one line with the standard library: what it takes for an
// object has the same members, what it refuses is refused.
func FuzzJSONLine(f *testing.F) {
	for _, s := range []string{`{"a":1,"b":"x"}`, `{"a":{"b":[1,2,{"c":"]"}]}}`, `{"a":"\"\\\/\u0041"}`, `{"a":-0.5e+10}`, `{ "a" : false , "b" : null }`, `{"a":tru}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if strings.ContainsAny(line, "\n\r") || strings.TrimSpace(line) == "" || strings.HasPrefix(line, string(utf8Mark)) {
			return
		}
		var want map[string]json.RawMessage
		wantErr := json.Unmarshal([]byte(line), &want)
		if wantErr == nil && want == nil {
			return // null is no object here
		}
		lex := newJSONL("f.jsonl", strings.NewReader(line))
		lex.want(nil)
		cells := make([]cell, 0)
		err := lex.next(cells)
		if wantErr != nil {
			if err == nil {
				t.Fatalf("%q is taken; the library says %v", line, wantErr)
			}
			return
		}
		if err != nil {
			return // stricter: keys twice, text that is not UTF-8, lone surrogates
		}
		if len(lex.names) != len(want) {
			t.Fatalf("%d members, want %d", len(lex.names), len(want))
		}
		for _, name := range lex.names {
			if _, ok := want[name]; !ok {
				t.Fatalf("member %q, want %v", name, want)
			}
		}
	})
}

func FuzzGzip(f *testing.F) {
	f.Add([]byte(zippedText("t,p\n1,a\n2,b\n")), true)
	f.Add([]byte(zippedText("t,p\n1,a\n2,b\n"))[:20], false)
	f.Fuzz(func(t *testing.T, data []byte, skip bool) {
		readAll(t, "f.csv.gz", data, skip)
	})
}

func FuzzParquet(f *testing.F) {
	file := writeParquet(f, mixedRows(3))
	data, err := os.ReadFile(file)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data, false)
	f.Add(data[:len(data)-9], true)
	f.Fuzz(func(t *testing.T, data []byte, skip bool) {
		readAll(t, "f.parquet", data, skip)
	})
}

// FuzzTime compares the fast reader of dates and times with package time, and
// every number of units with the quotient of integers.
func FuzzTime(f *testing.F) {
	f.Add("2010-12-01 08:26:00", "2006-01-02 15:04:05")
	f.Add("1900-02-29 00:00:00", "2006-01-02 15:04:05")
	f.Add("0000-01-01 00:00:00", "2006-01-02 15:04:05")
	f.Fuzz(func(t *testing.T, s, layout string) {
		if micros, ok := parseSimple([]byte(s)); ok {
			want, err := time.Parse(simpleLayout, s)
			if err != nil || want.UnixMicro() != micros {
				t.Fatalf("%q: %d, want %d, %v", s, micros, want.UnixMicro(), err)
			}
		}
		if s == "" || layout == "" {
			return
		}
		c, err := newClock(TimeField{Field: "t", Layout: layout})
		if err != nil {
			t.Fatal(err)
		}
		micros, msg := c.parse([]byte(s))
		want, err := time.Parse(layout, s)
		if (err == nil) != (msg == "") || err == nil && want.UnixMicro() != micros {
			t.Fatalf("%q as %q: %d %s, want %d, %v", s, layout, micros, msg, want.UnixMicro(), err)
		}
	})
}

// FuzzNumber compares with package strconv.
func FuzzNumber(f *testing.F) {
	for _, s := range []string{"0", "-1", "+7", "9223372036854775807", "-9223372036854775808", "1e5", "0.1", "NaN", "-inf", "0x1p4", "1_0", "00012"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, digits, fits := parseInt([]byte(s))
		want, err := strconv.ParseInt(s, 10, 64)
		// The library looks at the range before it has seen all characters.
		all := strings.Trim(strings.TrimLeft(s, "+-"), "0123456789") == ""
		if fits != (err == nil) || fits && v != want || digits != (err == nil || all && errors.Is(err, strconv.ErrRange)) {
			t.Fatalf("parseInt(%q) = %d %v %v; want %d %v", s, v, digits, fits, want, err)
		}
		ok, _ := plainFloat([]byte(s))
		if _, err := strconv.ParseFloat(s, 64); ok && err != nil {
			t.Fatalf("plainFloat(%q), but %v", s, err)
		}
	})
}

func zippedText(s string) string {
	var t testing.T
	return zipped(&t, s)
}
