package order // want package:"not deterministic: "

import (
	"maps"
	"slices"
)

type table map[string]int

func loop(m map[string]int, t table) (keys []string) {
	for k := range m { // want "ranges over a map: sort its keys, or say //simlint:ordered REASON"
		keys = append(keys, k)
	}
	for range t { // want "ranges over a map"
		keys = append(keys, "")
	}
	return keys
}

func excused(m map[string]int) (sum int) {
	//simlint:ordered the sum of integers does not depend on their order
	for _, n := range m {
		sum += n
	}
	for range m { //simlint:ordered it only counts
		sum++
	}
	return sum
}

// The escape covers the loop's order, not what is done in the loop.
func body(m map[string]int) {
	//simlint:ordered each key is handled apart
	for range m {
		go loop(m, nil) // want "starts a goroutine"
		for range m {   // want "ranges over a map"
		}
	}
}

func badEscapes(m map[string]int) {
	/* want "needs a reason why the order does not matter" */ //simlint:ordered
	for range m {                                             // want "ranges over a map"
	}
	/* want "unknown escape //simlint:ignore" */ //simlint:ignore because
	for range m {                                // want "ranges over a map"
	}
	/* want "excuses nothing here" */ //simlint:ordered no map in sight
	for range 3 {
	}
}

func iterators(m map[string]int) []string {
	_ = slices.Collect(maps.Keys(m)) // want "maps.Keys has the order of the map"
	for range maps.Values(m) {       // want "maps.Values has the order of the map"
	}
	for range maps.All(m) { // want "maps.All has the order of the map"
	}
	maps.DeleteFunc(m, func(string, int) bool { return true }) // want "maps.DeleteFunc has the order"
	//simlint:ordered keys that are removed do not meet
	maps.DeleteFunc(m, func(string, int) bool { return true })
	_ = slices.SortedFunc(maps.Keys(m), func(a, b string) int { return 0 })
	_ = maps.Clone(m)
	maps.Copy(m, m)
	_ = maps.Equal(m, m)
	return slices.Sorted(maps.Keys(m))
}

func generic[M ~map[K]V, K comparable, V any](m M) {
	for range m { // want "ranges over a map"
	}
}

// Several values at once, and reading by key, have no order.
func fine(m map[string]int, list []string) (n int) {
	for _, k := range list {
		n += m[k]
	}
	delete(m, "x")
	clear(m)
	return n + len(m)
}
