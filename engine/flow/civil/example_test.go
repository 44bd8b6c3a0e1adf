package civil_test

import (
	"fmt"
	"time"

	"parallax/engine/flow/civil"
)

// The day on which clocks in Berlin are put back.
func Example() {
	days, err := civil.New(civil.Day, "Europe/Berlin", time.Monday)
	if err != nil {
		fmt.Println(err)
		return
	}
	noon := time.Date(2024, time.October, 27, 12, 0, 0, 0, time.UTC).UnixMicro()
	start, end, _ := days.Edges(noon)
	fmt.Println(time.UnixMicro(start).UTC().Format(time.RFC3339), time.Duration(end-start)*time.Microsecond)
	// Output: 2024-10-26T22:00:00Z 25h0m0s
}
