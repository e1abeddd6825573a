package main

// neonElementwise emits the arithmetic for arm64.
func neonElementwise(m *neon) {
	for _, f := range []struct{ name, op, doc string }{
		{"add", "fadd.4s", "sets dst = a + b."},
		{"sub", "fsub.4s", "sets dst = a - b."},
		{"mul", "fmul.4s", "sets dst = a * b."},
		{"div", "fdiv.4s", "sets dst = a / b."},
		{"max", "fmax.4s", "sets dst to the larger of a and b."},
		{"min", "fmin.4s", "sets dst to the smaller of a and b."},
	} {
		m.binary(f.name, f.doc, func(x, y v) { m.op(f.op, x, x, y) })
	}
	m.binary("reluGrad", "sets dst to b where a > 0, else 0.", func(x, y v) {
		m.op("fcmgt0.4s", x, x)
		m.op("and.16b", x, x, y)
	})

	m.unary("relu", "sets dst = max(a, 0).", 4, []constant{num(0)}, func(xs []v) {
		eachV(xs, func(i int) { m.op("fmax.4s", xs[i], xs[i], m.is(num(0))) })
	})
	for _, f := range []struct{ name, op, doc string }{
		{"sqrt", "fsqrt.4s", "sets dst to the square root of a."},
		{"neg", "fneg.4s", "sets dst = -a."},
		{"abs", "fabs.4s", "sets dst = |a|."},
	} {
		m.unary(f.name, f.doc, 4, nil, func(xs []v) { eachV(xs, func(i int) { m.op(f.op, xs[i], xs[i]) }) })
	}
	m.unary("square", "sets dst = a * a.", 4, nil, func(xs []v) { eachV(xs, func(i int) { m.op("fmul.4s", xs[i], xs[i], xs[i]) }) })
	m.unary("recip", "sets dst = 1 / a.", 4, []constant{num(1)}, func(xs []v) {
		eachV(xs, func(i int) { m.op("fdiv.4s", xs[i], m.is(num(1)), xs[i]) })
	})

	m.scalar("addS", "sets dst = a + s.", false, func(dst, x, s v) { m.op("fadd.4s", dst, x, s) })
	m.scalar("mulS", "sets dst = a * s.", false, func(dst, x, s v) { m.op("fmul.4s", dst, x, s) })
	m.scalar("axpy", "adds a * s to dst.", true, func(dst, x, s v) { m.op("fmla.4s", dst, x, s) })

	m.function("mulAdd", "func(dst, a, b []float32)", "adds a * b to dst."+lengths)
	dst, n, a, b := m.slice("dst"), m.length("dst"), m.slice("a"), m.slice("b")
	m.sweep(n, []r{dst, a, b}, 4, func(p *spot) {
		acc, x, y := p.load(dst), p.load(a), p.load(b)
		eachV(acc, func(i int) { m.op("fmla.4s", acc[i], x[i], y[i]) })
		p.store(acc, dst)
	})
	m.end()
}

// unary emits a function that changes vectors in place.
func (m *neon) unary(name, doc string, unroll int, keep []constant, f func(xs []v)) {
	m.function(name, "func(dst, a []float32)", doc+lengths)
	dst, n, a := m.slice("dst"), m.length("dst"), m.slice("a")
	m.keep(keep...)
	m.sweep(n, []r{dst, a}, unroll, func(p *spot) {
		xs := p.load(a)
		m.scope(func() { f(xs) })
		p.store(xs, dst)
	})
	m.end()
}

func (m *neon) binary(name, doc string, f func(x, y v)) {
	m.function(name, "func(dst, a, b []float32)", doc+lengths)
	dst, n, a, b := m.slice("dst"), m.length("dst"), m.slice("a"), m.slice("b")
	m.sweep(n, []r{dst, a, b}, 4, func(p *spot) {
		x, y := p.load(a), p.load(b)
		eachV(x, func(i int) { f(x[i], y[i]) })
		p.store(x, dst)
	})
	m.end()
}

