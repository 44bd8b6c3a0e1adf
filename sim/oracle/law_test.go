package oracle

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
)

// interleave puts the rows of the partitions into another order that keeps each
// partition's own.
func interleave(r *rand.Rand, in Input) Input {
	queues := make([][]Row, in.Partitions)
	for _, row := range in.Rows {
		queues[row.Partition] = append(queues[row.Partition], row)
	}
	out := in
	out.Rows = nil
	for len(out.Rows) < len(in.Rows) {
		if q := &queues[r.IntN(in.Partitions)]; len(*q) > 0 {
			out.Rows = append(out.Rows, (*q)[0])
			*q = (*q)[1:]
		}
	}
	return out
}

// byPlace orders drops by their rows' places in the log.
func byPlace(r *Result) *Result {
	slices.SortStableFunc(r.Drops, func(a, b Drop) int {
		if a.Partition != b.Partition {
			return int(a.Partition - b.Partition)
		}
		return int(a.Offset - b.Offset)
	})
	return r
}

// TestLawInterleaving: by the rule log everything is a function of the
// partitions; by the rule operator it is not.
func TestLawInterleaving(t *testing.T) {
	same, differ := 0, 0
	for seed := range 300 {
		tr := trials.Example(seed).trial
		if len(tr.input.Rows) > 100 {
			continue
		}
		want, err := Answer(tr.pipeline, tr.input)
		if err != nil {
			continue // a row that cannot be computed
		}
		got, err := Answer(tr.pipeline, interleave(rand.New(rand.NewPCG(uint64(seed), 1)), tr.input))
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		nan := cmp.Comparer(func(a, b column.Value) bool { return a.Type == b.Type && a.Compare(b) == 0 })
		diff := cmp.Diff(byPlace(want), byPlace(got), nan)
		switch {
		case diff == "":
			same++
		case tr.pipeline.Late.Rule == flow.Log || tr.pipeline.Watermark.Across == watermark.Own:
			t.Fatalf("seed %d: another interleaving, another answer\n%s\n%s", seed, tr.src, diff)
		default:
			differ++
		}
	}
	if same < 50 || differ == 0 {
		t.Errorf("%d trials agree, %d by the rule operator differ: the test shows nothing", same, differ)
	}
}

// TestVectorEvaluate holds the evaluator against known answers, mostly of
// three-valued logic and of number types.
func TestVectorEvaluate(t *testing.T) {
	schema := column.Schema{
		{Name: "n", Type: column.TypeOf(column.Int64)},
		{Name: "b", Type: column.TypeOf(column.Bool)},
		{Name: "d", Type: column.Type{Kind: column.Decimal128, Precision: 9, Scale: 2}},
		{Name: "s", Type: column.TypeOf(column.String)},
	}
	row := []column.Value{nullValue(schema[0].Type), nullValue(schema[1].Type), {Type: schema[2].Type, Decimal: column.DecimalFromInt(-250)}, {Type: schema[3].Type}}
	for src, want := range map[string]string{
		"b and false": "bool:false", "false and b": "bool:false", "b and true": "bool null", "b or true": "bool:true", "not b": "bool null",
		"n = 1": "bool null", "n is null": "bool:true", "n in (1)": "bool null", "1 in (1, null)": "bool:true", "2 in (1, null)": "bool null",
		"2 not in (1, null)": "bool null", "2 not in (1, 3)": "bool:true",
		"7 % -3": "int64:1", "-7 % 3": "int64:-1", "1 / 4": "float64:0.25", "1 / 0": "float64:+Inf",
		"d + 1": "decimal:-1.50", "d * 1.5": "decimal:-3.750", "d * n": "decimal null", "-d": "decimal:2.50",
		"floor(d)": "decimal:-3", "ceil(d)": "decimal:-2", "round(d)": "decimal:-3", "abs(d)": "decimal:2.50", "int(d)": "int64:-2",
		"d = -2.5": "bool:true", "d < -25e-1": "bool:false", "0.1 + 0.2 = 0.3": "bool:true", "1e-1 + 0.2 = 0.3": "bool:false",
		"coalesce(n, 2.50)": "decimal:2.50", "if(b, 1, 2)": "int64:2", "if(n is null, d, 1)": "decimal:-2.50",
		"length('häß')": "int64:3", "s = ''": "bool:true", "string(d)": "string:-2.50", "int('12')": "int64:12",
		"9223372036854775807 + 1": "no value", "int('x')": "no value", "1 % 0": "no value", "abs(-9223372036854775808)": "no value",
		"false and 1 % 0 = 1": "bool:false", "if(true, 1, 1 % 0)": "int64:1",
	} {
		v, err := evaluate(parse(src), schema, row)
		got := text([]column.Value{v})
		if err != nil {
			got = "no value"
		}
		if got != want {
			t.Errorf("%s is %s, want %s", src, got, want)
		}
	}
}
