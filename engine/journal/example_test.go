package journal_test

import (
	"fmt"

	"parallax/engine"
	"parallax/engine/journal"
	"parallax/sim"
)

// A node appends three records and loses power after two of them are durable. The
// next incarnation finds these, whatever the crash did to the third.
func Example() {
	disk := sim.NewDisk()
	j, err := journal.Open(disk, 1, "state", journal.Options{}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	var fx engine.Effects
	j.Append(&fx, []byte("one"))
	j.Append(&fx, []byte("two"))
	if err := disk.Issue(&fx); err != nil {
		fmt.Println(err)
	}
	disk.Sync()

	fx.Reset()
	j.Append(&fx, []byte("three"))
	if err := disk.Issue(&fx); err != nil {
		fmt.Println(err)
	}

	for after := range disk.CrashStates(func(size int) []int { return []int{size / 2} }) {
		_, err := journal.Open(after, 2, "state", journal.Options{}, func(r journal.Record) error {
			fmt.Printf("%s ", r.Data)
			return nil
		})
		fmt.Println(err)
	}
	// Output:
	// one two <nil>
	// one two <nil>
	// one two <nil>
	// one two three <nil>
}
