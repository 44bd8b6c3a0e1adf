//go:build !js && !wasip1

package commitlog_test

import (
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"parallax/engine"
	"parallax/engine/commitlog"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/osenv"
)

// The log on real files and sockets: batches of 1,000 rows of 20 bytes, eight in
// flight, through three brokers on one disk, and back.
const (
	realRows     = 1000
	realRowBytes = 20
	realInFlight = 8
	realBatches  = 2000
)

// loader appends batches to a partition and then reads them, and closes appended
// and fetched when it has.
type loader struct {
	to                engine.NodeID
	sent, acked       uint32
	offset            int64
	appended, fetched chan struct{}
}

func (l *loader) Step(ev engine.Event, fx *engine.Effects) {
	id := protocol.PartitionID{Topic: "t", Number: 0}
	switch m := ev.Msg.(type) {
	case protocol.Produced:
		switch {
		case m.Code == protocol.OK && uint32(m.Request) == l.acked:
			l.acked++
		case m.Code != protocol.OK: // not the leader, or not yet
			l.to, l.sent = l.to%3+1, l.acked
		}
		if l.acked == realBatches {
			close(l.appended)
			fx.SendEager(l.to, protocol.Fetch{Partition: id, Credit: 1 << 20})
			fx.Cancel(0)
			return
		}
	case protocol.Fetched:
		for i := range m.Batches {
			l.offset = m.Batches[i].End()
		}
		if l.offset == realBatches*realRows {
			close(l.fetched)
			return
		}
		fx.SendEager(l.to, protocol.Fetch{Partition: id, Offset: l.offset, Credit: 1 << 20})
		return
	case protocol.Pinned: // the loader's own timer
		l.to, l.sent = l.to%3+1, l.acked
	}
	for ; l.sent < l.acked+realInFlight && l.sent < realBatches; l.sent++ {
		fx.Send(l.to, protocol.Produce{
			Request: uint64(l.sent), Partition: id, Producer: 1, Sequence: l.sent, Count: realRows,
			TimeMax: int64(l.sent), Payload: make([]byte, realRows*realRowBytes),
		})
	}
	fx.After(0, engine.Second, protocol.Pinned{})
}

// addresses is where the nodes are.
type addresses struct {
	mu sync.Mutex
	of map[engine.NodeID]string
}

func (a *addresses) peer(id engine.NodeID) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.of[id]
}

// BenchmarkReal is the log on this machine's disk and loopback, beside a plain
// file to which the same bytes are written and synced once per eight batches, and
// once at the end.
func BenchmarkReal(b *testing.B) {
	for b.Loop() {
		book := &addresses{of: map[engine.NodeID]string{}}
		open := func(id engine.NodeID, start engine.Start) *osenv.Node {
			n, err := osenv.Open(b.Context(), osenv.Options{
				ID: id, Dir: filepath.Join(b.TempDir(), strconv.Itoa(int(id))), Decode: commitlog.Decode,
				Peers: book.peer, Seed: uint64(id),
			}, start)
			if err != nil {
				b.Fatal(err)
			}
			book.mu.Lock()
			book.of[id] = n.Addr()
			book.mu.Unlock()
			return n
		}
		opts := commitlog.Options{
			Brokers: []engine.NodeID{1, 2, 3}, Topics: []commitlog.Topic{{Name: "t", Partitions: 1}}, Beat: 20 * engine.Millisecond,
		}
		var nodes []*osenv.Node
		for _, id := range opts.Brokers {
			nodes = append(nodes, open(id, commitlog.Start(opts)))
		}
		time.Sleep(time.Second) // for a leader; not measured
		l := &loader{to: 1, appended: make(chan struct{}), fetched: make(chan struct{})}
		begin := time.Now()
		nodes = append(nodes, open(4, func(_ engine.Env, fx *engine.Effects) (engine.Actor, error) {
			l.Step(engine.Event{}, fx)
			return l, nil
		}))
		<-l.appended
		appended := time.Now()
		<-l.fetched
		fetched := time.Now()
		for _, n := range nodes {
			if err := n.Stop(); err != nil {
				b.Fatal(err)
			}
		}
		rows := float64(realBatches * realRows)
		b.ReportMetric(rows/appended.Sub(begin).Seconds(), "append-rows/s")
		b.ReportMetric(rows/fetched.Sub(appended).Seconds(), "fetch-rows/s")
		b.ReportMetric(rows/plain(b, realInFlight).Seconds(), "plain-rows/s")
		b.ReportMetric(rows/plain(b, realBatches).Seconds(), "plain-once-rows/s")
	}
}

// plain writes the bytes of all batches to a file and syncs it once per so many.
func plain(b *testing.B, batchesPerSync int) time.Duration {
	f, err := os.Create(filepath.Join(b.TempDir(), "plain"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	payload := make([]byte, realRows*realRowBytes)
	begin := time.Now()
	for i := range realBatches {
		if _, err = f.Write(payload); err == nil && (i+1)%batchesPerSync == 0 {
			err = f.Sync()
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(begin)
}
