package zone

import (
	_ "embed" // for the table
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

//go:generate go run generate.go

//go:embed zones.bin
var table string

// ErrUnknown is returned for a name that no zone has.
var ErrUnknown = errors.New("zone: unknown time zone")

const magic = "zones 1\n"

// entry is one zone of the table's index.
type entry struct {
	name         string
	offset, size int
}

// reader walks the table, which is known to be whole: a test reads all of it.
type reader struct{ rest string }

func (r *reader) take(n int) string {
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

func (r *reader) u16() int { return int(binary.LittleEndian.Uint16([]byte(r.take(2)))) }

func (r *reader) entry() entry {
	e := entry{name: r.take(int(r.take(1)[0]))}
	e.offset = int(binary.LittleEndian.Uint32([]byte(r.take(4))))
	e.size = r.u16()
	return e
}

// open stands before the index.
func open() (r reader, version string, zones int) {
	r = reader{table[len(magic):]}
	version = r.take(int(r.take(1)[0]))
	return r, version, r.u16()
}

// Version is the release of the zone data, such as 2025c.
func Version() string {
	_, version, _ := open()
	return version
}

// Names lists the zones, ascending.
func Names() []string {
	r, _, n := open()
	names := make([]string, n)
	for i := range names {
		names[i] = r.entry().name
	}
	return names
}

// Data is the TZif file of a zone.
func Data(name string) ([]byte, error) {
	r, _, n := open()
	found := entry{offset: -1}
	for range n {
		if e := r.entry(); e.name == name {
			found = e
		}
	}
	if found.offset < 0 {
		return nil, fmt.Errorf("%w %q", ErrUnknown, name)
	}
	return []byte(r.rest[found.offset : found.offset+found.size]), nil
}

// Load is the zone of that name.
func Load(name string) (*time.Location, error) {
	data, err := Data(name)
	if err != nil {
		return nil, err
	}
	loc, err := time.LoadLocationFromTZData(name, data)
	if err != nil {
		return nil, fmt.Errorf("zone: %s: %w", name, err)
	}
	return loc, nil
}
