package variables // want package:"not deterministic: "

import (
	"bytes"
	"errors"

	"example.com/operators/helper"
)

type config struct{ depth int }

func (c *config) grow()      { c.depth++ }
func (c config) level() int { return c.depth }

var (
	count   int
	list    = []int{1, 2}
	index   = map[string]int{}
	current = config{depth: 1}
	pointer = &current
	ErrFull = errors.New("variables: full")
	table   = func() (t [4]int) {
		count = 1 // while the program is initialised
		return t
	}()
	later = func() {
		count = 2 // want "writes the package variable count"
	}
)

func init() {
	count = 3
	index["a"] = 1
	current.grow()
}

func write() {
	count++                // want "writes the package variable count after initialisation"
	count = 1              // want "writes the package variable count"
	count += 2             // want "writes the package variable count"
	list[0] = 1            // want "writes the package variable list"
	list = append(list, 1) // want "writes the package variable list"
	copy(list, list)       // want "writes the package variable list"
	copy(list[1:], list)   // want "writes the package variable list"
	index["b"] = 1         // want "writes the package variable index"
	delete(index, "b")     // want "writes the package variable index"
	clear(index)           // want "writes the package variable index"
	current.depth = 2      // want "writes the package variable current"
	(*pointer).depth = 2   // want "writes the package variable pointer"
	pointer.depth = 2      // want "writes the package variable pointer"
	helper.Counter = 1     // want "writes the package variable helper.Counter"
	for count = range 3 {  // want "writes the package variable count"
	}
	ErrFull, count = nil, 1 // want "variable ErrFull" "variable count"
}

func lend() {
	p := &count    // want "takes the address of the package variable count"
	*p = 1         // through the pointer, which was reported
	current.grow() // want "takes the address of the package variable current"
	f := current.grow // want "takes the address of the package variable current"
	f()
}

// Reading is free, and so are locals of the same name.
func read() int {
	count := 3
	count++
	var b bytes.Buffer
	b.WriteString("x")
	return count + list[0] + index["a"] + current.level() + pointer.depth + table[0]
}
