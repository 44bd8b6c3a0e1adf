package source

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strings"
	"testing"

	"parallax/engine/flow/column"
)

func zipped(t testing.TB, data string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(data)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// crcOf is the checksum of a gzip trailer.
func crcOf(data string) string {
	return string(binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(data))))
}

// malformed is a file that cannot be read as it is.
type malformed struct {
	name, file, data string
	want             string // the error without the folder
	rows             int64  // with SkipBad; -1: fails all the same
	rejects          int
}

func malformedFiles(t *testing.T) []malformed {
	t.Helper()
	many := "t,n\n" + strings.Repeat("1,2\n", 5000)
	return []malformed{
		{"ragged short", "a.csv", "t,n,s\n1,2,x\n2,3\n4,5,y\n", "a.csv:3:4: ragged line: 2 fields where the header has 3", 2, 1},
		{"ragged long", "a.csv", "t,n,s\n1,2,x,9,9\n4,5,y\n", "a.csv:2:7: ragged line: 5 fields where the header has 3", 1, 1},
		{"ragged quoted", "a.csv", "t,n,s\n1,\"2\",x,9\n4,5,y\n", "a.csv:2:9: ragged line: 4 fields where the header has 3", 1, 1},
		{"ragged over lines", "a.csv", "t,n,s\n1,2,\"x\n3,4,y\",z\n4,5,y\n", "a.csv:2: ragged line: 4 fields where the header has 3; a quoted field carries the record on to line 3", 1, 1},
		{"bad number", "a.csv", "t,n\n1,2\n2,abc\n", `a.csv:3:3: column n: bad number "abc": int64 was expected`, 1, 1},
		{"overflow", "a.csv", "t,n\n1,9223372036854775808\n2,-9223372036854775808\n", `a.csv:2:3: column n: number out of range: "9223372036854775808" does not fit int64`, 1, 1},
		{"bad time", "a.csv", "t,n\nnoon,2\n2,3\n", `a.csv:2:1: column t: bad time "noon": a number of ms was expected`, 1, 1},
		{"empty time", "a.csv", "t,n\n,2\n2,3\n", "a.csv:2:1: column t: the time is empty", 1, 1},
		{"time out of range", "a.csv", "t,n\n9223372036854776,2\n2,3\n", "a.csv:2:1: column t: time out of range: it does not fit 64 bits of microseconds", 1, 1},
		{"time beyond int64", "a.csv", "t,n\n99999999999999999999,2\n2,3\n", `a.csv:2:1: column t: time out of range: it does not fit 64 bits of microseconds: "99999999999999999999"`, 1, 1},
		{"bare quote", "a.csv", "t,n,s\n1,2,a\"b\n2,3,c\n", `a.csv:2:6: a quote inside a field that does not begin with one; write "" inside "…", or close it`, 1, 1},
		{"behind a quote", "a.csv", "t,n,s\n1,2,\"a\"b\n2,3,c\n", `a.csv:2:8: behind a closing quote stands "b", not a comma or the end of the line`, 1, 1},
		{"open quote", "a.csv", "t,n,s\n1,2,\"a\n2,3,c\n", "a.csv:2:5: a quote is opened here and never closed", 1, 1},
		{"not UTF-8", "a.csv", "t,n,s\n1,2,\xff\n2,3,c\n", `a.csv:2:5: column s: not valid UTF-8: "\xff"`, 1, 1},
		{"empty file", "a.csv", "", "a.csv:1:1: empty: a header line with the columns' names was expected", -1, 0},
		{"header twice", "a.csv", "t,n,t\n", "a.csv:1:5: column t: the header names this column twice", -1, 0},
		{"binary", "a.csv", "\x00\x01\x02,n\n", "a.csv:1:1: wrong magic: not text; a CSV header was expected", -1, 0},
		{"UTF-16", "a.csv", "\xff\xfet\x00", "a.csv:1:1: wrong magic: UTF-16 text; UTF-8 was expected", -1, 0},
		{"not gzip", "a.csv.gz", "t,n\n1,2\n", "a.csv.gz:1:1: wrong magic: named .gz, but it does not begin with the bytes 1f 8b of gzip", -1, 0},
		{"not Parquet", "a.parquet", "t,n\n1,2\n", `a.parquet:1:1: wrong magic: a Parquet file begins with PAR1, this one with "t,n\n"`, -1, 0},
		{"truncated gzip", "a.csv.gz", zipped(t, many)[:40], "a.csv.gz:", -2, 1},
		{"damaged gzip", "a.csv", strings.Replace(zipped(t, "t,n\n1,2\n"), crcOf("t,n\n1,2\n"), "\x00\x00\x00\x00", 1), "a.csv:3:1: damaged gzip stream (gzip: invalid checksum); nothing behind this place can be trusted", 1, 1},
		{"truncated Parquet", "a.parquet", "PAR1\x00\x00", "a.parquet: truncated or damaged Parquet file: ", -1, 0},
		{"no object", "a.jsonl", "{\"t\":1,\"n\":2}\n[1]\n", "a.jsonl:2:1: a JSON object was expected", 1, 1},
		{"open string", "a.jsonl", "{\"t\":1,\"n\":\"2}\n{\"t\":1}\n", "a.jsonl:1:12: column n: a string is opened here and never closed", 1, 1},
		{"JSON number", "a.jsonl", "{\"t\":1,\"n\":01}\n{\"t\":1}\n", "a.jsonl:1:12: column n: not a JSON number", 1, 1},
		{"JSON twice", "a.jsonl", "{\"t\":1,\"t\":2}\n{\"t\":1,\"n\":1}\n", "a.jsonl:1:11: column t: the object has this key twice", 1, 1},
		{"JSON tail", "a.jsonl", "{\"t\":1,\"n\":1} x\n{\"t\":1}\n", "a.jsonl:1:15: more behind the object: one object on each line was expected", 1, 1},
		{"JSON type", "a.jsonl", "{\"t\":1,\"n\":\"x\"}\n{\"t\":1}\n", `a.jsonl:1:12: column n: bad number "x": int64 was expected`, 1, 1},
		{"JSON no time", "a.jsonl", "{\"n\":1}\n{\"t\":1,\"n\":1}\n", "a.jsonl:1:1: column t: the time is empty", 1, 1},
		{"JSON escape", "a.jsonl", "{\"t\":1,\"s\":\"\\ud800\"}\n{\"t\":1,\"n\":1}\n", `a.jsonl:1:12: column s: a bad escape in the string "\\ud800"`, 1, 1},
		{"not there", "../nothing.csv", "", "nothing.csv: cannot be opened: no such file or directory", -1, 0},
	}
}

