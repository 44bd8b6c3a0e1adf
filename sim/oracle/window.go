package oracle

import (
	"math/big"
	"slices"

	"parallax/engine/flow/window"
)

// span is a window [start, end).
type span struct{ start, end int64 }

// windows lists the windows that hold the time t, ascending. It walks back from
// the last window that begins at or before t, in integers without bounds, and
// leaves out windows with an edge that is no int64, and clamped those before 1970.
func windows(s *window.Spec, t int64) []span {
	at, every, size := big.NewInt(t), big.NewInt(s.Every), big.NewInt(s.Size)
	start := new(big.Int).Sub(at, big.NewInt(s.Offset))
	start.Div(start, every) // rounds down: every is positive
	start.Mul(start, every).Add(start, big.NewInt(s.Offset))
	var out []span
	for {
		end := new(big.Int).Add(start, size)
		if end.Cmp(at) <= 0 {
			break
		}
		if start.IsInt64() && end.IsInt64() && !(s.Clamp && start.Sign() < 0) {
			out = append(out, span{start.Int64(), end.Int64()})
		}
		start.Sub(start, every)
	}
	slices.Reverse(out)
	return out
}
