// Package boundary is how other systems decide which of two layers answers for a
// moment of event time: small models of their rules, beside the one that this project
// uses, so that what each rule loses or counts twice can be shown and measured.
//
//   - [Pinot]: a time, some way before the newest batch data; older rows come from
//     the batch layer, newer ones from the stream.
//   - [Timeline]: intervals with versions, as in Druid; a moment is served by the
//     highest version that is complete, and [Handoff] is how stream offsets move on
//     with it.
//   - [Summing]: batches of event time, as in Summingbird; the batch layer's value
//     says up to which batch it counts, the rest is added from the speed layer.
//   - [Deletes]: which deletions of a table hide which of its rows, as in Iceberg.
//   - [ByOffset]: what this project does. The boundary is a place in the log, and a
//     row lies on one side of it whatever its event time is.
//
// The invariant, of ByOffset alone: every row of the log is counted once. A test
// draws logs with late rows and shows by how much the others miss that.
package boundary
