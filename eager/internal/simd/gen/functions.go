package main

import "github.com/mmcloughlin/avo/operand"

// functions emits the functions that need a polynomial.
func functions(m *machine) {
	few := 3 // vectors at a time; AVX2 has 16 registers
	if m.wide() {
		few = 4
	}
	m.unary("exp", "sets dst = e**a.", few, expConstants, m.exp)
	m.unary("log", "sets dst to the natural logarithm of a.", few-1, logConstants, m.log)
	m.unary("tanh", "sets dst to the hyperbolic tangent of a.", few, tanhConstants, m.tanh)
	m.unary("erf", "sets dst to the error function of a.", few, erfConstants, m.erf)
	m.unary("sigmoid", "sets dst = 1 / (1 + e**-a).", few-1, expConstants, m.sigmoid)
	m.unary("silu", "sets dst = a / (1 + e**-a).", few-1, expConstants, m.silu)
	m.unary("gelu", "sets dst = a/2 * (1 + erf(a/sqrt 2)).", few-1, erfConstants, m.gelu)
	m.unary("softplus", "sets dst = log(1 + e**a).", few-2, expConstants, m.softplus)
	m.unary("geluTanh", "sets dst = a * sigmoid(2*sqrt(2/pi) * (a + 0.044715 a**3)).", few-1, expConstants, m.geluTanh)
}

// The exponential: a = n ln 2 + r, and a polynomial in r (Cephes, expf).
const (
	log2e = 1.4426950408889634
	ln2   = 0.693359375
	ln2lo = -2.12194440e-4
	expHi = 88.8 // e**88.8 is beyond float32, e**-104 less than half of its smallest number
	expLo = -104
)

var expPoly = []float64{1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1}

var expConstants = append(nums(expPoly), num(log2e), num(ln2), num(ln2lo), num(expHi), num(expLo), num(1), word(1<<31))

func (m *machine) exp(xs []vec) {
	n, p := m.vecs(len(xs)), m.vecs(len(xs))
	each(xs, func(i int) { m.clamp(num(expLo), num(expHi), xs[i]) })
	each(xs, func(i int) {
		m.mul(num(log2e), xs[i], n[i])
		if m.wide() {
			m.VRNDSCALEPS(operand.Imm(8), n[i], n[i])
		} else {
			m.VROUNDPS(operand.Imm(8), n[i], n[i])
		}
	})
	each(xs, func(i int) {
		m.fnma(num(ln2), n[i], xs[i])
		m.fnma(num(ln2lo), n[i], xs[i])
	})
	m.poly(expPoly, xs, p)
	each(xs, func(i int) { m.horner(num(1), xs[i], p[i]) })
	each(xs, func(i int) { m.horner(num(1), xs[i], p[i]) })
	each(xs, func(i int) { m.scaled(n[i], p[i], xs[i]) })
}

// scaled is dst = p * 2**n for whole n. It may spoil n and p.
func (m *machine) scaled(n, p, dst vec) {
	if m.wide() {
		m.VSCALEFPS(n, p, dst)
		return
	}
	// In two halves, since 2**n alone may be beyond float32 where the result is not.
	half := m.vec()
	m.VCVTPS2DQ(n, n)
	m.VPSRAD(operand.Imm(1), n, half)
	m.VPSUBD(half, n, n)
	for _, h := range []vec{half, n} {
		m.VPADDD(m.constant(word(127)), h, h)
		m.VPSLLD(operand.Imm(23), h, h)
		m.mul(h, p, p)
	}
	if dst != p {
		m.VMOVAPS(p, dst)
	}
}

// poly is p = c[0]*x**(len-1) + ... + c[len-1].
func (m *machine) poly(c []float64, xs, p []vec) {
	each(xs, func(i int) { m.set(num(c[0]), p[i]) })
	for _, k := range c[1:] {
		each(xs, func(i int) { m.horner(num(k), xs[i], p[i]) })
	}
}

