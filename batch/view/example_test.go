package view_test

import (
	"fmt"

	"parallax/batch/view"
	"parallax/engine/commitlog/protocol"
)

// A head is the whole content of the pointer to a view.
func Example() {
	h := view.Head{ID: 1, Marker: 3, Cut: []protocol.Cut{{Offset: 120, Frontier: 5_000_000}}, Code: "v1"}
	content := h.AppendTo(nil)

	read, err := view.DecodeHead(content)
	fmt.Println(view.Pointer("rides"), read.Marker, read.Cut, err)
	content[20]++
	_, err = view.DecodeHead(content)
	fmt.Println(err)
	// Output:
	// rides/head 3 [{120 5000000}] <nil>
	// view: not a head: checksum
}
