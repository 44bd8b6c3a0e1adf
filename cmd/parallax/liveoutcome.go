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
	Verdict    string  `json:"verdict"`
	Dir        string  `json:"dir"`
	Brokers    int     `json:"brokers"`
	Partitions int     `json:"partitions"`
	Rows       int64   `json:"rows"`
	Windows    int     `json:"windows"`  // rows of the view
	Restarts   int     `json:"restarts"` // of processes that had died
	Seconds    float64 `json:"seconds"`  // since this start
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
	_, err := fmt.Fprintf(w, "%s %s: live in %s, %s\n  data      %s in %s\n  processes %s in %s\n  view      %s, %s\n", word, o.Job, o.Dir,
		count(uint64(o.Brokers), "broker", "brokers"),
		count(uint64(o.Rows), "row", "rows"), count(uint64(o.Partitions), "partition", "partitions"),
		count(uint64(o.Restarts), "restart", "restarts"), spell(o.Seconds),
		count(uint64(o.Windows), "row", "rows"), exact)
	return err
}
