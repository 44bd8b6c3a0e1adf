package helper

import (
	"fmt"
	"os"
	"sync"
	"time"

	"example.com/sketch"
)

// Counter is written below.
var Counter int

// Started is not the same twice.
var Started = time.Now()

func Go(f func())               { go f() }
func Deep(f func())             { deeper(f) }
func deeper(f func())           { Go(f) }
func Clock() time.Time          { return time.Now() }
func Env() string               { return os.Getenv("HOME") }
func Lock()                     { new(sync.Mutex).Lock() }
func Count()                    { Counter++ }
func Fuse(x, y, z float64) float64 { return x*y + z }
func Sketch() *sketch.Sketch    { return sketch.New() }
func Print()                    { fmt.Println("x") }
func Select()                   { select {} }
func Age() time.Duration        { return Clock().Sub(Started) }

func Keys(m map[string]int) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	return keys
}

func Sum(m map[string]int) (sum int) {
	//simlint:ordered the sum of integers does not depend on their order
	for _, n := range m {
		sum += n
	}
	return sum
}

// Even and Odd call each other, and one of them shares a clock's fate.
func Even(n int) bool { return n == 0 || Odd(n-1) }
func Odd(n int) bool  { return n != 0 && (Clock().IsZero() || Even(n-1)) }

type Set[T comparable] struct{ m map[T]bool }

func (s *Set[T]) Any() (t T) {
	for t := range s.m {
		return t
	}
	return t
}

func (s *Set[T]) Has(t T) bool { return s.m[t] }
