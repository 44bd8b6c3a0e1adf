package serving

import (
	"fmt"
	"testing"

	"parallax/engine/commitlog/protocol"
)

// The bytes of a record: kind, epoch, cut, watermark, rows; and what comes back of
// them.
func TestGoldenRecord(t *testing.T) {
	v := newTable(1)
	v.epoch, v.watermark, v.cut[0] = 3, 60, protocol.Cut{Offset: 2, Frontier: 99}
	row := Row{Key: []byte("k"), Start: 0, End: 60, Revision: true, Accumulators: []byte{1, 2}}
	record := v.appendRecord(nil, recordSpan, []Row{row})
	const want = "01" + "03000000" +
		"01000000" + "0200000000000000" + "6300000000000000" +
		"3c00000000000000" +
		"01000000" + "01000000" + "6b" + "0000000000000000" + "3c00000000000000" + "01" + "02000000" + "0102"
	if got := fmt.Sprintf("%x", record); got != want {
		t.Errorf("%s", got)
	}
	read := newTable(1)
	kind, err := read.replay(record)
	back := read.find(0, []byte("k"))
	if err != nil || kind != recordSpan || read.epoch != 3 || read.cut[0] != v.cut[0] || back == nil || !back.Revision || back.End != 60 {
		t.Errorf("kind %d, %+v, %v", kind, read, err)
	}
	for n := range record {
		if _, err := newTable(1).replay(record[:n]); err == nil {
			t.Errorf("%d bytes of it are taken for a record", n)
		}
	}
	if _, err := newTable(2).replay(record); err == nil {
		t.Error("a job of two partitions takes it")
	}
}
