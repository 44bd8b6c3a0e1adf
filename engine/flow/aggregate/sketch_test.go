package aggregate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/DataDog/sketches-go/ddsketch"
	"github.com/axiomhq/hyperloglog"
	"pgregory.net/rapid"

	"parallax/engine/flow/column"
)

// TestDifferentialHLL compares estimates over five decades with the exact number
// and with axiomhq/hyperloglog, which has the same registers and another estimator.
func TestDifferentialHLL(t *testing.T) {
	for _, typ := range []column.Type{column.TypeOf(column.String), column.TypeOf(column.Int64)} {
		x := newTable(mustNew(t, Call{Name: "hll", Args: []column.Type{typ}}), 1)
		other, n := hyperloglog.New14(), 0
		for _, size := range []int{1, 10, 100, 1000, 3000, 10_000, 100_000} {
			col := &column.Column{}
			col.Reset(typ, &column.Dict{})
			for ; n < size; n++ {
				v := column.Value{Type: typ, Int: int64(n) * 12, String: fmt.Sprint("item ", n)}
				col.Append(v)
				col.Append(v) // a repetition counts nothing
				other.Insert([]byte(v.String))
			}
			x.AddRange(&Input{Args: [][]*column.Column{{col}}}, make([]uint32, col.Len()), 0, col.Len())
			got := float64(x.Finish(0, 0).Int)
			const off = 4 * 1.04 / 128 // four standard errors
			if math.Abs(got-float64(size)) > max(1, off*float64(size)) {
				t.Errorf("%s: %v of %d", typ, got, size)
			}
			if second := float64(other.Estimate()); math.Abs(got-second) > max(2, 2*off*float64(size)) {
				t.Errorf("%s: %v, the other sketch says %v", typ, got, second)
			}
		}
	}
}

// TestOracleHLL recomputes the registers from the different hashes, by bit strings.
func TestOracleHLL(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Call{Name: "hll", Args: []column.Type{column.TypeOf(column.Int64)}, Params: []column.Value{number(4)}}
		f, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		x, want := newTable(f, 1), [16]uint8{}
		var lines []line
		for range rapid.IntRange(0, 60).Draw(t, "rows") {
			v := number(rapid.Int64Range(0, 40).Draw(t, "value"))
			lines = append(lines, line{args: []column.Value{v}, keep: true})
			text := fmt.Sprintf("%064b", mix(uint64(v.Int)^signBit))
			var index, rank uint8
			if _, err := fmt.Sscanf(text[:4], "%b", &index); err != nil {
				t.Fatal(err)
			}
			for rank = 1; int(rank) <= 60 && text[3+rank] == '0'; rank++ {
			}
			want[index] = max(want[index], rank)
		}
		feed(x, c, 0, lines)
		got := [16]uint8{}
		if r := x.stores[0].(*hll).sketches.get(x.words[0]); r != nil {
			r.each(func(index uint32, rank uint8) { got[index] = rank })
		}
		if got != want {
			t.Fatalf("registers %v, want %v", got, want)
		}
	})
}

// TestVectorHLL fixes estimates, which are floating-point results rounded to
// integers, and the limits of the estimator.
func TestVectorHLL(t *testing.T) {
	if s := sigma(0.5); math.Float64bits(s) != 0x3fec810002000000 {
		t.Errorf("sigma(0.5) = %v %#x", s, math.Float64bits(s))
	}
	if s := tau(0.5); math.Float64bits(s) != 0x3fc330e3c4b8944b {
		t.Errorf("tau(0.5) = %v %#x", s, math.Float64bits(s))
	}
	ranks := make([]uint64, 66)
	ranks[0] = 1 << 14
	if n := cardinality(ranks, 14); n != 0 {
		t.Errorf("no rows: %v", n)
	}
	ranks[0], ranks[51] = 0, 1<<14
	if n := cardinality(ranks, 14); !math.IsInf(n, 1) {
		t.Errorf("all registers full: %v", n)
	}
}

