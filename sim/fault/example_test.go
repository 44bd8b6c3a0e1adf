package fault_test

import (
	"encoding/json"
	"fmt"
	"time"

	"parallax/sim/fault"
)

// A fault as it is read, and as it is written down.
func Example() {
	f := fault.Fault{
		Family: fault.Crash, Name: 0xc0ffee, At: 1500 * time.Millisecond, Node: "broker-0", Lasts: 80 * time.Millisecond,
		Losses: []fault.Loss{{File: "rows-0-0000000001.log", Kept: 2, Torn: 17, Zeros: true}},
	}
	fmt.Println(f)
	text, err := json.Marshal(f)
	fmt.Println(string(text), err)
	// Output:
	// 1.5s crash broker-0, down for 80ms; rows-0-0000000001.log keeps 2 unsynced writes, 17 bytes of the next and zeros
	// {"fault":"crash","name":"x0000000000c0ffee","at":1500000000,"node":"broker-0","lasts":80000000,"losses":[{"file":"rows-0-0000000001.log","kept":2,"torn":17,"zeros":true}]} <nil>
}

// What cannot be read is refused.
func ExampleParse() {
	_, err := fault.Parse("earthquake")
	fmt.Println(err)
	// Output: fault: there is no family "earthquake"
}
