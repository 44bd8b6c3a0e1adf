package why

import (
	"encoding/json"
	"errors"
	"io"

	"parallax/engine/flow"
	"parallax/engine/flow/window"
)

// ErrAsk is returned for a question that cannot be understood; it says what would be.
var ErrAsk = errors.New("why: not a question")

// Question is what a job is asked. The zero value asks about everything that is open
// when the last row has arrived.
type Question struct {
	// At is a moment of processing time, which is the rows' arrival: RFC 3339, a number
	// of milliseconds since the epoch, a length of time since the first arrival, or
	// "end", when the last row has arrived. "" is "end".
	At string
	// Window asks about one window, or sessions: START or START/END, RFC 3339 or
	// milliseconds since the epoch.
	Window   string
	Keys     []string // NAME=VALUE of key columns; others are left out
	Progress func(done, total int64)
}

// Facts is what a job's windows wait for at a moment. Times are microseconds since
// the epoch; what there is not is null.
type Facts struct {
	Format    string `json:"schema"` // parallax.why/v1
	Job       string `json:"job"`
	At        int64  `json:"at_us"`
	First     int64  `json:"first_arrival_us"`
	Last      int64  `json:"last_arrival_us"`
	Arrived   int64  `json:"rows_arrived"`
	Rows      int64  `json:"rows"`
	Watermark *int64 `json:"watermark_us"` // the one that fires windows; null across own, and before there is one
	HeldBy    *int   `json:"held_by"`      // the partition that holds it

	Partitions []Partition `json:"partitions"`
	Windows    []Window    `json:"open"`
	Above      int         `json:"stages_above,omitempty"` // of windows over the results of these
	Asked      *Asked      `json:"asked,omitempty"`

	// Pipeline and Spec are what prose is written by, and Listed says that the family of
	// windows can say which are open.
	Pipeline *flow.Pipeline `json:"-"`
	Spec     window.Spec    `json:"-"`
	Listed   bool           `json:"-"`
}

// Partition is how far a partition has come.
type Partition struct {
	Partition int      `json:"partition"`
	Values    []string `json:"values,omitempty"`
	Standing  string   `json:"standing"` // counts, behind, idle, paused
	Frontier  *int64   `json:"frontier_us"`
	Watermark *int64   `json:"watermark_us"` // that it promises
	Newest    *int64   `json:"newest_us"`    // the greatest event time
	SetBy     *Cause   `json:"set_by"`       // the row that set the frontier
	Next      int64    `json:"next_offset"`
	Held      int      `json:"held,omitempty"` // rows that have arrived and are not read: it is paused
	LastAt    *int64   `json:"last_arrival_us"`
	SilentFor *int64   `json:"silent_for_us"`
	IdleAt    *int64   `json:"idle_at_us"` // if nothing comes; past: since when it is idle
	Slowest   *string  `json:"slowest_key,omitempty"`
	// Rows are judged by JudgedBy: on time for windows that end behind it.
	JudgedBy *int64 `json:"judged_by_us"`
}

// Window is an open window.
type Window struct {
	Start     int64     `json:"window_start_us"`
	End       int64     `json:"window_end_us"`
	Partition *int      `json:"partition,omitempty"` // across own: whose
	Key       []string  `json:"key,omitempty"`       // of sessions
	State     string    `json:"state"`               // open, fired, early
	Fires     *int64    `json:"fires_at_watermark_us"`
	Frees     *int64    `json:"forgotten_at_watermark_us"`
	Keys      int       `json:"keys"`
	Rows      *int64    `json:"rows"`
	Needs     []Need    `json:"needs"`             // all of them, for it to fire
	KeptBy    *Cause    `json:"kept_by,omitempty"` // of sessions: the row that ends last
	Accepts   []Accepts `json:"accepts"`
}

// Need is a partition that a window waits for.
type Need struct {
	Partition int    `json:"partition"`
	Frontier  int64  `json:"frontier_us"` // that it must come to
	More      *int64 `json:"more_us"`     // than it has
	IdleAt    *int64 `json:"idle_at_us"`  // or silent until then
}

// Accepts is what would become of a row of a partition that came now for a window:
// on time, revision, dropped.
type Accepts struct {
	Partition int    `json:"partition"`
	As        string `json:"as"`
}

// Asked is what has become of the window that was asked about.
type Asked struct {
	Start   int64     `json:"window_start_us"`
	End     int64     `json:"window_end_us"`
	Verdict string    `json:"verdict"` // open, fired, forgotten, empty
	Reached *Cause    `json:"reached"` // what brought the watermark to its end
	Freed   *Cause    `json:"forgotten"`
	Firings []Firing  `json:"firings"`
	Late    []LateRow `json:"late"`
}

// Cause is what made something happen: a row, or, if Partition is -1, that time went
// on and a partition was silent for long enough.
type Cause struct {
	Partition int    `json:"partition"`
	Offset    int64  `json:"offset"`
	EventTime int64  `json:"event_time_us"`
	At        int64  `json:"at_us"`                  // processing time: the row's arrival, or when it was let through
	Watermark *int64 `json:"watermark_us,omitempty"` // behind it
}

// Firing is a pane of a window that was asked about.
type Firing struct {
	Kind  string   `json:"kind"` // on-time, revision, retraction
	Start int64    `json:"window_start_us"`
	End   int64    `json:"window_end_us"`
	Key   []string `json:"key,omitempty"` // of sessions
	Keys  int      `json:"keys"`
	By    Cause    `json:"by"`
}

// LateRow is a row that came too late for a window that was asked about.
type LateRow struct {
	Key      []string `json:"key,omitempty"`
	MissedBy int64    `json:"missed_by_us"` // how far the watermark was behind the window's end, as in the list of late rows
	Row      Cause    `json:"row"`
}

// WriteJSON prints the facts as indented JSON.
func (w *Facts) WriteJSON(out io.Writer) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(w)
}