// TestDifferentialQuantile compares estimates with the exact quantiles and with
// DataDog/sketches-go at 1 %, on smooth, heavy-tailed and signed data.
func TestDifferentialQuantile(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for name, draw := range map[string]func() float64{
		"uniform": func() float64 { return rng.Float64() * 1000 },
		"heavy":   func() float64 { return math.Exp(10 * rng.NormFloat64()) },
		"signed":  func() float64 { return rng.NormFloat64() },
	} {
		values := make([]float64, 20_001)
		other, err := ddsketch.NewDefaultDDSketch(0.01)
		if err != nil {
			t.Fatal(err)
		}
		for i := range values {
			values[i] = draw()
			if err := other.Add(values[i]); err != nil {
				t.Fatal(err)
			}
		}
		for _, percent := range []int64{0, 1, 25, 50, 75, 99, 100} {
			c := Call{Name: "quantile", Args: []column.Type{column.TypeOf(column.Float64)}, Params: []column.Value{fraction(percent, 2)}}
			x := newTable(mustNew(t, c), 1)
			col := &column.Column{Type: c.Args[0], Floats: values}
			x.AddRange(&Input{Args: [][]*column.Column{{col}}}, make([]uint32, len(values)), 0, len(values))
			got := x.Finish(0, 0).Float
			sorted := slices.Clone(values)
			slices.Sort(sorted)
			want := sorted[int(percent)*(len(values)-1)/100]
			if math.Abs(got-want) > math.Abs(want)/256 {
				t.Errorf("%s: %d %% is %v, want %v", name, percent, got, want)
			}
			second, err := other.GetValueAtQuantile(float64(percent) / 100)
			if err != nil || math.Abs(got-second) > 0.015*math.Abs(want) {
				t.Errorf("%s: %d %% is %v, the other sketch says %v %v", name, percent, got, second, err)
			}
		}
	}
}

// TestLawBuckets: buckets ascend with values, their middles lie in them and within
// 1/256 of every value, down to the subnormals.
func TestLawBuckets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := math.Float64frombits(rapid.Uint64().Draw(t, "bits"))
		if rapid.Bool().Draw(t, "tiny") {
			v = math.Float64frombits(rapid.Uint64Range(0, 1<<rapid.IntRange(1, 53).Draw(t, "width")).Draw(t, "small"))
		}
		if v != v {
			v = math.Inf(1)
		}
		n := bucketOf(v)
		m := middle(n)
		if bucketOf(m) != n {
			t.Fatalf("middle %v of bucket %d of %v is in bucket %d", m, n, v, bucketOf(m))
		}
		if !(m == v || math.Abs(m-v) <= math.Abs(v)/256) {
			t.Fatalf("middle %v is far from %v", m, v)
		}
		if w := math.Nextafter(v, math.Inf(1)); bucketOf(w) < n || bucketOf(-v) != -n {
			t.Fatalf("buckets of %v, %v and %v are %d, %d, %d", v, w, -v, n, bucketOf(w), bucketOf(-v))
		}
	})
}

// TestLawWideSketches: sets and sketches beyond their small forms keep the laws
// that the short lists of TestLawOrder do not reach.
func TestLawWideSketches(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, c := range []Call{
		{Name: "distinct", Args: testTypes[1:2]},
		{Name: "distinct", Args: testTypes[4:5]},
		{Name: "hll", Args: testTypes[1:2], Params: []column.Value{number(8)}},
		{Name: "quantile", Args: testTypes[1:2], Params: []column.Value{fraction(5, 1)}},
		{Name: "topk", Args: testTypes[4:5], Params: []column.Value{number(10)}},
	} {
		var lines []line
		for i := range 700 {
			n := int64(rng.IntN(1000))
			v := column.Value{Type: c.Args[0], Int: n * n, String: fmt.Sprint(n)}
			lines = append(lines, line{offset: int64(i), keep: true, args: []column.Value{v}})
		}
		for _, n := range []int{7, 9, 30, 70, 700} {
			if err := orderLaw(mustNew(t, c), c, lines[:n], uint64(n)); err != nil {
				t.Errorf("%s of %d rows: %v", c, n, err)
			}
			x, y := newTable(mustNew(t, c), 1), newTable(mustNew(t, c), 1)
			feed(x, c, 0, lines[:n])
			if rest, err := y.Load(0, x.AppendTo(0, nil)); err != nil || len(rest) != 0 {
				t.Errorf("%s of %d rows: %v", c, n, err)
			} else if err := sameGroup("load", x, 0, y, 0); err != nil {
				t.Errorf("%s of %d rows: %v", c, n, err)
			}
		}
	}
}
