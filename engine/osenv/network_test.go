//go:build !js && !wasip1

package osenv

import (
	"bufio"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"parallax/engine"
)

// listener is a node that remembers what it is told.
type listener struct {
	mu   sync.Mutex
	said []string
}

func (l *listener) Step(ev engine.Event, _ *engine.Effects) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said = append(l.said, string(ev.Msg.(say)))
}

func (l *listener) start(engine.Env, *engine.Effects) (engine.Actor, error) { return l, nil }

func (l *listener) heard(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.said {
		if s == text {
			return true
		}
	}
	return false
}

// dial connects to a node as node 5 and sends raw bytes; it returns the
// connection after the node's hello.
func dial(t *testing.T, n *Node, opening []byte) (net.Conn, hello) {
	t.Helper()
	conn, err := net.Dial("tcp", n.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write(opening); err != nil {
		t.Fatal(err)
	}
	theirs, _ := readHello(conn) // a refusal shows as the zero hello
	return conn, theirs
}

func sayFrame(t *testing.T, from, to engine.NodeID, text string) []byte {
	p, err := encode(from, engine.Envelope{To: to, Msg: say(text)})
	if err != nil {
		t.Fatal(err)
	}
	return p.seal()
}

func closed(conn net.Conn) bool {
	_, err := conn.Read(make([]byte, 1))
	var timeout net.Error
	return err != nil && !(errors.As(err, &timeout) && timeout.Timeout())
}

// Whatever is malformed closes its connection, is counted, and touches nobody
// else.
func TestMalformedClosesConnection(t *testing.T) {
	var l listener
	n := mustOpen(t, options(t), l.start)
	good := hello{wireVersion, 5, 1, 1}.append(nil)
	flip := func(b []byte, at int) []byte { b[at] ^= 1; return b }
	for i, c := range [][]byte{
		[]byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
		flip(hello{wireVersion, 5, 1, 1}.append(nil), 9),
		append(good[:helloBytes:helloBytes], flip(sayFrame(t, 5, 1, "bad"), 4)...),
		append(good[:helloBytes:helloBytes], flip(sayFrame(t, 5, 1, "bad"), 17)...),
		append(good[:helloBytes:helloBytes], flip(sayFrame(t, 5, 1, "bad"), 21)...),
		append(good[:helloBytes:helloBytes], 0xff, 0xff, 0xff, 0xff),
		append(good[:helloBytes:helloBytes], sayFrame(t, 6, 1, "bad")...), // not who said hello
		append(good[:helloBytes:helloBytes], sayFrame(t, 5, 2, "bad")...), // not for this node
	} {
		conn, _ := dial(t, n, c)
		if !closed(conn) {
			t.Errorf("case %d: the connection stays", i)
		}
		waitFor(t, "the counter", func() bool { return n.Counters().Malformed == uint64(i+1) })
	}
	dial(t, n, append(good[:helloBytes:helloBytes], sayFrame(t, 5, 1, "good")...))
	waitFor(t, "the good message", func() bool { return l.heard("good") })
	if l.heard("bad") {
		t.Error("a malformed frame was delivered")
	}
}

// A hello of another version, for another node or in this node's name is answered, so that the other
// side can say what is wrong, and refused.
func TestForeignHelloIsRefused(t *testing.T) {
	var l listener
	n := mustOpen(t, options(t), l.start)
	for i, h := range []hello{{wireVersion + 1, 5, 1, 1}, {wireVersion, 5, 3, 1}, {wireVersion, 1, 1, 1}} {
		conn, theirs := dial(t, n, h.append(nil))
		if theirs.version != wireVersion || theirs.from != 1 || theirs.to != h.from || theirs.boot != 1 {
			t.Errorf("answer %+v", theirs)
		}
		if !closed(conn) {
			t.Error("the connection stays")
		}
		waitFor(t, "the counter", func() bool { return n.Counters().Refused == uint64(i+1) })
	}
}

// A frame that begins has to end soon; a silent connection may stay.
func TestSlowFrameIsCutOff(t *testing.T) {
	var l listener
	s := seam{files: func(dir string) filesystem { return osFiles{dir} }, frameTimeout: 50 * time.Millisecond}
	n, err := open(t.Context(), options(t), l.start, s)
	if err != nil {
		t.Fatal(err)
	}
	good := hello{wireVersion, 5, 1, 1}.append(nil)
	silent, _ := dial(t, n, good)
	slow, _ := dial(t, n, append(good[:helloBytes:helloBytes], sayFrame(t, 5, 1, "slow")[:10]...))
	if !closed(slow) {
		t.Error("half a frame is waited for without end")
	}
	if _, err := silent.Write(sayFrame(t, 5, 1, "late")); err != nil {
		t.Error(err)
	}
	waitFor(t, "the late message", func() bool { return l.heard("late") })
	if err := n.Stop(); err != nil {
		t.Error(err)
	}
}

// A peer that takes nothing is given up, so that its node is not held up when it
// stops.
func TestDeafPeer(t *testing.T) {
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	go func() {
		for {
			conn, err := server.Accept()
			if err != nil {
				return
			}
			defer conn.Close() // it greets, and never reads again
			if _, err := readHello(conn); err == nil {
				_, _ = conn.Write(hello{wireVersion, 2, 1, 1}.append(nil))
			}
		}
	}()
	o := options(t)
	o.Peers = func(engine.NodeID) string { return server.Addr().String() }
	s := seam{files: func(dir string) filesystem { return osFiles{dir} }, frameTimeout: 50 * time.Millisecond}
	big := say(strings.Repeat("x", 8<<20)) // more than the sockets hold
	n, err := open(t.Context(), o, acting(func(_ engine.Env, fx *engine.Effects) {
		for range 10 {
			fx.Send(2, big)
		}
	}, quiet), s)
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the loss", func() bool { return n.Counters().Dropped == 10 })
	if err := n.Stop(); err != nil {
		t.Error(err)
	}
}

func TestConnectionsAreLimited(t *testing.T) {
	var l listener
	n := mustOpen(t, options(t), l.start)
	good := hello{wireVersion, 5, 1, 1}.append(nil)
	var first net.Conn
	for i := range connectionsMax {
		conn, theirs := dial(t, n, good)
		if theirs.from != 1 {
			t.Fatalf("connection %d was refused", i)
		}
		if first == nil {
			first = conn
		}
	}
	if conn, err := net.Dial("tcp", n.Addr()); err != nil || !closed(conn) {
		t.Errorf("one more was accepted (%v)", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "room", func() bool {
		_, theirs := dial(t, n, good)
		return theirs.from == 1
	})
}

// pair is a node 1 that says what it is told to say, and a book of addresses.
type pair struct {
	addrs sync.Map
	texts chan engine.Envelope
}

func (p *pair) peers(id engine.NodeID) string {
	addr, _ := p.addrs.Load(id)
	s, _ := addr.(string)
	return s
}

func (p *pair) speaker(t *testing.T) *Node {
	o := options(t)
	o.Peers = p.peers
	p.texts = make(chan engine.Envelope, 16)
	return mustOpen(t, o, acting(
		func(_ engine.Env, fx *engine.Effects) { fx.After(1, 0, say("")) },
		func(_ engine.Event, fx *engine.Effects) {
			fx.After(1, engine.Millisecond/5, say(""))
			select {
			case e := <-p.texts:
				fx.Send(e.To, e.Msg)
			default:
			}
		}))
}

func (p *pair) listener(t *testing.T, id engine.NodeID) (*Node, *listener) {
	l := &listener{}
	o := options(t)
	o.ID = id
	n := mustOpen(t, o, l.start)
	p.addrs.Store(id, n.Addr())
	return n, l
}

// A peer that comes back, at another address, is found again; what was lost
// meanwhile is counted.
func TestReconnects(t *testing.T) {
	var p pair
	one := p.speaker(t)
	for round := range 3 {
		two, l := p.listener(t, 2)
		waitFor(t, "a message", func() bool {
			select {
			case p.texts <- engine.Envelope{To: 2, Msg: say("hello")}:
			default:
			}
			return l.heard("hello")
		})
		if err := two.Stop(); err != nil {
			t.Fatal(err)
		}
		if c := one.Counters(); c.Connects < uint64(round+1) {
			t.Errorf("round %d: %+v", round, c)
		}
	}
}

// Messages to a node that nobody knows, and beyond the limit of peers, are
// dropped and counted.
func TestUnknownNodes(t *testing.T) {
	var p pair
	one := p.speaker(t)
	p.texts <- engine.Envelope{To: 77, Msg: say("nobody")}
	waitFor(t, "the drop", func() bool { return one.Counters().Dropped == 1 })
	for i := range peersMax + 10 {
		p.texts <- engine.Envelope{To: engine.NodeID(1000 + i), Msg: say("nobody")}
	}
	waitFor(t, "the drops", func() bool { return one.Counters().Dropped == 1+peersMax+10 })
	_, l := p.listener(t, 77) // it appears later
	waitFor(t, "a message", func() bool {
		select {
		case p.texts <- engine.Envelope{To: 77, Msg: say("somebody")}:
		default:
		}
		return l.heard("somebody")
	})
}

// A large message arrives whole; one that no frame can hold is the sender's end,
// because it would never arrive.
func TestMessageSizes(t *testing.T) {
	var p pair
	one := p.speaker(t)
	_, l := p.listener(t, 2)
	large := strings.Repeat("x", frameBytesMax-headerBytes+4)
	p.texts <- engine.Envelope{To: 2, Msg: say(large)}
	waitFor(t, "the large message", func() bool { return l.heard(large) })
	p.texts <- engine.Envelope{To: 2, Msg: say(large + "x")}
	if err := awaitDown(t, one); !errors.Is(err, ErrFatal) {
		t.Errorf("got %v", err)
	}
}

// Frames of one connection arrive in order and none is lost while it holds, also
// when the receiver is slower than the sender.
func TestStreamKeepsOrder(t *testing.T) {
	const total = 3000
	got := make(chan engine.Instant, total)
	o := options(t)
	o.ID = 2
	count := 0
	two := mustOpen(t, o, acting(nil, func(ev engine.Event, _ *engine.Effects) {
		if want := strings.Repeat(".", count); ev.Msg != say(want) {
			t.Errorf("message %d has %d bytes", count, len(ev.Msg.(say)))
		}
		if count++; count%100 == 0 {
			time.Sleep(100 * time.Microsecond) // a slow step
		}
		got <- ev.Now
	}))
	o = options(t)
	o.Peers = func(engine.NodeID) string { return two.Addr() }
	mustOpen(t, o, acting(func(_ engine.Env, fx *engine.Effects) {
		for i := range total {
			fx.Send(2, say(strings.Repeat(".", i)))
		}
	}, quiet))
	for range total {
		select {
		case <-got:
		case <-time.After(patience):
			t.Fatal("a message is missing")
		}
	}
}

// A node whose peer is not one (here a server that answers nonsense) keeps trying
// and does not take it for the peer.
func TestDialledTheWrongServer(t *testing.T) {
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	go func() {
		for {
			conn, err := server.Accept()
			if err != nil {
				return
			}
			_, _ = bufio.NewReader(conn).Discard(helloBytes)
			_, _ = io.WriteString(conn, strings.Repeat("nonsense", 4))
			_ = conn.Close()
		}
	}()
	var p pair
	p.addrs.Store(engine.NodeID(2), server.Addr().String())
	one := p.speaker(t)
	p.texts <- engine.Envelope{To: 2, Msg: say("secret")}
	waitFor(t, "two attempts", func() bool { return one.Counters().ConnectFailures >= 2 })
	if c := one.Counters(); c.Connects != 0 || c.Sent != 0 {
		t.Errorf("%+v", c)
	}
}
