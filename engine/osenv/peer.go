//go:build !js && !wasip1

package osenv

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"parallax/engine"
)

// peer is the sending side towards one node. Its goroutine owns the connection.
type peer struct {
	network *network
	id      engine.NodeID
	queue   *queue
	backoff time.Duration
	batch   []packet
	buf     []byte
}

// run connects when there is something to send, and again when a connection
// breaks.
func (p *peer) run() {
	for p.network.ctx.Err() == nil {
		select {
		case <-p.queue.ready:
		case <-p.network.ctx.Done():
			return
		}
		conn, err := p.connect()
		if err != nil {
			p.network.log.Debug("connect", "peer", p.id, "error", err)
			p.queue.nudge()
			p.backoff = min(max(2*p.backoff, reconnectBackoffMin), reconnectBackoffMax)
			p.network.pause(p.backoff)
			continue
		}
		p.backoff = 0
		stop := context.AfterFunc(p.network.ctx, func() { _ = conn.Close() }) // unblocks a write
		err = p.serve(conn)
		stop()
		_ = conn.Close() // what was written is out of our hands either way
		p.network.log.Debug("connection lost", "peer", p.id, "error", err)
		p.queue.nudge()
		p.network.pause(reconnectBackoffMin)
	}
}

var errNoAddress = errors.New("osenv: no address")

// connect dials and exchanges hellos.
func (p *peer) connect() (net.Conn, error) {
	w := p.network
	addr := w.resolve(p.id)
	if addr == "" {
		// Nobody will take these; a node that appears later starts afresh.
		p.batch = p.queue.popAll(p.batch[:0])
		p.drop()
		return nil, errNoAddress
	}
	conn, err := p.dial(addr)
	if err != nil {
		w.meters.connectFailures.Add(1)
		return nil, err
	}
	w.meters.connects.Add(1)
	return conn, nil
}

func (p *peer) dial(addr string) (net.Conn, error) {
	w := p.network
	ctx, cancel := context.WithTimeout(w.ctx, dialTimeout)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(w.ctx, func() { _ = conn.Close() }) // unblocks the hellos
	defer stop()
	theirs, err := p.greet(conn)
	if err == nil && (theirs.version != wireVersion || theirs.from != p.id || theirs.to != w.id) {
		w.meters.refused.Add(1)
		err = fmt.Errorf("osenv: %s is node %d of version %d", addr, theirs.from, theirs.version)
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func (p *peer) greet(conn net.Conn) (hello, error) {
	if err := conn.SetDeadline(time.Now().Add(helloTimeout)); err != nil {
		return hello{}, err
	}
	ours := hello{wireVersion, p.network.id, p.id, p.network.boot}
	if _, err := conn.Write(ours.append(nil)); err != nil {
		return hello{}, err
	}
	theirs, err := readHello(conn)
	if err != nil {
		return hello{}, err
	}
	return theirs, conn.SetDeadline(time.Time{})
}

// serve writes what is queued until the connection breaks.
func (p *peer) serve(conn net.Conn) error {
	broken := make(chan error, 1)
	p.network.running.Go(func() {
		// The other side never writes behind its hello: a read returns when it
		// has gone, long before a write would fail.
		_, err := conn.Read(make([]byte, 1))
		broken <- err
	})
	for {
		p.batch = p.queue.popAll(p.batch[:0])
		if err := p.write(conn); err != nil {
			p.drop()
			return err
		}
		select {
		case <-p.queue.ready:
		case err := <-broken:
			return err
		case <-p.network.ctx.Done():
			return p.network.ctx.Err()
		}
	}
}

// write sends the batch, small frames gathered.
func (p *peer) write(conn net.Conn) error {
	const gatherBytes = 64 << 10
	p.buf = p.buf[:0]
	for i, m := range p.batch {
		p.buf = append(p.buf, m.seal()...)
		if len(p.buf) < gatherBytes && i < len(p.batch)-1 {
			continue
		}
		if err := conn.SetWriteDeadline(time.Now().Add(p.network.frameTimeout)); err != nil {
			return err
		}
		if _, err := conn.Write(p.buf); err != nil {
			return err
		}
		p.network.meters.sentBytes.Add(uint64(len(p.buf)))
		p.buf = p.buf[:0]
	}
	p.network.meters.sent.Add(uint64(len(p.batch)))
	clear(p.batch)
	p.batch = p.batch[:0]
	if cap(p.buf) > 4*gatherBytes {
		p.buf = nil
	}
	return nil
}

// drop counts the batch as lost.
func (p *peer) drop() {
	p.network.meters.dropped.Add(uint64(len(p.batch)))
	clear(p.batch)
	p.batch = p.batch[:0]
}
