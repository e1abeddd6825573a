package simd

// chunk is how many floats one kernel call takes at most: 64 KiB.
const chunk = 16 << 10

// kernels is one level's set. Lengths are the destination's (or the first operand's, for reductions).
type kernels struct {
	add, sub, mul, div, max, min, reluGrad                                                                                             func(dst, a, b []float32)
	relu, exp, log, tanh, sigmoid, silu, softplus, log1p, round, floor, ceil, sign, erf, gelu, geluTanh, sqrt, neg, square, abs, recip func(dst, a []float32)
	tanhGrad, sigmoidGrad, siluGrad, geluGrad, geluTanhGrad                                                                            func(dst, a, b []float32)
	addS, mulS, axpy, leaky, elu                                                                                                       func(dst, a []float32, s float32)
	equals, differs, below, atMost                                                                                                     func(dst []uint8, a, b []float32)
	choose                                                                                                                             func(dst []float32, c []uint8, a, b []float32)
	clip                                                                                                                               func(dst, a []float32, lo, hi float32)
	mulAdd                                                                                                                             func(dst, a, b []float32)
	sum, maxOf                                                                                                                         func(a []float32) float32
	dot                                                                                                                                func(a, b []float32) float32
	expSum                                                                                                                             func(dst, a []float32, shift float32) float32
	sumRows                                                                                                                            func(dst, x []float32, rows, ld int)
	moment                                                                                                                             func(a []float32, shift float32) float32
	normalise                                                                                                                          func(dst, a, w, b []float32, shift, scale float32)
	normSums                                                                                                                           func(g, w, a []float32, shift float32, sums *[2]float32)
	normGrad                                                                                                                           func(dst, g, w, a []float32, shift, slope, pull, move float32)
	shift                                                                                                                              func(dst, a []float32, shift, scale, move float32)
	leakyGrad                                                                                                                          func(dst, a, b []float32, s float32)
	shiftSums                                                                                                                          func(g, a []float32, shift float32, sums *[2]float32)
	shiftGrad                                                                                                                          func(dst, g, a []float32, mean, shift, slope, pull float32)
	normAdd                                                                                                                            func(dw, db, g, a []float32, shift, scale float32)
	lstmCell                                                                                                                           func(i, f, g, o, prev, c, h []float32)
	lstmGrad                                                                                                                           func(i, f, g, o, c, prev, dh, dc, di, df, dg, do []float32)
	gruCell                                                                                                                            func(r, z, n, hr, hz, hn, prev, h []float32)
	gruGrad                                                                                                                            func(r, z, n, hn, prev, dh, dr, dz, dn, dhn []float32)
	adam                                                                                                                               func(p, g, m, v []float32, k *[8]float32)
	sgd                                                                                                                                func(p, g []float32, lr, wd float32)
	momentum                                                                                                                           func(p, g, v []float32, lr, mu, wd, nesterov float32)

	pull      func(dst, g, p []float32, scale, limit, wd float32)
	rmsprop   func(p, g, s []float32, k *[5]float32)
	rmsMoving func(p, g, s, v []float32, k *[5]float32)
}

var use = plain

func unary(f func(dst, a []float32), dst, a []float32) {
	a = a[:len(dst)]
	for len(dst) > chunk {
		f(dst[:chunk], a[:chunk])
		dst, a = dst[chunk:], a[chunk:]
	}
	f(dst, a)
}

func binary(f func(dst, a, b []float32), dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for len(dst) > chunk {
		f(dst[:chunk], a[:chunk], b[:chunk])
		dst, a, b = dst[chunk:], a[chunk:], b[chunk:]
	}
	f(dst, a, b)
}

func scalar(f func(dst, a []float32, s float32), dst, a []float32, s float32) {
	a = a[:len(dst)]
	for len(dst) > chunk {
		f(dst[:chunk], a[:chunk], s)
		dst, a = dst[chunk:], a[chunk:]
	}
	f(dst, a, s)
}

// Add sets dst = a + b.
func Add(dst, a, b []float32) { binary(use.add, dst, a, b) }

// Sub sets dst = a - b.
func Sub(dst, a, b []float32) { binary(use.sub, dst, a, b) }

// Mul sets dst = a * b.
func Mul(dst, a, b []float32) { binary(use.mul, dst, a, b) }

// Div sets dst = a / b.
func Div(dst, a, b []float32) { binary(use.div, dst, a, b) }

// Max sets dst to the larger of a and b; NaN where either is NaN. Of two zeros either may be taken.
func Max(dst, a, b []float32) { binary(use.max, dst, a, b) }

// Min sets dst to the smaller of a and b; NaN where either is NaN. Of two zeros either may be taken.
func Min(dst, a, b []float32) { binary(use.min, dst, a, b) }

// MulAdd adds a * b to dst, rounding once where the level can.
func MulAdd(dst, a, b []float32) { binary(use.mulAdd, dst, a, b) }

// AddS sets dst = a + s.
func AddS(dst, a []float32, s float32) { scalar(use.addS, dst, a, s) }

// MulS sets dst = a * s.
func MulS(dst, a []float32, s float32) { scalar(use.mulS, dst, a, s) }

