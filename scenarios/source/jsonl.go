package source

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"unicode/utf8"
)

// jsonLexer reads JSON Lines: one object on each line. Lines of white space are
// skipped. A nested value is taken as the text it is written with.
type jsonLexer struct {
	window *window
	names  []string // in order of first appearance
	known  map[string]int
	slot   []int    // cell of each name, or -1
	wanted []string // by cell
	seen   []int64  // line on which a name was last seen, to find duplicates
}

func newJSONL(file string, r io.Reader) *jsonLexer {
	return &jsonLexer{window: newWindow(file, r), known: map[string]int{}}
}

func (l *jsonLexer) columns() []string { return l.names }

// want says which names fill which cells; nil takes all, in order of appearance.
func (l *jsonLexer) want(names []string) {
	l.wanted = names
	for i, name := range l.names {
		l.slot[i] = l.cellOf(name)
	}
}

func (l *jsonLexer) cellOf(name string) int {
	for s, wanted := range l.wanted {
		if wanted == name {
			return s
		}
	}
	return -1
}

func (l *jsonLexer) line() int64 { return l.window.line }

func (l *jsonLexer) next(cells []cell) error {
	w := l.window
	for {
		length, complete := w.lineEnd(0)
		if !complete && (length == 0 || w.broken()) {
			return w.stop()
		}
		rec, line := trimCR(w.buf[w.pos:w.pos+length]), w.line
		w.pos = min(w.pos+length+1, w.end)
		w.line++
		if len(bytes.TrimSpace(rec)) == 0 {
			continue
		}
		for i := range cells {
			cells[i] = cell{line: line, at: 1, kind: cellNull}
		}
		p := jsonLine{rec: rec, line: line, lexer: l}
		if msg := p.object(cells); msg != "" {
			return &Error{File: w.file, Line: line, Column: p.at + 1, Field: p.field, Msg: msg, Lost: 1}
		}
		return nil
	}
}

// name finds or adds a key, which is the place-th of its object.
func (l *jsonLexer) name(key []byte, place int) int {
	if place < len(l.names) && l.names[place] == string(key) { // the order of the first object
		return place
	}
	if i, ok := l.known[string(key)]; ok {
		return i
	}
	s := string(key)
	l.known[s] = len(l.names)
	l.names = append(l.names, s)
	l.slot = append(l.slot, l.cellOf(s))
	l.seen = append(l.seen, 0)
	return len(l.names) - 1
}

// jsonLine parses one line; at is where it stands, and where it failed.
type jsonLine struct {
	rec   []byte
	at    int
	line  int64
	field string
	lexer *jsonLexer
}

// object parses { "key": value, … }; the message says what is wrong at p.at.
func (p *jsonLine) object(cells []cell) string {
	if p.space(); !p.take('{') {
		return "a JSON object was expected"
	}
	if p.space(); p.take('}') {
		return p.end()
	}
	for place := 0; ; place++ {
		p.space()
		key, msg := p.str()
		if msg != "" {
			return msg
		}
		index := p.lexer.name(key, place)
		p.field = p.lexer.names[index]
		if p.lexer.seen[index] == p.line {
			return "the object has this key twice"
		}
		p.lexer.seen[index] = p.line
		if p.space(); !p.take(':') {
			return "a colon was expected"
		}
		p.space()
		c, msg := p.value()
		if msg != "" {
			return msg
		}
		if s := p.lexer.slot[index]; s >= 0 {
			cells[s] = c
		}
		p.space()
		p.field = ""
		if p.take('}') {
			return p.end()
		}
		if !p.take(',') {
			return "a comma or } was expected"
		}
	}
}

func (p *jsonLine) end() string {
	if p.space(); p.at < len(p.rec) {
		return "more behind the object: one object on each line was expected"
	}
	return ""
}

func (p *jsonLine) space() {
	for p.at < len(p.rec) && (p.rec[p.at] == ' ' || p.rec[p.at] == '\t' || p.rec[p.at] == '\r') {
		p.at++
	}
}

func (p *jsonLine) take(c byte) bool {
	if p.at < len(p.rec) && p.rec[p.at] == c {
		p.at++
		return true
	}
	return false
}

// str parses a string. Plain ones alias the line; others are decoded afresh.
func (p *jsonLine) str() ([]byte, string) {
	start := p.at
	if !p.take('"') {
		return nil, "a string in double quotes was expected"
	}
	escaped := false
	for {
		if p.at == len(p.rec) {
			p.at = start
			return nil, "a string is opened here and never closed"
		}
		c := p.rec[p.at]
		p.at++
		if c == '"' {
			break
		}
		if c < 0x20 {
			p.at--
			return nil, "a control character in a string"
		}
		if c == '\\' {
			escaped = true
			p.at = min(p.at+1, len(p.rec))
		}
	}
	body := p.rec[start+1 : p.at-1]
	if !utf8.Valid(body) {
		p.at = start
		return nil, "not valid UTF-8: " + quote(body)
	}
	if !escaped {
		return body, ""
	}
	var s string
	if err := json.Unmarshal(p.rec[start:p.at], &s); err != nil || strings.ContainsRune(s, utf8.RuneError) && !bytes.ContainsRune(body, utf8.RuneError) && !bytes.Contains(bytes.ToLower(body), []byte(`\ufffd`)) {
		p.at = start
		return nil, "a bad escape in the string " + quote(body)
	}
	return []byte(s), ""
}

func (p *jsonLine) value() (cell, string) {
	c := cell{at: p.at + 1, line: p.line}
	if p.at == len(p.rec) {
		return c, "a value was expected"
	}
	start := p.at
	var msg string
	switch b := p.rec[p.at]; {
	case b == '"':
		c.kind = cellString
		c.text, msg = p.str()
		return c, msg
	case b == '{' || b == '[':
		c.kind = cellNested
		msg = p.nested()
	case b == '-' || b-'0' <= 9:
		c.kind = cellNumber
		msg = p.number()
	default:
		c.kind = cellBool
		if p.word("null") {
			c.kind = cellNull
		} else if !p.word("true") && !p.word("false") {
			msg = "a JSON value was expected"
		}
	}
	c.text = p.rec[start:p.at]
	return c, msg
}

func (p *jsonLine) word(w string) bool {
	if bytes.HasPrefix(p.rec[p.at:], []byte(w)) {
		p.at += len(w)
		return true
	}
	return false
}

func (p *jsonLine) digits() int {
	start := p.at
	for p.at < len(p.rec) && p.rec[p.at]-'0' <= 9 {
		p.at++
	}
	return p.at - start
}

func (p *jsonLine) number() string {
	start := p.at
	p.take('-')
	if n := p.digits(); n == 0 || n > 1 && p.rec[p.at-n] == '0' {
		p.at = start
		return "not a JSON number"
	}
	if p.take('.') && p.digits() == 0 {
		p.at = start
		return "not a JSON number"
	}
	if p.take('e') || p.take('E') {
		if !p.take('-') {
			p.take('+')
		}
		if p.digits() == 0 {
			p.at = start
			return "not a JSON number"
		}
	}
	return ""
}

// nested finds the end of an object or array and has the library check it.
func (p *jsonLine) nested() string {
	start, depth := p.at, 0
	for p.at < len(p.rec) {
		switch p.rec[p.at] {
		case '"':
			if _, msg := p.str(); msg != "" {
				return msg
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		p.at++
		if depth == 0 {
			break
		}
	}
	if !json.Valid(p.rec[start:p.at]) {
		p.at = start
		return "not a JSON value"
	}
	return ""
}
