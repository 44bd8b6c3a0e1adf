//go:build !js && !wasip1

package osenv

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"parallax/engine"
)

// network carries packets between nodes: it dials to send and listens to
// receive.
type network struct {
	id      engine.NodeID
	boot    uint32
	resolve func(engine.NodeID) string
	log     *slog.Logger
	meters  *meters
	inbox   *queue

	frameTimeout time.Duration

	listener net.Listener
	ctx      context.Context // done: everything closes
	cancel   context.CancelFunc
	running  sync.WaitGroup
	peers    map[engine.NodeID]*peer // the loop's

	mu       sync.Mutex
	accepted map[net.Conn]struct{}
}

func listen(o *Options, m *meters) (*network, error) {
	l, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("osenv: listen: %w", err)
	}
	w := &network{
		id: o.ID, resolve: o.Peers, meters: m, listener: l, frameTimeout: frameTimeout,
		inbox:    newQueue(inboxMessagesMax, inboxBytesMax),
		peers:    map[engine.NodeID]*peer{},
		accepted: map[net.Conn]struct{}{},
	}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	return w, nil
}

// start lets messages in.
func (w *network) start(boot uint32, log *slog.Logger) {
	w.boot, w.log = boot, log
	w.running.Go(w.accept)
}

// stop closes every connection and waits for their goroutines.
func (w *network) stop() error {
	w.cancel()
	w.inbox.close()
	err := w.listener.Close()
	w.mu.Lock()
	for c := range w.accepted {
		_ = c.Close() // its reader sees the error
	}
	w.mu.Unlock()
	w.running.Wait()
	return err
}

// send queues a packet for its receiver. It never waits.
func (w *network) send(p packet) {
	to := w.peers[p.to]
	if to == nil {
		if len(w.peers) >= peersMax {
			w.meters.dropped.Add(1)
			return
		}
		to = &peer{network: w, id: p.to, queue: newQueue(peerMessagesMax, peerBytesMax)}
		w.peers[p.to] = to
		w.running.Go(to.run)
	}
	w.meters.dropped.Add(uint64(to.queue.pushDropping(p)))
}

func (w *network) accept() {
	for {
		conn, err := w.listener.Accept()
		if w.ctx.Err() != nil {
			if err == nil {
				_ = conn.Close()
			}
			return
		}
		if err != nil { // out of descriptors, most likely: others need time to close some
			w.log.Warn("accept", "error", err)
			w.pause(reconnectBackoffMax)
			continue
		}
		if !w.admit(conn) {
			w.meters.refused.Add(1)
			_ = conn.Close()
			continue
		}
		w.running.Go(func() {
			err := w.receive(conn)
			if errors.Is(err, errMalformed) {
				w.meters.malformed.Add(1)
				w.log.Warn("connection closed", "remote", conn.RemoteAddr(), "error", err)
			} else {
				w.log.Debug("connection closed", "remote", conn.RemoteAddr(), "error", err)
			}
			w.dismiss(conn)
		})
	}
}

// admit registers a connection, so that stop closes it.
func (w *network) admit(conn net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.accepted) >= connectionsMax || w.ctx.Err() != nil {
		return false
	}
	w.accepted[conn] = struct{}{}
	return true
}

func (w *network) dismiss(conn net.Conn) {
	_ = conn.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.accepted, conn)
}

// pause waits, less if the network stops.
func (w *network) pause(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-w.ctx.Done():
	}
}

// receive reads one accepted connection to its end.
func (w *network) receive(conn net.Conn) error {
	if err := conn.SetDeadline(time.Now().Add(helloTimeout)); err != nil {
		return err
	}
	r := bufio.NewReaderSize(conn, 64<<10)
	theirs, err := readHello(r)
	if err != nil {
		return err
	}
	ours := hello{wireVersion, w.id, theirs.from, w.boot}
	if _, err := conn.Write(ours.append(nil)); err != nil {
		return err
	}
	// From one's own id means a timer or a Then: nobody else may use it.
	if theirs.version != wireVersion || theirs.to != w.id || theirs.from == w.id {
		w.meters.refused.Add(1)
		return fmt.Errorf("osenv: hello of version %d from node %d to node %d", theirs.version, theirs.from, theirs.to)
	}
	for {
		// Between frames a peer may be silent; within one it may not.
		if err := conn.SetReadDeadline(time.Time{}); err != nil {
			return err
		}
		if _, err := r.Peek(1); err != nil {
			return err
		}
		if err := conn.SetReadDeadline(time.Now().Add(w.frameTimeout)); err != nil {
			return err
		}
		p, err := readFrame(r)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("%w: cut off", errMalformed)
		}
		if err != nil {
			return err
		}
		if p.from != theirs.from || p.to != w.id {
			return fmt.Errorf("%w: from %d to %d on the connection of %d", errMalformed, p.from, p.to, theirs.from)
		}
		w.meters.received.Add(1)
		w.meters.receivedBytes.Add(uint64(len(p.frame)))
		if !w.inbox.push(p) {
			return nil
		}
	}
}
