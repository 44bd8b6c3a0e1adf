package oracle

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"parallax/engine/flow/column"
)

// topk sums up every item's weight exactly and prints the k heaviest, as
// [[item,weight],…]; weights of floats count as rounded, NaN first, and of equal
// weights the lesser item comes first.
func topk(params []column.Value, rows []member) column.Value {
	t := column.TypeOf(column.String)
	if len(rows) == 0 {
		return nullValue(t)
	}
	byItem := slices.Clone(rows)
	slices.SortStableFunc(byItem, func(a, b member) int { return a.args[0].Compare(b.args[0]) })
	var items, weights []column.Value
	var exact []*big.Rat
	for len(byItem) > 0 {
		item, of := byItem[0].args[0], []member(nil)
		for len(byItem) > 0 && byItem[0].args[0].Compare(item) == 0 {
			weight := intValue(1)
			if len(byItem[0].args) > 1 {
				weight = byItem[0].args[1]
			}
			of = append(of, member{row: byItem[0].row, args: []column.Value{weight}})
			byItem = byItem[1:]
		}
		total := totalOf(of, false)
		weight := of[0].args[0]
		if weight.Type.Kind == column.Float64 {
			weight = sum(weight.Type, of)
		}
		items, weights, exact = append(items, item), append(weights, weight), append(exact, total.rational())
	}
	order := make([]int, len(items))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		if weights[i].Type.Kind == column.Float64 {
			return column.CompareFloats(weights[j].Float, weights[i].Float)
		}
		return exact[j].Cmp(exact[i])
	})
	var pairs []string
	for _, i := range order[:min(int(params[0].Int), len(order))] {
		weight := exact[i].FloatString(int(weights[i].Type.Scale))
		if weights[i].Type.Kind == column.Float64 {
			weight = jsonFloat(weights[i].Float)
		}
		pairs = append(pairs, "["+jsonItem(items[i])+","+weight+"]")
	}
	return column.Value{Type: t, String: "[" + strings.Join(pairs, ",") + "]"}
}

func jsonFloat(f float64) string {
	s := strconv.FormatFloat(f, 'g', -1, 64)
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return `"` + s + `"`
	}
	return s
}

func jsonItem(v column.Value) string {
	switch v.Type.Kind {
	case column.Float64:
		return jsonFloat(v.Float)
	case column.String:
		var b strings.Builder
		for _, r := range v.String {
			switch {
			case r < ' ':
				fmt.Fprintf(&b, `\u%04x`, r)
			case r == '"', r == '\\':
				b.WriteString(`\` + string(r))
			default:
				b.WriteRune(r)
			}
		}
		return `"` + b.String() + `"`
	}
	return v.Text()
}
