package flow

import (
	"errors"
	"fmt"

	"parallax/engine/flow/expr"
)

// Error is a mistake in a pipeline.
type Error struct {
	Path    string // in the terms of a job file: "pipeline[3].aggregate.bytes"
	Offset  int    // bytes into the text of the expression at Path; -1: the whole of it is meant
	Msg     string // what is wrong
	Nearest string // what was perhaps meant, or ""
}

// Error says where, what is wrong, at which column of the expression (from 1),
// and what was perhaps meant.
func (e *Error) Error() string {
	s := e.Path + ": " + e.Msg
	if e.Offset >= 0 {
		s += fmt.Sprintf(" at column %d", e.Offset+1)
	}
	if e.Nearest != "" {
		s += fmt.Sprintf("; did you mean %q?", e.Nearest)
	}
	return s
}

func errorAt(path string, format string, args ...any) *Error {
	return &Error{Path: path, Offset: -1, Msg: fmt.Sprintf(format, args...)}
}

// within gives a mistake in an expression its path.
func within(path string, err error) *Error {
	var e *expr.Error
	if errors.As(err, &e) {
		return &Error{Path: path, Offset: e.Offset, Msg: e.Msg, Nearest: e.Nearest}
	}
	return errorAt(path, "%v", err)
}
