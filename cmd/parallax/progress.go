package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progressAfter is how long a command runs without showing progress.
const progressAfter = 2 * time.Second

// progress shows how far a command is, once that takes long, on a terminal.
type progress struct {
	w     io.Writer
	begun time.Time
	next  time.Time
	bar   *progressbar.ProgressBar
	what  string // is done; "" means that bytes are read
}

// newProgress is nil unless w is a terminal that can move its cursor.
func newProgress(w io.Writer) *progress {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return nil
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return &progress{w: w, begun: time.Now()}
}

// tell is called often; it shows something ten times a second.
func (p *progress) tell(done, total int64) {
	now := time.Now()
	if now.Before(p.next) || now.Sub(p.begun) < progressAfter {
		return
	}
	p.next = now.Add(100 * time.Millisecond)
	if p.bar == nil {
		what, bytes := p.what, p.what == ""
		if bytes {
			what = "reading"
		}
		p.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(p.w), progressbar.OptionSetDescription(what),
			progressbar.OptionSetWidth(30), progressbar.OptionClearOnFinish(), progressbar.OptionShowBytes(bytes),
			progressbar.OptionEnableColorCodes(false))
	}
	_ = p.bar.Set64(min(done, total)) // a bar that cannot be drawn is no reason to stop
}

// end wipes the bar.
func (p *progress) end() {
	if p != nil && p.bar != nil {
		_ = p.bar.Finish()
	}
}
