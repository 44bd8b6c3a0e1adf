package journal

import (
	"encoding/hex"
	"testing"

	"parallax/engine"
)

// The bytes of the format, on every machine.
func TestGoldenBytes(t *testing.T) {
	m := memory{}
	var fx engine.Effects
	for number, record := range []string{"", "parallax"} {
		j, _, err := recovered(m, uint32(number+1), Options{})
		if err != nil {
			t.Fatal(err)
		}
		j.Append(&fx, []byte(record))
		m.apply(&fx)
	}
	for file, want := range map[string]string{
		"state-0000000001-0000000001.log": "504c584a4f555231" + // magic
			"0100000001000000" + "0100000001000000" + "0000000000000000" + // self, begin, predecessor
			"0000000000000000" + "0000000000000000" + // its end and chain
			"0100000000000000" + "f140b9b1420d732c" + // sealed; checksum
			"00000080" + "21b2a44e" + "53b60fea1e87b2de" + // no bytes, sealed; head, sum
			"00000040" + "403a9086" + "8892e0d9a226161c", // the mark
		"state-0000000002-0000000001.log": "504c584a4f555231" +
			"0200000001000000" + "0100000001000000" + "0100000001000000" +
			"6000000000000000" + "d26a8319aa5a090b" +
			"0100000000000000" + "f47326456acc17d7" +
			"08000080" + "8fbcda22" + "0ffcd1ce13229b0a" + "706172616c6c6178" +
			"00000040" + "be0d75cc" + "8449fea87a311bd6",
	} {
		if got := hex.EncodeToString(m[file]); got != want {
			t.Errorf("%s:\n got %s\nwant %s", file, got, want)
		}
	}
}
