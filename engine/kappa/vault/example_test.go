package vault_test

import (
	"fmt"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/kappa/vault"
)

// A head says what the last checkpoint is made of, and so which objects never will be part
// of one.
func Example() {
	head := vault.Head{
		Attempt: 2, Number: 1, Cuts: []protocol.Cut{{Offset: 900, Frontier: 60_000_000}},
		Objects: []vault.Object{{Attempt: 1, Number: 3}, {Attempt: 2, Number: 1}},
	}
	for _, o := range []vault.Object{{Attempt: 1, Number: 3}, {Attempt: 1, Number: 4}, {Attempt: 2, Number: 1}, {Attempt: 2, Number: 2}} {
		name := o.Name("jobs/sales")
		fmt.Println(name, "dead:", head.Dead("jobs/sales", name))
	}
	// Output:
	// jobs/sales/0000000001-0000000003 dead: false
	// jobs/sales/0000000001-0000000004 dead: true
	// jobs/sales/0000000002-0000000001 dead: false
	// jobs/sales/0000000002-0000000002 dead: false
}
