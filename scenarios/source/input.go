package source

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"strings"
)

const (
	bufferSize = 1 << 20
	// recordSizeMax bounds one record of a text file, so that a quote that is never
	// closed ends in a message and not in exhausted memory.
	recordSizeMax = 16 << 20
)

var (
	gzipMagic    = []byte{0x1f, 0x8b}
	parquetMagic = []byte("PAR1")
	utf8Mark     = []byte{0xef, 0xbb, 0xbf}
)

// meter counts the bytes that were read from a file.
type meter struct {
	r    io.Reader
	read int64
	tell func(read int64)
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.read += int64(n)
	if m.tell != nil {
		m.tell(m.read)
	}
	return n, err
}

// opened is a file whose wrapping is undone and whose format is known.
type opened struct {
	file    *os.File
	size    int64
	gzipped bool
	format  Format
	content *bufio.Reader // from the first byte of the unwrapped content
}

// open finds out what a file is: by its magic, then its name, then its first byte.
func open(spec *Spec, tell func(read int64)) (*opened, error) {
	file, err := os.Open(spec.File)
	if err != nil {
		return nil, &Error{File: spec.File, Msg: "cannot be opened: " + reason(err), Cause: err}
	}
	o := &opened{file: file}
	if err := o.detect(spec, tell); err != nil {
		file.Close()
		return nil, err
	}
	return o, nil
}

// reason is an error of the operating system without the path it repeats.
func reason(err error) string {
	if pe, ok := err.(*os.PathError); ok {
		return pe.Err.Error()
	}
	return err.Error()
}

func (o *opened) detect(spec *Spec, tell func(read int64)) error {
	info, err := o.file.Stat()
	if err != nil {
		return &Error{File: spec.File, Msg: reason(err)}
	}
	if info.IsDir() {
		return &Error{File: spec.File, Msg: "is a folder, not a file"}
	}
	o.size = info.Size()
	raw := bufio.NewReaderSize(&meter{r: o.file, tell: tell}, 64<<10)
	head, _ := raw.Peek(2)
	o.content = raw
	if o.gzipped = bytes.Equal(head, gzipMagic); o.gzipped {
		z, err := gzip.NewReader(raw)
		if err != nil {
			return &Error{File: spec.File, Line: 1, Column: 1, Msg: damaged(err)}
		}
		o.content = bufio.NewReaderSize(z, 64<<10)
	} else if strings.HasSuffix(strings.ToLower(spec.File), ".gz") {
		return &Error{File: spec.File, Line: 1, Column: 1, Msg: "wrong magic: named .gz, but it does not begin with the bytes 1f 8b of gzip"}
	}
	return o.decideFormat(spec)
}

func (o *opened) decideFormat(spec *Spec) error {
	head, err := o.content.Peek(4)
	if err != nil && err != io.EOF {
		return &Error{File: spec.File, Line: 1, Column: 1, Msg: damaged(err)}
	}
	o.format = spec.Format
	if o.format == Auto {
		o.format = formatByName(spec.File)
	}
	isParquet := bytes.Equal(head, parquetMagic)
	switch {
	case isParquet && (o.format == Auto || spec.Format == Auto):
		o.format = Parquet
	case o.format == Parquet && !isParquet:
		return &Error{File: spec.File, Line: 1, Column: 1, Msg: "wrong magic: a Parquet file begins with PAR1, this one with " + quote(head)}
	case o.format == Auto:
		o.format = CSV
		if trimmed := bytes.TrimLeft(bytes.TrimPrefix(head, utf8Mark), " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '{' {
			o.format = JSONL
		}
	}
	if o.format != Parquet && len(head) >= 2 && (head[0] == 0xff && head[1] == 0xfe || head[0] == 0xfe && head[1] == 0xff) {
		return &Error{File: spec.File, Line: 1, Column: 1, Msg: "wrong magic: UTF-16 text; UTF-8 was expected"}
	}
	return nil
}

// damaged says in words why reading stopped in the middle of a file.
func damaged(err error) string {
	switch err {
	case io.ErrUnexpectedEOF:
		return "truncated: the gzip stream ends in the middle; nothing behind this place can be read"
	case gzip.ErrChecksum, gzip.ErrHeader:
		return "damaged gzip stream (" + err.Error() + "); nothing behind this place can be trusted"
	}
	return fmt.Sprintf("cannot be read further: %v", err)
}

// window is a sliding view of a text file, by whole lines.
type window struct {
	r        io.Reader
	file     string
	buf      []byte
	pos, end int
	line     int64 // of pos, from 1
	reads    int
	err      error // why nothing more can be read; io.EOF at the end
}

func newWindow(file string, r io.Reader) *window {
	w := &window{r: r, file: file, buf: make([]byte, bufferSize/16), line: 1}
	for w.end < len(utf8Mark) && w.more() {
	}
	if bytes.HasPrefix(w.buf[:w.end], utf8Mark) {
		w.pos = len(utf8Mark)
	}
	return w
}

// more reads further bytes behind end, moving or growing the buffer, and reports
// whether there are any. Positions relative to pos stay valid.
func (w *window) more() bool {
	if w.err != nil || w.end-w.pos > recordSizeMax {
		return false
	}
	if w.pos > 0 {
		w.end = copy(w.buf, w.buf[w.pos:w.end])
		w.pos = 0
	}
	if w.reads++; w.end == len(w.buf) || w.reads%4 == 0 && len(w.buf) < bufferSize {
		w.buf = append(w.buf, make([]byte, len(w.buf))...)
	}
	for tries := 0; tries < 100; tries++ {
		n, err := w.r.Read(w.buf[w.end:])
		w.end += n
		w.err = err
		if n > 0 || err != nil {
			return n > 0
		}
	}
	w.err = io.ErrNoProgress
	return false
}

// lineEnd is the length of the line at pos from byte from on, without its line
// feed; complete is false when it ends with the readable bytes instead.
func (w *window) lineEnd(from int) (length int, complete bool) {
	for {
		if i := bytes.IndexByte(w.buf[w.pos+from:w.end], '\n'); i >= 0 {
			return from + i, true
		}
		from = w.end - w.pos
		if !w.more() {
			return from, false
		}
	}
}

// stop is the error at the end of the readable bytes: io.EOF, a record that is too
// long, or damage; nothing can be read behind it.
func (w *window) stop() error {
	if w.end-w.pos > recordSizeMax {
		return &Error{File: w.file, Line: w.line, Column: 1, Msg: fmt.Sprintf("a record longer than %d MiB", recordSizeMax>>20), Lost: -1, fatal: true}
	}
	if w.err == io.EOF || w.err == nil {
		return io.EOF
	}
	return &Error{File: w.file, Line: w.line, Column: w.end - w.pos + 1, Msg: damaged(w.err), Lost: -1, fatal: true}
}

// broken tells whether reading ended for another reason than the end of the file.
func (w *window) broken() bool {
	return w.err != nil && w.err != io.EOF || w.end-w.pos > recordSizeMax
}