// The logarithm: a = 2**e (1+f) with 1+f between sqrt 1/2 and sqrt 2, and a polynomial in f (Cephes, logf). The two
// parts of ln 2 have one sign, so that an infinite e stays infinite.
const (
	logHi = 0.693145751953125
	logLo = 1.42860682030941723212e-6
	sqrt2 = 1.4142135
)

var logPoly = []float64{7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
	-1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1}

var logConstants = append(nums(logPoly), num(logHi), num(logLo), num(sqrt2), num(1), num(0.5))

const (
	infinity    = word(0x7f800000)
	negInfinity = word(0xff800000)
	nan         = word(0x7fc00000)
	tiny        = word(0x00800000) // the smallest normal number
)

func (m *machine) log(xs []vec) { m.logWith(xs, func(int, vec, vec) {}) }

// logWith is log, where change may still change e and f of each.
func (m *machine) logWith(xs []vec, change func(i int, e, f vec)) {
	e, f := m.vecs(len(xs)), m.vecs(len(xs))
	each(xs, func(i int) {
		if m.wide() {
			m.VGETEXPPS(xs[i], e[i])
			m.VGETMANTPS(operand.Imm(8), xs[i], f[i]) // 1 to 2; NaN below 0
			k := m.K()
			m.VCMPPS(operand.Imm(greater), m.reg(num(sqrt2)), f[i], k)
			m.VMULPS(m.reg(num(0.5)), f[i], k, f[i])
			m.VADDPS(m.reg(num(1)), e[i], k, e[i])
		} else {
			m.splitFloat(xs[i], e[i], f[i])
		}
		m.sub(num(1), f[i], f[i])
		change(i, e[i], f[i])
	})
	p, z := m.vecs(len(xs)), m.vecs(len(xs))
	m.poly(logPoly, f, p)
	each(xs, func(i int) { m.logOf(e[i], f[i], z[i], p[i]) })
	each(xs, func(i int) {
		if !m.wide() {
			const notLess = 0x15
			zero := m.zero()
			m.choose(notLess, infinity, xs[i], xs[i], p[i])
			m.choose(less, zero, xs[i], nan, p[i])
			m.choose(equal, zero, xs[i], negInfinity, p[i])
		}
		m.VMOVAPS(p[i], xs[i])
	})
}

// logOf is p = log(2**e (1+f)), where p was the polynomial in f. It spoils z.
func (m *machine) logOf(e, f, z, p vec) {
	m.mul(f, f, z)
	m.mul(f, p, p)
	m.mul(z, p, p)
	m.fma(num(logLo), e, p)
	m.fnma(num(0.5), z, p)
	m.add(f, p, p)
	m.fma(num(logHi), e, p)
}

// softplus is max(x,0) + log(1+t) with t the exponential of -|x|, where 1+t is not rounded first.
func (m *machine) softplus(xs []vec) {
	t, e, p := m.vecs(len(xs)), m.vecs(len(xs)), m.vecs(len(xs))
	each(xs, func(i int) { m.or(word(1<<31), xs[i], t[i]) })
	m.exp(t)
	each(xs, func(i int) {
		half := m.vec() // (t-1)/2, so that 2 (1+that) is 1+t
		m.set(num(-0.5), half)
		m.fma(num(0.5), t[i], half)
		m.clear(e[i])
		m.choose(greater, num(sqrt2-1), t[i], num(1), e[i])
		m.choose(greater, num(sqrt2-1), t[i], half, t[i])
	})
	m.poly(logPoly, t, p)
	each(xs, func(i int) {
		m.logOf(e[i], t[i], m.vec(), p[i])
		top := m.zero()
		m.VMAXPS(xs[i], top, top) // NaN stays
		m.add(top, p[i], xs[i])
	})
}

