package rl

import (
	"math"
	"math/big"
	"sync/atomic"
)

// sincos is the sine and cosine of an angle in radians, rounded as the C library that Gymnasium runs on rounds them:
// glibc (2.28 and later, processors with fused multiply-add) sums a short polynomial, or one around the nearest
// multiple of 1/128 whose sine and cosine it knows to twice the precision, in the order written here; beyond 0.855 it
// first takes whole quarter turns away, in twice the precision too. Go's own functions differ from it in the last bit
// for one cosine in four, and a pole turns that bit into a visible difference within some hundred steps. Beyond 10^8 it
// is math.Sincos.
func sincos(x float64) (sin, cos float64) {
	switch far := math.Abs(x); {
	case far < 0.855469:
		return near(x)
	case far < 2.426265:
		y := quarterHigh - far
		a := y + quarterLow
		return math.Copysign(cosine(y, quarterLow), x), sine(a, (y-a)+quarterLow)
	case far < 1e8:
		t := math.FMA(x, 2/math.Pi, roundToWhole)
		n := t - roundToWhole // quarter turns
		y := math.FMA(-n, quarter2, math.FMA(-n, quarter1, x))
		t2 := math.FMA(-n, quarter3, y)
		rest := math.FMA(-n, quarter3, y-t2)
		a := math.FMA(-n, quarter4, t2)
		rest += math.FMA(-n, quarter4, t2-a)
		sin, cos = sine(a, rest), cosine(a, rest)
		switch int64(n) & 3 {
		case 1:
			return cos, -sin
		case 2:
			return -sin, -cos
		case 3:
			return -cos, sin
		}
		return sin, cos
	}
	return math.Sincos(x)
}

// near is sine(x, 0) and cosine(x, 0) for |x| up to 0.855469, with what they share computed once. It computes both forms
// of the sine and picks one without a branch: angles of a pole lie on either side, and a processor cannot guess which.
func near(x float64) (sin, cos float64) {
	far := math.Abs(x)
	at, d := nearest(far)
	dd := d * d
	odd := float64(d * dd)
	s := math.FMA(dd, sine5, sine3)
	c := dd * math.FMA(dd, math.FMA(dd, cosine6, cosine4), cosine2)
	t := math.FMA(odd, s, d)
	cos = at.cos + math.FMA(-at.sin, t, math.FMA(-at.cos, c, math.FMA(-t, at.sinRest, at.cosRest)))
	xx := x * x
	small := math.Float64bits(x + float64(float64(smallSine(xx)*x)*xx))
	t = d + float64(odd*s)
	large := math.Float64bits(math.Copysign(at.sin+math.FMA(at.cos, t, math.FMA(-at.sin, c, math.FMA(t, at.cosRest, at.sinRest))), x))
	ones := uint64(int64(math.Float64bits(far)-math.Float64bits(0.126)) >> 63) // all bits of it, where far < 0.126
	return math.Float64frombits(small&ones | large&^ones), cos
}

// smallSine is (sin(x)/x - 1)/x² for small xx = x². Its coefficients are near those of Taylor's series, -1/3!, 1/5!, ...,
// as fitted in IBM's Accurate Mathematical Library, on which glibc's functions rest.
func smallSine(xx float64) float64 {
	return math.FMA(math.FMA(math.FMA(math.FMA(small11, xx, small9), xx, small7), xx, small5), xx, small3)
}

var (
	small3, small5 = math.Float64frombits(0xbfc5555555555555), math.Float64frombits(0x3f81111111110ece)
	small7, small9 = math.Float64frombits(0xbf2a01a019db08b8), math.Float64frombits(0x3ec71de27b9a7ed9)
	small11        = math.Float64frombits(0xbe5addffc2fcdf59)
)

const (
	sine3, sine5     = -1.66666666666664880952546298448555e-01, 8.33333214285722277379541354343671e-03
	cosine2, cosine4 = 4.99999999999999999999950396842453e-01, -4.16666666666664434524222570944589e-02
	cosine6          = 1.38888874007937613028114285595617e-03

	gridStep    = 1.0 / 128
	gridPoints  = 128             // more than 0.855469 needs, a power of 2
	roundToGrid = 3.0 * (1 << 44) // adding and subtracting this rounds to a multiple of 1/128

	roundToWhole = 3.0 * (1 << 51)
)

// A quarter turn as a float64 and what is left, and as the sum of four numbers of few bits.
var (
	quarterHigh, quarterLow = math.Float64frombits(0x3ff921fb54442d18), math.Float64frombits(0x3c91a62633145c07)
	quarter1, quarter2      = math.Float64frombits(0x3ff921fb58000000), math.Float64frombits(0xbe4dde973c000000)
	quarter3, quarter4      = math.Float64frombits(0xbc8cb3b398000000), math.Float64frombits(0xbacd747f23e32ed7)
)

// sine is that of x + rest, for |x| up to 0.855469 and a rest far below it.
func sine(x, rest float64) float64 {
	if math.Abs(x) < 0.126 {
		xx := x * x
		return x + math.FMA(math.FMA(smallSine(xx), x, -0.5*rest), xx, rest)
	}
	if x <= 0 {
		rest = -rest
	}
	at, d := nearest(math.Abs(x))
	dd := d * d
	s := d + math.FMA(float64(d*dd), math.FMA(dd, sine5, sine3), rest)
	c := math.FMA(d, rest, float64(dd*math.FMA(dd, math.FMA(dd, cosine6, cosine4), cosine2)))
	low := math.FMA(at.cos, s, math.FMA(-at.sin, c, math.FMA(s, at.cosRest, at.sinRest)))
	return math.Copysign(at.sin+low, x)
}

// cosine is that of x + rest, as sine.
func cosine(x, rest float64) float64 {
	if x < 0 {
		rest = -rest
	}
	at, d := nearest(math.Abs(x))
	d += rest
	dd := d * d
	s := math.FMA(float64(d*dd), math.FMA(dd, sine5, sine3), d)
	c := dd * math.FMA(dd, math.FMA(dd, cosine6, cosine4), cosine2)
	low := math.FMA(-at.sin, s, math.FMA(-at.cos, c, math.FMA(-s, at.sinRest, at.cosRest)))
	return at.cos + low
}

// A gridPoint is the sine and cosine at a multiple of 1/128, each as a float64 and what is left to the true value.
type gridPoint struct{ sin, sinRest, cos, cosRest float64 }

// nearest is the grid's point nearest to 0 <= x < 0.86, and how far x lies from it.
func nearest(x float64) (*gridPoint, float64) {
	points := grid.Load()
	if points == nil {
		points = newGrid()
		grid.Store(points)
	}
	at := x + roundToGrid - roundToGrid
	return &points[int(at/gridStep)&(gridPoints-1)], x - at
}

// grid is computed at its first use.
var grid atomic.Pointer[[gridPoints]gridPoint]

// newGrid is from Taylor's series in 160 bits.
func newGrid() *[gridPoints]gridPoint {
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
}
