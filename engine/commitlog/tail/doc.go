// Package tail reads the partitions of a topic from a cut on, on behalf of an actor.
//
// The idea. Whoever follows a log does the same things: it pins the place from which it
// may have to read again, so that retention leaves it alone, fetches what comes next,
// goes to the leader that an answer names, and asks another broker when none comes. A
// [Tail] is that, as a part of an actor's state; the actor hands it the messages that it
// is sent, and gets batches in the order of their offsets.
//
// One request for each partition is under way. A pin that has moved goes before the next
// fetch. How long ago the end of a partition was seen is known by the moment at which
// the fetch left whose answer showed it: what came to the log since then may be missing.
//
// The invariant: of each partition every batch is handed out once, in order and without
// a gap, and nothing is read before the place is pinned from which it began.
package tail
