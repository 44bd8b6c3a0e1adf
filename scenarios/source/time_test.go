package source

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"parallax/engine/flow/column"
)

// TestVectorTime: units, fractions, layouts and zones, in microseconds.
func TestVectorTime(t *testing.T) {
	instant := func(s string) int64 {
		at, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		return at.UnixMicro()
	}
	for _, c := range []struct {
		field TimeField
		text  string
		want  int64
		bad   string
	}{
		{TimeField{Unit: "s"}, "1415624019", 1415624019e6, ""},
		{TimeField{Unit: "s"}, "1415624019.862", 1415624019862000, ""},
		{TimeField{Unit: "s"}, "-1.5", -1500000, ""},
		{TimeField{Unit: "s"}, "-0.0000001", -1, ""},
		{TimeField{Unit: "s"}, "0.00000019", 0, ""},
		{TimeField{Unit: "ms"}, "1.9999", 1999, ""},
		{TimeField{Unit: "ms"}, "-1", -1000, ""},
		{TimeField{Unit: "us"}, "7", 7, ""},
		{TimeField{Unit: "ns"}, "1999", 1, ""},
		{TimeField{Unit: "ns"}, "-1", -1, ""},
		{TimeField{Unit: "us"}, "9223372036854775807", math.MaxInt64, ""},
		{TimeField{Unit: "us"}, "-9223372036854775808", 0, "out of range"},
		{TimeField{Unit: "us"}, "-9223372036854775807", -math.MaxInt64, ""},
		{TimeField{Unit: "s"}, "9223372036855", 0, "out of range"},
		{TimeField{Unit: "s"}, "9223372036854.999999", 0, "out of range"},
		{TimeField{Unit: "s"}, "1e9", 0, "bad time"},
		{TimeField{Unit: "s"}, "1.", 0, "bad time"},
		{TimeField{Unit: "s"}, "12:00", 0, "bad time"},
		{TimeField{Layout: simpleLayout}, "2010-12-01 08:26:00", instant("2010-12-01T08:26:00Z"), ""},
		{TimeField{Layout: simpleLayout}, "2012-02-29 23:59:59", instant("2012-02-29T23:59:59Z"), ""},
		{TimeField{Layout: simpleLayout}, "2011-02-29 00:00:00", 0, "bad time"},
		{TimeField{Layout: simpleLayout}, "1969-12-31 23:59:59", -1e6, ""},
		{TimeField{Layout: simpleLayout, Zone: "America/New_York"}, "2013-07-01 00:00:00", instant("2013-07-01T04:00:00Z"), ""},
		{TimeField{Layout: simpleLayout, Zone: "America/New_York"}, "2013-01-01 00:00:00", instant("2013-01-01T05:00:00Z"), ""},
		{TimeField{Layout: time.RFC3339Nano}, "2013-01-01T00:00:00.123456+02:00", instant("2012-12-31T22:00:00.123456Z"), ""},
		{TimeField{}, "2013-01-01T00:00:00Z", instant("2013-01-01T00:00:00Z"), ""},
		{TimeField{}, "2013-01-01T00:00:00.5+02:00", instant("2012-12-31T22:00:00.5Z"), ""},
		{TimeField{}, "1356998400", 0, "without a unit (s, ms, us, ns) or a layout"},
		{TimeField{Layout: "02/Jan/2006:15:04:05 -0700"}, "10/Oct/2000:13:55:36 -0700", instant("2000-10-10T20:55:36Z"), ""},
	} {
		k, err := newClock(c.field)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time from what it remembers
			got, msg := k.parse([]byte(c.text))
			if got != c.want || (msg == "") != (c.bad == "") || !strings.Contains(msg, c.bad) {
				t.Errorf("%+v %q: %d %q, want %d %q", c.field, c.text, got, msg, c.want, c.bad)
			}
		}
	}
}

// TestVectorPartitions: round robin, by value, append times that never go back,
// and the two orders in which batches come.
func TestVectorPartitions(t *testing.T) {
	file := writeFile(t, "a.csv", []byte("k,t,a\nx,5,10\ny,6,9\nx,7,8\n,1,20\ny,2,12\nx,3,30\n"))
	spec := Spec{File: file, EventTime: TimeField{Field: "t", Unit: "us"}}
	read := func(spec Spec, o ReadOptions) (f *File, times, appends [][]int64, order []int32) {
		f, err := Scan(spec, []string{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		times, appends = make([][]int64, len(f.Partitions())), make([][]int64, len(f.Partitions()))
		err = f.Read(o, func(b *column.Batch) error {
			if b.Offset != int64(len(times[b.Partition])) {
				t.Errorf("offset %d behind %d rows", b.Offset, len(times[b.Partition]))
			}
			times[b.Partition] = append(times[b.Partition], b.Times...)
			appends[b.Partition] = append(appends[b.Partition], b.Appends...)
			order = append(order, b.Partition)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return f, times, appends, order
	}
	same := func(what string, got, want [][]int64) {
		t.Helper()
		if !slices.EqualFunc(got, want, slices.Equal[[]int64]) {
			t.Errorf("%s %v, want %v", what, got, want)
		}
	}
	_, times, appends, _ := read(spec, ReadOptions{})
	same("times", times, [][]int64{{5, 6, 7, 1, 2, 3}})
	same("append times", appends, [][]int64{{5, 6, 7, 7, 7, 7}})

	spec.Partitions = 2
	_, times, appends, _ = read(spec, ReadOptions{})
	same("times", times, [][]int64{{5, 7, 2}, {6, 1, 3}})
	same("append times", appends, [][]int64{{5, 7, 7}, {6, 6, 6}})

	spec.Partitions, spec.PartitionBy, spec.ArrivalTime = 0, []string{"k"}, TimeField{Field: "a", Unit: "us"}
	f, times, appends, order := read(spec, ReadOptions{FileOrder: true})
	same("times", times, [][]int64{{5, 7, 3}, {6, 2}, {1}})
	same("append times", appends, [][]int64{{10, 10, 30}, {9, 12}, {20}})
	if !slices.Equal(order, []int32{0, 1, 0, 2, 1, 0}) {
		t.Errorf("order %v", order)
	}
	for i, want := range []Partition{{[]string{"x"}, 3}, {[]string{"y"}, 2}, {[]string{""}, 1}} {
		if got := f.Partitions()[i]; got.Rows != want.Rows || got.Values[0] != want.Values[0] {
			t.Errorf("partition %d: %+v, want %+v", i, got, want)
		}
	}
}