// TestVectorMalformed: what is wrong, and where, as a user reads it; and with
// SkipBad how many rows are left and what is listed.
func TestVectorMalformed(t *testing.T) {
	for _, c := range malformedFiles(t) {
		t.Run(c.name, func(t *testing.T) {
			file := writeFile(t, strings.TrimPrefix(c.file, "../"), []byte(c.data))
			spec := Spec{
				File: file, EventTime: TimeField{Field: "t", Unit: "ms"},
				Columns: []column.Field{{Name: "n", Type: column.TypeOf(column.Int64)}},
			}
			if strings.HasPrefix(c.file, "../") {
				spec.File += ".not"
				c.want = "nothing.csv.not: cannot be opened: no such file or directory"
			}
			_, err := Scan(spec, nil, nil)
			var bad *Error
			if !errors.As(err, &bad) {
				t.Fatalf("error %v of type %T", err, err)
			}
			got := strings.TrimPrefix(err.Error(), strings.TrimSuffix(bad.File, bad.File[strings.LastIndexByte(bad.File, '/')+1:]))
			if !strings.HasPrefix(got, c.want) || !strings.HasSuffix(c.want, ": ") && !strings.HasSuffix(c.want, ":") && got != c.want {
				t.Errorf("error %s\nwant  %s", got, c.want)
			}
			spec.SkipBad = true
			f, err := Scan(spec, nil, nil)
			if c.rows == -1 {
				if !errors.As(err, &bad) {
					t.Errorf("with SkipBad: %v, want an error all the same", err)
				}
				return
			}
			if err != nil {
				t.Fatalf("with SkipBad: %v", err)
			}
			if c.rows >= 0 && f.Rows() != c.rows || len(f.Rejects()) != c.rejects {
				t.Errorf("with SkipBad: %d rows and %d rejects, want %d and %d", f.Rows(), len(f.Rejects()), c.rows, c.rejects)
			}
			rows := int64(0)
			if err := f.Read(ReadOptions{}, func(b *column.Batch) error { rows += int64(b.Rows); return nil }); err != nil || rows != f.Rows() {
				t.Errorf("Read: %d rows, %v; Scan found %d", rows, err, f.Rows())
			}
		})
	}
}

