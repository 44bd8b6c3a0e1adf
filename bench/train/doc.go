// Package train fits models to archived zones: machine learning the Lambda way, where the
// master dataset is what one learns from.
//
// The idea. [Fit] reads the rows of a table as of a snapshot and fits a [Model], linear or
// logistic, by gonum, outside of everything whose bits must agree between machines. A
// model is data: its version is a hash of what it says, it names the snapshot that it has
// seen, and it is published as an object of its own. It enters a pipeline as an expression
// ([Model.Expr]) of a projection, which both layers evaluate alike; the job's code version
// is then the model's, so that every view and every answer says which model it is of. A
// new model is new code: another view, computed beside the old one.
//
// A logistic model's expression is the log-odds, which is all that a decision needs: there
// is no exp among the functions of pipelines, whose last bit would be the machine's.
//
// The invariant: equal rows in equal order make an equal model on a machine; and a model's
// expression has the value that [Model.Score] computes, to the last bit.
package train