// gradients emits gradients of functions, of a number a and the gradient b of the function's result.
func gradients(m *machine) {
	few := 1
	if m.wide() {
		few = 2
	}
	m.gradient("tanhGrad", "sets dst = (1-a*a) * b, for a result a of tanh.", 4, nil, func(dst, a, b []vec) {
		each(dst, func(i int) {
			m.mul(a[i], a[i], a[i])
			m.VMOVAPS(b[i], dst[i])
			m.fnma(a[i], b[i], dst[i])
		})
	})
	m.gradient("sigmoidGrad", "sets dst = (1-a) * a * b, for a result a of sigmoid.", 4, nil, func(dst, a, b []vec) {
		each(dst, func(i int) {
			m.VMOVAPS(a[i], dst[i])
			m.fnma(a[i], a[i], dst[i])
			m.mul(b[i], dst[i], dst[i])
		})
	})
	m.gradient("siluGrad", "sets dst = s * (1 + a*(1-s)) * b, with s the sigmoid of a.", few, expConstants, func(dst, a, b []vec) {
		each(dst, func(i int) { m.VMOVAPS(a[i], dst[i]) })
		m.sigmoid(dst)
		each(dst, func(i int) { m.gated(a[i], dst[i], b[i]) })
	})
	m.gradient("geluTanhGrad", "sets dst to the gradient of geluTanh at a, times b.", few, expConstants, func(dst, a, b []vec) {
		slope := m.vecs(len(dst))
		each(dst, func(i int) {
			square := m.vec()
			m.mul(a[i], a[i], square)
			m.set(num(0.07135481627159286), dst[i])
			m.horner(num(1.5957691216057308), square, dst[i])
			m.mul(a[i], dst[i], dst[i])
			m.set(num(3*0.07135481627159286), slope[i])
			m.horner(num(1.5957691216057308), square, slope[i])
			m.mul(a[i], slope[i], slope[i])
		})
		m.sigmoid(dst)
		each(dst, func(i int) { m.gated(slope[i], dst[i], b[i]) })
	})
	m.gradient("geluGrad", "sets dst to the gradient of gelu at a, times b.", few, expConstants, func(dst, a, b []vec) {
		density := m.vecs(len(dst))
		each(dst, func(i int) {
			m.mul(num(-0.5), a[i], density[i])
			m.mul(a[i], density[i], density[i])
		})
		m.exp(density)
		each(dst, func(i int) {
			m.mul(a[i], density[i], density[i])
			m.mul(num(0.3989422804014327), density[i], density[i]) // 1/sqrt(2 pi)
			m.mul(num(0.7071067811865476), a[i], dst[i])
		})
		m.erf(dst)
		each(dst, func(i int) {
			m.fma(num(0.5), dst[i], density[i])
			m.add(num(0.5), density[i], dst[i])
			m.mul(b[i], dst[i], dst[i])
		})
	})
}

// gated is s = s * (1 + x*(1-s)) * g: the gradient of u sigmoid(v) for x = u times the slope of v.
func (m *machine) gated(x, s, g vec) {
	d := m.complement(s)
	m.horner(num(1), x, d)
	m.mul(d, s, s)
	m.mul(g, s, s)
}

func (m *machine) gradient(name, doc string, unroll int, keep []constant, f func(dst, a, b []vec)) {
	m.function(name, "func(dst, a, b []float32)", doc+lengths)
	dst, n, a, b := m.slice("dst"), m.length("dst"), m.slice("a"), m.slice("b")
	m.keep(keep...)
	m.sweep(n, unroll, func(p *place) {
		x, g := p.load(a), p.load(b)
		d := m.vecs(p.count)
		f(d, x, g)
		p.store(d, dst)
	})
	m.end()
}

// splitFloat is x = 2**e * f for positive x, with f between sqrt 1/2 and sqrt 2, for AVX2.
func (m *machine) splitFloat(x, e, f vec) {
	const root = 0x3f3504f3 // the bits of sqrt 1/2
	m.VMOVAPS(x, f)
	shift := m.zero()
	t := m.vec()
	m.mul(num(1<<23), x, t)
	m.choose(less, tiny, x, num(-23), shift)
	m.choose(less, tiny, x, t, f)
	m.VPADDD(m.constant(word(1<<32-root)), f, e)
	m.VPSRAD(operand.Imm(23), e, e)
	m.VPSLLD(operand.Imm(23), e, t)
	m.VPSUBD(t, f, f)
	m.VCVTDQ2PS(e, e)
	m.add(shift, e, e)
}

