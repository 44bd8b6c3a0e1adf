package journal

import (
	"errors"
	"fmt"
	"slices"

	"parallax/engine"
)

// segmentBytesDefault is a compromise: recovery reads segments whole, and files
// have a cost.
const segmentBytesDefault = 16 << 20

// Options of a journal; the zero value is useful.
type Options struct {
	// SegmentBytesMax is the size beyond which the next record opens a new segment,
	// 16 MiB if zero. A longer record gets a segment to itself.
	SegmentBytesMax int64
	// Hooks are those of the actor, Env.Hooks.
	Hooks engine.Hooks

	Defect Defect
}

// sometimes notes that a run has come here.
func (o *Options) sometimes(probe string) {
	if o.Hooks != nil {
		o.Hooks.Sometimes(probe)
	}
}

// Defect is a mistake that can be switched on, to see that it is found.
type Defect uint8

// The defects.
const (
	DefectNone          Defect = iota
	DefectNoPredecessor        // recovery does not ask for what comes before a segment
	DefectBareSum              // checksums cover neither the length nor the place
	DefectOldFile              // goes on writing the last file that it found
	DefectNoMark               // nothing tells a damaged last record from one that a crash has torn
)

// Record is one recovered record.
type Record struct {
	Data []byte // may be kept, not changed
	At   Position
	Base bool // it replaces all records before it
}

// Position is the place of a record.
type Position struct {
	Boot, Number uint32 // of the segment
	Offset       int64  // of the frame in it, in bytes
	Length       int    // of the record, in bytes
}

func (p Position) segment() id { return id{p.Boot, p.Number} }

// closed is a full segment of this incarnation that may not be durable yet.
type closed struct {
	id   id
	file string
	end  int64
}

// Journal appends to a chain of segments. It is made by Open and belongs to one
// actor.
type Journal struct {
	disk   engine.Disk
	boot   uint32
	prefix string
	opts   Options

	begin id   // oldest segment that is needed
	older []id // segments of the chain before the newest, from begin on

	// The newest segment of the chain, zero if there is none. It is ours only if
	// its boot is.
	newest id
	file   string
	key    key
	end    int64
	sum    uint64 // the chain up to end

	unmarked bool     // the last record that was recovered has no mark
	pending  []closed // not known to be durable, oldest first
	stale    []string // files that the next new segment removes
}

// Open recovers the journal that is made of the files named after prefix, and
// hands its records to replay in the order in which they were appended. An error
// of replay ends it and is returned; ErrCorrupt is damage that no crash explains.
// Boot is the incarnation's, Env.Boot. Nothing is written before the first Append,
// Base or Release.
func Open(disk engine.Disk, boot uint32, prefix string, opts Options, replay func(Record) error) (*Journal, error) {
	if opts.SegmentBytesMax == 0 {
		opts.SegmentBytesMax = segmentBytesDefault
	}
	j := &Journal{disk: disk, boot: boot, prefix: prefix, opts: opts}
	r := &recovery{disk: disk, defect: opts.Defect}
	if err := r.list(boot, prefix); err != nil {
		return nil, j.corrupt(err)
	}
	tail, err := r.tail()
	if err != nil {
		return nil, j.corrupt(err)
	}
	needed := map[id]bool{}
	if tail != nil {
		chain, err := r.chain(tail)
		if err != nil {
			return nil, j.corrupt(err)
		}
		x, err := r.replay(chain, replay)
		if err != nil {
			return nil, j.corrupt(err)
		}
		if x.end < disk.Size(tail.file) {
			opts.sometimes("journal.torn-tail")
		}
		j.unmarked = x.frames > 0 && !x.marked
		if tail != r.segments[len(r.segments)-1] {
			opts.sometimes("journal.segment-passed-over")
		}
		if len(chain) > 1 {
			opts.sometimes("journal.chain")
		}
		for _, s := range chain {
			needed[s.id] = true
			j.older = append(j.older, s.id)
		}
		j.older = j.older[:len(j.older)-1]
		j.begin = tail.begin
		j.newest, j.file, j.key, j.end, j.sum = tail.id, tail.file, tail.key, x.end, x.chain
		if opts.Defect == DefectOldFile {
			j.end = disk.Size(tail.file)
		}
	}
	for _, s := range r.segments {
		if !needed[s.id] {
			opts.sometimes("journal.stale-file")
			j.stale = append(j.stale, s.file)
		}
	}
	return j, nil
}

// corrupt notes damage on its way to the caller.
func (j *Journal) corrupt(err error) error {
	if errors.Is(err, ErrCorrupt) {
		j.opts.sometimes("journal.corrupt")
	}
	return err
}

// Append writes a record; then leaves when it, and all before it, are durable. It
// copies the record and panics if that is longer than RecordBytesMax.
func (j *Journal) Append(fx *engine.Effects, record []byte, then ...engine.Envelope) Position {
	var b []byte
	if !j.fits(record) {
		if j.newest.boot == j.boot {
			j.opts.sometimes("journal.rotate")
		}
		b = j.open(fx, false, j.begin)
	}
	return j.write(fx, b, record, then)
}

