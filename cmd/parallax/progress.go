package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
)

const (
	// progressAfter is how long a command runs without showing progress.
	progressAfter = 2 * time.Second
	// progressLine is how long a log waits for the next line of progress.
	progressLine = 30 * time.Second
)

// progress shows how far a command is, once that takes long: by a bar on a terminal,
// by a line now and then in a log.
type progress struct {
	w     io.Writer
	begun time.Time
	next  time.Time
	bar   *progressbar.ProgressBar
	lines bool   // no terminal that can move its cursor
	what  string // is done; "" means that bytes are read
}

// newProgress is nil unless w is a file.
func newProgress(w io.Writer) *progress {
	f, ok := w.(*os.File)
	if !ok {
		return nil
	}
	info, err := f.Stat()
	if err != nil {
		return nil
	}
	now := time.Now()
	p := &progress{w: w, begun: now, next: now.Add(progressAfter)}
	if p.lines = os.Getenv("TERM") == "dumb" || info.Mode()&os.ModeCharDevice == 0; p.lines {
		p.next = now.Add(progressLine)
	}
	return p
}

// tell is called often; it shows something ten times a second, or twice a minute.
func (p *progress) tell(done, total int64) {
	now := time.Now()
	if now.Before(p.next) {
		return
	}
	what, bytes := p.what, p.what == ""
	if bytes {
		what = "reading"
	}
	if p.lines {
		p.next = now.Add(progressLine)
		share := 100 * float64(done) / float64(max(total, 1))
		_, _ = fmt.Fprintf(p.w, "%s: %.0f %% after %s\n", what, share, now.Sub(p.begun).Round(time.Second))
		return
	}
	p.next = now.Add(100 * time.Millisecond)
	if p.bar == nil {
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
