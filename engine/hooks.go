package engine

// Hooks is what a driver that looks for mistakes offers to the code that it runs. A
// driver for production offers none, and then both of these cost a comparison. They
// are methods of Env.
type Hooks interface {
	// Sometimes notes that a run has come to a place that some run must come to.
	Sometimes(probe string)
	// Buggify decides whether the code takes a lawful way that it rarely takes: a
	// buffer that is flushed early, an answer that holds less than it could.
	Buggify(hook string) bool
}

// Sometimes notes that the code has come to a place that is worth testing, and that a
// campaign which never does has not tested. The name is package and place, as in
// "journal.torn-tail".
func (e *Env) Sometimes(probe string) {
	if e.Hooks != nil {
		e.Hooks.Sometimes(probe)
	}
}

// Buggify reports whether to take the rare way here. It must be one that the code may
// take at any time.
func (e *Env) Buggify(hook string) bool { return e.Hooks != nil && e.Hooks.Buggify(hook) }