// scalar emits a function of a slice and a number; if it adds, dst is loaded before.
func (m *neon) scalar(name, doc string, adds bool, f func(dst, x, s v)) {
	m.function(name, "func(dst, a []float32, s float32)", doc+lengths)
	dst, n, a, s := m.slice("dst"), m.length("dst"), m.slice("a"), m.number("s")
	m.sweep(n, []r{dst, a}, 4, func(p *spot) {
		xs := p.load(a)
		to := xs
		if adds {
			to = p.load(dst)
		}
		eachV(xs, func(i int) { f(to[i], xs[i], s) })
		p.store(to, dst)
	})
	m.end()
}

// neonFunctions emits the functions that need a polynomial, by the formulas of functions.go.
func neonFunctions(m *neon) {
	m.unary("exp", "sets dst = e**a.", 3, neonExpConstants, m.exp)
	m.unary("log", "sets dst to the natural logarithm of a.", 2, neonLogConstants, m.log)
	m.unary("tanh", "sets dst to the hyperbolic tangent of a.", 2, tanhConstants, func(xs []v) { m.rational(xs, 9, tanhP, tanhQ) })
	m.unary("erf", "sets dst to the error function of a.", 2, erfConstants, func(xs []v) { m.rational(xs, 4, erfP, erfQ) })
	m.unary("sigmoid", "sets dst = 1 / (1 + e**-a).", 2, neonSigmoidConstants, m.sigmoid)
	m.unary("silu", "sets dst = a / (1 + e**-a).", 2, neonSigmoidConstants, func(xs []v) {
		s := m.vecs(len(xs))
		eachV(xs, func(i int) { m.mov(xs[i], s[i]) })
		m.scope(func() { m.sigmoid(s) })
		eachV(xs, func(i int) { m.op("fmul.4s", xs[i], xs[i], s[i]) })
	})
	m.unary("gelu", "sets dst = a/2 * (1 + erf(a/sqrt 2)).", 1, append([]constant{num(rootHalf), num(0.5)}, erfConstants...), m.gelu)
	m.unary("geluTanh", "sets dst = a * sigmoid(2*sqrt(2/pi) * (a + 0.044715 a**3)).", 2,
		append([]constant{num(geluCube), num(geluSlope)}, neonSigmoidConstants...), m.geluTanh)
}

const (
	rootHalf  = 0.7071067811865476
	geluSlope = 1.5957691216057308
	geluCube  = 0.07135481627159286
)

var neonExpConstants = append(nums(expPoly), num(log2e), num(ln2), num(ln2lo), num(expHi), num(expLo), num(1), word(127))

// horner is p = p*x + c, for vectors p that move to other registers.
func (m *neon) horner(c constant, xs, p, spare []v) {
	eachV(xs, func(i int) { m.mov(m.is(c), spare[i]) })
	eachV(xs, func(i int) { m.op("fmla.4s", spare[i], p[i], xs[i]) })
	eachV(xs, func(i int) { p[i], spare[i] = spare[i], p[i] })
}

// poly is c[0]*x**(len-1) + ... + c[len-1].
func (m *neon) poly(c []float64, xs, p, spare []v) {
	// The first step needs no copy of c[0].
	eachV(xs, func(i int) {
		m.mov(m.is(num(c[1])), p[i])
		m.op("fmla.4s", p[i], xs[i], m.is(num(c[0])))
	})
	for _, k := range c[2:] {
		m.horner(num(k), xs, p, spare)
	}
}

func (m *neon) clamp(lo, hi constant, x v) {
	m.op("fmax.4s", x, x, m.is(lo))
	m.op("fmin.4s", x, x, m.is(hi))
}

func (m *neon) exp(xs []v) {
	n, p, spare := m.vecs(len(xs)), m.vecs(len(xs)), m.vecs(len(xs))
	eachV(xs, func(i int) {
		m.clamp(num(expLo), num(expHi), xs[i])
		m.op("fmul.4s", n[i], xs[i], m.is(num(log2e)))
		m.op("frintn.4s", n[i], n[i])
		m.op("fmls.4s", xs[i], n[i], m.is(num(ln2)))
		m.op("fmls.4s", xs[i], n[i], m.is(num(ln2lo)))
	})
	m.poly(expPoly, xs, p, spare)
	m.horner(num(1), xs, p, spare)
	m.horner(num(1), xs, p, spare)
	eachV(xs, func(i int) {
		// In two halves, since 2**n alone may be beyond float32 where the result is not.
		x, n, p := xs[i], n[i], p[i]
		m.op("fcvtns.4s", n, n)
		m.sshr(1, n, x)
		m.op("sub.4s", n, n, x)
		for _, h := range []v{x, n} {
			m.op("add.4s", h, h, m.is(word(127)))
			m.shl(23, h, h)
		}
		m.op("fmul.4s", p, p, x)
		m.op("fmul.4s", x, p, n)
	})
}

