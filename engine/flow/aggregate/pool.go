package aggregate

// pool is what a store keeps outside the words: a word holds a number from 1 on,
// or 0 for nothing.
type pool[T any] struct {
	items []*T
	free  []uint64
}

// get is the item of a word, nil if there is none.
func (p *pool[T]) get(word uint64) *T {
	if word == 0 {
		return nil
	}
	return p.items[word-1]
}

// make is the item of a word, a new zero one if there is none.
func (p *pool[T]) make(word *uint64) *T {
	if *word == 0 {
		if n := len(p.free); n > 0 {
			*word, p.free = p.free[n-1], p.free[:n-1]
		} else {
			p.items = append(p.items, nil)
			*word = uint64(len(p.items))
		}
		p.items[*word-1] = new(T)
	}
	return p.items[*word-1]
}

// drop forgets the item of a word and zeroes the word.
func (p *pool[T]) drop(word *uint64) {
	if *word != 0 {
		p.items[*word-1] = nil
		p.free = append(p.free, *word)
		*word = 0
	}
}
