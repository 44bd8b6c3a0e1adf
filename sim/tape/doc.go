// Package tape is a log without brokers, for tests of those who read one: drawn rows and
// markers, each there when it is due, served by one actor in a world.
//
// The idea. What a reader of a log does is a function of what the log holds and of what
// goes wrong around it. A [Tape] is the first, whole and in memory, so that a test can
// ask it what there was below a cut; the second is the world's. The actor answers like
// a broker that leads all partitions, and has what retention would leave it: nothing below
// the least place that its readers have pinned.
//
// The invariant: a tape is a function of its options, and what is below a cut of a marker
// does not depend on who has read it.
package tape
