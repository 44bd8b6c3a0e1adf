package tail

import (
	"errors"
	"fmt"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow/column"
	"parallax/engine/flow/segment"
)

// Decoder reads the payloads of batches: each is a segment of its own. The zero value
// is ready.
type Decoder struct {
	reader  *segment.Reader
	rows    column.Batch
	appends []int64
}

// ErrCount is returned for a batch that does not hold the rows that its header says.
var ErrCount = errors.New("tail: the log's header contradicts its payload")

// Batch decodes the rows of a log batch. They are valid until the next call.
func (d *Decoder) Batch(part int32, b *protocol.Batch) (*column.Batch, error) {
	h, entry, err := segment.ParseHeader(b.Payload)
	if err != nil {
		return nil, fmt.Errorf("partition %d offset %d: %w", part, b.Base, err)
	}
	if d.reader == nil || !d.reader.Reopen(h) {
		d.reader, err = segment.NewReader(h)
	}
	if err == nil {
		err = d.reader.Decode(entry, &d.rows)
	}
	if err != nil {
		return nil, fmt.Errorf("partition %d offset %d: %w", part, b.Base, err)
	}
	rows := &d.rows
	if rows.Rows != int(b.Count) {
		return nil, fmt.Errorf("%w: partition %d offset %d has %d rows, not %d", ErrCount, part, b.Base, rows.Rows, b.Count)
	}
	rows.Partition, rows.Offset = part, b.Base
	d.appends = d.appends[:0]
	for range rows.Rows {
		d.appends = append(d.appends, b.Append)
	}
	rows.Appends = d.appends
	return rows, nil
}
