// Package panes makes the rows of a view of the panes that a row path fires, for whoever
// keeps a view or publishes to one.
//
// The invariant: rows that are put into a [serving.Table] in the order in which they come
// are what the job shows. A row without accumulators takes back what stood there: a
// session that has grown into another one, or was retracted.
package panes
