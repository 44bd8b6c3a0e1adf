// Package costs is the table of what operators and devices cost in simulated worlds, as it
// is committed.
//
// The table is table.json: readable, versioned, and part of every result by its hash. It
// is not the machine's that a comparison happens to run on, so that results do not
// depend on that. Package bench/calibrate measures the machine at hand and proposes a
// table; taking it is a decision, with a version of its own.
package costs
