package main

// neonNorms emits normalisations and leaky ReLU for arm64.
func neonNorms(m *neon) {
	m.scalar("leaky", "sets dst to a where a > 0, else to a * s.", false, func(dst, x, s v) {
		m.scope(func() {
			live := m.vec()
			m.op("fcmgt0.4s", live, x)
			m.leak(dst, x, s, live)
		})
	})
	m.function("leakyGrad", "func(dst, a, b []float32, s float32)", "sets dst to b where a > 0, else to b * s."+lengths)
	dst, n, a, b, s := m.slice("dst"), m.length("dst"), m.slice("a"), m.slice("b"), m.number("s")
	m.sweep(n, []r{dst, a, b}, 4, func(p *spot) {
		x, y := p.load(a), p.load(b)
		eachV(x, func(i int) {
			m.op("fcmgt0.4s", x[i], x[i])
			m.leak(y[i], y[i], s, x[i])
		})
		p.store(y, dst)
	})
	m.end()

	m.function("moment", "func(a []float32, shift float32) float32", "is the sum of (a - shift)**2.")
	a, n = m.slice("a"), m.length("a")
	shift := m.number("shift")
	acc := m.zeros(8)
	m.sweep(n, []r{a}, 8, func(p *spot) {
		x := p.load(a)
		p.less(x, shift)
		eachV(x, func(i int) { m.op("fmla.4s", acc[i], x[i], x[i]) })
	})
	m.total(acc)

	m.function("normalise", "func(dst, a, w, b []float32, shift, scale float32)", "sets dst = (a - shift) * scale * w + b."+lengths)
	dst, n, a, b = m.slice("dst"), m.length("dst"), m.slice("a"), m.slice("b")
	w := m.slice("w")
	shift, scale := m.number("shift"), m.number("scale")
	m.sweep(n, []r{dst, a, w, b}, 4, func(p *spot) {
		x, y, z := p.load(a), p.load(w), p.load(b)
		eachV(x, func(i int) {
			m.op("fsub.4s", x[i], x[i], shift)
			m.op("fmul.4s", x[i], x[i], scale)
			m.op("fmla.4s", z[i], x[i], y[i])
		})
		p.store(z, dst)
	})
	m.end()

	m.sums("normSums", "g, w, a", "g * w and of g * w * (a - shift).", true)
	m.sums("shiftSums", "g, a", "g and of g * (a - shift).", false)

	m.function("normGrad", "func(dst, g, w, a []float32, shift, slope, pull, move float32)",
		"sets dst = slope * g * w + pull * (a - shift) + move."+lengths)
	dst, n, a, w = m.slice("dst"), m.length("dst"), m.slice("a"), m.slice("w")
	g := m.slice("g")
	shift, slope := m.number("shift"), m.number("slope")
	pull, move := m.number("pull"), m.number("move")
	m.sweep(n, []r{dst, g, w, a}, 4, func(p *spot) {
		x, y, z := p.load(g), p.load(w), p.load(a)
		eachV(x, func(i int) {
			m.op("fmul.4s", x[i], x[i], y[i])
			m.mov(move, y[i])
			m.op("fsub.4s", z[i], z[i], shift)
			m.op("fmla.4s", y[i], z[i], pull)
			m.op("fmla.4s", y[i], x[i], slope)
		})
		p.store(y, dst)
	})
	m.end()

	m.function("normAdd", "func(dw, db, g, a []float32, shift, scale float32)", "adds g * (a - shift) * scale to dw and g to db. Lengths are that of dw.")
	dw, n, db, g := m.slice("dw"), m.length("dw"), m.slice("db"), m.slice("g")
	a = m.slice("a")
	shift, scale = m.number("shift"), m.number("scale")
	m.sweep(n, []r{dw, db, g, a}, 4, func(p *spot) {
		x, y, z, u := p.load(g), p.load(a), p.load(dw), p.load(db)
		eachV(x, func(i int) {
			m.op("fsub.4s", y[i], y[i], shift)
			m.op("fmul.4s", y[i], y[i], scale)
			m.op("fmla.4s", z[i], x[i], y[i])
			m.op("fadd.4s", u[i], u[i], x[i])
		})
		p.store(z, dw)
		p.store(u, db)
	})
	m.end()

	m.function("shift", "func(dst, a []float32, shift, scale, move float32)", "sets dst = (a - shift) * scale + move."+lengths)
	dst, n, a = m.slice("dst"), m.length("dst"), m.slice("a")
	shift, scale, move = m.number("shift"), m.number("scale"), m.number("move")
	m.sweep(n, []r{dst, a}, 4, func(p *spot) {
		x, y := p.load(a), m.vecs(p.count)
		eachV(x, func(i int) {
			m.op("fsub.4s", x[i], x[i], shift)
			m.mov(move, y[i])
			m.op("fmla.4s", y[i], x[i], scale)
		})
		p.store(y, dst)
	})
	m.end()

	m.function("shiftGrad", "func(dst, g, a []float32, mean, shift, slope, pull float32)", "sets dst = slope * (g - mean) + pull * (a - shift)."+lengths)
	dst, n, a, g = m.slice("dst"), m.length("dst"), m.slice("a"), m.slice("g")
	mean := m.number("mean")
	shift, slope, pull = m.number("shift"), m.number("slope"), m.number("pull")
	m.sweep(n, []r{dst, g, a}, 4, func(p *spot) {
		x, y := p.load(g), p.load(a)
		eachV(x, func(i int) {
			m.op("fsub.4s", x[i], x[i], mean)
			m.op("fmul.4s", x[i], x[i], slope)
			m.op("fsub.4s", y[i], y[i], shift)
			m.op("fmla.4s", x[i], y[i], pull)
		})
		p.store(x, dst)
	})
	m.end()

	m.function("sumRows", "func(dst, x []float32, rows, ld int)", "adds rows of x, ld apart, to dst.")
	dst, n = m.slice("dst"), m.length("dst")
	x, rows, ld := m.slice("x"), m.arg("rows"), m.bytesOf(m.arg("ld"))
	row, left := m.reg(), m.reg()
	m.sweep(n, []r{dst, x}, 8, func(p *spot) {
		acc := p.load(dst)
		m.line("MOVD %v, %v", x, row)
		m.line("MOVD %v, %v", rows, left)
		m.repeat(left, func() {
			m.scope(func() {
				y := p.load(row)
				eachV(y, func(i int) { m.op("fadd.4s", acc[i], acc[i], y[i]) })
				m.advance(ld, row)
			})
		})
		p.store(acc, dst)
	})
	m.end()
}

