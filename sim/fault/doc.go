// Package fault is the vocabulary of what may go wrong in a world: the families of
// faults, how often each strikes, and single faults as data.
//
// A [Fault] has an identity, (family, name), that is made of what it hits: of a
// message by who sends it to whom, its kind, its key or content and how often that
// was sent before; of a write by the step that asked for it; of what comes with time
// by the node or the pair of nodes and the number of the slot. It is no place in a
// random stream: without a record, a message or another fault it is the same.
//
// The faults of a run can therefore be written down and struck again, whatever the
// rates: sim.World.Fired lists them, sim.Options.Frozen takes the list.
// A fault carries how much it does (ns, bytes, which writes survive), so a list says
// everything. A fault that somebody writes by hand needs no name: it is anchored to an
// instant, to the how many-th message of a kind between two nodes, or to the how
// many-th write of a node.
//
// The invariant: a run with its own faults frozen has the hash of that run, and a
// frozen run without one of them has all others where they were.
package fault
