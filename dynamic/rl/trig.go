package rl

import (
	"math"
	"math/big"
	"sync"
)

// sincos is the sine and cosine of an angle in radians, rounded as the C library that Gymnasium runs on rounds them:
// glibc (2.28 and later, processors with fused multiply-add) sums a short polynomial, or one around the nearest
// multiple of 1/128 whose sine and cosine it knows to twice the precision, in the order written here. Go's own
// functions differ from it in the last bit for one cosine in four, and a pole turns that bit into a visible difference
// within some hundred steps. Outside of ±0.8, far beyond the fall of any pole, it is math.Sincos.
func sincos(x float64) (sin, cos float64) {
	if !(math.Abs(x) < 0.8) {
		return math.Sincos(x)
	}
	return sine(x), cosine(x)
}

// Coefficients near those of Taylor's series, -1/3!, 1/5!, ..., as fitted in IBM's Accurate Mathematical Library, on
// which glibc's functions rest.
var sineSeries = [5]float64{
	math.Float64frombits(0xbfc5555555555555), math.Float64frombits(0x3f81111111110ece),
	math.Float64frombits(0xbf2a01a019db08b8), math.Float64frombits(0x3ec71de27b9a7ed9),
	math.Float64frombits(0xbe5addffc2fcdf59),
}

const (
	sine3, sine5     = -1.66666666666664880952546298448555e-01, 8.33333214285722277379541354343671e-03
	cosine2, cosine4 = 4.99999999999999999999950396842453e-01, -4.16666666666664434524222570944589e-02
	cosine6          = 1.38888874007937613028114285595617e-03

	gridStep    = 1.0 / 128
	gridPoints  = 104             // up to 0.8 and a little
	roundToGrid = 3.0 * (1 << 44) // adding and subtracting this rounds to a multiple of 1/128
)

func sine(x float64) float64 {
	if math.Abs(x) < 0.126 {
		xx := x * x
		p := sineSeries[4]
		for i := 3; i >= 0; i-- {
			p = math.FMA(p, xx, sineSeries[i])
		}
		return x + float64(float64(p*x)*xx)
	}
	at, d := nearest(math.Abs(x))
	dd := d * d
	s := d + float64(float64(d*dd)*math.FMA(dd, sine5, sine3))
	c := dd * math.FMA(dd, math.FMA(dd, cosine6, cosine4), cosine2)
	rest := math.FMA(at.cos, s, math.FMA(-at.sin, c, math.FMA(s, at.cosRest, at.sinRest)))
	return math.Copysign(at.sin+rest, x)
}

func cosine(x float64) float64 {
	at, d := nearest(math.Abs(x))
	dd := d * d
	s := math.FMA(float64(d*dd), math.FMA(dd, sine5, sine3), d)
	c := dd * math.FMA(dd, math.FMA(dd, cosine6, cosine4), cosine2)
	rest := math.FMA(-at.sin, s, math.FMA(-at.cos, c, math.FMA(-s, at.sinRest, at.cosRest)))
	return at.cos + rest
}

// A gridPoint is the sine and cosine at a multiple of 1/128, each as a float64 and what is left to the true value.
type gridPoint struct{ sin, sinRest, cos, cosRest float64 }

// nearest is the grid's point nearest to x >= 0, and how far x lies from it.
func nearest(x float64) (*gridPoint, float64) {
	at := x + roundToGrid - roundToGrid
	return &grid()[int(at/gridStep)], x - at
}

// grid is computed once, from Taylor's series in 160 bits.
var grid = sync.OnceValue(func() *[gridPoints]gridPoint {
	table := new([gridPoints]gridPoint)
	wide := func(v float64) *big.Float { return new(big.Float).SetPrec(160).SetFloat64(v) }
	split := func(v *big.Float) (head, rest float64) {
		head, _ = v.Float64()
		rest, _ = v.Sub(v, wide(head)).Float64()
		return head, rest
	}
	for i := range table {
		x := wide(float64(i) * gridStep)
		sums := [2]*big.Float{wide(0), wide(0)} // cosine, sine
		term := wide(1)
		for n := 0; n < 32; n++ {
			if n%4 < 2 {
				sums[n%2].Add(sums[n%2], term)
			} else {
				sums[n%2].Sub(sums[n%2], term)
			}
			term.Mul(term, x)
			term.Quo(term, wide(float64(n+1)))
		}
		p := &table[i]
		p.cos, p.cosRest = split(sums[0])
		p.sin, p.sinRest = split(sums[1])
	}
	return table
})
