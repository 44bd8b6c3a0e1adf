// Package watermark says how far event time has come: the strategies that turn
// what a partition has shown so far into a promise about what it will still
// show, and the combination of several partitions' promises.
//
// A partition's frontier F is the greatest event time among its rows, counted
// before any filter, or what its strategy promises instead (see [Progress]). Its
// watermark W promises that no later row has an event time less than W: under bounded
// disorder d, W = F - d. A window [s, e) is complete when W >= e. An operator that reads several partitions goes by the
// least of their watermarks, in a [Combiner], or across max by the greatest; and in
// micro-batches by what that was a batch ago.
//
// By `late: {rule: operator}` a partition that has been silent for long enough, by
// a [Countdown], is idle: it leaves the minimum, and comes back when it has caught
// up. What a combiner says then depends on the moments at which records came.
//
// Under alignment a partition that is too far ahead of the combined watermark is not
// read on; it is paused, not silent ([Countdown.Pause]). Package operator says who is,
// and package gate holds rows back.
//
// All values are microseconds and exclusive: W = w here is "nothing more at or
// below w-1" for engines whose watermarks are inclusive. [None] is the frontier
// and the watermark before a partition's first row, less than every event time;
// [End] is the watermark after its last.
//
// The invariant: a frontier, a watermark and a combination never go back. A
// partition's frontier is a function of its rows so far alone, under all strategies
// but [Completeness], which only the rule "operator" takes; a combination is one of
// frontiers, and under idleness of the moments at which records came.
package watermark
