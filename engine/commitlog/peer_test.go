package commitlog

import (
	"bytes"
	"testing"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/journal"
)

func drawIDs(t *rapid.T) []uint64 { return rapid.SliceOfN(rapid.Uint64(), 0, 3).Draw(t, "ids") }

func drawRaft(t *rapid.T) *raftMessage {
	u := func(name string) *uint64 { return new(rapid.Uint64().Draw(t, name)) }
	kind := rapid.SampledFrom([]raftpb.MessageType{
		raftpb.MsgApp, raftpb.MsgAppResp, raftpb.MsgVote, raftpb.MsgVoteResp, raftpb.MsgPreVote, raftpb.MsgPreVoteResp,
		raftpb.MsgSnap, raftpb.MsgHeartbeat, raftpb.MsgHeartbeatResp, raftpb.MsgStorageAppendResp,
	}).Draw(t, "type")
	m := &raftpb.Message{
		Type: kind.Enum(), To: u("to"), From: u("from"), Term: u("term"), LogTerm: u("log term"), Index: u("index"),
		Commit: u("commit"), RejectHint: u("hint"), Reject: new(rapid.Bool().Draw(t, "reject")),
	}
	if kind == raftpb.MsgSnap {
		conf := raftpb.EnsureConfState(&raftpb.ConfState{Voters: drawIDs(t), Learners: drawIDs(t)})
		m.Snapshot = &raftpb.Snapshot{
			Metadata: &raftpb.SnapshotMetadata{Index: u("snapshot index"), Term: u("snapshot term"), ConfState: conf},
			Data:     rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, "state"),
		}
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "entries") {
		m.Entries = append(m.Entries, &raftpb.Entry{
			Term: u("entry term"), Index: new(m.GetIndex() + 1 + uint64(i)), Data: rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, "data"),
			Type: rapid.SampledFrom([]raftpb.EntryType{raftpb.EntryNormal, raftpb.EntryConfChangeV2}).Draw(t, "entry type").Enum(),
		})
	}
	return &raftMessage{partition: rapid.Uint32().Draw(t, "partition"), message: m}
}

// TestLawRaftMessage: Raft's messages read back, and no proper prefix of one does.
func TestLawRaftMessage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawRaft(t)
		b := m.AppendTo(nil)
		got, err := Decode(kindRaft, b)
		if err != nil {
			t.Fatal(err)
		}
		if g := got.(*raftMessage); g.partition != m.partition || !proto.Equal(g.message, m.message) {
			t.Fatalf("%+v came back as %+v", m, g)
		}
		if _, err := Decode(kindRaft, b[:rapid.IntRange(0, len(b)-1).Draw(t, "cut")]); err == nil {
			t.Fatal("a prefix is a message")
		}
	})
}

// FuzzDecode: decoders take any bytes; what they take they give back, but for what
// an answer to oneself does not need of a snapshot.
func FuzzDecode(f *testing.F) {
	for _, m := range []engine.Message{
		&raftMessage{message: &raftpb.Message{Type: raftpb.MsgSnap.Enum(), Snapshot: &raftpb.Snapshot{}}},
		&raftMessage{message: &raftpb.Message{Type: raftpb.MsgApp.Enum(), Entries: []*raftpb.Entry{{Data: []byte("x")}}}},
		beat{},
		election{1},
		status{1},
		statusReply{partition: 1, leads: true},
		idle{partition: 1},
		join{partition: 1},
		protocol.Fetch{},
	} {
		f.Add(uint16(m.Kind()), m.AppendTo(nil))
	}
	f.Fuzz(func(t *testing.T, k uint16, b []byte) {
		m, err := Decode(engine.Kind(k), b)
		if err != nil {
			return
		}
		again := m.AppendTo(nil)
		if r, ok := m.(*raftMessage); ok && r.message.GetType() == raftpb.MsgStorageAppendResp && r.message.GetSnapshot() != nil {
			return
		}
		if m.Kind() != engine.Kind(k) || !bytes.Equal(again, b) {
			t.Errorf("kind %d, %x came back as kind %d, %x", k, b, m.Kind(), again)
		}
	})
}

// FuzzDecodeRecord is the same for the journal's records.
func FuzzDecodeRecord(f *testing.F) {
	hard := &raftpb.HardState{Term: new(uint64(1)), Vote: new(uint64(2)), Commit: new(uint64(3))}
	b := protocol.Batch{Count: 1}
	en := &raftpb.Entry{Index: new(uint64(1)), Term: new(uint64(1)), Data: b.AppendTo([]byte{commandBatch})}
	f.Add(appendRecord(nil, hard, []*raftpb.Entry{en, en}))
	f.Add(appendSnapshotRecord(nil, recordTrimmed, hard, &raftpb.Snapshot{Data: []byte("x")}))
	f.Fuzz(func(t *testing.T, b []byte) {
		rec, err := decodeRecord(b, journal.Position{})
		if err != nil {
			return
		}
		var again []byte
		if rec.kind == recordAppend {
			var list []*raftpb.Entry
			for i := range rec.slots {
				list = append(list, rec.slots[i].entry)
			}
			again = appendRecord(nil, rec.hard, list)
			if len(list) > 0 && int(rec.slots[0].from) != firstEntry(rec.hard) {
				t.Errorf("the first entry is at %d, want %d", rec.slots[0].from, firstEntry(rec.hard))
			}
		} else {
			again = appendSnapshotRecord(nil, rec.kind, rec.hard, rec.snap)
		}
		if !bytes.Equal(again, b) {
			t.Errorf("%x came back as %x", b, again)
		}
	})
}
