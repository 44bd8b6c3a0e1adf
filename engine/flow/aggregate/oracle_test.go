package aggregate

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"sort"
	"testing"

	"pgregory.net/rapid"

	"parallax/engine/flow/column"
)

// oracle is the answer of a call from its rows, by other means: fractions, sorting
// and maps. hll and quantile, which estimate, have only a range.
func oracle(t *rapid.T, f Function, c Call, lines []line) column.Value {
	var kept []line
	for _, l := range lines {
		if l.keep && !slices.ContainsFunc(l.args, func(v column.Value) bool { return v.Null }) {
			kept = append(kept, l)
		}
	}
	values := make([]column.Value, len(kept))
	for i, l := range kept {
		if len(l.args) > 0 {
			values[i] = l.args[0]
		}
	}
	v := column.Value{Type: f.Result()}
	switch c.Name {
	case "count":
		v.Int = int64(len(kept))
	case "distinct":
		v.Int = int64(len(different(values)))
	case "topk":
		return oracleTopK(c, f, kept)
	case "sum":
		return oracleSum(v, values)
	default:
		v.Null = len(values) == 0
	}
	if v.Null {
		return v
	}
	switch c.Name {
	case "min":
		return slices.MinFunc(values, column.Value.Compare)
	case "max":
		return slices.MaxFunc(values, column.Value.Compare)
	case "first", "last":
		sort.Slice(kept, func(i, j int) bool {
			a, b := kept[i], kept[j]
			if a.time != b.time {
				return a.time < b.time
			}
			if a.partition != b.partition {
				return a.partition < b.partition
			}
			return a.offset < b.offset
		})
		if c.Name == "first" {
			return kept[0].args[0]
		}
		return kept[len(kept)-1].args[0]
	case "mean":
		sum, special, is := realSum(values, 1)
		if v.Float = special; !is {
			v.Float, _ = sum.Quo(sum, big.NewRat(int64(len(values)), 1)).Float64()
		}
	case "variance", "variance_pop", "stddev", "stddev_pop":
		return oracleSpread(v, c.Name, values)
	}
	return v
}

// different is the values without repetitions.
func different(values []column.Value) []column.Value {
	values = slices.Clone(values)
	slices.SortFunc(values, column.Value.Compare)
	return slices.CompactFunc(values, func(a, b column.Value) bool { return a.Compare(b) == 0 })
}

// real is a finite number as a fraction.
func realOf(v column.Value) *big.Rat {
	switch v.Type.Kind {
	case column.Float64:
		return new(big.Rat).SetFloat64(v.Float)
	case column.Decimal128:
		r, _ := new(big.Rat).SetString(v.Text())
		return r
	}
	return big.NewRat(v.Int, 1)
}

// realSum is the sum of powers of the values, or what special floats make of it.
func realSum(values []column.Value, power int) (sum *big.Rat, special float64, is bool) {
	sum = new(big.Rat)
	for _, v := range values {
		if v.Type.Kind == column.Float64 && (math.IsNaN(v.Float) || math.IsInf(v.Float, 0)) {
			special, is = special+v.Float, true
			continue
		}
		x, term := realOf(v), big.NewRat(1, 1)
		for range power {
			term.Mul(term, x)
		}
		sum.Add(sum, term)
	}
	return sum, special, is
}

func oracleSum(v column.Value, values []column.Value) column.Value {
	sum, special, is := realSum(values, 1)
	switch v.Type.Kind {
	case column.Int64:
		if v.Null = !sum.Num().IsInt64(); !v.Null {
			v.Int = sum.Num().Int64()
		}
	case column.Decimal128:
		d, err := column.ParseDecimal(sum.FloatString(int(v.Type.Scale)), v.Type)
		v.Null, v.Decimal = err != nil, d
	case column.Float64:
		if v.Float = special; !is {
			v.Float, _ = sum.Float64()
		}
	}
	return v
}

// oracleSpread is the mean square distance from the exact mean.
func oracleSpread(v column.Value, name string, values []column.Value) column.Value {
	n := int64(len(values))
	rows := n
	if name == "variance" || name == "stddev" {
		rows--
	}
	if v.Null = rows < 1; v.Null {
		return v
	}
	mean, _, is := realSum(values, 1)
	if is {
		v.Float = math.NaN()
		return v
	}
	mean.Quo(mean, big.NewRat(n, 1))
	total := new(big.Rat)
	for _, x := range values {
		d := realOf(x)
		d.Sub(d, mean)
		total.Add(total, d.Mul(d, d))
	}
	total.Quo(total, big.NewRat(rows, 1))
	if name == "variance" || name == "variance_pop" {
		v.Float, _ = total.Float64()
		return v
	}
	// 300 bits of the root, rounded, are as good as the root unless the test is
	// unlucky beyond belief; exact roots stay exact.
	root := new(big.Float).SetPrec(300).SetRat(total)
	v.Float, _ = root.Sqrt(root).Float64()
	return v
}

