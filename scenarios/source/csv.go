package source

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
	"unicode/utf8"
)

// csvLexer splits a CSV file by RFC 4180 with LF or CRLF line ends: quotes only
// around whole fields, doubled inside. Lines without any byte are skipped when
// there are two columns or more.
type csvLexer struct {
	window  *window
	names   []string
	slot    []int  // cell of each column, or -1
	fields  []cell // of a record with quotes
	scratch []byte // fields with doubled quotes, unescaped
}

// newCSV reads the header.
func newCSV(file string, r io.Reader) (*csvLexer, error) {
	l := &csvLexer{window: newWindow(file, r)}
	err := l.header()
	if err == io.EOF {
		return nil, &Error{File: file, Line: 1, Column: 1, Msg: "empty: a header line with the columns' names was expected"}
	}
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, c := range l.fields {
		name := string(c.text)
		if known[name] && name != "" {
			return nil, &Error{File: file, Line: c.line, Column: c.at, Field: name, Msg: "the header names this column twice"}
		}
		if bytes.IndexByte(c.text, 0) >= 0 || !utf8.Valid(c.text) {
			return nil, &Error{File: file, Line: c.line, Column: c.at, Msg: "wrong magic: not text; a CSV header was expected"}
		}
		known[name] = true
		l.names = append(l.names, name)
	}
	l.slot = make([]int, len(l.names))
	return l, nil
}

func (l *csvLexer) header() error {
	w := l.window
	for {
		length, complete := w.lineEnd(0)
		if length == 0 && !complete || w.broken() && !complete {
			return w.stop()
		}
		if len(trimCR(w.buf[w.pos:w.pos+length])) > 0 {
			return l.record()
		}
		w.pos += length + 1
		w.line++
	}
}

func (l *csvLexer) columns() []string { return l.names }

// want says which columns fill which cells.
func (l *csvLexer) want(names []string) {
	for i, name := range l.names {
		l.slot[i] = -1
		for s, wanted := range names {
			if wanted == name {
				l.slot[i] = s
			}
		}
	}
}

func (l *csvLexer) line() int64 { return l.window.line }

func trimCR(rec []byte) []byte {
	if n := len(rec); n > 0 && rec[n-1] == '\r' {
		return rec[:n-1]
	}
	return rec
}

// next splits one record into the wanted cells. After an *Error that is not fatal
// the lexer stands at the next record.
func (l *csvLexer) next(cells []cell) error {
	w := l.window
	for {
		length, complete := w.lineEnd(0)
		if !complete && (length == 0 || w.broken()) {
			return w.stop()
		}
		rec := w.buf[w.pos : w.pos+length]
		if bytes.IndexByte(rec, '"') >= 0 {
			return l.nextQuoted(cells)
		}
		line := w.line
		w.pos = min(w.pos+length+1, w.end)
		w.line++
		rec = trimCR(rec)
		if len(rec) == 0 && len(l.slot) > 1 {
			continue
		}
		return l.split(rec, line, cells)
	}
}

// split is the fast path: a record without quotes. It looks for commas in eight
// bytes at a time.
func (l *csvLexer) split(rec []byte, line int64, cells []cell) error {
	const low7, commas = 0x7f7f7f7f7f7f7f7f, 0x2c2c2c2c2c2c2c2c
	slot, field, start, i := l.slot, 0, 0, 0
	for ; i+8 <= len(rec); i += 8 {
		w := binary.LittleEndian.Uint64(rec[i:]) ^ commas
		// The high bit of each byte that is zero in w, and of no other: unlike the
		// shorter formula this one has no borrow that could mark the byte behind.
		for m := ^((w&low7 + low7) | w | low7); m != 0; m &= m - 1 {
			at := i + bits.TrailingZeros64(m)/8
			if field < len(slot) {
				if s := slot[field]; s >= 0 {
					cells[s] = cell{text: rec[start:at], at: start + 1, line: line, kind: cellText}
				}
			}
			field++
			start = at + 1
		}
	}
	for ; i <= len(rec); i++ {
		if i < len(rec) && rec[i] != ',' {
			continue
		}
		if field < len(slot) {
			if s := slot[field]; s >= 0 {
				cells[s] = cell{text: rec[start:i], at: start + 1, line: line, kind: cellText}
			}
		}
		field++
		start = i + 1
	}
	if field != len(slot) {
		return l.raggedAt(rec, line, field)
	}
	return nil
}

// raggedAt points at the first field too many, or behind the last.
func (l *csvLexer) raggedAt(rec []byte, line int64, fields int) error {
	at := 0
	for range min(fields, len(l.slot)) {
		next := bytes.IndexByte(rec[at:], ',')
		if next < 0 {
			return l.ragged(line, len(rec)+1, fields)
		}
		at += next + 1
	}
	return l.ragged(line, at+1, fields)
}

