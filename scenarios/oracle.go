package scenarios

import (
	"slices"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/scenarios/source"
	"parallax/sim/oracle"
)

// oracle answers from scratch, over boxed rows in file order.
func (in *input) oracle() (*Results, error) {
	log := oracle.Input{Schema: in.file.Needed(), Partitions: len(in.file.Partitions()), Panes: in.panes}
	log.Rows = make([]oracle.Row, 0, in.file.Rows())
	arrivals := make([][]int64, log.Partitions)
	err := in.file.Read(source.ReadOptions{FileOrder: true}, func(b *column.Batch) error {
		for i := 0; i < b.Rows; i++ {
			row := oracle.Row{
				Partition: b.Partition, Offset: b.Offset + int64(i), Time: b.Times[i], Append: b.Appends[i],
				Values: make([]column.Value, len(b.Columns)),
			}
			for c := range b.Columns {
				row.Values[c] = b.Columns[c].Value(i)
			}
			log.Rows = append(log.Rows, row)
		}
		arrivals[b.Partition] = append(arrivals[b.Partition], b.Appends...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	answer, err := oracle.Answer(in.pipeline, log)
	if err != nil {
		return nil, err
	}
	out := &Results{Table: newTable(in.plan.Result)}
	for _, row := range answer.Final {
		out.Table.add(row)
	}
	if in.panes {
		out.Panes = oraclePanes(in.plan, answer.Panes)
	}
	late := make([]lateRow, len(answer.Drops))
	for i, d := range answer.Drops {
		late[i] = lateRow{
			partition: d.Partition, offset: d.Offset, event: d.Time, arrival: arrivals[d.Partition][d.Offset],
			key: d.Key, start: d.Start, end: d.End, judgedBy: d.Watermark,
		}
	}
	out.Late = lateTable(in.plan, late)
	out.Summary.Counts = oracleCounts(answer.All)
	for _, c := range answer.Partitions {
		out.Summary.Partitions = append(out.Summary.Partitions, PartitionSummary{Counts: oracleCounts(c)})
	}
	for _, c := range answer.After {
		out.Summary.Stages = append(out.Summary.Stages, stageCounts{c.RowsOnTime, c.PairsOnTime, c.Rows, c.Pairs})
	}
	return out, nil
}

// oraclePanes lists panes.
func oraclePanes(plan *flow.Plan, panes []oracle.Pane) *Table {
	list := newPaneTable(plan)
	integer := column.TypeOf(column.Int64)
	for i := range panes {
		p := &panes[i]
		values := append(slices.Clone(p.Key),
			column.Value{Type: integer, Int: milliseconds(p.Start)}, column.Value{Type: integer, Int: milliseconds(p.End)})
		list.one(append(values, p.Values...), &p.Record, p.Retraction, p.End)
	}
	return list.sorted()
}

func oracleCounts(c oracle.Counts) Counts {
	return Counts{
		Rows: c.Rows, RowsAhead: c.RowsAhead, PairsOnTime: c.PairsOnTime, PairsRevised: c.PairsRevised, PairsDropped: c.PairsDropped,
		RowsDropped: c.RowsDropped, RowsBehindWatermark: c.RowsBehindWatermark, Windows: c.Windows, WindowsIncomplete: c.WindowsIncomplete,
	}
}
