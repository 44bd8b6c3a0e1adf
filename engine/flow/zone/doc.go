// Package zone holds the IANA time zones as data, so that what a calendar window
// is does not depend on the machine: the same program has the same zones
// everywhere, and results can say which ([Version]).
//
// The table, zones.bin, is committed and made by `make zones` from the zone files
// of the Go distribution. Little-endian:
//
//	"zones 1\n"                            8 bytes
//	length u8, release                     such as 2025c
//	zones u16
//	each, by name: length u8, name, offset of its data u32, its length u16
//	data                                   TZif files; links share theirs
//
// A zone's data is its past changes one by one and a rule for all time after the
// last of them, so there is no time at which a zone's offset is unknown.
//
// The invariant: every zone of the table loads, and it means what the file of the
// same name and release means to package time.
package zone