func (l *csvLexer) ragged(line int64, at, fields int) *Error {
	return &Error{
		File: l.window.file, Line: line, Column: at, Lost: 1,
		Msg: fmt.Sprintf("ragged line: %d fields where the header has %d", fields, len(l.slot)),
	}
}

// nextQuoted is the slow path: a record with quotes, perhaps over several lines.
func (l *csvLexer) nextQuoted(cells []cell) error {
	l.fields = l.fields[:0]
	line := l.window.line
	if err := l.record(); err != nil {
		return err
	}
	if n := len(l.fields); n != len(l.slot) {
		bad := l.ragged(line, l.fields[min(n, len(l.slot)+1)-1].at, n)
		if last := l.window.line - 1; last > line {
			bad.Msg += fmt.Sprintf("; a quoted field carries the record on to line %d", last)
			bad.Column = 0
		}
		return bad
	}
	for i, s := range l.slot {
		if s >= 0 {
			cells[s] = l.fields[i]
		}
	}
	return nil
}

// record loads the record at the window's position, splits it into l.fields and
// moves behind it. A record whose quotes are wrong is given up at the end of its
// first line, so that a stray quote costs one line.
func (l *csvLexer) record() error {
	w := l.window
	first, complete := w.lineEnd(0)
	length := first
	quotes := bytes.Count(w.buf[w.pos:w.pos+length], []byte{'"'})
	for quotes%2 == 1 && complete {
		from := length + 1
		length, complete = w.lineEnd(from)
		if length >= from {
			quotes += bytes.Count(w.buf[w.pos+from:w.pos+length], []byte{'"'})
		}
	}
	if !complete && w.broken() && w.err != nil {
		return w.stop()
	}
	rec, line := w.buf[w.pos:w.pos+length], w.line
	err := l.splitQuoted(rec, quotes%2 == 1)
	if err != nil {
		length = first
	}
	w.line += 1 + int64(bytes.Count(rec[:length], []byte{'\n'}))
	w.pos = min(w.pos+length+1, w.end)
	if err != nil {
		err.File, err.Lost = w.file, 1
		err.Line = max(err.Line, line)
		return err
	}
	return nil
}

// splitQuoted splits one record that is all there; open says that its last quote
// is never closed.
func (l *csvLexer) splitQuoted(rec []byte, open bool) *Error {
	l.scratch = l.scratch[:0]
	line, lineStart := l.window.line, 0
	for at := 0; ; at++ {
		c := cell{at: at - lineStart + 1, line: line, kind: cellText}
		if at < len(rec) && rec[at] == '"' {
			body, after := l.unquote(rec, at+1)
			if after < 0 {
				return &Error{Line: line, Column: c.at, Msg: "a quote is opened here and never closed"}
			}
			if n := bytes.Count(rec[at:after], []byte{'\n'}); n > 0 {
				line += int64(n)
				lineStart = bytes.LastIndexByte(rec[:after], '\n') + 1
			}
			c.text, at = body, after
			if at == len(rec)-1 && rec[at] == '\r' {
				at++
			}
			if at < len(rec) && rec[at] != ',' {
				return &Error{Line: line, Column: at - lineStart + 1, Msg: "behind a closing quote stands " + quote(rec[at:at+1]) + ", not a comma or the end of the line"}
			}
		} else {
			end := bytes.IndexByte(rec[at:], ',')
			if end < 0 {
				end = len(rec) - at
			}
			c.text = rec[at : at+end]
			if q := bytes.IndexByte(c.text, '"'); q >= 0 {
				msg := `a quote inside a field that does not begin with one; write "" inside "…"`
				if open {
					msg += ", or close it"
				}
				return &Error{Line: line, Column: c.at + q, Msg: msg}
			}
			if at += end; at == len(rec) {
				c.text = trimCR(c.text)
			}
		}
		l.fields = append(l.fields, c)
		if at >= len(rec) {
			return nil
		}
	}
}

// unquote reads a field from behind its opening quote; after is the place behind
// its closing quote, or -1.
func (l *csvLexer) unquote(rec []byte, start int) (body []byte, after int) {
	doubled, at := false, start
	for {
		q := bytes.IndexByte(rec[at:], '"')
		if q < 0 {
			return nil, -1
		}
		at += q
		if at+1 == len(rec) || rec[at+1] != '"' {
			break
		}
		doubled = true
		at += 2
	}
	if !doubled {
		return rec[start:at], at + 1
	}
	if cap(l.scratch)-len(l.scratch) < at-start { // earlier fields keep the old memory
		l.scratch = make([]byte, 0, 2*cap(l.scratch)+at-start)
	}
	from := len(l.scratch)
	for i := start; i < at; i++ {
		l.scratch = append(l.scratch, rec[i])
		if rec[i] == '"' {
			i++
		}
	}
	return l.scratch[from:], at + 1
}
