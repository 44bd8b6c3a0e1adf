package simtest

import (
	"testing"

	"parallax/engine/conformance"
)

// Drivers holds a driver of one's own, what runs actors, against the contract of package
// engine: output commit, order, crashes, timers. newDriver makes an empty world without
// faults, whose nodes read messages by conformance.Decode.
func Drivers(t *testing.T, newDriver func(t *testing.T) conformance.Driver) {
	conformance.Run(t, newDriver)
}
