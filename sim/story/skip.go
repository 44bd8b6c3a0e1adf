package story

import "sync/atomic"

// skipped is how many numbers every stream of a seed gives away before it is used.
var skipped atomic.Int64

// Skip has [Draw] draw everything in another order, as a later version of it may: every
// stream gives n numbers away first. It is for tests of what must not depend on the
// generator, such as scenario files; undo sets things right again.
func Skip(n int) (undo func()) {
	was := skipped.Swap(int64(n))
	return func() { skipped.Store(was) }
}
