package commitlog

import (
	"errors"
	"fmt"

	"parallax/engine"
)

// Options of a broker. All brokers of a deployment are given the same.
type Options struct {
	// Brokers are the nodes that replicate every partition, ascending.
	Brokers []engine.NodeID
	Topics  []Topic

	// Beat is the period, in ns, of heartbeats and of everything that is looked
	// at from time to time; 0 means 100 ms.
	Beat int64
	// Election is the least time, in ns, after which a follower that has not
	// heard of a leader stands for election; it waits up to twice as long. 0
	// means ten beats.
	Election int64
	// FetchWait is how long, in ns, a fetch that finds nothing is held back; 0
	// means 500 ms.
	FetchWait int64
	// RetainBytes is the payload that a partition keeps at least; what is older
	// is removed unless it is pinned. 0 keeps everything.
	RetainBytes int64
	// IdleAfter is how long, in ns, nothing is appended to a partition before it
	// is told the frontier of the others; 0 never tells.
	IdleAfter int64
	// SegmentBytes is the size of the journal's segments; 0 is the journal's own.
	SegmentBytes int64
	// CacheBytes is how much entry data a replica keeps in memory beyond what is not
	// yet durable; the rest is read from the disk again when it is asked for. 0 means
	// 4 MiB.
	CacheBytes int64

	Defect Defect
}

// Limits that no option changes.
const (
	// BatchBytesMax bounds the payload of one batch.
	BatchBytesMax = 8 << 20
	// uncommittedMax bounds the entries that a leader has not yet seen committed.
	uncommittedMax = 1024
	// uncommittedBytesMax bounds their data.
	uncommittedBytesMax = 64 << 20
	// pinsWaitingMax bounds the pins that wait to be committed.
	pinsWaitingMax = 1024
	// holderBytesMax bounds the name of a pin's holder.
	holderBytesMax = 256
	// parkedMax bounds the fetches that a partition holds back.
	parkedMax = 1024
)

// ErrOptions is returned for options that make no broker.
var ErrOptions = errors.New("commitlog: options")

func (o *Options) fill() error {
	setDefault(&o.Beat, 100*engine.Millisecond)
	setDefault(&o.Election, 10*o.Beat)
	setDefault(&o.FetchWait, 500*engine.Millisecond)
	setDefault(&o.CacheBytes, 4<<20)
	if len(o.Brokers) == 0 {
		return fmt.Errorf("%w: no brokers", ErrOptions)
	}
	for i, b := range o.Brokers {
		if b == 0 || i > 0 && b <= o.Brokers[i-1] {
			return fmt.Errorf("%w: brokers %v are not ascending from 1", ErrOptions, o.Brokers)
		}
	}
	for i, t := range o.Topics {
		if !validName(t.Name) || t.Partitions < 1 {
			return fmt.Errorf("%w: topic %q with %d partitions; a name has 1 to 64 letters, digits, - or _", ErrOptions, t.Name, t.Partitions)
		}
		for _, u := range o.Topics[:i] {
			if t.Name == u.Name {
				return fmt.Errorf("%w: two topics are called %q", ErrOptions, t.Name)
			}
		}
	}
	return nil
}

func setDefault(v *int64, def int64) {
	if *v == 0 {
		*v = def
	}
}

// validName keeps topic names fit for file names.
func validName(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

// Defect is a mistake that can be switched on, to see that it is found.
type Defect uint8

// The defects.
const (
	DefectNone            Defect = iota
	DefectEagerAck               // acknowledges a batch when it is proposed, through Eager
	DefectEagerReack             // acknowledges the copy of a batch that is not yet committed
	DefectNoDedup                // appends the copy of a batch
	DefectEarlyRead              // serves reads before it has applied its own term
	DefectUncommittedRead        // serves what is not yet committed
	DefectTornTail               // appends behind the torn tail of an old file
	DefectUnsynced               // answers peers, and itself, before what it says is durable
	DefectTruncate               // cuts its log to the commit index it has written down, after a restart
	DefectHole                   // recovers over the end of a file that is missing
	DefectOverdraw               // sends a reader all there is, whatever his credit
)

// Topic is a name and a fixed number of partitions; changing the number is
// refused.
type Topic struct {
	Name       string
	Partitions int32
	// Holders have a pin at the beginning of every partition from the first, so
	// that nothing is removed before they have begun to read.
	Holders []string
}
