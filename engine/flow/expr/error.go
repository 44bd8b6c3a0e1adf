package expr

import "fmt"

// Error is a mistake in an expression's text, found before any row is seen.
type Error struct {
	Offset  int    // bytes into the source text
	Msg     string // what is wrong
	Nearest string // what was perhaps meant, or ""
}

// Error says what is wrong, at which column (counted in bytes, from 1), and what
// was perhaps meant.
func (e *Error) Error() string {
	s := fmt.Sprintf("%s at column %d", e.Msg, e.Offset+1)
	if e.Nearest != "" {
		s += fmt.Sprintf("; did you mean %q?", e.Nearest)
	}
	return s
}

func errorAt(offset int, format string, args ...any) *Error {
	return &Error{Offset: offset, Msg: fmt.Sprintf(format, args...)}
}

// RowError is a row for which an expression has no value: an overflow, a
// remainder by zero, a text that is not a number.
type RowError struct {
	Partition int32
	Row       int   // in the batch
	Offset    int64 // in the log
	At        int   // bytes into the source text: the operator that failed
	What      string
}

// Error names the operator, the partition and the offset.
func (e *RowError) Error() string {
	return fmt.Sprintf("expr: %s at column %d: partition %d, offset %d", e.What, e.At+1, e.Partition, e.Offset)
}
