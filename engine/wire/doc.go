// Package wire takes encoded messages apart and puts them together: fixed-width
// little-endian integers, and bytes behind their length.
//
// The invariant: whatever the bytes are, a [Reader] neither panics nor makes its
// caller allocate more than a small multiple of what it was given. After the first
// short read everything reads as zero, so decoders check once, at the end.
package wire
