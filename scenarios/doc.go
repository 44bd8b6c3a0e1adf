// Package scenarios loads job files and runs them.
//
// A job file is YAML and strict: an unknown key, a value that another YAML reader
// would take for something else, or a name that nothing has is an [Error] with
// file, line, column and the nearest valid name. [Load] reads and checks one,
// [Run] answers it by one of two paths that share nothing but the pipeline's
// definition: the engine's operators over a log of Arrow batches, or the oracle
// that computes every answer from scratch. [JSONSchema] describes the format to
// editors.
//
// The invariant: the two paths give the same [Results], byte for byte once
// written, whatever the job.
package scenarios