const rootHalfBits = 0x3f3504f3

var neonLogConstants = append(nums(logPoly), num(logHi), num(logLo), num(1), num(0.5), num(1<<23), num(-23), tiny,
	word(1<<32-rootHalfBits), infinity, negInfinity, nan)

func (m *neon) log(xs []v) {
	e, f, p, spare := m.vecs(len(xs)), m.vecs(len(xs)), m.vecs(len(xs)), m.vecs(len(xs))
	eachV(xs, func(i int) {
		// x = 2**e * f, with f between sqrt 1/2 and sqrt 2; numbers below the normal ones are made larger first.
		x, e, f, small, t := xs[i], e[i], f[i], p[i], spare[i]
		m.op("fcmgt.4s", small, m.is(tiny), x)
		m.op("fmul.4s", t, x, m.is(num(1<<23)))
		m.mov(x, f)
		m.op("bit.16b", f, t, small)
		m.op("and.16b", small, small, m.is(num(-23)))
		m.op("add.4s", e, f, m.is(word(1<<32-rootHalfBits)))
		m.sshr(23, e, e)
		m.shl(23, e, t)
		m.op("sub.4s", f, f, t)
		m.op("scvtf.4s", e, e)
		m.op("fadd.4s", e, e, small)
		m.op("fsub.4s", f, f, m.is(num(1)))
	})
	m.poly(logPoly, f, p, spare)
	eachV(xs, func(i int) {
		x, e, f, p, z := xs[i], e[i], f[i], p[i], spare[i]
		m.op("fmul.4s", z, f, f)
		m.op("fmul.4s", p, p, f)
		m.op("fmul.4s", p, p, z)
		m.op("fmla.4s", p, e, m.is(num(logLo)))
		m.op("fmls.4s", p, z, m.is(num(0.5)))
		m.op("fadd.4s", p, p, f)
		m.op("fmla.4s", p, e, m.is(num(logHi)))
		m.op("fcmgt.4s", z, m.is(infinity), x)
		m.op("bif.16b", p, x, z) // infinity and NaN stay
		m.op("fcmlt0.4s", z, x)
		m.op("bit.16b", p, m.is(nan), z)
		m.op("fcmeq0.4s", z, x)
		m.op("bit.16b", p, m.is(negInfinity), z)
		m.mov(p, x)
	})
}

func (m *neon) rational(xs []v, limit float64, top, bottom []float64) {
	square, p, q, spare := m.vecs(len(xs)), m.vecs(len(xs)), m.vecs(len(xs)), m.vecs(len(xs))
	eachV(xs, func(i int) {
		m.clamp(num(-limit), num(limit), xs[i])
		m.op("fmul.4s", square[i], xs[i], xs[i])
	})
	m.poly(top, square, p, spare)
	m.poly(bottom, square, q, spare)
	eachV(xs, func(i int) {
		m.op("fdiv.4s", p[i], p[i], q[i])
		m.op("fmul.4s", xs[i], p[i], xs[i])
		m.clamp(num(-1), num(1), xs[i])
	})
}

var neonSigmoidConstants = append([]constant{word(1 << 31)}, neonExpConstants...)

func (m *neon) sigmoid(xs []v) {
	e := m.vecs(len(xs))
	eachV(xs, func(i int) { m.op("orr.16b", e[i], xs[i], m.is(word(1<<31))) })
	m.scope(func() { m.exp(e) })
	eachV(xs, func(i int) {
		m.scope(func() {
			top := m.vec()
			m.op("fcmlt0.4s", top, xs[i])
			m.op("bsl.16b", top, e[i], m.is(num(1)))
			m.op("fadd.4s", e[i], e[i], m.is(num(1)))
			m.op("fdiv.4s", xs[i], top, e[i])
		})
	})
}

