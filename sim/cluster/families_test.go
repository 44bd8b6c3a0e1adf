package cluster

import (
	"testing"

	"parallax/sim/fault"
)

// Over drawn runs each family of faults is active in 30 to 70 of 100, and where it is
// active it strikes, in at least 95 of 100: a family that could have struck and did not
// has shown nothing.
func TestLawFamiliesStrike(t *testing.T) {
	from, to := seeds(t, 200)
	var table fault.Table
	for seed := from; seed <= to; seed++ {
		d, err := runSmall(t, seed, func(o *Options) { o.Unchecked = true })
		if err != nil {
			t.Errorf("seed %d: %v", seed, err)
			continue
		}
		table.Add(d.Active(), d.Strikes())
	}
	t.Logf("%d seeds\n%s", table.Runs, table.String())
	if table.Runs < 150 {
		return
	}
	for _, f := range fault.All() {
		r := &table.Rows[f]
		if 10*r.Active < 3*table.Runs || 10*r.Active > 7*table.Runs || 100*r.Fired < 95*r.Active {
			t.Errorf("%s: active in %d of %d runs, struck in %d of these", f, r.Active, table.Runs, r.Fired)
		}
	}
	if silent := table.Silent(); silent != nil {
		t.Errorf("%v never struck", silent)
	}
}
