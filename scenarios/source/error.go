package source

import (
	"strconv"
	"strings"
)

// Error is one thing in a file that cannot be read, and where it stands. In text
// files Line is the line on which the record or field begins and Column the byte
// in it, both from 1; in Parquet files Row is the row, from 0. Unknown parts are
// zero or, for Row, -1 or meaningless beside a Line.
type Error struct {
	File   string
	Line   int64
	Column int
	Row    int64
	Field  string // the column's name
	Msg    string
	// Lost is the number of rows that this error stands for: 1, or the rest of a
	// damaged Parquet row group; -1 means the rest of the file, uncounted.
	Lost int64

	Cause error // what made it, or nil

	fatal bool // nothing behind it can be read
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Error prints "file:line:column: field: message".
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	switch {
	case e.Line > 0:
		b.WriteString(":" + strconv.FormatInt(e.Line, 10))
		if e.Column > 0 {
			b.WriteString(":" + strconv.Itoa(e.Column))
		}
	case e.Row > 0 || e.Lost != 0:
		b.WriteString(": row " + strconv.FormatInt(e.Row, 10))
	}
	b.WriteString(": ")
	if e.Field != "" {
		b.WriteString("column " + e.Field + ": ")
	}
	b.WriteString(e.Msg)
	return b.String()
}

// quote shows a piece of input in a message, shortened.
func quote(b []byte) string {
	const most = 40
	if len(b) > most {
		return strconv.Quote(string(b[:most])) + "…"
	}
	return strconv.Quote(string(b))
}
