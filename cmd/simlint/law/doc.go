// Package law is the determinism law as an analyzer for go/analysis.
//
// The idea: an actor's state must be a function of what it read at its start and
// of the events it was handed. Whatever else could slip in — the scheduler of
// goroutines, clocks, the order of maps, the machine's way with floats — is
// reported where it is written, and also where it is called. The invariant: code
// that passes gives the same bytes twice, in every process and on every machine.
//
// # Reported
//
//   - go statements, channel types, sends, receives, select, close;
//   - imports of sync, os, net, runtime, context, crypto/rand, hash/maphash and
//     others like them, see imports.go;
//   - time.Now and its kin, time.Local, and time.Unix without .UTC() or .In();
//   - the global generators of math/rand and math/rand/v2;
//   - package variables written, or their address taken, outside of init;
//   - range over a map, and maps.Keys, Values, All unless sorted at once by
//     slices.Sorted, SortedFunc or SortedStableFunc;
//   - a product of floats that the compiler may fuse with an addition: write
//     float64(x*y) + z. Fusing happens across statements and inlined calls, so
//     each product is converted where it is computed, unless it is only
//     multiplied, divided, compared or converted; x *= y and complex products too;
//   - math.Exp, Log, Pow, Sin and the others whose last bits differ between
//     machines; those with one right answer (Sqrt, Floor, FMA, ...) are free;
//   - third-party functions that are not in the table of thirdparty.go, where each
//     entry has a reason;
//   - the built-ins print and println, and turning a pointer into a number.
//
// Calls are followed through the standard library, by the determinism checker of
// Temporal's workflowcheck, and through the modules at hand, by the rules above.
// Exceptions for the standard library are in standard.go, each with a reason.
//
// # The escape
//
// A map may be ranged over where its order cannot matter. The reason is part of
// the comment and must be there; it stands on the statement's line or the one
// above:
//
//	//simlint:ordered the sum of integers does not depend on their order
//	for _, n := range counts {
//		total += n
//	}
//
// # Not seen
//
// Calls through interfaces and function values (the functions themselves are
// checked where they are written); state behind a pointer held in a package
// variable; conversions of floats beyond an integer's range, which differ between
// machines; addresses that fmt prints, for %p or for pointers inside of structs; a
// float that decides scheduling, lateness, placement or protocol; what package
// variables of packages outside the law are initialised from. Running twice and
// comparing is still needed.
package law