// Axpy adds a * x to dst, rounding once where the level can.
func Axpy(dst, x []float32, a float32) { scalar(use.axpy, dst, x, a) }

// Relu sets dst to a where a > 0, NaN where a is NaN, else 0.
func Relu(dst, a []float32) { unary(use.relu, dst, a) }

// ReluGrad sets dst to g where x > 0, else 0.
func ReluGrad(dst, x, g []float32) { binary(use.reluGrad, dst, x, g) }

// Exp sets dst = e**a, within 1 ulp.
func Exp(dst, a []float32) { unary(use.exp, dst, a) }

// Log sets dst to the natural logarithm of a, within 1 ulp: -Inf for 0, NaN below 0.
func Log(dst, a []float32) { unary(use.log, dst, a) }

// Tanh sets dst to the hyperbolic tangent of a, within 5 ulp.
func Tanh(dst, a []float32) { unary(use.tanh, dst, a) }

// Sigmoid sets dst = 1 / (1 + e**-a), within 3 ulp.
func Sigmoid(dst, a []float32) { unary(use.sigmoid, dst, a) }

// Silu sets dst = a / (1 + e**-a), within 5e-7 times max(1, |a|).
func Silu(dst, a []float32) { unary(use.silu, dst, a) }

// Softplus sets dst = log(1 + e**a), within 2 ulp.
func Softplus(dst, a []float32) { unary(use.softplus, dst, a) }

// Erf sets dst to the error function of a, within 7 ulp.
func Erf(dst, a []float32) { unary(use.erf, dst, a) }

// Gelu sets dst = a/2 * (1 + erf(a/sqrt 2)), within 5e-7 times max(1, |a|).
func Gelu(dst, a []float32) { unary(use.gelu, dst, a) }

// GeluTanh sets dst to the tanh form of gelu, a/2 * (1 + tanh(sqrt(2/pi) * (a + 0.044715 a**3))), within 5e-7 times
// max(1, |a|).
func GeluTanh(dst, a []float32) { unary(use.geluTanh, dst, a) }

// Log1p sets dst = log(1 + a), within 3 ulp: -Inf for -1, NaN below.
func Log1p(dst, a []float32) { unary(use.log1p, dst, a) }

// Elu sets dst to a where a > 0, else to s * (e**a - 1), within 3 ulp for s = 1.
func Elu(dst, a []float32, s float32) { scalar(use.elu, dst, a, s) }

// Round sets dst to the whole number nearest to a, the even one of two.
func Round(dst, a []float32) { unary(use.round, dst, a) }

// Floor sets dst to the largest whole number not above a.
func Floor(dst, a []float32) { unary(use.floor, dst, a) }

// Ceil sets dst to the smallest whole number not below a.
func Ceil(dst, a []float32) { unary(use.ceil, dst, a) }

// Sign sets dst to 1 where a > 0, to -1 where a < 0, else to a, which is 0 or NaN.
func Sign(dst, a []float32) { unary(use.sign, dst, a) }

// Clip sets dst to a moved into lo to hi; NaN stays.
func Clip(dst, a []float32, lo, hi float32) {
	unary(func(dst, a []float32) { use.clip(dst, a, lo, hi) }, dst, a)
}

// Sqrt sets dst to the square root of a, correctly rounded; NaN below 0.
func Sqrt(dst, a []float32) { unary(use.sqrt, dst, a) }

// Neg sets dst = -a.
func Neg(dst, a []float32) { unary(use.neg, dst, a) }

// Square sets dst = a * a.
func Square(dst, a []float32) { unary(use.square, dst, a) }

// Abs sets dst = |a|.
func Abs(dst, a []float32) { unary(use.abs, dst, a) }

// Recip sets dst = 1 / a, correctly rounded.
func Recip(dst, a []float32) { unary(use.recip, dst, a) }

// Leaky sets dst to a where a > 0, else a * s.
func Leaky(dst, a []float32, s float32) { scalar(use.leaky, dst, a, s) }

// LeakyGrad sets dst to g where x > 0, else g * s.
func LeakyGrad(dst, x, g []float32, s float32) {
	binary(func(dst, x, g []float32) { use.leakyGrad(dst, x, g, s) }, dst, x, g)
}

// TanhGrad sets dst = (1 - y*y) * g: the gradient of Tanh from its result y.
func TanhGrad(dst, y, g []float32) { binary(use.tanhGrad, dst, y, g) }

// SigmoidGrad sets dst = (1 - y) * y * g: the gradient of Sigmoid from its result y.
func SigmoidGrad(dst, y, g []float32) { binary(use.sigmoidGrad, dst, y, g) }

// SiluGrad sets dst to g times the slope of Silu at x, which is within 1e-6 times max(1, |x|).
func SiluGrad(dst, x, g []float32) { binary(use.siluGrad, dst, x, g) }

// GeluGrad sets dst to g times the slope of Gelu at x, which is within 1e-6 times max(1, |x|).
func GeluGrad(dst, x, g []float32) { binary(use.geluGrad, dst, x, g) }

// GeluTanhGrad sets dst to g times the slope of GeluTanh at x, which is within 1e-6 times max(1, |x|).
func GeluTanhGrad(dst, x, g []float32) { binary(use.geluTanhGrad, dst, x, g) }
