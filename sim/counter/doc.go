// Package counter is the running example of the contract in package engine and
// of the world in package sim: a counter on two machines, and clients that count
// on it.
//
// A [Client] sends increments numbered 1, 2, 3 … one at a time and sends one
// again until it is acknowledged. The primary appends each new one to its ledger,
// a file, and passes it on to the backup, which has a ledger of its own; an
// increment is committed, and acknowledged, when both ledgers have it durably.
// All of them crash, pause and lose messages; there is no fail-over.
//
// What makes it right, and what each planted [Defect] takes away:
//
//   - The primary's answer waits for the sync of what it answers for, because it
//     leaves through Send and never through SendEager.
//   - A repeated increment is recognised by its number and not counted again;
//     and it is acknowledged only if it is committed, not merely known.
//   - A restarted node writes its whole ledger, as far as it is intact, to a file
//     of its own and never behind a torn tail.
//
// The invariants, checked after every event by [Audit]: no acknowledged increment
// is missing from the ledger of either node, and none is in a ledger twice.
package counter
