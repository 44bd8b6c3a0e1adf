package law

import (
	"encoding/gob"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"go.temporal.io/sdk/contrib/tools/workflowcheck/determinism"
	"golang.org/x/tools/go/analysis"
)

// ledger is the fact about a package: what is not deterministic in it, and why.
// The library's own fact is a map, which gob writes in any order; this one is
// sorted, so that equal packages have equal facts and the build cache holds.
type ledger struct {
	Entries []against // by name
}

// against is what speaks against one function (by full name) or variable.
type against struct {
	Name    string
	Reasons determinism.NonDeterminisms
}

// AFact marks ledger as a fact.
func (*ledger) AFact() {}

func (l *ledger) String() string {
	if len(l.Entries) == 0 {
		return "deterministic"
	}
	names := make([]string, len(l.Entries))
	for i, e := range l.Entries {
		names[i] = e.Name
	}
	return "not deterministic: " + strings.Join(names, " ")
}

func newLedger(m determinism.PackageNonDeterminisms) *ledger {
	l := &ledger{}
	for name, reasons := range m {
		l.Entries = append(l.Entries, against{name, reasons})
	}
	slices.SortFunc(l.Entries, func(a, b against) int { return strings.Compare(a.Name, b.Name) })
	return l
}

func (l *ledger) byName() determinism.PackageNonDeterminisms {
	m := determinism.PackageNonDeterminisms{}
	for _, e := range l.Entries {
		m[e.Name] = e.Reasons
	}
	return m
}

// breach is a reason of this package's rules, kept beside the library's own. Facts
// cross processes by gob, so fields are exported.
type breach struct {
	At   token.Position
	Text string
}

func (b *breach) Pos() *token.Position { return &b.At }
func (b *breach) String() string       { return b.Text }

func init() { gob.Register(&breach{}) }

// translated is pass for the library, which knows only its own form of the fact.
func translated(pass *analysis.Pass) *analysis.Pass {
	p := *pass
	p.ExportPackageFact = func(f analysis.Fact) {
		pass.ExportPackageFact(newLedger(*f.(*determinism.PackageNonDeterminisms)))
	}
	p.ImportPackageFact = func(pkg *types.Package, f analysis.Fact) bool {
		var l ledger
		if !pass.ImportPackageFact(pkg, &l) {
			return false
		}
		*f.(*determinism.PackageNonDeterminisms) = l.byName()
		return true
	}
	return &p
}
