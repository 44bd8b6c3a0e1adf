// Command parallax answers jobs: one pipeline over one file of rows, by the
// engine or from scratch.
//
// Data goes to standard output and everything else to standard error. Progress is
// shown only on a terminal. The exit code is 0 when all is well, 1 when a stated
// property does not hold, 2 for a mistake in the command line, a job or its data,
// 3 when nothing could be concluded, 4 when two runs differ that must not, and 5
// for an error of the program itself.
package main
