package source

import (
	"fmt"
	"path/filepath"
	"strings"

	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/zone"
)

// Format is the shape of a file's records.
type Format string

// The formats. Auto takes the content's magic first, then the file's name, then
// the first byte of the content.
const (
	Auto    Format = ""
	CSV     Format = "csv"
	JSONL   Format = "jsonl"
	Parquet Format = "parquet"
)

// TimeField says where a row's time stands and how it is written. Field is a
// column; exactly one of Unit and Layout is set, except that a Parquet timestamp
// column needs neither.
type TimeField struct {
	Field  string
	Unit   string // s, ms, us, ns: a number of them since the Unix epoch
	Layout string // Go's reference layout, as in "2006-01-02 15:04:05"; without it and a unit, RFC 3339
	Zone   string // IANA zone of a layout without one; "" is UTC
}

// Spec says how a file is read.
type Spec struct {
	File        string
	Format      Format
	EventTime   TimeField
	ArrivalTime TimeField      // no Field: rows arrive in file order, at the greatest event time so far
	PartitionBy []string       // one partition for each distinct tuple, numbered by first appearance
	Partitions  int            // without PartitionBy: row i goes to partition i mod Partitions; 0 is 1
	Columns     []column.Field // declared types; the others are inferred over all rows
	SkipBad     bool           // list what cannot be read and go on, instead of stopping
}

// unitMicros is a time unit as a fraction num/den of a microsecond count.
func unitMicros(unit string) (num, den int64, ok bool) {
	switch unit {
	case "s":
		return 1_000_000, 1, true
	case "ms":
		return 1_000, 1, true
	case "us":
		return 1, 1, true
	case "ns":
		return 1, 1_000, true
	}
	return 0, 0, false
}

// Check finds mistakes that can be seen without the file.
func (s *Spec) Check() error {
	if s.File == "" {
		return s.errorf("", "no file is named")
	}
	switch s.Format {
	case Auto, CSV, JSONL, Parquet:
	default:
		return s.errorf("", "format %q is not one of csv, jsonl, parquet", string(s.Format))
	}
	if s.EventTime.Field == "" {
		return s.errorf("", "event_time names no field")
	}
	for _, f := range []TimeField{s.EventTime, s.ArrivalTime} {
		if err := s.checkTime(f); err != nil {
			return err
		}
	}
	if s.Partitions < 0 || s.Partitions > partitionsMax {
		return s.errorf("", "partitions: %d is not in 0..%d", s.Partitions, partitionsMax)
	}
	if s.Partitions > 0 && len(s.PartitionBy) > 0 {
		return s.errorf("", "partition_by and partitions exclude each other")
	}
	return nil
}

// partitionsMax bounds the partitions of one file, so that an id column taken
// for a partition column ends in a message and not in exhausted memory.
const partitionsMax = 1 << 16

func (s *Spec) checkTime(f TimeField) error {
	if f.Unit != "" && f.Layout != "" {
		return s.errorf(f.Field, "unit and layout exclude each other")
	}
	if _, _, ok := unitMicros(f.Unit); f.Unit != "" && !ok {
		return s.errorf(f.Field, "unit %q is not one of s, ms, us, ns", f.Unit)
	}
	if f.Zone == "" {
		return nil
	}
	if f.Layout == "" {
		return s.errorf(f.Field, "zone belongs to a layout")
	}
	if _, err := zone.Data(f.Zone); err != nil {
		if like := expr.Nearest(f.Zone, zone.Names()); like != "" {
			return s.errorf(f.Field, "zone %q is not known; did you mean %q?", f.Zone, like)
		}
		return s.errorf(f.Field, "zone %q is not known", f.Zone)
	}
	return nil
}

func (s *Spec) errorf(field, format string, args ...any) *Error {
	return &Error{File: s.File, Field: field, Msg: fmt.Sprintf(format, args...)}
}

// declared is the declared type of a column.
func (s *Spec) declared(name string) (column.Type, bool) {
	for _, f := range s.Columns {
		if f.Name == name {
			return f.Type, true
		}
	}
	return column.Type{}, false
}

// formatByName guesses a format from a file's name, "" if it says nothing.
func formatByName(name string) Format {
	name = strings.TrimSuffix(strings.ToLower(name), ".gz")
	switch filepath.Ext(name) {
	case ".csv":
		return CSV
	case ".jsonl", ".ndjson":
		return JSONL
	case ".parquet":
		return Parquet
	}
	return Auto
}
