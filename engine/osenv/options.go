//go:build !js && !wasip1

package osenv

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"parallax/engine"
)

// Options says what a node is and where it lives. Dir and Decode are required.
type Options struct {
	ID  engine.NodeID
	Dir string // created if it is missing; one node's alone
	// Decode reads the messages of the deployment.
	Decode engine.Decode
	// Listen is the TCP address, 127.0.0.1:0 if empty. It must be a loopback
	// address unless Exposed is set: frames carry checksums, not signatures.
	Listen  string
	Exposed bool
	// Peers gives a node's present address, or "" if it has none. It is asked at
	// every attempt to connect, from several goroutines. Nil knows nobody.
	Peers func(engine.NodeID) string
	// Seed of Env.Rand, together with ID and Boot.
	Seed uint64
	// Logger gets structured logs, stamped by the node's clock. Nil discards.
	Logger *slog.Logger
}

// Limits. A queue that is full drops (peers), pushes back (inbox, writer) or is
// fatal (messages to oneself, which may not be lost).
const (
	frameBytesMax       = 16 << 20 // a frame behind its length field
	inboxMessagesMax    = 4096     // received and not yet handed to the actor
	inboxBytesMax       = 64 << 20
	peerMessagesMax     = 4096 // waiting for one peer's connection
	peerBytesMax        = 32 << 20
	peersMax            = 256     // nodes that one node sends to
	connectionsMax      = 256     // accepted at a time
	selfMessagesMax     = 1 << 20 // waiting messages to oneself
	unsyncedBytesMax    = 64 << 20
	groupBytesMax       = 8 << 20  // of one group commit, if it has several steps
	gatherBytesMax      = 64 << 10 // of small appends to a file that become one call
	openFilesMax        = 64       // kept open, by the writer and by Disk each
	fileNameBytesMax    = 200
	dialTimeout         = 2 * time.Second
	helloTimeout        = 5 * time.Second
	frameTimeout        = 10 * time.Second // from a frame's first byte to its last, reading or writing
	reconnectBackoffMin = 5 * time.Millisecond
	reconnectBackoffMax = 500 * time.Millisecond
)

// ErrFatal marks the end of a node by Effects.Fatal, by an error or panic of its
// actor, or by a breach of the contract. Starting it again is an operator's act.
var ErrFatal = errors.New("osenv: fatal")

// ErrLocked says that another node, in this process or another, runs in the
// directory.
var ErrLocked = errors.New("osenv: directory is locked by a running node")

func (o *Options) complete() error {
	if o.Dir == "" || o.Decode == nil {
		return errors.New("osenv: Dir and Decode are required")
	}
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if o.Peers == nil {
		o.Peers = func(engine.NodeID) string { return "" }
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	host, _, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return fmt.Errorf("osenv: listen address: %w", err)
	}
	if !o.Exposed && !loopback(host) {
		return fmt.Errorf("osenv: %s is not a loopback address, and Exposed is not set", o.Listen)
	}
	return nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
