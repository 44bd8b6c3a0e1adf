package wire_test

import (
	"fmt"

	"parallax/engine/wire"
)

func Example() {
	b := wire.AppendText(wire.Order.AppendUint64(nil, 7), "clicks")

	r := wire.Reader{Rest: b}
	fmt.Println(r.U64(), r.Text(), r.End())

	short := wire.Reader{Rest: b[:10]}
	fmt.Println(short.U64(), short.Text(), short.End())
	// Output:
	// 7 clicks <nil>
	// 7  wire: length does not fit: 0 bytes left, short: true
}
