// Package nexmark generates the events of an online auction: persons who register,
// auctions that they open, and bids, in the proportion 1 : 3 : 46, after the Nexmark
// benchmark (Tucker, Tufte, Papadimos, Maier, "NEXMark – a benchmark for queries over
// data streams", 2002) in the form that Apache Beam gave it.
//
// The idea. An event is a function of a seed and its number: [Generator.Event] needs
// no state, so that any part of a stream can be made anywhere, in any order, and two
// runs have the same bits. Payload, disorder and arrival have random bits of their
// own: another disorder leaves every event as it is and only moves its arrival.
//
// What is fixed of the generators in use, and tested:
//
//   - late events exist. Stock suites have none unless they are rate-limited; here
//     disorder is a property of the stream ([Disorder]), and part of its name;
//   - everything is seeded, by event and not by thread;
//   - identifiers of persons are offset once, so that bidders are persons;
//   - how often a channel is one of the four popular ones is an option, because the
//     suites differ in it, and is part of the stream's name;
//   - event times are computed from the event's number, not summed from a rounded
//     step, so that no rate makes them stand still.
//
// The invariant: Event(n) depends on the options and n alone, events are numbered in
// the order in which they happen, and none arrives before it happens.
package nexmark
