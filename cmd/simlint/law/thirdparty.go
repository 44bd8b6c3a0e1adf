package law

import (
	"go/types"
	"slices"
	"strings"
)

// entry allows functions of one third-party package to be called under the law:
// "F" is a function, "T.M" a method of T or *T, "T.*" all methods of T.
type entry struct{ path, names, reason string }

const (
	arrow   = "github.com/apache/arrow-go/v18/arrow"
	parquet = "github.com/parquet-go/parquet-go"
	raft    = "go.etcd.io/raft/v3"
)

// entries is the whole trust that third-party code gets. Add a line only with the
// reason why it gives the same bytes in every run and on every machine, and with a
// test that runs it twice.
var entries = []entry{
	{"github.com/zeebo/xxh3", "Hash HashSeed HashString HashStringSeed Hash128 HashString128 New Hasher.*", "pure functions of the bytes and the seed"},

	{arrow, "NewSchema", "puts given fields together; its only map is read by key"},
	{arrow, "RecordBatch.* Array.* ArrayData.*", "show what was read or put in"},
	{arrow, "int64Traits.* float64Traits.* uint32Traits.* uint64Traits.* decimal128Traits.*", "look at the same bytes as another type"},
	{arrow + "/decimal128", "New Num.HighBits Num.LowBits", "two halves of an integer"},
	{arrow + "/memory", "NewGoAllocator NewBufferBytes Buffer.Bytes Buffer.Len", "hold bytes; the Go allocator clears them"},
	{arrow + "/array", "NewData NewRecordBatch MakeFromData NewInt64Data", "wrap given buffers"},
	{arrow + "/array", "array.* Int64.* Float64.* Uint32.* Boolean.* baseDecimal.*", "show the given buffers"},
	{arrow + "/ipc", "NewMessage NewReaderFromMessageReader Reader.*", "decode in the order of the bytes; no compressed bodies, hence no goroutines"},
	{arrow + "/ipc", "NewWriterWithPayloadWriter WithSchema WithAllocator Writer.* Payload.*", "encode column by column; no compression, hence no goroutines"},

	{parquet, "Leaf Encoded Compressed Optional FieldID Int String Timestamp Decimal FixedLenByteArrayType NewSchema Group.Fields", "describe columns; a group's one map is sorted"},
	{parquet, "CreatedBy PageBufferSize DataPageVersion KeyValueMetadata SkipPageIndex SkipBloomFilters", "set options; the writer's name is given, not taken from the build"},
	{parquet, "NewWriter Writer.* ColumnWriter.* BooleanValue DoubleValue FixedLenByteArrayValue ByteArrayValue Int64Value NullValue Value.Level", "encode column by column in the caller's goroutine; pools only lend memory"},
	{parquet, "OpenFile File.* FileView.* Column.* Type.* Node.* RowGroup.* ColumnChunk.* Pages.* PageReader.* RowSeeker.* OffsetIndex.* Page.* Dictionary.* Release", "decode in the order of the bytes, synchronously"},
	{parquet + "/encoding", "Values.*", "show the given buffers"},

	{raft, "NewRawNode RawNode.*", "a state machine; what it draws from crypto/rand is an election time-out out of reach, Campaign being called instead"},
	{raft, "IsEmptySnap IsEmptyHardState", "pure functions"},
	{raft + "/raftpb", "EnsureConfState", "a pure function"},
	{raft + "/raftpb", "Entry.* HardState.* Message.* Snapshot.* SnapshotMetadata.* ConfState.*", "show and set fields"},
	{raft + "/raftpb", "ConfChange.* ConfChangeV2.* ConfChangeSingle.*", "show and set fields"},
	{raft + "/raftpb", "ConfChangeType.Enum EntryType.Enum MessageType.Enum", "make a pointer to a copy"},
	{"google.golang.org/protobuf/proto", "Marshal Unmarshal", "messages of raftpb have no maps, and fields are written by number"},
}

// allowed reports whether a third-party function is in the table.
func allowed(fn *types.Func) bool {
	recv, method := shortName(fn)
	for _, e := range entries {
		if e.path != fn.Pkg().Path() {
			continue
		}
		names := strings.Fields(e.names)
		if recv == "" && slices.Contains(names, method) ||
			recv != "" && (slices.Contains(names, recv+"."+method) || slices.Contains(names, recv+".*")) {
			return true
		}
	}
	return false
}

// shortName is the receiver's type, "" for a function, and the function's name.
func shortName(fn *types.Func) (recv, name string) {
	r := fn.Signature().Recv()
	if r == nil {
		return "", fn.Name()
	}
	t := types.Unalias(r.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if n, ok := t.(*types.Named); ok {
		return n.Obj().Name(), fn.Name()
	}
	return "?", fn.Name()
}
