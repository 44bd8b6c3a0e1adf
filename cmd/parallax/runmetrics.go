package main

import (
	"bufio"
	"encoding/json"
	"io"

	"parallax/engine/commitlog/protocol"
	"parallax/sim/cluster"
)

// metricsWriter writes how the actors of a run stand, a line for each moment.
type metricsWriter struct {
	out *bufio.Writer
	enc *json.Encoder
	err error
}

func newMetricsWriter(w io.Writer) *metricsWriter {
	b := bufio.NewWriter(w)
	return &metricsWriter{out: b, enc: json.NewEncoder(b)}
}

// metricsLine is one moment. What a node that is down knows is left out.
type metricsLine struct {
	Format    string          `json:"schema"`
	NowUs     int64           `json:"now_us"`       // on the data's time line
	Log       []partitionLine `json:"log"`          // what leaders say
	Read      []int64         `json:"read"`         // offset by partition that the worker has read to
	View      []int64         `json:"view"`         // and that the view stands at
	Lag       []int64         `json:"lag"`          // committed records that are not in the view
	Watermark int64           `json:"watermark_us"` // of the view
	Pending   int             `json:"pending_rows"` // of the worker, to be published
	Rows      int             `json:"rows"`         // of the view
}

type partitionLine struct {
	Broker    int    `json:"broker"`
	Partition int32  `json:"partition"`
	Term      uint64 `json:"term"`
	Start     int64  `json:"start"`
	End       int64  `json:"end"`  // behind the last committed record
	Tail      int64  `json:"tail"` // behind the last one
}

func (m *metricsWriter) write(s cluster.Metrics) {
	if m.err != nil {
		return
	}
	line := metricsLine{
		Format: "parallax.metrics/v1", NowUs: int64(s.Now.EventTime()), Log: []partitionLine{},
		Read: offsets(s.Worker.Reached), View: offsets(s.View.Cut), Lag: s.Lag, Watermark: s.View.Watermark,
		Pending: s.Worker.Pending, Rows: s.View.Rows,
	}
	for i, broker := range s.Brokers {
		for _, p := range broker {
			if p.Leads {
				line.Log = append(line.Log, partitionLine{
					Broker: i, Partition: p.Partition.Number, Term: p.Term, Start: p.Start.Offset, End: p.End.Offset, Tail: p.Tail,
				})
			}
		}
	}
	m.err = m.enc.Encode(&line)
}

func offsets(cut []protocol.Cut) []int64 {
	list := make([]int64, len(cut))
	for i, c := range cut {
		list[i] = c.Offset
	}
	return list
}

func (m *metricsWriter) flush() error {
	if m.err != nil {
		return m.err
	}
	return m.out.Flush()
}
