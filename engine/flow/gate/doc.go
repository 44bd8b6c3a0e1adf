// Package gate aligns the partitions that a row path reads: it holds back the rows of
// those whose watermarks are too far ahead of the others', as a source would that does
// not read on (Apache Flink, watermark alignment; operator.Path.Paused says who is).
//
// The invariant: the rows of a partition are processed in their order, each once, at
// the earliest moment at which its partition may be read; between two moments nothing
// that may be read waits.
package gate
