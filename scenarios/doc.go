// Package scenarios loads job and scenario files and runs them.
//
// A job file is YAML and strict: an unknown key, a value that another YAML reader
// would take for something else, or a name that nothing has is an [Error] with
// file, line, column and the nearest valid name. [Load] reads and checks one,
// [Run] answers it by one of two paths that share nothing but the pipeline's
// definition: the engine's operators over a log of Arrow batches, or the oracle
// that computes every answer from scratch. [JSONSchema] describes the format to
// editors.
//
// [RunCluster] runs a job as a cluster in a simulated world that breaks it: its
// source is cut into batches by arrival, and the world's clock is the data's. A
// [Manifest] is what the processes of the same cluster agree on when they run on a
// real machine.
//
// A scenario file holds a run in full: rows, pipeline, faults, and what must come of
// it. [LoadScenario] reads one, [Play] runs it, [Drawn] and [Excerpts] make one of a
// seed, [Format] writes files of both kinds as they should be. The folder library holds
// scenarios that each teach one thing, zoo those in which a mistake is found. What a
// scenario expects at an instant is asked of its own faults alone; what it expects at the
// end is asked under any faults that parallax fuzz tries on it, so it may not depend on
// when a record came into the log.
//
// The invariant: a scenario that is printed and read runs as before; the two paths
// give the same [Results], byte for byte once written, whatever the job, and a cluster
// ends with them whatever happens to it. Two things only a log decides, and so a cluster may answer otherwise: rows that
// ahead_max refuses are judged by when they are appended, and source.idle writes
// frontiers into it.
package scenarios
