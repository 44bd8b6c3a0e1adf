package protocol_test

import (
	"fmt"

	"parallax/engine/commitlog/protocol"
)

// A batch of three records as it lies in the log, and the cut behind it.
func Example() {
	before := protocol.Cut{Offset: 40, Frontier: 9_000_000}
	b := protocol.Batch{Base: 40, Count: 3, Append: 12_500_000, Producer: 7, TimeMax: 11_000_000, Payload: []byte("rows")}

	read, err := protocol.DecodeBatch(b.AppendTo(nil))
	fmt.Println(read.Base, read.Count, string(read.Payload), err)
	fmt.Println(protocol.Cut{Offset: read.End(), Frontier: read.Frontier(before.Frontier)})

	damaged := b.AppendTo(nil)
	damaged[20] ^= 1
	_, err = protocol.DecodeBatch(damaged)
	fmt.Println(err)
	// Output:
	// 40 3 rows <nil>
	// {43 11000000}
	// protocol: not a message: checksum
}
