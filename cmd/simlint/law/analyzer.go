package law

import (
	"go/types"
	"regexp"
	"strings"

	"go.temporal.io/sdk/contrib/tools/workflowcheck/determinism"
	"golang.org/x/tools/go/analysis"
)

// Analyzer reports breaches of the determinism law in the packages it is run on.
// Its fact about a package, the non-deterministic functions with their reasons,
// lets it see them behind calls.
var Analyzer = &analysis.Analyzer{
	Name:      "simlint",
	Doc:       "report what the determinism law forbids\n\nSee the documentation of package parallax/cmd/simlint/law.",
	URL:       "https://pkg.go.dev/go.temporal.io/sdk/contrib/tools/workflowcheck/determinism",
	Run:       run,
	FactTypes: []analysis.Fact{new(ledger)},
}

// home is the module that is followed even as a dependency of another one.
const home = "parallax"

// origin says where a package comes from, and with it how far it is trusted.
type origin int

const (
	standard   origin = iota // followed by the library
	ours                     // followed by the rules of this package
	thirdParty               // not followed; entry points are allowed one by one
)

func originOf(pass *analysis.Pass) origin {
	m := pass.Module
	switch {
	case m == nil || m.Path == "" || m.Path == "std":
		return standard
	case m.Version != "" && m.Path != home:
		return thirdParty
	}
	return ours
}

var (
	testFile        = regexp.MustCompile(`_test\.go$`)
	standardChecker = determinism.NewChecker(determinism.Config{
		IdentRefs: standardRefs(),
		SkipFiles: []*regexp.Regexp{testFile},
	})
)

func run(pass *analysis.Pass) (any, error) {
	switch originOf(pass) {
	case standard:
		_, err := standardChecker.Run(translated(pass))
		return nil, err
	case thirdParty:
		return nil, nil
	}
	if strings.HasSuffix(pass.Pkg.Path(), ".test") {
		return nil, nil // the main program that go test writes
	}
	c := newCheck(pass)
	for _, f := range pass.Files {
		if !testFile.MatchString(pass.Fset.File(f.Package).Name()) {
			c.file(f)
		}
	}
	c.spread()
	pass.ExportPackageFact(newLedger(c.reasons))
	return nil, nil
}

// isStandard tells by its path whether a package that we have no fact about is of
// the standard library; the paths of all others begin with a host name.
func isStandard(pkg *types.Package) bool {
	first, _, _ := strings.Cut(pkg.Path(), "/")
	return !strings.Contains(first, ".")
}
