// Package gen has generators, for tests by pgregory.net/rapid, of what breaks streams:
// values that no arithmetic likes, event times that are equal, negative or an hour off,
// rows that come out of order.
//
// The invariant: a generator draws from its rapid.T alone, and everything it draws is
// valid: a schema can be planned, a row fits its schema.
package gen