func oracleTopK(c Call, f Function, kept []line) column.Value {
	v := column.Value{Type: f.Result(), Null: len(kept) == 0}
	if v.Null {
		return v
	}
	var items []column.Value
	for _, l := range kept {
		items = append(items, l.args[0])
	}
	items = different(items)
	weights := make([]column.Value, len(items))
	sums := make([]*big.Rat, len(items))
	for i, item := range items {
		var ws []column.Value
		for _, l := range kept {
			if l.args[0].Compare(item) == 0 {
				w := number(1)
				if len(c.Args) == 2 {
					w = l.args[1]
				}
				ws = append(ws, w)
			}
		}
		var special float64
		var is bool
		sums[i], special, is = realSum(ws, 1)
		if weights[i] = (column.Value{Type: ws[0].Type}); ws[0].Type.Kind == column.Float64 {
			if weights[i].Float = special; !is {
				weights[i].Float, _ = sums[i].Float64()
			}
		}
	}
	order := make([]int, len(items))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool {
		a, b := order[i], order[j]
		if weights[a].Type.Kind == column.Float64 {
			return column.CompareFloats(weights[a].Float, weights[b].Float) > 0
		}
		return sums[a].Cmp(sums[b]) > 0
	})
	var pairs []string
	for _, i := range order[:min(len(order), int(c.Params[0].Int))] {
		weight := sums[i].FloatString(int(weights[i].Type.Scale))
		if weights[i].Type.Kind == column.Float64 {
			weight = jsonOf(weights[i])
		}
		pairs = append(pairs, "["+jsonOf(items[i])+","+weight+"]")
	}
	v.String = "["
	for i, p := range pairs {
		if i > 0 {
			v.String += ","
		}
		v.String += p
	}
	v.String += "]"
	return v
}

// jsonOf prints a value as JSON; what encoding/json would escape without need is
// left as it is.
func jsonOf(v column.Value) string {
	switch {
	case v.Type.Kind == column.String:
		var s string
		b, _ := json.Marshal(v.String)
		_ = json.Unmarshal(b, &s)
		out := `"`
		for _, r := range s {
			switch {
			case r == '"' || r == '\\':
				out += `\` + string(r)
			case r < ' ':
				out += fmt.Sprintf(`\u%04x`, r)
			default:
				out += string(r)
			}
		}
		return out + `"`
	case v.Type.Kind == column.Float64 && (math.IsNaN(v.Float) || math.IsInf(v.Float, 0)):
		return `"` + v.Text() + `"`
	}
	return v.Text()
}

// TestOracleFinish compares every function with the oracle.
func TestOracleFinish(t *testing.T) {
	eachCall(t, func(t *rapid.T, f Function, c Call) {
		lines := drawLines(t, c)
		x := newTable(f, 1)
		feed(x, c, 0, lines)
		got, want := x.Finish(0, 0), oracle(t, f, c, lines)
		switch c.Name {
		case "hll":
			return // TestOracleHLL
		case "quantile":
			checkQuantile(t, c, lines, got)
			return
		case "topk":
			if !got.Null && !json.Valid([]byte(got.String)) {
				t.Fatalf("not JSON: %s", got.String)
			}
		}
		if got.Null != want.Null || got.Compare(want) != 0 || got.Type != want.Type {
			t.Fatalf("%s of %d rows is %q %v, want %q %v", c, len(lines), got.Text(), got.Null, want.Text(), want.Null)
		}
		if overflow := x.Overflows(0, 0); overflow != (got.Null && c.Name == "sum") {
			t.Fatalf("overflow is %v, result %q", overflow, got.Text())
		}
	})
}

// checkQuantile compares an estimate with the value of that rank.
func checkQuantile(t *rapid.T, c Call, lines []line, got column.Value) {
	var values []float64
	for _, l := range lines {
		if v := l.args[0]; l.keep && !v.Null {
			x := v.Float
			if v.Type.Kind != column.Float64 {
				x, _ = realOf(v).Float64()
			}
			values = append(values, x)
		}
	}
	if got.Null != (len(values) == 0) {
		t.Fatalf("%d values, null is %v", len(values), got.Null)
	}
	if got.Null {
		return
	}
	slices.SortFunc(values, column.CompareFloats)
	rank := new(big.Rat).Mul(realOf(c.Params[0]), big.NewRat(int64(len(values)-1), 1))
	want := values[new(big.Int).Quo(rank.Num(), rank.Denom()).Int64()]
	near := math.Abs(got.Float-want) <= math.Abs(want)/256
	if !(near || got.Float == want || got.Float != got.Float && want != want) {
		t.Fatalf("quantile is %v, the value of that rank %v", got.Float, want)
	}
}
