package array

// each runs f over 0..n in pieces of at least grain elements, on several processors where n is large.
func each(n, grain int, f func(lo, hi int)) {
	if n <= 2*grain {
		if n > 0 {
			f(0, n)
		}
		return
	}
	Parallel(n, grain, f)
}
