package simd

import "unsafe"

// WhichPitch is how many bytes Halve and HalveGrad want for a row of n choices.
func WhichPitch(n int) int { return (n + 15) &^ 15 }

// halving is one level's pooling of windows of two by two.
type halving struct {
	down func(y *float32, which *uint8, ws int, x *float32, xs, n, rows int)
	back func(dx *float32, xs int, g *float32, which *uint8, ws int, n, rows int)
}

var halves = plainHalves

// Halve sets y[i*n+j] to the largest of the numbers x[(2*i+a)*xs+2*j+b], a and b 0 or 1, for i below rows and j below n,
// and which[i*WhichPitch(n)+j] to 2*a+b of the first that is; which nil: not wanted. NaN is larger than all. What is
// between the rows of which is spoilt.
func Halve(y []float32, which []uint8, x []float32, xs, n, rows int) {
	if n <= 0 || rows <= 0 {
		return
	}
	ws := WhichPitch(n)
	_, _ = y[rows*n-1], x[(2*rows-1)*xs+2*n-1]
	if which != nil {
		_ = which[rows*ws-1]
	}
	for step := max(1, chunk/(4*n)); rows > 0; rows -= step {
		k := min(step, rows)
		halves.down(&y[0], unsafe.SliceData(which), ws, &x[0], xs, n, k)
		if rows > step {
			y, x = y[k*n:], x[2*k*xs:]
			if which != nil {
				which = which[k*ws:]
			}
		}
	}
}

// HalveGrad sets dx[(2*i+a)*xs+2*j+b], a and b 0 or 1, for i below rows and j below n, to g[i*n+j] where
// which[i*WhichPitch(n)+j] is 2*a+b, else to 0.
func HalveGrad(dx []float32, xs int, g []float32, which []uint8, n, rows int) {
	if n <= 0 || rows <= 0 {
		return
	}
	ws := WhichPitch(n)
	_, _, _ = g[rows*n-1], dx[(2*rows-1)*xs+2*n-1], which[rows*ws-1]
	for step := max(1, chunk/(4*n)); rows > 0; rows -= step {
		k := min(step, rows)
		halves.back(&dx[0], xs, &g[0], &which[0], ws, n, k)
		if rows > step {
			dx, g, which = dx[2*k*xs:], g[k*n:], which[k*ws:]
		}
	}
}

// plainHalves is the portable set, and the oracle of the others.
var plainHalves = halving{
	down: func(y *float32, which *uint8, ws int, x *float32, xs, n, rows int) {
		for i := range rows {
			for j := range n {
				best, from := *at(x, 2*i*xs+2*j), 0
				for t := 1; t < 4; t++ {
					if v := *at(x, (2*i+t/2)*xs+2*j+t%2); best == best && !(v <= best) {
						best, from = v, t
					}
				}
				*at(y, i*n+j) = best
				if which != nil {
					*(*uint8)(unsafe.Add(unsafe.Pointer(which), i*ws+j)) = uint8(from)
				}
			}
		}
	},
	back: func(dx *float32, xs int, g *float32, which *uint8, ws int, n, rows int) {
		for i := range rows {
			for j := range n {
				from := int(*(*uint8)(unsafe.Add(unsafe.Pointer(which), i*ws+j)))
				for t := range 4 {
					v := float32(0)
					if t == from {
						v = *at(g, i*n+j)
					}
					*at(dx, (2*i+t/2)*xs+2*j+t%2) = v
				}
			}
		}
	},
}
