// Package conformance is the contract of package engine as tests that every
// driver must pass.
//
// A driver's tests adapt it to the small [Driver] interface and call [Run]. The
// suite puts probes into the driver: actors whose steps are given as data, so
// that each test reads as a short script, and proves the sentence of the contract
// that stands above it.
//
// The invariant: the suite asks for nothing that the contract does not promise.
// Where drivers may differ (whether a bad message is lost or fatal, how long
// anything takes, in which order messages of others arrive) every lawful answer
// passes.
//
// Two adapters show how it is done: the tests of packages sim and engine/osenv.
package conformance
