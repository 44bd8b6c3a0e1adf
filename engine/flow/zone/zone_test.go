package zone

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"
)

func Example() {
	berlin, err := Load("Europe/Berlin")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(time.Date(2024, time.October, 27, 1, 0, 0, 0, time.UTC).In(berlin).Format("15:04 MST"))
	_, err = Load("Europe/Bärlin")
	fmt.Println(err)
	// Output:
	// 02:00 CET
	// zone: unknown time zone "Europe/Bärlin"
}

// TestVectorTable: the table is whole. Every zone loads, under its name, and tells
// times before, in and behind the years that it lists.
func TestVectorTable(t *testing.T) {
	if table[:len(magic)] != magic || !regexp.MustCompile(`^20\d\d[a-z]$`).MatchString(Version()) {
		t.Fatalf("table %q of release %q", table[:len(magic)], Version())
	}
	names := Names()
	if !slices.IsSorted(names) || len(names) < 500 {
		t.Fatalf("%d names", len(names))
	}
	for _, name := range names {
		loc, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, year := range []int{-5000, 1800, 1970, 2024, 9999} {
			if y := time.Date(year, time.June, 15, 12, 0, 0, 0, loc).Year(); y != year || loc.String() != name {
				t.Errorf("%s: the year %d is %d", name, year, y)
			}
		}
	}
	for _, name := range []string{"", "Local", "europe/berlin", "Europe"} {
		if _, err := Load(name); !errors.Is(err, ErrUnknown) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
