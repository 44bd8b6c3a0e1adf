package operator

import (
	"cmp"
	"math"
	"slices"
)

// AppendTo appends the operator's state.
//
//	version 1 · closed · partitions
//	each: frontier · rows · behind · dropped · pairs on time, revised, dropped
//	lanes; each: keys with sessions; each: key (as difference)
//	  open ones; each: start · length · accumulators
//	  early ones, likewise
//	  resting ones; each: start · length · flags: 1 dirty, 2 stands
//	    sessions to be retracted; each: difference from the start · length
//	    accumulators
//	panes kept; each: kind · watermark · rows
//	  each: key · start · length · accumulators, unless a retraction
func (s *Sessions) AppendTo(b []byte) []byte {
	s.settle()
	b = s.inputs.appendTo(append(b, formatVersion))
	s.table.Grow(len(s.nodes))
	b = appendUint(b, uint64(len(s.lanes)))
	for i, list := range s.byLane() {
		b = s.appendLane(b, int32(i), list)
	}
	return s.kept.appendTo(b)
}

// byLane lists, for each lane, the keys that have sessions there, ascending.
func (s *Sessions) byLane() [][]uint32 {
	keys := make([][]uint32, len(s.lanes))
	for key := range s.keys {
		for _, head := range [...]uint32{s.keys[key].open, s.keys[key].early, s.keys[key].rest} {
			for n := head; n != 0; n = s.nodes[n].next {
				lane := &keys[s.nodes[n].lane]
				if last := len(*lane) - 1; last < 0 || (*lane)[last] != uint32(key) {
					*lane = append(*lane, uint32(key))
				}
			}
		}
	}
	return keys
}

func (s *Sessions) appendLane(b []byte, lane int32, keys []uint32) []byte {
	b = appendUint(b, uint64(len(keys)))
	next := uint32(0)
	for _, key := range keys {
		b = appendUint(b, uint64(key-next))
		next = key + 1
		b = s.appendList(b, lane, s.keys[key].open)
		b = s.appendList(b, lane, s.keys[key].early)
		b = s.appendList(b, lane, s.keys[key].rest)
	}
	return b
}

// appendList appends the sessions of a list that belong to a lane, ascending.
func (s *Sessions) appendList(b []byte, lane int32, head uint32) []byte {
	var list []uint32
	for n := head; n != 0; n = s.nodes[n].next {
		if s.nodes[n].lane == lane {
			list = append(list, n)
		}
	}
	slices.SortFunc(list, func(n, m uint32) int { return cmp.Compare(s.nodes[n].start, s.nodes[m].start) })
	b = appendUint(b, uint64(len(list)))
	for _, n := range list {
		v := &s.nodes[n]
		b = appendUint(appendInt(b, v.start), uint64(v.end-v.start))
		if v.list == restList {
			flags := byte(0)
			if v.dirty {
				flags |= 1
			}
			if v.stands {
				flags |= 2
			}
			b = appendUint(append(b, flags), uint64(len(v.gone)))
			for _, e := range v.gone {
				b = appendUint(appendUint(b, uint64(e.start-v.start)), uint64(e.end-e.start))
			}
		}
		b = s.table.AppendTo(n, b)
	}
	return b
}

func (k *keptPanes) appendTo(b []byte) []byte {
	b = appendUint(b, uint64(len(k.list)-k.first))
	for i := k.first; i < len(k.list); i++ {
		c := &k.list[i]
		b = appendUint(appendInt(append(b, byte(c.kind)), c.watermark), uint64(len(c.keys)))
		for j, key := range c.keys {
			b = appendInt(appendUint(b, uint64(key)), c.starts[j])
			b = appendUint(b, uint64(c.ends[j]-c.starts[j]))
			if c.kind != Retraction {
				b = k.table.AppendTo(c.groups[j], b)
			}
		}
	}
	return b
}

