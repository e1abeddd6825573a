package simd

import "unsafe"

// rowMoves is one level's copies of rows.
type rowMoves struct {
	copy, pick func(dst *float32, ds int, src *float32, ss, n, rows int)
	zip        func(dst *float32, ds int, a, b *float32, ss, n, rows int)
}

var moves = plainMoves

// CopyRows copies dst[i*ds+j] = src[i*ss+j] for i below rows and j below n.
func CopyRows(dst []float32, ds int, src []float32, ss, n, rows int) {
	if n <= 0 || rows <= 0 {
		return
	}
	_, _ = dst[(rows-1)*ds+n-1], src[(rows-1)*ss+n-1]
	pieces(n, rows, func(i, j, n, rows int) { moves.copy(&dst[i*ds+j], ds, &src[i*ss+j], ss, n, rows) })
}

// PickRows copies every second number of rows, dst[i*ds+j] = src[i*ss+2*j] for i below rows and j below n.
func PickRows(dst []float32, ds int, src []float32, ss, n, rows int) {
	if n <= 0 || rows <= 0 {
		return
	}
	_, _ = dst[(rows-1)*ds+n-1], src[(rows-1)*ss+2*n-2]
	pieces(n, rows, func(i, j, n, rows int) { moves.pick(&dst[i*ds+j], ds, &src[i*ss+2*j], ss, n, rows) })
}

// ZipRows joins rows number by number, dst[i*ds+2*j] = a[i*ss+j] and dst[i*ds+2*j+1] = b[i*ss+j] for i below rows and j
// below n.
func ZipRows(dst []float32, ds int, a, b []float32, ss, n, rows int) {
	if n <= 0 || rows <= 0 {
		return
	}
	_, _, _ = dst[(rows-1)*ds+2*n-1], a[(rows-1)*ss+n-1], b[(rows-1)*ss+n-1]
	pieces(n, rows, func(i, j, n, rows int) {
		moves.zip(&dst[i*ds+2*j], ds, &a[i*ss+j], &b[i*ss+j], ss, n, rows)
	})
}

// pieces cuts rows of n numbers into what one kernel call may take.
func pieces(n, rows int, f func(i, j, n, rows int)) {
	if rows*n <= chunk {
		f(0, 0, n, rows)
		return
	}
	width := min(n, chunk)
	height := chunk / width
	for i := 0; i < rows; i += height {
		for j := 0; j < n; j += width {
			f(i, j, min(width, n-j), min(height, rows-i))
		}
	}
}

// plainMoves is the portable set, and the oracle of the others.
var plainMoves = rowMoves{
	copy: func(dst *float32, ds int, src *float32, ss, n, rows int) {
		for i := range rows {
			copy(unsafe.Slice(at(dst, i*ds), n), unsafe.Slice(at(src, i*ss), n))
		}
	},
	pick: func(dst *float32, ds int, src *float32, ss, n, rows int) {
		for i := range rows {
			for j := range n {
				*at(dst, i*ds+j) = *at(src, i*ss+2*j)
			}
		}
	},
	zip: func(dst *float32, ds int, a, b *float32, ss, n, rows int) {
		for i := range rows {
			for j := range n {
				*at(dst, i*ds+2*j) = *at(a, i*ss+j)
				*at(dst, i*ds+2*j+1) = *at(b, i*ss+j)
			}
		}
	},
}
