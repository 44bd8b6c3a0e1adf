package limits

import (
	"errors"
	"regexp"
	"strings"
	"testing"
)

const printed = `goos: linux
goarch: amd64
cpu: A Processor
BenchmarkRowPath/int/keys=1000/batch=8192/warm-2   10  35.06 allocs/batch  819471537 answer  2.4 flat-ns/row  4.5 path-ns/row  1.875 ratio
BenchmarkRowPath/int/keys=1000/batch=8192/warm-2   10  35.06 allocs/batch  819471537 answer  2.4 flat-ns/row  5.0 path-ns/row  2.083 ratio
BenchmarkRowPath/int/keys=1000/batch=8192/warm-2   10  35.06 allocs/batch  819471537 answer  2.4 flat-ns/row  5.0 path-ns/row  2.1 ratio
BenchmarkRowPath/int/keys=1000000/batch=65536/warm 10  1 answer  0.83 table-ratio
BenchmarkLogToView-2  5  2666521696 answer  47.87 ns/row  20891481 rows/s
BenchmarkSmallCluster/checked-2 5  7 answer 300000 events/s
BenchmarkScheduler/gc=800-2 5  7 answer 8000000 events/s
BenchmarkAllDelays-2  10  66663 answer  2973 delays  0.25 engine-s  0.36 frontier-s  1.444 ratio
PASS
`

// TestVectorTable: the middle of several runs, its range, and what is not met.
func TestVectorTable(t *testing.T) {
	var b strings.Builder
	if err := Write(&b, strings.NewReader(printed)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Measured on linux, amd64, A Processor.\n",
		"times a loop over flat arrays | 2.08 | 1.88 to 2.10 | at most 2.00 | **no** | 30d824b1 |\n",
		"| 0.83 | 0.83 to 0.83 | at most 2.00 | yes | 00000001 |\n",
		"| 20.9 M | 20.9 M to 20.9 M | at least 10.0 M | yes | 9eefe460 |\n",
		"| 0.3 M | 0.3 M to 0.3 M | at least 1.0 M | **no** | 00000007 |\n",
		"| 1.44 | 1.44 to 1.44 | at most 1.50 | yes | 00010467 |\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, b.String())
		}
	}
}

// TestVectorNoAnswer: a figure whose answer is missing or changes is none.
func TestVectorNoAnswer(t *testing.T) {
	for _, c := range []struct{ from, to, why string }{
		{"2666521696 answer  ", "", "LogToView was not checked"},
		{"BenchmarkAllDelays", "BenchmarkNoDelays", "AllDelays was not run"},
		{"819471537 answer  2.4 flat-ns/row  4.5", "9 answer  2.4 flat-ns/row  4.5", "not always the same"},
		{"8000000 events/s", "", "has no events/s"},
	} {
		var b strings.Builder
		err := Write(&b, strings.NewReader(strings.Replace(printed, c.from, c.to, 1)))
		if !errors.Is(err, ErrAnswer) || !strings.Contains(err.Error(), c.why) || !strings.Contains(b.String(), "| – | – |") {
			t.Errorf("%s: %v\n%s", c.why, err, b.String())
		}
	}
	if err := Write(new(strings.Builder), strings.NewReader("BenchmarkX 1 a b\n")); err == nil {
		t.Error("a figure that is no number is taken")
	}
}

// TestVectorPattern: the pattern finds every goal's benchmark, and no others.
func TestVectorPattern(t *testing.T) {
	p := regexp.MustCompile(Pattern())
	for _, g := range goals {
		name, _, _ := strings.Cut(g.benchmark, "/")
		if !p.MatchString("Benchmark" + name) {
			t.Errorf("%s is not found", g.benchmark)
		}
	}
	if p.MatchString("BenchmarkSchedulerNamed") {
		t.Error("more is found than is asked for")
	}
}
