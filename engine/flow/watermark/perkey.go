package watermark

import (
	"encoding/binary"
	"slices"
	"strings"
)

// keyed is the newest event time of each key that is not yet given up, and which of
// them is the least: a heap.
type keyed struct {
	numbers map[string]int32
	keys    []keyTime // by number
	heap    []int32   // numbers
	unused  []int32
}

// keyTime is one key's newest event time.
type keyTime struct {
	key   string
	time  int64
	place int32 // in the heap
}

// show takes in a row of a key.
func (k *keyed) show(key []byte, t int64) {
	if n, ok := k.numbers[string(key)]; ok {
		if e := &k.keys[n]; t > e.time {
			e.time = t
			k.down(e.place)
		}
		return
	}
	k.insert(string(key), t)
}

func (k *keyed) insert(key string, t int64) {
	if k.numbers == nil {
		k.numbers = map[string]int32{}
	}
	var n int32
	if last := len(k.unused) - 1; last >= 0 {
		n, k.unused = k.unused[last], k.unused[:last]
	} else {
		n = int32(len(k.keys))
		k.keys = append(k.keys, keyTime{})
	}
	k.numbers[key] = n
	k.keys[n] = keyTime{key: key, time: t}
	k.heap = append(k.heap, n)
	k.up(int32(len(k.heap) - 1))
}

// giveUp forgets the keys whose newest time is at most t.
func (k *keyed) giveUp(t int64) {
	for len(k.heap) > 0 && k.keys[k.heap[0]].time <= t {
		n, last := k.heap[0], len(k.heap)-1
		k.put(0, k.heap[last])
		if k.heap = k.heap[:last]; last > 0 {
			k.down(0)
		}
		delete(k.numbers, k.keys[n].key)
		k.keys[n] = keyTime{}
		k.unused = append(k.unused, n)
	}
}

// least is the least of the keys' newest times, if there is a key.
func (k *keyed) least() (t int64, ok bool) {
	if len(k.heap) == 0 {
		return None, false
	}
	return k.keys[k.heap[0]].time, true
}

func (k *keyed) put(place, number int32) {
	k.heap[place] = number
	k.keys[number].place = place
}

func (k *keyed) up(place int32) {
	n := k.heap[place]
	for place > 0 && k.keys[k.heap[(place-1)/2]].time > k.keys[n].time {
		k.put(place, k.heap[(place-1)/2])
		place = (place - 1) / 2
	}
	k.put(place, n)
}

func (k *keyed) down(place int32) {
	n := k.heap[place]
	for {
		child := 2*place + 1
		if child >= int32(len(k.heap)) {
			break
		}
		if child+1 < int32(len(k.heap)) && k.keys[k.heap[child+1]].time < k.keys[k.heap[child]].time {
			child++
		}
		if k.keys[k.heap[child]].time >= k.keys[n].time {
			break
		}
		k.put(place, k.heap[child])
		place = child
	}
	k.put(place, n)
}

// sorted lists the numbers of the keys in ascending order of keys.
func (k *keyed) sorted() []int32 {
	return slices.SortedFunc(slices.Values(k.heap), func(a, b int32) int { return strings.Compare(k.keys[a].key, k.keys[b].key) })
}

// appendTo appends the keys in ascending order.
//
//	keys · each: length · bytes · newest event time
func (k *keyed) appendTo(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(k.heap)))
	for _, n := range k.sorted() {
		e := &k.keys[n]
		b = append(binary.AppendUvarint(b, uint64(len(e.key))), e.key...)
		b = binary.AppendVarint(b, e.time)
	}
	return b
}

func (k *keyed) load(r *reader) {
	last := ""
	for i, n := uint64(0), r.uint(); i < n && r.err == nil; i++ {
		size := r.uint()
		if size > uint64(len(r.b)) {
			r.fail("a key is cut short")
			return
		}
		key := string(r.b[:size])
		if r.b = r.b[size:]; i > 0 && key <= last {
			r.fail("keys are not in order")
			return
		}
		last = key
		k.insert(key, r.int())
	}
}
