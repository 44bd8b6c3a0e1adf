package sim

import (
	"encoding/binary"

	"github.com/zeebo/xxh3"
)

// Costs is the price list of the world: what messages, bytes, reads and syncs
// take of virtual time. A table is part of every result by its Hash. The zero
// value stands for DefaultCosts; a table of your own has a Version other than 0,
// and what it leaves at 0 is free.
type Costs struct {
	Version uint32

	MessageNs     int64 // processor time to receive or to send a message
	BytePs        int64 // processor time per byte received, sent or persisted, in picoseconds
	NetworkBytePs int64 // time per byte on a node's outgoing wire, in picoseconds
	FsyncNs       int64 // one group commit without its bytes
	WriteBytePs   int64 // time per byte of a group commit, in picoseconds
	ReadNs        int64 // one read or directory listing: the seek
	ReadBytePs    int64 // time per byte read, in picoseconds
	StartNs       int64 // from a process's start to its first event, without its reads
	WorkPs        int64 // time per nanosecond that a step charges for itself, in picoseconds; 0: as it is charged
}

// DefaultCosts is a small server with a 10 Gb/s network and a virtual disk:
// about a thousand syncs a second, 300 MB/s written and 1 GB/s read in sequence.
func DefaultCosts() Costs {
	return Costs{
		Version:       1,
		MessageNs:     1_000,
		BytePs:        500,
		NetworkBytePs: 800,
		FsyncNs:       800_000,
		WriteBytePs:   3_300,
		ReadNs:        60_000,
		ReadBytePs:    1_000,
		StartNs:       5_000_000,
	}
}

// Hash identifies the table in results.
func (c Costs) Hash() uint64 {
	b := binary.LittleEndian.AppendUint32(nil, c.Version)
	for _, v := range [...]int64{
		c.MessageNs, c.BytePs, c.NetworkBytePs, c.FsyncNs, c.WriteBytePs, c.ReadNs, c.ReadBytePs, c.StartNs,
	} {
		b = binary.LittleEndian.AppendUint64(b, uint64(v))
	}
	if c.WorkPs != 0 { // tables without it are older than it
		b = binary.LittleEndian.AppendUint64(b, uint64(c.WorkPs))
	}
	return xxh3.Hash(b)
}

// bytesNs is the time that n bytes take at a price in picoseconds.
func bytesNs(n int, bytePs int64) int64 { return int64(n) * bytePs / 1000 }

// workNs is the time that charged work takes.
func (c *Costs) workNs(ns int64) int64 {
	if c.WorkPs == 0 {
		return ns
	}
	return ns/1000*c.WorkPs + ns%1000*c.WorkPs/1000
}
