// Package layers is the zoo of mistakes that a batch layer, a speed layer and a server can
// make: bugs of known systems, built in where they would be made here, each to be found
// from random seeds by the checks of package lambda.
//
// The invariant: every entry is a mistake of one program, and without it nothing is found.
package layers
