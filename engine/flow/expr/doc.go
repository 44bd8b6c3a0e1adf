// Package expr is the expressions of pipelines: filters, projections, arguments
// and conditions of aggregates.
//
// [Parse] makes a tree of a text, and [Compile] binds the tree to the columns of
// a schema: it checks types and makes a [Program] that computes the expression
// column by column, over typed slices whose memory is used again for each batch.
//
// # The language
//
//	or ||    and &&    not    = == != <> < <= > >=  in  not in  is null  is not null
//	+ -    * / %    -x !x           from weakest to strongest; comparisons do not chain
//
// Columns are words of letters, digits, _ and '.', or any text in backquotes.
// Constants are 12, 12.50 (decimal), 1e3 (float64), 'text' or "text" (a doubled
// quote stands for one), true, false, null. [FunctionNames] may be called.
//
// Integers and decimals are exact: a result that does not fit its type is an
// error that names the row, never a wrong value. Decimal results have 38 digits;
// + and - have the greater scale of the two, * the sum of both. A float64 among
// the operands makes the result a float64, and so does /. Comparisons of
// integers and decimals are by value whatever their scales; with a float64 both
// sides are taken as floats. Floats follow IEEE 754: NaN is unequal to itself.
// Strings compare by bytes. A timestamp counts microseconds: it compares with
// integers, plus or minus an integer it is a timestamp, and the difference of two
// is an integer.
//
// Null makes everything null that it is part of, save for "is null", coalesce,
// the condition of if (null is not true), and logic in which the other operand
// decides: false and null is false, true or null is true. "x in (…)" is what a
// chain of "x = … or" is.
//
// What is not needed does not fail: the right operand of "and" and "or" where the
// left decides, the branch of "if" that is not taken, what follows the first
// non-null operand of coalesce, and rows that are not selected.
//
// The invariant: [Program.Eval] gives each selected row the value that the
// expression has for that row alone, whatever batch it comes in.
package expr
