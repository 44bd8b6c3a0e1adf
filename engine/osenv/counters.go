//go:build !js && !wasip1

package osenv

import "sync/atomic"

// Counters is what a node has done since it was opened.
type Counters struct {
	Boot            uint32
	Events          uint64 // steps after Start
	Persists        uint64 // with data
	PersistBytes    uint64
	Groups          uint64 // group commits
	Syncs           uint64 // of files
	DirectorySyncs  uint64
	Removes         uint64
	UnsyncedBytes   int64  // issued and not yet durable
	ReadBytes       uint64 // through Disk
	Sent            uint64 // frames written to a connection
	SentBytes       uint64
	Received        uint64 // frames that arrived whole
	ReceivedBytes   uint64
	Dropped         uint64 // messages to peers: no address, a full queue, a broken connection
	Undecodable     uint64 // messages that Decode refused
	Malformed       uint64 // frames and hellos; each closed its connection
	Refused         uint64 // connections: too many, or of another version or node
	Connects        uint64 // connections opened to peers
	ConnectFailures uint64
}

// meters are the live counters; the loop, the writer and the connections add.
type meters struct {
	events, persists, persistBytes atomic.Uint64
	groups, syncs, directorySyncs  atomic.Uint64
	removes, readBytes             atomic.Uint64
	unsyncedBytes                  atomic.Int64
	sent, sentBytes                atomic.Uint64
	received, receivedBytes        atomic.Uint64
	dropped, undecodable           atomic.Uint64
	malformed, refused             atomic.Uint64
	connects, connectFailures      atomic.Uint64
}

// Counters is a snapshot; it may be taken at any time, also of a node that is
// down.
func (n *Node) Counters() Counters {
	m := &n.meters
	return Counters{
		Boot:            n.boot,
		Events:          m.events.Load(),
		Persists:        m.persists.Load(),
		PersistBytes:    m.persistBytes.Load(),
		Groups:          m.groups.Load(),
		Syncs:           m.syncs.Load(),
		DirectorySyncs:  m.directorySyncs.Load(),
		Removes:         m.removes.Load(),
		UnsyncedBytes:   m.unsyncedBytes.Load(),
		ReadBytes:       m.readBytes.Load(),
		Sent:            m.sent.Load(),
		SentBytes:       m.sentBytes.Load(),
		Received:        m.received.Load(),
		ReceivedBytes:   m.receivedBytes.Load(),
		Dropped:         m.dropped.Load(),
		Undecodable:     m.undecodable.Load(),
		Malformed:       m.malformed.Load(),
		Refused:         m.refused.Load(),
		Connects:        m.connects.Load(),
		ConnectFailures: m.connectFailures.Load(),
	}
}
