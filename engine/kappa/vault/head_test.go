package vault

import (
	"errors"
	"fmt"
	"reflect"
	"testing"

	"parallax/engine/commitlog/protocol"
)

func someHead() *Head {
	return &Head{
		Attempt: 3, Owner: 5, Boot: 2, Number: 7, Cuts: []protocol.Cut{{Offset: 10, Frontier: 20}, protocol.LogStart()},
		Objects: []Object{{Attempt: 2, Number: 9, Size: 100, Sum: 1}, {Attempt: 3, Number: 6, Size: 5, Sum: 2}},
	}
}

// What a head says about objects, from their names alone.
func TestVectorDead(t *testing.T) {
	h := someHead()
	for _, c := range []struct {
		name string
		dead bool
	}{
		{"p/0000000001-0000000099", true},  // of an attempt that is over
		{"p/0000000002-0000000008", true},  // likewise
		{"p/0000000002-0000000009", false}, // named
		{"p/0000000002-0000000010", true},  // was being written when its attempt ended
		{"p/0000000003-0000000005", true},  // replaced
		{"p/0000000003-0000000006", false}, // named
		{"p/0000000003-0000000007", true},
		{"p/0000000003-0000000008", false}, // is being written
		{"p/0000000004-0000000001", false}, // of an attempt that this one knows nothing of
		{"p/head", false},
		{"q/0000000001-0000000001", false},
		{"p/1-1", false},
		{"p/0000000001-0000000001.old", false},
	} {
		if got := h.Dead("p", c.name); got != c.dead {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// The bytes of a head, and that every change of one of them is noticed.
func TestGoldenHead(t *testing.T) {
	h := someHead()
	b := h.AppendTo(nil)
	const want = "504c5856414c5431" + "03000000" + "0500000000000000" + "02000000" + "0700000000000000" +
		"02000000" + "0a00000000000000" + "1400000000000000" + "0000000000000000" + "0000000000000080" +
		"02000000" + "02000000" + "0900000000000000" + "6400000000000000" + "0100000000000000" +
		"03000000" + "0600000000000000" + "0500000000000000" + "0200000000000000" + "5f5126b912fe4d8c"
	if got := fmt.Sprintf("%x", b); got != want {
		t.Errorf("%s", got)
	}
	if again, err := DecodeHead(b); err != nil || !reflect.DeepEqual(again, h) {
		t.Errorf("%+v, %v", again, err)
	}
	for i := range b {
		for _, bad := range [][]byte{append(append(append([]byte{}, b[:i]...), b[i]^1), b[i+1:]...), b[:i]} {
			if _, err := DecodeHead(bad); !errors.Is(err, ErrHead) {
				t.Errorf("byte %d of %d: %v", i, len(bad), err)
			}
		}
	}
}

// FuzzDecodeHead gives a reader any bytes.
func FuzzDecodeHead(f *testing.F) {
	f.Add(someHead().AppendTo(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		if h, err := DecodeHead(b); err == nil && string(h.AppendTo(nil)) != string(b) {
			t.Errorf("%x came back as %x", b, h.AppendTo(nil))
		}
	})
}
