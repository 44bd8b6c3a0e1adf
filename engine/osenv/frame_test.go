//go:build !js && !wasip1

package osenv

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"testing"

	"parallax/engine"

	"pgregory.net/rapid"
)

// The wire format, byte by byte; the checksums were computed bit by bit from the
// polynomial 0x82f63b78.
func TestVectorFrame(t *testing.T) {
	p, err := encode(0x01020304, engine.Envelope{To: 0x05060708, Msg: say("hi")})
	if err != nil {
		t.Fatal(err)
	}
	const want = "12000000" + "01" + "00" + "0700" + "04030201" + "08070605" + "527dd647" + "6869"
	if got := hex.EncodeToString(p.seal()); got != want {
		t.Errorf("frame %s, want %s", got, want)
	}
	const wantHello = "70726c78" + "0100" + "0000" + "04030201" + "08070605" + "09000000" + "f4c62592"
	if got := hex.EncodeToString(hello{1, 0x01020304, 0x05060708, 9}.append(nil)); got != wantHello {
		t.Errorf("hello %s, want %s", got, wantHello)
	}
}

// What is written is read, frame after frame, up to a clean end.
func TestLawFramesRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.String(), 0, 5).Draw(t, "texts")
		big := rapid.IntRange(0, 2*frameChunkBytes).Draw(t, "big")
		texts = append(texts, string(make([]byte, big)))
		var wire bytes.Buffer
		for i, text := range texts {
			p, err := encode(engine.NodeID(i), engine.Envelope{To: engine.NodeID(i + 1), Msg: say(text)})
			if err != nil {
				t.Fatal(err)
			}
			wire.Write(p.seal())
		}
		for i, text := range texts {
			p, err := readFrame(&wire)
			if err != nil {
				t.Fatal(err)
			}
			if p.from != engine.NodeID(i) || p.to != engine.NodeID(i+1) || p.kind != 7 || string(p.payload()) != text {
				t.Fatalf("frame %d came back as %+v", i, p)
			}
		}
		if _, err := readFrame(&wire); !errors.Is(err, io.EOF) {
			t.Fatalf("after the last frame: %v", err)
		}
	})
}

// A frame or hello with any bit flipped, or cut off anywhere, does not pass.
func TestLawDamagedFramesAreRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, err := encode(1, engine.Envelope{To: 2, Msg: say(rapid.String().Draw(t, "text"))})
		if err != nil {
			t.Fatal(err)
		}
		isHello := rapid.Bool().Draw(t, "hello")
		b := p.seal()
		if isHello {
			b = hello{wireVersion, 1, 2, 3}.append(nil)
		}
		if rapid.Bool().Draw(t, "cut") {
			b = b[:rapid.IntRange(0, len(b)-1).Draw(t, "at")]
		} else {
			bit := rapid.IntRange(0, 8*len(b)-1).Draw(t, "bit")
			b[bit/8] ^= 1 << (bit % 8)
		}
		if isHello {
			_, err = readHello(bytes.NewReader(b))
		} else {
			_, err = readFrame(bytes.NewReader(b))
		}
		if err == nil {
			t.Fatalf("%x was accepted", b)
		}
	})
}

// A length field alone makes nobody allocate what it promises.
func TestFrameLengthIsBounded(t *testing.T) {
	for _, size := range []uint32{0, headerBytes - 5, frameBytesMax + 1, 1<<32 - 1} {
		b := binary.LittleEndian.AppendUint32(nil, size)
		if _, err := readFrame(bytes.NewReader(append(b, make([]byte, 100)...))); !errors.Is(err, errMalformed) {
			t.Errorf("length %d: %v", size, err)
		}
	}
	promise := binary.LittleEndian.AppendUint32(nil, frameBytesMax)
	perRun := testing.AllocsPerRun(10, func() {
		if _, err := readFrame(bytes.NewReader(promise)); !errors.Is(err, io.EOF) {
			t.Error(err)
		}
	})
	if perRun > 10 {
		t.Errorf("%v allocations for a frame that does not come", perRun)
	}
}

func TestQueueDropsOldest(t *testing.T) {
	q := newQueue(3, 100)
	packetOf := func(n, size int) packet { return packet{kind: engine.Kind(n), frame: make([]byte, size)} }
	for i := range 3 {
		if n := q.pushDropping(packetOf(i, 10)); n != 0 {
			t.Errorf("push %d dropped %d", i, n)
		}
	}
	if n := q.pushDropping(packetOf(3, 10)); n != 1 {
		t.Errorf("a full queue dropped %d, want 1", n)
	}
	if n := q.pushDropping(packetOf(4, 85)); n != 2 {
		t.Errorf("for a large one it dropped %d, want 2", n)
	}
	if n := q.pushDropping(packetOf(5, 1000)); n != 2 {
		t.Errorf("for one above the limit it dropped %d, want 2", n)
	}
	if p, ok := q.pop(); !ok || p.kind != 5 {
		t.Errorf("popped %+v", p)
	}
	if _, ok := q.pop(); ok {
		t.Error("an empty queue has something")
	}
}

func TestQueuePushesBack(t *testing.T) {
	q := newQueue(2, 1<<20)
	const total = 100
	done := make(chan bool)
	go func() {
		ok := true
		for i := range total {
			ok = q.push(packet{kind: engine.Kind(i), frame: []byte{0}}) && ok
		}
		done <- ok
	}()
	for i := 0; i < total; {
		p, ok := q.pop()
		if !ok {
			<-q.ready
			continue
		}
		if int(p.kind) != i {
			t.Fatalf("packet %d is %d", i, p.kind)
		}
		i++
	}
	if !<-done {
		t.Error("a push was refused")
	}
	q.push(packet{})
	q.push(packet{})
	go func() { done <- q.push(packet{}) }()
	q.close()
	if <-done {
		t.Error("a closed queue took a packet")
	}
}
