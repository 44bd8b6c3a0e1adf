// Package aggregate accumulates rows by group: counts, exact sums, extremes and
// the rest of the pipeline's aggregate functions.
package aggregate
