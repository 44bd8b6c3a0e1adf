// Package why is what a job waits for at a moment, as facts that are printed as prose
// for a person or as JSON (schema parallax.why/v1) for a program. Package scenarios
// finds them, by replaying the job.
//
// The invariant: both forms are of the same facts, and say nothing that is not there.
package why