// Load makes a new operator the one that was saved, whose keys are numbered below
// keyCount, and returns what follows. An error leaves it unusable.
func (s *Sessions) Load(b []byte, keyCount int) (rest []byte, err error) {
	s.keys = make([]sessionLists, keyCount)
	d := decoder{b: b}
	d.version("sessions")
	s.inputs.load(&d)
	if n := d.count(); n != len(s.lanes) {
		d.fail("%d lanes, want %d", n, len(s.lanes))
	}
	for i := range s.lanes {
		s.lanes[i].watermark = s.least.Least()
		if len(s.lanes) > 1 {
			s.lanes[i].watermark = s.least.Input(i)
		}
		next := uint64(0)
		for range d.count() {
			key := next + d.uint()
			if d.err != nil || key < next || key >= uint64(keyCount) {
				d.fail("key %d of %d", key, keyCount)
				return nil, d.err
			}
			next = key + 1
			n := 0
			for _, list := range [...]sessionList{openList, earlyList, restList} {
				n += s.loadList(&d, int32(i), uint32(key), list)
			}
			if n == 0 {
				d.fail("key %d without sessions", key)
			}
		}
	}
	s.loadKept(&d)
	return d.b, d.err
}

// loadList reads sessions of a key and returns how many there are.
func (s *Sessions) loadList(d *decoder, lane int32, key uint32, list sessionList) int {
	n := d.count()
	last := session{start: math.MinInt64, end: math.MinInt64}
	for i := range n {
		v := session{key: key, lane: lane}
		v.start, v.end = s.loadSpan(d)
		if v.end-v.start < s.spec.Size && v.end-v.start >= 0 {
			d.fail("a session of %d us", v.end-v.start)
		}
		if list == earlyList && v.end-v.start != s.spec.Size {
			d.fail("a revision of %d us", v.end-v.start)
		}
		if i > 0 && (v.start <= last.start || list != earlyList && s.spec.Joins(v.start, v.end, last.start, last.end)) {
			d.fail("the sessions at %d and %d are one", last.start, v.start)
		}
		last = v
		if list == restList {
			s.loadRest(d, &v)
		}
		if d.err != nil {
			return n
		}
		at := s.node(v)
		s.table.Grow(len(s.nodes))
		rest, err := s.table.Load(at, d.b)
		if err != nil {
			d.fail("key %d: %v", key, err)
			return n
		}
		d.b = rest
		s.link(at, list)
		s.watch(at)
	}
	return n
}

// loadSpan reads a start and a length, which may be as long as time.
func (s *Sessions) loadSpan(d *decoder) (start, end int64) {
	start = d.int()
	return start, loadEnd(d, start)
}

// loadEnd reads the length of a session that starts at start.
func loadEnd(d *decoder, start int64) (end int64) {
	length := d.uint()
	if end = int64(uint64(start) + length); end <= start || uint64(end)-uint64(start) != length {
		d.fail("a session from %d, %d long", start, length)
	}
	return end
}

// loadRest reads what a resting session has besides.
func (s *Sessions) loadRest(d *decoder, v *session) {
	flags := d.below(4, "flags")
	v.dirty, v.stands = flags&1 != 0, flags&2 != 0
	n := d.count()
	if n > 0 && (!v.dirty || v.stands) {
		d.fail("a session that stands has grown from others")
	}
	for i := range n {
		e := edges{start: int64(uint64(v.start) + d.uint())}
		e.end = loadEnd(d, e.start)
		if e.start < v.start || e.end > v.end || e == (edges{v.start, v.end}) || i > 0 && e.compare(v.gone[i-1]) <= 0 {
			d.fail("a session at %d that grew from one at %d", v.start, e.start)
			return
		}
		v.gone = append(v.gone, e)
	}
}

func (s *Sessions) loadKept(d *decoder) {
	k := &s.kept
	for range d.count() {
		c := keptPane{kind: Kind(d.below(uint64(Retraction)+1, "kind")), watermark: d.int()}
		for range d.count() {
			c.keys = append(c.keys, d.below(uint64(len(s.keys)), "key"))
			start, end := s.loadSpan(d)
			c.starts, c.ends = append(c.starts, start), append(c.ends, end)
			if c.kind == Retraction || d.err != nil {
				continue
			}
			group := k.group()
			rest, err := k.table.Load(group, d.b)
			if err != nil {
				d.fail("%v", err)
				return
			}
			d.b, c.groups = rest, append(c.groups, group)
		}
		if d.err == nil && len(c.keys) == 0 {
			d.fail("a pane without rows")
		}
		if d.err != nil {
			return
		}
		k.list = append(k.list, c)
	}
}
