package main

import (
	"encoding/json"
	"fmt"
	"io"
)

// liveOutcome is what a live run says, as its JSON has it.
type liveOutcome struct {
	Format     string  `json:"schema"`
	Job        string  `json:"job"`
	Arch       string  `json:"arch"`
	Verdict    string  `json:"verdict"`
	Dir        string  `json:"dir"`
	Brokers    int     `json:"brokers"`
	Partitions int     `json:"partitions"`
	Rows       int64   `json:"rows"`
	Windows    int     `json:"windows"`  // rows of the view
	Restarts   int     `json:"restarts"` // of processes that had died
	Seconds    float64 `json:"seconds"`  // since this start
	// Of a Lambda system: the machine's time between two cuts, what the batch layer does
	// about late rows, the batch view served in the end, and how many answers showed more
	// than the one before.
	EveryMs int64  `json:"batch_every_ms,omitempty"`
	Late    string `json:"batch_late,omitempty"`
	View    uint64 `json:"view,omitempty"`
	Moved   int    `json:"answers_moved,omitempty"`
}

func (o *liveOutcome) write(w io.Writer, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		return e.Encode(o)
	}
	word, exact := "PASS", "exact"
	if o.Verdict != "pass" {
		word, exact = "FAIL", "and it is not the answer"
	}
	batch := ""
	if o.Late != "" {
		batch = fmt.Sprintf("  batch     a cut every %d ms, late=%s, view %d in the end, %s on the way\n", o.EveryMs, o.Late, o.View, count(uint64(o.Moved), "answer", "answers"))
	}
	_, err := fmt.Fprintf(w, "%s %s: live in %s, %s\n  data      %s in %s\n  processes %s in %s\n%s  view      %s, %s\n", word, o.Job, o.Dir,
		count(uint64(o.Brokers), "broker", "brokers"),
		count(uint64(o.Rows), "row", "rows"), count(uint64(o.Partitions), "partition", "partitions"),
		count(uint64(o.Restarts), "restart", "restarts"), spell(o.Seconds), batch,
		count(uint64(o.Windows), "row", "rows"), exact)
	return err
}
