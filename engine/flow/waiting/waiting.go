package waiting

import "math"

// Never is a watermark, or a moment, at which something would happen that does not
// happen before the end of the input.
const Never int64 = math.MaxInt64

// Report is what a path waits for. It is made to be told, and changes nothing.
type Report struct {
	Inputs []Input // by partition
	// Watermark is the one that fires windows, of partition 0 where each has its own.
	Watermark int64
	// Holder is the partition that keeps it from rising: the first that counts and
	// stands there. It is -1 if none does: those that are awake are all behind it, or
	// none is; across own, each holds its own.
	Holder int
	Open   []Window // by end, then start, then keys
	Listed bool     // the family of windows can say which of them are open
}

// Input is what a path knows of a partition. What is marked "seen" is known of
// what came since the path was made or loaded.
type Input struct {
	Frontier  int64 // column.NoFrontier: none yet
	Watermark int64 // which its frontier promises; watermark.None: none yet
	Newest    int64 // the greatest event time; column.NoFrontier: none yet
	Set       int64 // offset of the row that set the frontier; -1: none that was seen
	SetTime   int64 // its event time
	SetAppend int64 // and when it came
	Next      int64 // the offset behind the last row; 0: none was seen
	Last      int64 // when that came, if one was seen
	Idle      bool  // it is not waited for
	Behind    bool  // it was idle, and is not waited for before it gets to where all are
	Paused    bool  // it is not to be read: it is too far ahead of the others
	IdleAt    int64 // when it is idle if nothing comes, or has become so; Never
	Fires     int64 // the watermark that fires the windows of its rows
	// Slowest is, under watermark.PerKey, the key that is waited for, and IsNull says
	// that it is null.
	Slowest string
	IsNull  bool
}

// Window is a window that has rows and is not forgotten.
type Window struct {
	Start, End int64
	Lane       int // the partition whose watermark it goes by; -1: that of all
	// Fires is the least watermark at which it fires, and Frees the least at which it
	// is forgotten; Never.
	Fires, Frees int64
	Fired        bool     // its pane on time is out
	Early        bool     // of sessions: a revision that waits until its own window is over
	Keys         []uint32 // that have rows in it, ascending
	Rows         []int64  // of each key; nil if the operator does not count them
}
