package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"golang.org/x/tools/go/analysis/unitchecker"

	"parallax/cmd/simlint/law"
)

const usage = `simlint reports what the determinism law forbids.

usage: simlint PACKAGE...

    go get -tool parallax/cmd/simlint && go tool simlint ./myoperators/...

PACKAGE is a pattern as go build takes it. The named packages are under the law;
what they call is followed through your modules and the standard library. Test
files are not read. Exit code: 0 nothing found, 1 something found or the packages
do not compile, 2 usage.

A range over a map is accepted with a reason why its order does not matter:

    //simlint:ordered the sum of integers does not depend on their order
    for _, n := range counts {

There is no other escape. "go doc parallax/cmd/simlint/law" has the whole law.
`

const (
	exitFound = 1
	exitUsage = 2
)

func main() {
	args := os.Args[1:]
	if askedByVet(args) {
		unitchecker.Main(law.Analyzer)
	}
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(exitUsage)
	}
	os.Exit(vet(args))
}

// askedByVet reports whether go vet calls us: it first asks for our version and
// flags, then hands us one package at a time, described in a .cfg file.
func askedByVet(args []string) bool {
	if len(args) == 0 {
		return false
	}
	return args[0] == "-flags" || strings.HasPrefix(args[0], "-V") ||
		strings.HasSuffix(args[len(args)-1], ".cfg")
}

// vet runs go vet with this program as its tool. Go vet loads the packages and
// keeps what we found out about each in the build cache.
func vet(patterns []string) int {
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintln(os.Stderr, "simlint:", err)
		return exitFound
	}
	cmd := exec.Command("go", append([]string{"vet", "-vettool=" + self, "--"}, patterns...)...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	var exit *exec.ExitError
	if err := cmd.Run(); errors.As(err, &exit) {
		return exitFound
	} else if err != nil {
		fmt.Fprintln(os.Stderr, "simlint:", err)
		return exitFound
	}
	return 0
}