func (m *neon) gelu(xs []v) {
	e := m.vecs(len(xs))
	eachV(xs, func(i int) { m.op("fmul.4s", e[i], xs[i], m.is(num(rootHalf))) })
	m.scope(func() { m.rational(e, 4, erfP, erfQ) })
	eachV(xs, func(i int) {
		m.op("fmul.4s", xs[i], xs[i], m.is(num(0.5)))
		m.op("fmla.4s", xs[i], xs[i], e[i])
	})
}

func (m *neon) geluTanh(xs []v) {
	u := m.vecs(len(xs))
	eachV(xs, func(i int) {
		m.scope(func() {
			t := m.vec()
			m.op("fmul.4s", t, xs[i], xs[i])
			m.mov(m.is(num(geluSlope)), u[i])
			m.op("fmla.4s", u[i], t, m.is(num(geluCube)))
			m.op("fmul.4s", u[i], u[i], xs[i])
		})
	})
	m.scope(func() { m.sigmoid(u) })
	eachV(xs, func(i int) { m.op("fmul.4s", xs[i], xs[i], u[i]) })
}

// neonReductions emits sums and maxima.
func neonReductions(m *neon) {
	m.function("sum", "func(a []float32) float32", "is the sum of a.")
	a, n := m.slice("a"), m.length("a")
	acc := m.zeros(8)
	m.sweep(n, []r{a}, 8, func(p *spot) {
		x := p.load(a)
		eachV(x, func(i int) { m.op("fadd.4s", acc[i], acc[i], x[i]) })
	})
	m.total(acc)

	m.function("dot", "func(a, b []float32) float32", "is the sum of a * b. Lengths are that of a.")
	a, n = m.slice("a"), m.length("a")
	b := m.slice("b")
	acc = m.zeros(8)
	m.sweep(n, []r{a, b}, 8, func(p *spot) {
		x, y := p.load(a), p.load(b)
		eachV(x, func(i int) { m.op("fmla.4s", acc[i], x[i], y[i]) })
	})
	m.total(acc)

	m.function("maxOf", "func(a []float32) float32", "is the largest of a, NaN if there is one, -Inf if a is empty.")
	a, n = m.slice("a"), m.length("a")
	m.keep(negInfinity)
	acc = m.vecs(8)
	eachV(acc, func(i int) { m.mov(m.is(negInfinity), acc[i]) })
	m.sweep(n, []r{a}, 8, func(p *spot) {
		x := p.load(a)
		if p.lanes == 1 {
			m.spread(x[0], x[0])
		}
		eachV(x, func(i int) { m.op("fmax.4s", acc[i], acc[i], x[i]) })
	})
	m.halve(acc, "fmax.4s")
	m.op("fmaxv.s", acc[0], acc[0])
	m.result(acc[0])

	m.function("expSum", "func(dst, a []float32, shift float32) float32", "sets dst = e**(a-shift) and returns its sum. Lengths are that of dst.")
	dst, n, a, shift := m.slice("dst"), m.length("dst"), m.slice("a"), m.number("shift")
	m.keep(neonExpConstants...)
	acc = m.zeros(2)
	m.sweep(n, []r{dst, a}, 2, func(p *spot) {
		xs := p.load(a)
		eachV(xs, func(i int) { m.op("fsub.4s", xs[i], xs[i], shift) })
		m.scope(func() { m.exp(xs) })
		p.store(xs, dst)
		if p.lanes == 1 {
			m.line("FMOVS F%d, F%[1]d", xs[0]) // clears the other lanes
		}
		eachV(xs, func(i int) { m.op("fadd.4s", acc[i], acc[i], xs[i]) })
	})
	m.total(acc)
}

// halve combines vectors until one is left, in the first.
func (m *neon) halve(acc []v, op string) {
	for n := len(acc); n > 1; n /= 2 {
		for i := range n / 2 {
			m.op(op, acc[i], acc[i], acc[i+n/2])
		}
	}
}

