// Package aggregate accumulates rows by group.
//
// An aggregate function ([New]) is a commutative monoid of accumulators: rows are
// added, accumulators are merged, and only a query finishes one into a value. A
// [Table] keeps the accumulators of several functions side by side for groups
// numbered from 0.
//
// The invariant: equal multisets of rows give equal bytes ([Table.AppendTo]) and
// equal results, whatever the order of rows, their batches, and the tree of merges,
// on every machine. Results are therefore exact where they can be: sums of int64 and
// decimals never wrap, sums of float64 are sums of real numbers that are rounded
// once, means and variances come from exact power sums and are rounded once. first
// and last go by (event time, partition, offset), not by arrival. hll and quantile
// estimate, from sketches that are functions of the rows alone.
//
//	count() count(x)                     int64   rows, rows where x is not null
//	sum(x)                               int64, decimal(38,s) or float64; 0 without rows
//	mean(x)                              float64
//	variance(x) stddev(x)                float64, of a sample: null below two rows
//	variance_pop(x) stddev_pop(x)        float64, of a population
//	min(x) max(x) first(x) last(x)       x's type
//	distinct(x)                          int64, exact
//	hll(x) hll(x, precision)             int64, standard error 1.04 / sqrt(2^precision), default 14
//	quantile(x, p)                       float64, relative error at most 1/256
//	topk(item, k) topk(item, weight, k)  string, JSON [[item, weight], …], exact
//
// Rows with a null argument are skipped; what is not a number of rows and not a sum
// is null without rows. NaN is greater than every number and equal to itself, and -0
// comes before +0, as [column.CompareFloats] has it; as a term of a sum a zero of
// either sign is 0. A result that its type cannot hold is null and reported by
// [Table.Overflows] and [Table.FinishColumn]: it is never wrapped.
//
// count, sum, mean, variance and stddev can retract ([Table.Retract]); the others
// forget what they would need.
//
// Strings are kept as strings, never as codes, which belong to a segment's
// dictionary; its cached hashes are used.
//
// The sketches are written here because the libraries for them round with
// logarithms, whose last bits differ between machines, and because the bytes of
// their states depend on the order of rows. The tests use axiomhq/hyperloglog and
// DataDog/sketches-go as second opinions.
package aggregate
