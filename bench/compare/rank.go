package compare

import (
	"strconv"

	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/expr"
)

// ranking is an aggregate that takes a place among the values of its window.
type ranking struct {
	aggregate int
	share     float64
}

// rankings finds those of the job: min, max and quantile.
func (in *Input) rankings() (list []ranking) {
	for _, step := range in.counting.Steps {
		for i := range step.Aggregates {
			call := &step.Aggregates[i].Call
			switch call.Func {
			case "min":
				list = append(list, ranking{i, 0})
			case "max":
				list = append(list, ranking{i, 1})
			case "quantile":
				if p, ok := call.Args[1].(*expr.Literal); ok {
					share, err := strconv.ParseFloat(p.Value.Text(), 64)
					if err == nil {
						list = append(list, ranking{i, share})
					}
				}
			}
		}
	}
	return list
}

// ranked tells whether an aggregate is one of those.
func (in *Input) ranked(a int) bool {
	for _, r := range in.truth.rankings {
		if r.aggregate == a {
			return true
		}
	}
	return false
}

// rank adds what the aggregates take of a row to the values of its windows.
func (t *truth) rank(r *row, args *aggregate.Input, i int) {
	for _, k := range t.rankings {
		if args.Where != nil && args.Where[k.aggregate] != nil && !args.Where[k.aggregate][i] {
			continue
		}
		v := args.Args[k.aggregate][0].Value(i)
		if v.Null {
			continue
		}
		for w := r.windows; w < r.windowsUntil; w++ {
			t.windows[w].Among(k.aggregate, v)
		}
	}
}
