package cluster

// shown is by how much a run has shown something of a property: how often that has
// happened which it is about. A property that is not here is about every event.
var shown = map[string]func(*Tally) uint64{
	"nothing-lost":      func(t *Tally) uint64 { return t.Spans },
	"nothing-twice":     func(t *Tally) uint64 { return t.ProduceCopies },
	"leader-complete":   func(t *Tally) uint64 { return t.LeaderChanges },
	"reads-committed":   func(t *Tally) uint64 { return t.StateChecks },
	"batches-unchanged": func(t *Tally) uint64 { return t.Spans },
	"idle-sound":        func(t *Tally) uint64 { return t.IdleRecords },
	"cut-monotone":      func(t *Tally) uint64 { return t.Spans },
	"answer-exact":      func(t *Tally) uint64 { return t.Spans },
	"watermark-sound":   func(t *Tally) uint64 { return t.Spans },
	"rows-conserved":    func(t *Tally) uint64 { return t.OracleChecks },
	"crash-invariant":   func(t *Tally) uint64 { return min(t.ClassChecks, t.Restarts) },
	"credit-bounded":    func(t *Tally) uint64 { return t.StateChecks },
	"state-bounded":     func(t *Tally) uint64 { return t.StateChecks },
	"client-exact":      func(t *Tally) uint64 { return t.Answers },
}

// Shown is how often a run has come to what the property is about: copies of batches,
// answers, changes of leaders. One that never did has shown nothing of the property.
func (p Property) Shown(t *Tally) uint64 {
	if f := shown[p.Name]; f != nil {
		return f(t)
	}
	return t.Events
}
