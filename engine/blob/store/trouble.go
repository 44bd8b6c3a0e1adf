package store

import "github.com/zeebo/xxh3"

// Trouble is what a store does to its clients on purpose, as those in the world do
// now and then. Rates are in parts per million. A decision is a hash of the seed, the
// operation, the name, and how many of that came before: what happens to one request
// does not depend on others.
type Trouble struct {
	Seed     uint64
	Busy     uint32 // a request is refused for the moment, and nothing is done
	Lose     uint32 // a request is carried out and its reply does not leave
	SlowList uint32 // a listing waits
	ListWait int64  // ns, for so long at most; 0 means 500 ms
}

// troubles decides.
type troubles struct {
	Trouble
	seen map[uint64]uint64 // how often each name of a decision was met
}

// kinds of decisions.
const (
	troubleBusy uint64 = iota + 1
	troubleLose
	troubleList
)

func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// hits decides about the next occurrence of an operation on a name, and gives random
// bits for it.
func (t *troubles) hits(kind uint64, name string, rate uint32) (bits uint64, yes bool) {
	if rate == 0 {
		return 0, false
	}
	id := mix(xxh3.HashString(name)^kind*0x9e3779b97f4a7c15) ^ t.Seed
	n := t.seen[id]
	t.seen[id] = n + 1
	bits = mix(id + n*0x9e3779b97f4a7c15)
	return mix(bits), bits%1_000_000 < uint64(rate)
}

func (t *troubles) busy(name string) bool {
	_, yes := t.hits(troubleBusy, name, t.Busy)
	return yes
}

func (t *troubles) lose(name string) bool {
	_, yes := t.hits(troubleLose, name, t.Lose)
	return yes
}

// listing is how long a listing waits, in ns.
func (t *troubles) listing(prefix string) int64 {
	bits, yes := t.hits(troubleList, prefix, t.SlowList)
	if !yes {
		return 0
	}
	most := t.ListWait
	if most == 0 {
		most = 500_000_000
	}
	return 1 + int64(bits%uint64(most))
}
