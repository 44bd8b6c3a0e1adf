package window

import "errors"

// errTile is what is wrong with a calendar or a global window.
var errTile = errors.New("window: a calendar's windows, and the global one, have no lengths and are not clamped; a calendar belongs to the former")

// tiled tells of windows that tile time, though not in equal lengths: those of a
// calendar, and the global one.
func (s Spec) tiled() bool { return s.Kind == Calendar || s.Kind == Global }

func (s Spec) validateTiled() error {
	if (s.Civil != nil) != (s.Kind == Calendar) || s.Clamp || s.Size != 0 || s.Every != 0 || s.Offset != 0 {
		return errTile
	}
	return nil
}

// tile is the window that t lies in, or a stretch at an end of time that is none.
func (s Spec) tile(t int64) (start, end int64, exists bool) {
	if s.Kind == Global {
		return globalEdges(t)
	}
	return s.Civil.Edges(t)
}
