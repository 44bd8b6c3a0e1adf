package costs

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"parallax/sim"
)

// Table is prices in nanoseconds, and those of bytes and of work in picoseconds.
type Table struct {
	Version       uint32 `json:"version"`
	Of            string `json:"of"`              // the machine that it stands for
	MessageNs     int64  `json:"message_ns"`      // processor time to receive or to send a message
	BytePs        int64  `json:"byte_ps"`         // processor time per byte received, sent or persisted
	NetworkBytePs int64  `json:"network_byte_ps"` // per byte on a node's outgoing wire
	FsyncNs       int64  `json:"fsync_ns"`        // one group commit without its bytes
	WriteBytePs   int64  `json:"write_byte_ps"`   // per byte of a group commit
	ReadNs        int64  `json:"read_ns"`         // one read or listing: the seek
	ReadBytePs    int64  `json:"read_byte_ps"`    // per byte read
	StartNs       int64  `json:"start_ns"`        // from a process's start to its first event
	WorkPs        int64  `json:"work_ps"`         // per nanosecond that an operator charges; it charges 100 for a row
}

//go:embed table.json
var committed []byte

// errTable is returned for text that is no table.
var errTable = errors.New("costs: not a table of costs")

// Default is the committed table.
func Default() Table {
	t, err := Parse(committed)
	if err != nil { // a test reads it
		panic(err)
	}
	return t
}

// Parse reads a table: every price, and nothing else. A price of 0 is free.
func Parse(text []byte) (Table, error) {
	var t Table
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&t); err != nil {
		return Table{}, fmt.Errorf("%w: %w", errTable, err)
	}
	if t.Version == 0 {
		return Table{}, fmt.Errorf("%w: it has no version", errTable)
	}
	for _, p := range t.Prices() {
		if p.Value < 0 {
			return Table{}, fmt.Errorf("%w: %s of %d is a price below 0", errTable, p.Name, p.Value)
		}
	}
	return t, nil
}

// Price is one line of a table.
type Price struct {
	Name  string // as in the file
	Value int64
}

// Prices lists the table's, in its order.
func (t Table) Prices() []Price {
	return []Price{
		{"message_ns", t.MessageNs},
		{"byte_ps", t.BytePs},
		{"network_byte_ps", t.NetworkBytePs},
		{"fsync_ns", t.FsyncNs},
		{"write_byte_ps", t.WriteBytePs},
		{"read_ns", t.ReadNs},
		{"read_byte_ps", t.ReadBytePs},
		{"start_ns", t.StartNs},
		{"work_ps", t.WorkPs},
	}
}

// World is the table as a world takes it.
func (t Table) World() sim.Costs {
	return sim.Costs{
		Version: t.Version, MessageNs: t.MessageNs, BytePs: t.BytePs, NetworkBytePs: t.NetworkBytePs, FsyncNs: t.FsyncNs,
		WriteBytePs: t.WriteBytePs, ReadNs: t.ReadNs, ReadBytePs: t.ReadBytePs, StartNs: t.StartNs, WorkPs: t.WorkPs,
	}
}

// String names the table as results do: its version, its hash, and what it stands for.
func (t Table) String() string {
	return fmt.Sprintf("costs v%d %016x: %s", t.Version, t.World().Hash(), t.Of)
}

// Write prints the table as it is committed.
func (t Table) Write(w io.Writer) error {
	text, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}
