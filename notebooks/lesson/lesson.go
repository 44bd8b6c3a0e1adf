package lesson

// Must is a value, or the end of the cell.
func Must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// Show takes the pictures, as SVG. Without one they are drawn and forgotten.
var Show = func(svg string) {}
