package tape_test

import (
	"fmt"
	"testing"

	"parallax/engine"
	"parallax/engine/flow/column"
	"parallax/sim/tape"
)

// A tape is asked what lies below the cut of a marker.
func Example() {
	t, err := tape.Draw(tape.Options{Seed: 3, Partitions: 1, Generations: 2, Every: engine.Second})
	if err != nil {
		fmt.Println(err)
		return
	}
	rows := 0
	err = t.Rows(0, 0, t.Cut(1)[0].Offset, func(b *column.Batch, _ int64) error {
		if b != nil {
			rows += b.Rows
		}
		return nil
	})
	fmt.Println(rows > 0, err)
	// Output: true <nil>
}

// TestLawTape: a tape follows from its options, and its records adjoin.
func TestLawTape(t *testing.T) {
	for seed := range uint64(20) {
		o := tape.Options{Seed: seed, Partitions: 2, Generations: 4, Every: engine.Second}
		a, err := tape.Draw(o)
		if err != nil {
			t.Fatal(err)
		}
		b, err := tape.Draw(o)
		if err != nil {
			t.Fatal(err)
		}
		for g := range a.Generations() {
			if fmt.Sprint(a.Cut(g)) != fmt.Sprint(b.Cut(g)) {
				t.Fatalf("seed %d: cuts %v and %v", seed, a.Cut(g), b.Cut(g))
			}
		}
		next := int64(0)
		err = a.Rows(0, 0, a.Cut(3)[0].Offset, func(b *column.Batch, _ int64) error {
			if b != nil && b.Offset < next {
				return fmt.Errorf("offset %d behind %d", b.Offset, next)
			}
			if b != nil {
				next = b.Offset + int64(b.Rows)
			}
			return nil
		})
		if err != nil || a.Ends() == 0 {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}
