package law

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"
)

// Every construct that the law forbids is planted in testdata, with the report
// that it must cause; what is accepted stands beside it. Package helper is not
// under the law: what is wrong in it must be found in package callers.
func TestVectorLaw(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), Analyzer, "./addresses", "./banned", "./callers", "./clean",
		"./clock", "./concurrency", "./external", "./floats", "./notest", "./order", "./random", "./variables")
}

// Trust is given one by one and with a reason.
func TestLawTables(t *testing.T) {
	for _, e := range entries {
		if e.path == "" || e.names == "" || e.reason == "" {
			t.Errorf("third-party entry without path, names or reason: %+v", e)
		}
	}
	for _, table := range []map[string]string{forbidden, harmless, banned} {
		for name, reason := range table {
			if reason == "" {
				t.Errorf("%s: no reason", name)
			}
		}
	}
	for name := range harmless {
		if _, both := forbidden[name]; both {
			t.Errorf("%s is both forbidden and harmless", name)
		}
	}
}
