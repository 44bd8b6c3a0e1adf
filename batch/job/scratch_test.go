package job_test

import (
	"fmt"
	"math/big"

	"parallax/batch/view"
	"parallax/engine/flow"
	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/flow/fold"
	"parallax/engine/flow/tuple"
	"parallax/sim/tape"
)

// total is a (key, window) as one would add it up by hand.
type total struct {
	onTime, revised, dropped int64
	count, riders            int64
	fare                     *big.Int
	rate                     *big.Rat
}

// sameAsScratch adds everything up by hand: the pipeline's windows begin every 500 ms and
// last a second, 300 ms of disorder are allowed for, and 700 ms of lateness.
func (y *yard) sameAsScratch(h *view.Head, plan *flow.Plan, rows []fold.Row) error {
	const every, size, bounded, allowed, ahead = 500_000, 1_000_000, 300_000, 700_000, 500_000
	totals := map[string]*total{}
	for p := range h.Cut {
		frontier, seen := int64(0), false
		raise := func(to int64) {
			if !seen || to > frontier {
				frontier, seen = to, true
			}
		}
		err := y.tape.Rows(int32(p), 0, h.Cut[p].Offset, func(b *column.Batch, idle int64) error {
			if b == nil {
				if idle != column.NoFrontier {
					raise(idle)
				}
				return nil
			}
			for row, t := range b.Times {
				if t > b.Appends[row]+ahead {
					continue
				}
				city := b.Columns[0].Value(row)
				start := t / every * every
				if t < 0 && t%every != 0 {
					start -= every
				}
				for s := start; s > t-size; s -= every {
					key := fmt.Sprintf("%d %v %s", s, city.Null, city.String)
					v := totals[key]
					if v == nil {
						v = &total{fare: new(big.Int), rate: new(big.Rat)}
						totals[key] = v
					}
					mark := frontier - bounded
					switch {
					case !seen || mark < s+size:
						v.onTime++
					case mark < s+size+allowed:
						v.revised++
					default:
						v.dropped++
						if !y.complete {
							continue
						}
					}
					v.add(b, row)
				}
				raise(t)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return compare(plan, rows, totals)
}

func (v *total) add(b *column.Batch, row int) {
	v.count++
	if c := &b.Columns[1]; !c.IsNull(row) {
		v.riders += c.Ints[row]
	}
	if c := &b.Columns[2]; !c.IsNull(row) {
		n, _ := c.Decimals[row].Int64()
		v.fare.Add(v.fare, big.NewInt(n))
	}
	if c := &b.Columns[3]; !c.IsNull(row) {
		v.rate.Add(v.rate, new(big.Rat).SetFloat64(c.Floats[row]))
	}
}

// compare finishes the view's rows and looks each up among the totals.
func compare(plan *flow.Plan, rows []fold.Row, totals map[string]*total) error {
	table := aggregate.NewTable(plan.Functions())
	table.Grow(1)
	if len(rows) != len(totals) {
		return fmt.Errorf("%d rows, by hand there are %d", len(rows), len(totals))
	}
	for i := range rows {
		r := &rows[i]
		if _, err := table.Load(0, r.Accumulators); err != nil {
			return err
		}
		city, err := cityOf(r.Key)
		if err != nil {
			return err
		}
		v := totals[fmt.Sprintf("%d %v %s", r.Start, city.Null, city.String)]
		if v == nil {
			return fmt.Errorf("nobody was in %s at %d", city.Text(), r.Start)
		}
		rate, _ := v.rate.Float64()
		fare := column.DecimalFromInt(v.fare.Int64()).Text(tape.Schema[2].Type.Scale)
		got := []any{r.OnTime, r.Revised, r.Dropped, table.Finish(0, 0).Int, table.Finish(0, 1), table.Finish(0, 2), table.Finish(0, 3)}
		if r.OnTime != v.onTime || r.Revised != v.revised || r.Dropped != v.dropped || table.Finish(0, 0).Int != v.count ||
			table.Finish(0, 1).Int != v.riders || table.Finish(0, 2).Text() != fare || table.Finish(0, 3).Float != rate {
			return fmt.Errorf("%s at %d: %+v, by hand %+v, %s, %v", city.Text(), r.Start, got, v, fare, rate)
		}
	}
	return nil
}

func cityOf(key []byte) (column.Value, error) {
	v, err := tuple.Decode(key, []column.Type{column.TypeOf(column.String)})
	if err != nil {
		return column.Value{}, err
	}
	return v[0], nil
}