// Base writes a record that makes all earlier ones superfluous, and removes them
// once it is durable. Recovery begins with it.
func (j *Journal) Base(fx *engine.Effects, record []byte, then ...engine.Envelope) Position {
	b := j.open(fx, true, id{})
	for _, a := range j.older {
		fx.Remove(a.name(j.prefix))
	}
	j.older, j.pending = nil, nil
	return j.write(fx, b, record, then)
}

// Release gives up the records in segments before that of keep, the position of a
// record of this journal. If there are any, a new segment is opened to say so, and
// the files are removed once that is durable.
func (j *Journal) Release(fx *engine.Effects, keep Position) {
	first := keep.segment()
	if first.compare(j.begin) <= 0 {
		return
	}
	if first != j.newest && !slices.Contains(j.older, first) {
		panic(fmt.Sprintf("journal: release before %s, which is not of this journal", first.name(j.prefix)))
	}
	b := j.open(fx, false, first)
	fx.Persist(j.file, j.mark(b))
	j.opts.sometimes("journal.release")
	for len(j.older) > 0 && j.older[0].compare(j.begin) < 0 {
		fx.Remove(j.older[0].name(j.prefix))
		j.older = j.older[1:]
	}
	for len(j.pending) > 0 && j.pending[0].id.compare(j.begin) < 0 {
		j.pending = j.pending[1:]
	}
}

// Read reads a record again that is durable: what is not gives an error. The
// result may be kept.
func (j *Journal) Read(at Position) ([]byte, error) {
	a := at.segment()
	file, k := a.name(j.prefix), a.key(j.prefix, j.opts.Defect)
	b := make([]byte, frameBytes+at.Length)
	if err := readFull(j.disk, file, b, at.Offset); err != nil {
		return nil, err
	}
	f, ok := k.decodeFrame(b, at.Offset)
	if !ok || len(f.record) != at.Length {
		return nil, corrupt(file, at.Offset, "not the record that was written there")
	}
	return f.record, nil
}

// Unmarked reports whether the last record that was recovered lacks its mark: a crash took
// that, and the record was left whole, without anybody having been told. Damage to it,
// later, would look like the work of the same crash, so whoever goes on to promise what it
// says appends something first: the header of the next segment speaks for it.
func (j *Journal) Unmarked() bool { return j.unmarked && j.newest.boot != j.boot }

// Durable reports whether a record that was appended, or recovered, can be read
// again.
func (j *Journal) Durable(at Position) bool {
	return at.Boot != j.boot || j.disk.Size(at.segment().name(j.prefix)) >= at.Offset+frameBytes+int64(at.Length)
}

// fits reports whether record goes into the newest segment.
func (j *Journal) fits(record []byte) bool {
	if j.newest.boot != j.boot {
		return j.opts.Defect == DefectOldFile && j.newest != id{}
	}
	if j.end > headerBytes && j.opts.Hooks != nil && j.opts.Hooks.Buggify("journal.rotate") {
		return false
	}
	size := j.end + frameBytes + int64(len(record)) + frameBytes
	return size <= j.opts.SegmentBytesMax || j.end == headerBytes
}

// open begins a new segment, whose header it returns, and removes what is stale.
// A zero begin means the new segment itself.
func (j *Journal) open(fx *engine.Effects, base bool, begin id) []byte {
	self := id{j.boot, 1}
	if j.newest.boot == j.boot {
		self.number = j.newest.number + 1
		j.pending = append(j.pending, closed{j.newest, j.file, j.end})
	}
	if begin == (id{}) {
		begin = self
	}
	h := header{
		self: self, begin: begin, pred: j.newest, predEnd: j.end, predChain: j.sum,
		sealed: j.sealed(), base: base,
	}
	if j.newest != (id{}) {
		j.older = append(j.older, j.newest)
	}
	for _, file := range j.stale {
		fx.Remove(file)
	}
	j.stale = nil
	j.begin, j.newest, j.file, j.key = begin, self, self.name(j.prefix), self.key(j.prefix, j.opts.Defect)
	var b []byte
	b, j.sum = h.append(b, j.key)
	j.end = headerBytes
	return b
}

// write appends the frame of record to b, which may hold the segment's header.
func (j *Journal) write(fx *engine.Effects, b, record []byte, then []engine.Envelope) Position {
	if len(record) > RecordBytesMax {
		panic(fmt.Sprintf("journal: record of %d bytes, at most %d", len(record), RecordBytesMax))
	}
	if b == nil {
		b = make([]byte, 0, frameBytes+len(record)+frameBytes)
	}
	at := Position{Boot: j.newest.boot, Number: j.newest.number, Offset: j.end, Length: len(record)}
	b, sum := j.key.appendFrame(b, j.end, record, j.sealed())
	j.end += frameBytes + int64(len(record))
	j.sum = link(j.sum, sum)
	fx.Persist(j.file, j.mark(b), then...)
	return at
}

// mark ends what is written at once.
func (j *Journal) mark(b []byte) []byte {
	if j.opts.Defect == DefectNoMark {
		return b
	}
	b, sum := j.key.appendMark(b, j.end)
	j.end += frameBytes
	j.sum = link(j.sum, sum)
	return b
}

// sealed reports whether every segment before the newest is durable. The disk shows
// durable bytes only, so their size tells.
func (j *Journal) sealed() bool {
	for len(j.pending) > 0 && j.disk.Size(j.pending[0].file) >= j.pending[0].end {
		j.pending = j.pending[1:]
	}
	return len(j.pending) == 0
}
