// Simlint reports what the determinism law forbids in the packages named on its
// command line:
//
//	go get -tool parallax/cmd/simlint
//	go tool simlint ./myoperators/...
//
// The first line is needed once, in a module of your own that has parallax among
// its requirements.
//
// The law itself, with what it cannot see, is in package law; it stands apart from
// this command so that a checker of your own can run law.Analyzer among others. Code that keeps it
// gives the same results in every run, on every machine; `make lint` holds the
// packages marked "law" in engine/floorplan.txt to it.
//
// Simlint runs as the tool of go vet, so what it learned about a package stays in
// the build cache: the first run takes some ten seconds, the next ones about one.
package main
