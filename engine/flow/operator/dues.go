package operator

// due is a key that something is to be done about at a time.
type due struct {
	at  int64
	key uint32
}

// dues is a heap of them, the first at the front.
type dues []due

func (h *dues) push(at int64, key uint32) {
	*h = append(*h, due{at, key})
	q := *h
	for i := len(q) - 1; i > 0; {
		up := (i - 1) / 2
		if q[up].at <= q[i].at {
			break
		}
		q[i], q[up] = q[up], q[i]
		i = up
	}
}

func (h *dues) pop() due {
	q := *h
	first, n := q[0], len(q)-1
	q[0] = q[n]
	q = q[:n]
	*h = q
	for i := 0; ; {
		down := 2*i + 1
		if down >= n {
			return first
		}
		if down+1 < n && q[down+1].at < q[down].at {
			down++
		}
		if q[i].at <= q[down].at {
			return first
		}
		q[i], q[down] = q[down], q[i]
		i = down
	}
}