// The hyperbolic tangent: an odd rational function (Eigen, ptanh), held between -1 and 1.
var (
	tanhP = []float64{-2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-08,
		1.48572235717979e-05, 6.37261928875436e-04, 4.89352455891786e-03}
	tanhQ = []float64{1.19825839466702e-06, 1.18534705686654e-04, 2.26843463243900e-03, 4.89352518554385e-03}
)

var tanhConstants = append(nums(append(append([]float64{}, tanhP...), tanhQ...)), num(9), num(-9), num(1), num(-1))

func (m *machine) tanh(xs []vec) { m.rational(xs, 9, tanhP, tanhQ) }

// The error function: an odd rational function (XLA, Erf32), held between -1 and 1.
var (
	erfP = []float64{-2.72614225801306e-10, 2.77068142495902e-08, -2.10102402082508e-06, -5.69250639462346e-05,
		-7.34990630326855e-04, -2.95459980854025e-03, -1.60960333262415e-02}
	erfQ = []float64{-1.45660718464996e-05, -2.13374055278905e-04, -1.68282697438203e-03, -7.37332916720468e-03,
		-1.42647390514189e-02}
)

var erfConstants = append(nums(append(append([]float64{}, erfP...), erfQ...)), num(4), num(-4), num(1), num(-1))

func (m *machine) erf(xs []vec) { m.rational(xs, 4, erfP, erfQ) }

// rational is x * p(x**2)/q(x**2) for x held between -limit and limit, itself held between -1 and 1.
func (m *machine) rational(xs []vec, limit float64, p, q []float64) {
	square, num1, den := m.vecs(len(xs)), m.vecs(len(xs)), m.vecs(len(xs))
	each(xs, func(i int) {
		m.clamp(num(-limit), num(limit), xs[i])
		m.mul(xs[i], xs[i], square[i])
	})
	m.poly(p, square, num1)
	m.poly(q, square, den)
	each(xs, func(i int) {
		m.div(den[i], num1[i], num1[i])
		m.mul(num1[i], xs[i], xs[i])
		m.clamp(num(-1), num(1), xs[i])
	})
}

// sigmoid takes the exponential of -|a|, which neither overflows nor cancels.
func (m *machine) sigmoid(xs []vec) {
	e, top := m.vecs(len(xs)), m.vecs(len(xs))
	each(xs, func(i int) { m.or(word(1<<31), xs[i], e[i]) })
	m.exp(e)
	zero := m.zero()
	each(xs, func(i int) {
		m.set(num(1), top[i])
		m.choose(less, zero, xs[i], e[i], top[i])
		m.add(num(1), e[i], e[i])
		m.div(e[i], top[i], xs[i])
	})
}

func (m *machine) silu(xs []vec) {
	u := m.vecs(len(xs))
	each(xs, func(i int) { m.VMOVAPS(xs[i], u[i]) })
	m.sigmoid(u)
	each(xs, func(i int) { m.mul(u[i], xs[i], xs[i]) })
}

func (m *machine) gelu(xs []vec) {
	e := m.vecs(len(xs))
	each(xs, func(i int) { m.mul(num(0.7071067811865476), xs[i], e[i]) })
	m.erf(e)
	each(xs, func(i int) {
		m.mul(num(0.5), xs[i], xs[i])
		m.fma(xs[i], e[i], xs[i])
	})
}

func (m *machine) geluTanh(xs []vec) {
	u := m.vecs(len(xs))
	each(xs, func(i int) {
		t := m.vec()
		m.mul(xs[i], xs[i], t)
		m.set(num(0.07135481627159286), u[i])
		m.horner(num(1.5957691216057308), t, u[i])
		m.mul(xs[i], u[i], u[i])
	})
	m.sigmoid(u)
	each(xs, func(i int) { m.mul(u[i], xs[i], xs[i]) })
}
