package operator

import "parallax/engine/flow/column"

// absent is no number of a value or key.
const absent = ^uint32(0)

// slotsMin is the least size of an open-addressing index, a power of two.
const slotsMin = 16

// words numbers distinct 64-bit words in the order of their first appearance, by
// open addressing with linear probing. A word is its own identity, so no hash
// is ever taken for one.
type words struct {
	values []uint64
	slots  []wordSlot
}

// wordSlot keeps the word beside its number, so that a probe costs one miss.
type wordSlot struct {
	word uint64
	next uint32 // number + 1; 0: free
}

// mix spreads a word over the low bits (multiplicative hashing, Knuth, The Art of
// Computer Programming, volume 3, section 6.4, with both halves folded).
func mix(x uint64) uint64 {
	x = (x ^ x>>32) * 0x9e3779b97f4a7c15
	return x ^ x>>32
}

// at is the first slot to look for a word in; there must be slots.
func (t *words) at(word uint64) *wordSlot {
	return &t.slots[mix(word)&uint64(len(t.slots)-1)]
}

// numberInts numbers many words. Most are met again in the first slot they may be
// in.
func (t *words) numberInts(list []int64, out []uint32) {
	t.number(uint64(list[0])) // there are slots from here on
	out = out[:len(list)]
	for row, x := range list {
		if s := t.at(uint64(x)); s.word == uint64(x) && s.next != 0 {
			out[row] = s.next - 1
			continue
		}
		out[row] = t.number(uint64(x))
	}
}

// numberPairs replaces each left half in out by the number of its pair with right.
func (t *words) numberPairs(out, right []uint32) {
	t.number(uint64(out[0])<<32 | uint64(right[0]))
	right = right[:len(out)]
	for row, left := range out {
		word := uint64(left)<<32 | uint64(right[row])
		if s := t.at(word); s.word == word && s.next != 0 {
			out[row] = s.next - 1
			continue
		}
		out[row] = t.number(word)
	}
}

// number returns the number of a word, giving it the next one if it is new.
func (t *words) number(word uint64) uint32 {
	if len(t.slots) == 0 {
		t.slots = make([]wordSlot, slotsMin)
	}
	mask := uint64(len(t.slots) - 1)
	for i := mix(word) & mask; ; i = (i + 1) & mask {
		s := &t.slots[i]
		if s.next == 0 {
			return t.insert(word)
		}
		if s.word == word {
			return s.next - 1
		}
	}
}

// insert adds a word that is not there.
func (t *words) insert(word uint64) uint32 {
	n := t.append(word)
	if 2*len(t.values) > len(t.slots) {
		old := t.slots
		t.slots = make([]wordSlot, 2*len(old))
		for _, s := range old { // not from the values, where one that append hid would be found
			if s.next != 0 {
				t.place(s.word, s.next-1)
			}
		}
	}
	t.place(word, n)
	return n
}

func (t *words) place(word uint64, n uint32) {
	mask := uint64(len(t.slots) - 1)
	i := mix(word) & mask
	for t.slots[i].next != 0 {
		i = (i + 1) & mask
	}
	t.slots[i] = wordSlot{word: word, next: n + 1}
}

// append gives the next number to a word without making it findable.
func (t *words) append(word uint64) uint32 {
	t.values = append(t.values, word)
	return uint32(len(t.values) - 1)
}

// texts numbers distinct strings in the order of their first appearance. A hash
// leads to a slot and its upper half is compared first; strings are equal only if
// their bytes are.
type texts struct {
	dict  *column.Dict // by number; hashes for growing
	slots []uint64     // upper half of the hash, number + 1 in the lower; 0: free
}

// number returns the number of a string, giving it the next one if it is new.
// The string is kept, and with it the memory that it is part of.
func (t *texts) number(s string, hash uint64) uint32 {
	if len(t.slots) == 0 {
		t.slots = make([]uint64, slotsMin)
	}
	mask := uint64(len(t.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		slot := t.slots[i]
		if slot == 0 {
			return t.insert(s, hash)
		}
		if (slot^hash)>>32 == 0 {
			if n := uint32(slot) - 1; t.dict.Value(n) == s {
				return n
			}
		}
	}
}

func (t *texts) insert(s string, hash uint64) uint32 {
	n := t.dict.Append(s)
	if 2*t.dict.Len() > len(t.slots) {
		old := t.slots
		t.slots = make([]uint64, 2*len(old))
		for _, slot := range old { // not from the dictionary, where null is a string too
			if slot != 0 {
				t.place(t.dict.Hash(uint32(slot)-1), uint32(slot)-1)
			}
		}
	}
	t.place(hash, n)
	return n
}

func (t *texts) place(hash uint64, n uint32) {
	mask := uint64(len(t.slots) - 1)
	i := hash & mask
	for t.slots[i] != 0 {
		i = (i + 1) & mask
	}
	t.slots[i] = hash>>32<<32 | uint64(n+1)
}
