package operator

// resize makes a slice of n that is not nil, reusing s; what it holds is anything.
func resize[T any](s []T, n int) []T {
	if s == nil || cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