// total returns the sum of all lanes of acc.
func (m *neon) total(acc []v) {
	m.across(acc)
	m.result(acc[0])
}

// across adds all lanes of acc, into every lane of the first.
func (m *neon) across(acc []v) {
	m.halve(acc, "fadd.4s")
	m.op("faddp.4s", acc[0], acc[0], acc[0])
	m.op("faddp.4s", acc[0], acc[0], acc[0])
}

func (m *neon) result(x v) {
	m.line("FMOVS F%d, ret+%d(FP)", x, m.offset("ret"))
	m.end()
}

// neonOptimisers emits the steps that change parameters.
func neonOptimisers(m *neon) {
	m.function("adam", "func(p, g, m, v []float32, k *[8]float32)", "makes one step of Adam. Lengths are that of p.")
	p, n, g, mean, vari := m.slice("p"), m.length("p"), m.slice("g"), m.slice("m"), m.slice("v")
	args := m.arg("k")
	k := m.vecs(8) // in the order of adamArgs
	for _, x := range k {
		m.loadAll(args, x)
		m.line("ADD $4, %v", args)
	}
	const b1, nb1, b2, nb2, decay, step, root, eps = 0, 1, 2, 3, 4, 5, 6, 7
	m.sweep(n, []r{p, g, mean, vari}, 2, func(at *spot) {
		G, M, V, P := at.load(g), at.load(mean), at.load(vari), at.load(p)
		eachV(G, func(i int) {
			m.op("fmul.4s", M[i], M[i], k[b1])
			m.op("fmla.4s", M[i], G[i], k[nb1])
			m.op("fmul.4s", V[i], V[i], k[b2])
			m.op("fmul.4s", G[i], G[i], G[i])
			m.op("fmla.4s", V[i], G[i], k[nb2])
		})
		at.store(M, mean)
		at.store(V, vari)
		eachV(G, func(i int) {
			m.op("fsqrt.4s", V[i], V[i])
			m.mov(k[eps], G[i])
			m.op("fmla.4s", G[i], V[i], k[root])
			m.op("fdiv.4s", M[i], M[i], G[i])
			m.op("fmul.4s", P[i], P[i], k[decay])
			m.op("fmla.4s", P[i], M[i], k[step])
		})
		at.store(P, p)
	})
	m.end()

	m.function("sgd", "func(p, g []float32, lr, wd float32)", "sets p -= lr * (g + wd*p). Lengths are that of p.")
	p, n, g = m.slice("p"), m.length("p"), m.slice("g")
	lr, wd := m.number("lr"), m.number("wd")
	m.sweep(n, []r{p, g}, 4, func(at *spot) {
		G, P := at.load(g), at.load(p)
		eachV(G, func(i int) {
			m.op("fmla.4s", G[i], P[i], wd)
			m.op("fmls.4s", P[i], G[i], lr)
		})
		at.store(P, p)
	})
	m.end()

	m.function("momentum", "func(p, g, v []float32, lr, mu, wd, nesterov float32)",
		"sets v = mu*v + g + wd*p and p -= lr*v, or if nesterov is not 0 p -= lr*(g + wd*p + mu*v). Lengths are that of p.")
	p, n, g, vel := m.slice("p"), m.length("p"), m.slice("g"), m.slice("v")
	lr, mu := m.number("lr"), m.number("mu")
	wd, plain := m.number("wd"), m.number("nesterov")
	m.op("fcmeq0.4s", plain, plain)
	m.sweep(n, []r{p, g, vel}, 2, func(at *spot) {
		G, P, V := at.load(g), at.load(p), at.load(vel)
		U := m.vecs(at.count)
		eachV(G, func(i int) {
			m.op("fmla.4s", G[i], P[i], wd)
			m.mov(G[i], U[i])
			m.op("fmla.4s", U[i], V[i], mu)
		})
		at.store(U, vel)
		eachV(G, func(i int) {
			m.op("fmla.4s", G[i], U[i], mu) // what nesterov takes instead of v
			m.op("bit.16b", G[i], U[i], plain)
			m.op("fmls.4s", P[i], G[i], lr)
		})
		at.store(P, p)
	})
	m.end()
}
