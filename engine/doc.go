// Package engine is the vocabulary of Parallax and the contract between a
// program and the world it runs in.
//
// Every program (broker, worker, view server, producer, client) is an [Actor]:
// a state machine that is handed one [Event] at a time and answers with
// [Effects], which are plain data. It never blocks, starts a goroutine, reads a
// clock or touches a file. A driver — the simulated world in package sim, real
// clocks and files elsewhere — delivers events and carries effects out.
//
// The contract, in the order in which it matters:
//
//   - Output commit. Sends leave only when every Persist that this node has
//     issued so far is durable, so nothing undurable can be revealed by
//     accident, not even by a later step. Eager messages leave at once and must
//     reveal nothing that is not durable.
//   - Reads are synchronous and see durable bytes only ([Disk]); writes are data
//     ([Persist]) and are committed in groups, in issue order.
//   - A file is written only by the incarnation that created it, and a name that
//     this incarnation has removed is not written again; drivers assert both.
//     Nothing is ever appended after a torn tail.
//   - A crash keeps, for every file, a prefix of the writes that were not yet
//     synced and at most one torn write. No order holds between files.
//   - Messages to oneself are FIFO, never lost, and die with the incarnation.
//   - Messages are encoded at the end of the step; actors never share memory.
//   - A write error is fail-stop. A panic in Step becomes Fatal.
//
// The invariant: the state of an actor is a function of what it read at Start
// and of the events it was handed, and of nothing else.
package engine