// TestVectorCSV: quotes, byte order mark, line ends, empty fields.
func TestVectorCSV(t *testing.T) {
	for _, c := range []struct{ name, data, want string }{
		{"plain", "t,a,b\n1,x,y\n", "x|y"},
		{"no last line feed", "t,a,b\n1,x,y", "x|y"},
		{"byte order mark", "\xef\xbb\xbft,a,b\n1,x,y\n", "x|y"},
		{"CRLF", "t,a,b\r\n1,x,y\r\n2,\"q\",\r\n", "x|y;q|"},
		{"quotes", "t,a,b\n1,\"x,\"\"1\"\"\",\"\"\n", `x,"1"|`},
		{"line feed inside", "t,a,b\n1,\"x\ny\",z\n2,u,v\n", "x\ny|z;u|v"},
		{"CRLF inside", "t,a,b\r\n1,\"x\r\ny\",z\r\n", "x\r\ny|z"},
		{"empty lines", "\n\nt,a,b\n\n1,x,y\n\n\r\n2,u,v\n\n", "x|y;u|v"},
		{"spaces", "t,a,b\n1, x ,\" y\"\n", " x | y"},
		{"quoted header", "t,\"a\",\"b\"\n1,x,y\n", "x|y"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := writeFile(t, "a.csv", []byte(c.data))
			_, rows := collect(t, Spec{File: file, EventTime: TimeField{Field: "t", Unit: "s"}}, []string{"a", "b"})
			var got []string
			for _, r := range rows[0] {
				got = append(got, r[0].String+"|"+r[1].String)
			}
			if strings.Join(got, ";") != c.want {
				t.Errorf("rows %q, want %q", got, c.want)
			}
		})
	}
}

// TestVectorInference: the types of undeclared columns.
func TestVectorInference(t *testing.T) {
	for _, c := range []struct{ cells, want string }{
		{"1 2 -3", "int64"},
		{"1 . 3", "int64"},
		{"9223372036854775807 -9223372036854775808", "int64"},
		{"9223372036854775808 1", "string"},
		{"1 2.5", "float64"},
		{"1e3 .5 -0.1 NaN -Inf", "float64"},
		{"NaN inf", "string"},
		{"1e999", "string"},
		{"007 8", "string"},
		{"00.5", "string"},
		{"+1", "string"},
		{"0x10", "string"},
		{"1_000", "string"},
		{"true False TRUE", "bool"},
		{"true 1", "string"},
		{"t f", "string"},
		{". .", "string"},
		{"1 x", "string"},
		{"17850.0 13047.0", "float64"},
		{"2024-01-01", "string"},
	} {
		data := "t,v\n"
		for _, cell := range strings.Fields(c.cells) {
			if cell == "." {
				cell = ""
			}
			data += "1," + cell + "\n"
		}
		f, _ := collect(t, Spec{File: writeFile(t, "a.csv", []byte(data)), EventTime: TimeField{Field: "t", Unit: "s"}}, []string{"v"})
		if got := f.Needed()[0].Type.String(); got != c.want {
			t.Errorf("%s: %s, want %s", c.cells, got, c.want)
		}
	}
}