// leak sets dst to x where live is set, else to x * s. dst may be x.
func (m *neon) leak(dst, x, s, live v) {
	m.scope(func() {
		t := m.vec()
		m.op("fmul.4s", t, x, s)
		m.op("bsl.16b", live, x, t)
		m.mov(live, dst)
	})
}

// less takes shift from x. Lanes that do not exist stay 0.
func (p *spot) less(x []v, shift v) {
	eachV(x, func(i int) {
		p.m.op("fsub.4s", x[i], x[i], shift)
		if p.lanes == 1 {
			p.m.line("FMOVS F%d, F%[1]d", x[i]) // clears the others
		}
	})
}

// sums emits the sums of g, times w if there is one, and of that times a - shift.
func (m *neon) sums(name, slices, what string, weighted bool) {
	m.function(name, "func("+slices+" []float32, shift float32, sums *[2]float32)", "sets sums to those of "+what+" Lengths are that of g.")
	g, n, a := m.slice("g"), m.length("g"), m.slice("a")
	all := []r{g, a}
	if weighted {
		all = append(all, m.slice("w"))
	}
	shift, to := m.number("shift"), m.arg("sums")
	const unroll = 4
	plain, moved := m.zeros(unroll), m.zeros(unroll)
	m.sweep(n, all, unroll, func(p *spot) {
		x, y := p.load(g), p.load(a)
		if weighted {
			w := p.load(all[2])
			eachV(x, func(i int) { m.op("fmul.4s", x[i], x[i], w[i]) })
		}
		p.less(y, shift)
		eachV(x, func(i int) {
			m.op("fadd.4s", plain[i], plain[i], x[i])
			m.op("fmla.4s", moved[i], x[i], y[i])
		})
	})
	for i, acc := range [][]v{plain, moved} {
		m.across(acc)
		m.store(acc[0], to, 4*i, 1)
	}
	m.end()
}
