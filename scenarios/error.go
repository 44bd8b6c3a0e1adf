package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"parallax/sim/cluster"
)

// Error is a mistake in a job file or in an override of it.
type Error struct {
	File    string // the job file, or "--set KEY=VALUE"
	Line    int    // from 1; 0 when the whole file is meant
	Column  int    // in characters, from 1
	Msg     string
	Nearest string // what was perhaps meant, or ""

	unchecked bool // it is no mistake, but something that no run with faults can be checked with

	source []byte // the text that Line and Column point into
	width  int    // characters that are meant
}

// Error prints "file:line:column: message; did you mean …?".
func (e *Error) Error() string {
	s := e.File
	if e.Line > 0 {
		s += fmt.Sprintf(":%d:%d", e.Line, e.Column)
	}
	s += ": " + e.Msg
	if e.Nearest != "" {
		s += fmt.Sprintf("; did you mean %q?", e.Nearest)
	}
	return s
}

// Uncheckable reports whether err refuses a job that is right and can be answered, but
// not checked in a run with faults.
func Uncheckable(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.unchecked || errors.Is(err, cluster.ErrUnknown) || errors.Is(err, errNoRows)
}

// Excerpt is the line in question with carets below what is meant, or "".
func (e *Error) Excerpt() string {
	if e.Line == 0 {
		return ""
	}
	lines := bytes.Split(e.source, []byte{'\n'})
	if e.Line > len(lines) {
		return ""
	}
	line := []rune(strings.TrimRight(string(lines[e.Line-1]), "\r"))
	at := min(max(e.Column-1, 0), len(line))
	var pad strings.Builder
	for _, r := range line[:at] {
		if r != '\t' {
			r = ' '
		}
		pad.WriteRune(r)
	}
	number := fmt.Sprintf("%4d", e.Line)
	carets := strings.Repeat("^", max(1, min(e.width, len(line)-at)))
	return number + " | " + string(line) + "\n" + strings.Repeat(" ", len(number)) + " | " + pad.String() + carets + "\n"
}
