package measure

// Result is how long behind their ends windows were first answered: it judges the
// policy. Windows without an answer have none, and censored ones do not count.
func (list Histories) Result() []int64 {
	return list.waits(func(h *History) int64 { return h.End })
}

// Overhead is how long behind the moment at which the policy permitted an answer there
// was one: it judges the engine.
func (list Histories) Overhead() []int64 {
	return list.waits(func(h *History) int64 { return h.Due })
}

func (list Histories) waits(since func(h *History) int64) (out []int64) {
	for i := range list {
		h := &list[i]
		if s := h.first(); s != nil && !h.Censored && h.Due != Never {
			out = append(out, s.At-since(h))
		}
	}
	return out
}

// Row is what became of a row: when it happened, when it arrived, and when an answer
// first held it, or Never.
type Row struct{ Time, Arrival, Seen int64 }

// Rows are those of a run that reach its windows.
type Rows []Row

// Event is how long behind their event times rows were first in an answer; rows that
// never were have none.
func (rows Rows) Event() []int64 {
	return rows.delays(func(r *Row) int64 { return r.Time })
}

// Processing is likewise from their arrivals.
func (rows Rows) Processing() []int64 {
	return rows.delays(func(r *Row) int64 { return r.Arrival })
}

func (rows Rows) delays(since func(r *Row) int64) (out []int64) {
	for i := range rows {
		if r := &rows[i]; r.Seen != Never {
			out = append(out, r.Seen-since(r))
		}
	}
	return out
}
