package scenarios

import (
	"encoding/json"
	"io"
)

// Counts sums up what became of rows and of (row, window) pairs. A window here is
// a (key, window): it counts when it had a pair, and is incomplete when it lost
// one. For a partition, windows are those that its rows touched. Sessions depend on
// what was dropped, so here they are those that the rows would have made had nothing
// been: each dropped row counts against the one session that it belongs to, and the
// answer may show that in pieces, or not at all. So are sliding windows; a row is one
// pair there, by the window that ends at it.
type Counts struct {
	Rows                int64 `json:"rows"`
	RowsAhead           int64 `json:"rows_ahead"` // refused by ahead_max; not among rows
	PairsOnTime         int64 `json:"pairs_on_time"`
	PairsRevised        int64 `json:"pairs_revised"`
	PairsDropped        int64 `json:"pairs_dropped"`
	RowsDropped         int64 `json:"rows_dropped"` // that lost all their pairs
	RowsBehindWatermark int64 `json:"rows_behind_watermark"`
	Windows             int64 `json:"windows"`
	WindowsIncomplete   int64 `json:"windows_incomplete"`
}

// Summary counts a whole answer, and each partition's part of it.
type Summary struct {
	Format string `json:"schema"`
	Job    string `json:"job"`
	Counts
	Stages      []stageCounts      `json:"over_results,omitempty"` // of windows over results, in order
	Rejected    int64              `json:"rejected"`               // records of the file that could not be read
	Zones       string             `json:"zones,omitempty"`        // release of the time zones, where the answer depends on them
	PartitionBy []string           `json:"partition_by,omitempty"`
	Lambda      *lambdaSummary     `json:"lambda,omitempty"`
	Partitions  []PartitionSummary `json:"partitions"`
}

// stageCounts sums up the results that windows over results are made of, and the
// (result, window) pairs: of those on time, and of the final ones. What is late is so
// where the rows are judged: no result is dropped.
type stageCounts struct {
	ResultsOnTime int64 `json:"results_on_time"`
	PairsOnTime   int64 `json:"pairs_on_time"`
	Results       int64 `json:"results"`
	Pairs         int64 `json:"pairs"`
}

// lambdaSummary says how two layers have answered.
type lambdaSummary struct {
	Way      string `json:"way"` // merge, or replay
	Why      string `json:"why,omitempty"`
	EveryUs  int64  `json:"batch_every_us"`
	Late     string `json:"late"`
	Batches  int    `json:"batches"`
	CutUs    int64  `json:"cut_us"` // in arrival time: what arrived before it is in the batch view
	Files    int    `json:"files"`
	Bytes    int64  `json:"bytes"` // of the files
	ViewRows int    `json:"batch_view_rows"`
	Speed    int64  `json:"speed_rows"`     // rows behind the cut
	Repaired int64  `json:"repaired_pairs"` // that were dropped, and count in the batch view
}

// PartitionSummary is one partition's part. Values are those of the columns of
// Summary.PartitionBy.
type PartitionSummary struct {
	Partition int      `json:"partition"`
	Values    []string `json:"values,omitempty"`
	Counts
}

// Write prints the summary as indented JSON.
func (s *Summary) Write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(s)
}
