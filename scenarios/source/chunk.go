package source

import "parallax/engine/flow/column"

// chunk is consecutive rows of the file, all partitions together.
type chunk struct {
	rows       int
	columns    []column.Column
	interners  []*interner
	times      []int64
	arrivals   []int64
	partitions []int32
}

func newChunk(schema column.Schema) *chunk {
	c := &chunk{columns: make([]column.Column, len(schema))}
	for i, f := range schema {
		c.interners = append(c.interners, newInterner())
		c.columns[i].Reset(f.Type, c.interners[i].dict)
	}
	return c
}

func (c *chunk) clear() {
	c.rows = 0
	for i := range c.columns {
		c.columns[i].Reset(c.columns[i].Type, c.columns[i].Dict)
	}
	c.times, c.arrivals, c.partitions = c.times[:0], c.arrivals[:0], c.partitions[:0]
}

// gather appends the chosen rows of src to dst, which has the same type and Dict.
func gather(dst, src *column.Column, rows []int32) {
	before := dst.Len()
	switch src.Type.Kind {
	case column.Bool:
		for _, r := range rows {
			dst.Bools = append(dst.Bools, src.Bools[r])
		}
	case column.Int64, column.Timestamp:
		for _, r := range rows {
			dst.Ints = append(dst.Ints, src.Ints[r])
		}
	case column.Float64:
		for _, r := range rows {
			dst.Floats = append(dst.Floats, src.Floats[r])
		}
	case column.Decimal128:
		for _, r := range rows {
			dst.Decimals = append(dst.Decimals, src.Decimals[r])
		}
	case column.String:
		for _, r := range rows {
			dst.Codes = append(dst.Codes, src.Codes[r])
		}
	}
	if src.Null == nil && dst.Null == nil {
		return
	}
	if dst.Null == nil {
		dst.Null = make([]bool, before, before+len(rows))
	}
	for _, r := range rows {
		dst.Null = append(dst.Null, src.Null != nil && src.Null[r])
	}
}

// router deals the rows of chunks out to batches of partitions.
type router struct {
	schema   column.Schema
	options  ReadOptions
	emit     func(*column.Batch) error
	offsets  []int64 // next offset of each partition
	appended []int64 // greatest append time of each partition
	batches  []column.Batch
	chosen   [][]int32
	touched  []int32
}

func newRouter(schema column.Schema, partitions int, o ReadOptions, emit func(*column.Batch) error) *router {
	r := &router{
		schema: schema, options: o, emit: emit,
		offsets: make([]int64, partitions), appended: make([]int64, partitions),
		batches: make([]column.Batch, partitions), chosen: make([][]int32, partitions),
	}
	for p := range r.appended {
		r.appended[p] = column.NoFrontier
	}
	return r
}

// take deals out one chunk, whose memory is free afterwards.
func (r *router) take(c *chunk) error {
	for i, p := range c.partitions { // append times never go back in a partition
		r.appended[p] = max(r.appended[p], c.arrivals[i])
		c.arrivals[i] = r.appended[p]
	}
	if len(r.offsets) == 1 || r.options.FileOrder {
		return r.takeRuns(c)
	}
	r.touched = r.touched[:0]
	for i, p := range c.partitions {
		if len(r.chosen[p]) == 0 {
			r.touched = append(r.touched, p)
		}
		r.chosen[p] = append(r.chosen[p], int32(i))
	}
	for _, p := range r.touched {
		b := &r.batches[p]
		if b.Columns == nil {
			b.Columns = make([]column.Column, len(r.schema))
			for i := range b.Columns {
				b.Columns[i].Reset(c.columns[i].Type, c.columns[i].Dict)
			}
		}
		for i := range b.Columns {
			gather(&b.Columns[i], &c.columns[i], r.chosen[p])
		}
		for _, i := range r.chosen[p] {
			b.Times = append(b.Times, c.times[i])
			b.Appends = append(b.Appends, c.arrivals[i])
		}
		b.Rows += len(r.chosen[p])
		r.chosen[p] = r.chosen[p][:0]
		if b.Rows >= r.options.BatchRows {
			if err := r.flush(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// takeRuns hands out each run of rows of one partition as a batch, in file order.
func (r *router) takeRuns(c *chunk) error {
	for from := 0; from < c.rows; {
		p, to := c.partitions[from], from+1
		for to < c.rows && c.partitions[to] == p {
			to++
		}
		b := column.Batch{
			Schema: r.schema, Partition: p, Offset: r.offsets[p], Rows: to - from,
			Columns: make([]column.Column, len(c.columns)), Times: c.times[from:to], Appends: c.arrivals[from:to],
		}
		for i := range b.Columns {
			b.Columns[i] = c.columns[i].Slice(from, to)
		}
		r.offsets[p] += int64(b.Rows)
		if err := r.emit(&b); err != nil {
			return err
		}
		from = to
	}
	return nil
}

func (r *router) flush(p int32) error {
	b := &r.batches[p]
	if b.Rows == 0 {
		return nil
	}
	b.Schema, b.Partition, b.Offset = r.schema, p, r.offsets[p]
	r.offsets[p] += int64(b.Rows)
	err := r.emit(b)
	b.Rows, b.Times, b.Appends = 0, b.Times[:0], b.Appends[:0]
	for i := range b.Columns {
		b.Columns[i].Reset(b.Columns[i].Type, b.Columns[i].Dict)
	}
	return err
}

// finish hands out what is left, partition by partition.
func (r *router) finish() error {
	for p := range r.batches {
		if err := r.flush(int32(p)); err != nil {
			return err
		}
	}
	return nil
}
