package lambda

import (
	"parallax/engine/commitlog/protocol"
	"parallax/serving"
	"parallax/sim"
)

// Witness is the log of any world with one topic, as readers were shown it, and what is
// right to say of it by a job's code, whichever the world runs.
type Witness struct {
	book  book
	job   Job
	wrong error
}

// NewWitness has a witness listen to a world from now on. It changes nothing.
func NewWitness(w *sim.World, j Job) *Witness {
	x := &Witness{book: newBook(len(j.Feed), func(int, uint32) bool { return false }), job: j}
	w.OnTrace(func(t sim.Trace) {
		if x.wrong == nil {
			x.wrong = x.book.note(&t)
		}
	})
	return x
}

// Rows are computed from scratch: what a view shows at a cut, dropped pairs below the batch
// cut counted if complete.
func (x *Witness) Rows(cut, batch []protocol.Cut, complete bool) ([]serving.Result, error) {
	if x.wrong != nil {
		return nil, x.wrong
	}
	all, err := x.book.answer(&x.job, cut, batch, complete)
	if err != nil {
		return nil, err
	}
	list := make([]serving.Result, len(all.rows))
	for i := range all.rows {
		list[i] = all.rows[i].Result
	}
	return list, nil
}
