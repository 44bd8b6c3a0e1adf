// Package notebooks makes Go notebooks (for Jupyter, with the GoNB kernel) of lessons
// that are plain Go.
//
// The idea: what the compiler, vet and the tests see is what students see, so that a
// lesson cannot rot. A lesson is one Go file. A block comment at its top level is
// prose, in Markdown; what stands between two of them is a cell of code. A function
// without arguments and results is the main of its cell and comes last in it;
// everything else is declared for the cells behind. A cell behind the heading
// "Exercise" is the solution, which a notebook shows closed.
//
// The notebooks beside this file are made by
//
//	go test ./notebooks -update
//
// without Jupyter: each cell is run as it is, and what it prints and draws is put
// under it. `make notebooks` runs them by Jupyter, and compares.
//
// The invariant: the notebooks that are committed are what the lessons say and print
// now. A test holds them against each other.
package notebooks
