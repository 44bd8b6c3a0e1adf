package commitlog

import (
	"fmt"
	"testing"

	"go.etcd.io/raft/v3/raftpb"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/sim"
)

// BenchmarkFaults is whole runs with every fault, with the invariants and without.
func BenchmarkFaults(b *testing.B) {
	for _, checked := range []bool{true, false} {
		b.Run(fmt.Sprintf("checked=%v", checked), func(b *testing.B) {
			seed, events := uint64(0), uint64(0)
			for b.Loop() {
				seed++
				d := deploy(faults(seed), small(DefectNone))
				d.check.off = !checked
				d.write(25)
				if err := d.RunFor(2 * engine.Second); err != nil {
					b.Fatal(err)
				}
				events += d.Stats().Events
			}
			b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64(seed)/b.Elapsed().Seconds(), "seeds/s")
		})
	}
}

// BenchmarkAppend is batches of 1,000 rows of 20 bytes through three brokers, with
// eight in flight, until they are acknowledged.
func BenchmarkAppend(b *testing.B) {
	opts := Options{
		Brokers: []engine.NodeID{1, 2, 3}, Topics: []Topic{{Name: "t", Partitions: 1}},
		SegmentBytes: 1 << 20, RetainBytes: 16 << 20, // a simulated disk copies files that grow
	}
	d := deploy(sim.Options{Seed: 1}, opts)
	d.check.off = true
	for d.leader(0) == 0 {
		if err := d.RunFor(engine.Second); err != nil {
			b.Fatal(err)
		}
	}
	leader, from := d.leader(0), d.sink()
	r := d.broker(leader).replicas[0]
	payload, n := make([]byte, 20_000), uint32(0)
	for b.Loop() {
		for range 8 {
			d.Inject(d.Now(), from, leader, protocol.Produce{
				Partition: testID(0), Producer: 1, Sequence: n, Count: 1000, TimeMax: int64(n), Payload: payload,
			})
			n++
		}
		for r.state.end.Offset < int64(n)*1000 {
			if _, err := d.Step(); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(n)*1000/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "batches/s")
}

// BenchmarkFetch reads a log of such batches, a megabyte at a time.
func BenchmarkFetch(b *testing.B) {
	opts := Options{Brokers: []engine.NodeID{1}, Topics: []Topic{{Name: "t", Partitions: 1}}}
	d := deploy(sim.Options{Seed: 1}, opts)
	d.check.off = true
	if err := d.RunFor(3 * engine.Second); err != nil {
		b.Fatal(err)
	}
	from, payload := d.sink(), make([]byte, 20_000)
	for i := range uint32(150) {
		d.Inject(d.Now(), from, 1, protocol.Produce{Partition: testID(0), Producer: 1, Sequence: i, Count: 1000, Payload: payload})
	}
	if err := d.RunFor(engine.Second); err != nil {
		b.Fatal(err)
	}
	rows, offset := 0, int64(0)
	s := d.Actor(from).(*sink)
	for b.Loop() {
		s.got = s.got[:0]
		d.Inject(d.Now(), from, 1, protocol.Fetch{Partition: testID(0), Offset: offset, Credit: 1 << 20})
		for len(s.got) == 0 {
			if _, err := d.Step(); err != nil {
				b.Fatal(err)
			}
		}
		for _, batch := range s.got[0].(protocol.Fetched).Batches {
			rows += int(batch.Count)
			offset = batch.End()
		}
		if offset == 150_000 {
			offset = 0
		}
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkRecovery is the start of a replica from a log of so many batches of
// 1,000 bytes.
func BenchmarkRecovery(b *testing.B) {
	for _, batches := range []int{1_000, 10_000} {
		b.Run(fmt.Sprintf("batches=%d", batches), func(b *testing.B) {
			s := &storage{disk: sim.NewDisk(), segments: 16 << 20}
			s.open(b)
			payload := make([]byte, 1000)
			for i := range batches {
				batch := protocol.Batch{Base: int64(i), Count: 1, Payload: payload}
				en := &raftpb.Entry{Index: new(uint64(i) + 1), Term: new(uint64(1)), Type: raftpb.EntryNormal.Enum(), Data: batch.AppendTo([]byte{commandBatch})}
				s.write(nil, []*raftpb.Entry{en}, nil, &s.fx)
			}
			s.sync(b)
			b.SetBytes(int64(batches) * 1000)
			for b.Loop() {
				s.open(b)
				if s.log.last() != uint64(batches) {
					b.Fatal(s.log.last())
				}
			}
		})
	}
}
