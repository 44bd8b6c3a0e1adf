package source

import (
	"io"
	"unicode/utf8"

	"parallax/engine/flow/column"
)

// lexer splits a text file into records of cells.
type lexer interface {
	columns() []string
	want(names []string)
	next(cells []cell) error
	line() int64
}

// textRows decodes a text file record by record. Both passes go through next, so
// they refuse the same records.
type textRows struct {
	file    *File
	lexer   lexer
	cells   []cell
	event   *clock
	arrival *clock
	times   [2]int64 // event and arrival time of the row
}

func newTextRows(f *File, lex lexer) (*textRows, error) {
	t := &textRows{file: f, lexer: lex, cells: make([]cell, len(f.slots))}
	lex.want(f.slots)
	var err error
	if t.event, err = newClock(f.spec.EventTime); err != nil {
		return nil, err
	}
	t.arrival, err = newClock(f.spec.ArrivalTime)
	return t, err
}

// next reads the next record that can be read and for which accept has no
// message, and puts it into a partition. It ends with io.EOF.
func (t *textRows) next(accept func(cells []cell) (slot int, msg string)) (partition int32, err error) {
	for {
		err := t.lexer.next(t.cells)
		if err != nil {
			bad, ok := err.(*Error)
			if !ok {
				return 0, err
			}
			if err := t.file.refuse(bad); err != nil {
				return 0, err
			}
			if bad.fatal {
				return 0, io.EOF
			}
			continue
		}
		slot, msg := t.readTimes()
		if msg == "" {
			slot, msg = accept(t.cells)
		}
		if msg != "" {
			c := &t.cells[slot]
			err := t.file.refuse(&Error{File: t.file.spec.File, Line: c.line, Column: c.at, Field: t.file.slots[slot], Msg: msg, Lost: 1})
			if err != nil {
				return 0, err
			}
			continue
		}
		partition, ok := t.file.partitions.of(t.cells)
		if !ok {
			return 0, t.file.partitions.tooMany(t.file.spec.File, t.cells[0].line)
		}
		return partition, nil
	}
}

func (t *textRows) readTimes() (slot int, msg string) {
	f := t.file
	c := &t.cells[f.eventSlot]
	if t.times[0], msg = t.event.parse(c.text); msg != "" {
		return f.eventSlot, msg
	}
	t.times[1] = t.times[0]
	if f.arrivalSlot >= 0 {
		c = &t.cells[f.arrivalSlot]
		if t.times[1], msg = t.arrival.parse(c.text); msg != "" {
			return f.arrivalSlot, msg
		}
	}
	return 0, ""
}

// scan is the first pass: it validates what is declared and guesses the rest.
func (t *textRows) scan() error {
	f := t.file
	guesses := make([]guess, len(f.slots))
	scratch := make([]column.Column, len(f.slots))
	interners := make([]*interner, len(f.slots))
	for s, name := range f.slots {
		if typ, ok := f.spec.declared(name); ok {
			interners[s] = newInterner()
			scratch[s].Reset(typ, interners[s].dict)
		}
	}
	accept := func(cells []cell) (int, string) {
		for s := range cells {
			switch typ := scratch[s].Type; typ.Kind {
			case 0, column.String:
				if !utf8.Valid(cells[s].text) {
					return s, "not valid UTF-8: " + quote(cells[s].text)
				}
			default:
				if msg := appendCell(&scratch[s], interners[s], &cells[s]); msg != "" {
					return s, msg
				}
				scratch[s].Reset(typ, interners[s].dict)
			}
		}
		for s := range cells {
			if scratch[s].Type.Kind == 0 {
				guesses[s].observe(&cells[s])
			}
		}
		return 0, ""
	}
	for {
		if _, err := t.next(accept); err == io.EOF {
			break
		} else if err != nil {
			return err
		}
		f.rows++
	}
	f.types = make([]column.Type, len(f.slots))
	for s := range f.types {
		if f.types[s] = scratch[s].Type; f.types[s].Kind == 0 {
			f.types[s] = guesses[s].result()
			if !guesses[s].seen {
				f.blank = append(f.blank, f.slots[s])
			}
		}
	}
	if f.names = t.lexer.columns(); f.names == nil {
		f.names = f.slots // JSON Lines without a line: nothing is known, so nothing is missing
	}
	return nil
}

// fill is the second pass: it appends up to rows rows to a chunk.
func (t *textRows) fill(c *chunk, rows int) error {
	accept := func(cells []cell) (int, string) {
		for i := range c.columns {
			if msg := appendCell(&c.columns[i], c.interners[i], &cells[i]); msg != "" {
				for j := 0; j < i; j++ {
					truncate(&c.columns[j], c.rows)
				}
				return i, msg
			}
		}
		return 0, ""
	}
	for c.rows < rows {
		partition, err := t.next(accept)
		if err != nil {
			return err
		}
		c.rows++
		c.times = append(c.times, t.times[0])
		c.arrivals = append(c.arrivals, t.times[1])
		c.partitions = append(c.partitions, partition)
	}
	return nil
}
