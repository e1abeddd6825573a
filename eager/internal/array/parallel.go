package array

// Parallel runs f over ranges that together cover [0,n) once, on as many processors as help, and returns when all is
// done. Range bounds are multiples of grain, or n. grain is how many items make about 20 microseconds of work; up to
// twice that runs on the caller alone. f must not depend on how [0,n) is cut: then results are the same at any number
// of threads.
func Parallel(n, grain int, f func(lo, hi int)) {
	if n > 0 {
		f(0, n)
	}
}

// ParallelChunks calls f once for each chunk i, which is [lo,hi) = [i*size, min(i*size+size, n)), in any order and on
// as many processors as help. Since the chunks do not depend on the number of threads, f may reduce into slot i of a
// table, to be added up in order afterwards.
func ParallelChunks(n, size int, f func(i, lo, hi int)) {
	for i, lo := 0, 0; lo < n; i, lo = i+1, lo+size {
		f(i, lo, min(lo+size, n))
	}
}
