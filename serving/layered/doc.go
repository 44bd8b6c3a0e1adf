// Package layered is the messages between clients and servers of several layers: an answer
// says which batch view it is from and up to which cut, what it has left out, and how
// stale it is; a question says what its client has seen, so that it never goes back.
//
// The invariant: what is decoded is what was encoded, and everything else is refused.
package layered
