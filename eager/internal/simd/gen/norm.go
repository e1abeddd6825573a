package main

// norms emits the passes over one row of a normalisation, forward and back.
func norms(m *machine) {
	m.moment()
	m.normalise()
	m.normSums()
	m.normGrad()
	m.normAdd()
	batchNorms(m)
}

func (m *machine) moment() {
	m.function("moment", "func(a []float32, shift float32) float32", "is the sum of (a-shift)**2.")
	a, n, shift := m.slice("a"), m.length("a"), m.spread("shift")
	acc := m.zeros(4)
	m.sweep(n, 4, func(p *place) {
		x := p.load(a)
		each(x, func(i int) { m.sub(shift, x[i], x[i]) })
		p.fill(x, num(0))
		each(x, func(i int) { m.fma(x[i], x[i], acc[i]) })
	})
	m.result(acc, m.VADDPS)
}

func (m *machine) normalise() {
	m.function("normalise", "func(dst, a, w, b []float32, shift, scale float32)", "sets dst = (a-shift)*scale*w + b."+lengths)
	dst, n, a, w, b := m.slice("dst"), m.length("dst"), m.slice("a"), m.slice("w"), m.slice("b")
	shift, scale := m.spread("shift"), m.spread("scale")
	m.sweep(n, 4, func(p *place) {
		x := p.load(a)
		each(x, func(i int) {
			m.sub(shift, x[i], x[i])
			m.mul(scale, x[i], x[i])
		})
		y := p.load(b)
		if p.cut() {
			m.fma(p.load(w)[0], x[0], y[0])
		} else {
			each(x, func(i int) { m.VFMADD231PS(p.at(w, i), x[i], y[i]) })
		}
		p.store(y, dst)
	})
	m.end()
}

func (m *machine) normSums() {
	m.function("normSums", "func(g, w, a []float32, shift float32, sums *[2]float32)",
		"sets sums to the sum of g*w and that of g*w*(a-shift). Lengths are that of g.")
	g, n, w, a := m.slice("g"), m.length("g"), m.slice("w"), m.slice("a")
	shift, sums := m.spread("shift"), m.arg("sums")
	plain, moved := m.zeros(2), m.zeros(2)
	m.sweep(n, 2, func(p *place) {
		G, W, x := p.load(g), p.load(w), p.load(a)
		each(G, func(i int) {
			m.mul(W[i], G[i], G[i])
			m.sub(shift, x[i], x[i])
			m.add(G[i], plain[i], plain[i])
			m.fma(G[i], x[i], moved[i])
		})
	})
	m.VMOVSS(m.across(plain, m.VADDPS).AsX(), mem{Base: sums})
	m.VMOVSS(m.across(moved, m.VADDPS).AsX(), mem{Base: sums, Disp: 4})
	m.end()
}

func (m *machine) normGrad() {
	m.function("normGrad", "func(dst, g, w, a []float32, shift, slope, pull, move float32)",
		"sets dst = slope*g*w + pull*(a-shift) + move."+lengths)
	dst, n, g, w, a := m.slice("dst"), m.length("dst"), m.slice("g"), m.slice("w"), m.slice("a")
	shift, slope, pull, move := m.spread("shift"), m.spread("slope"), m.spread("pull"), m.spread("move")
	m.sweep(n, 2, func(p *place) {
		G, W, x := p.load(g), p.load(w), p.load(a)
		each(G, func(i int) {
			m.mul(W[i], G[i], G[i])
			m.sub(shift, x[i], x[i])
			m.horner(move, pull, x[i])
			m.fma(slope, G[i], x[i])
		})
		p.store(x, dst)
	})
	m.end()
}

func (m *machine) normAdd() {
	m.function("normAdd", "func(dw, db, g, a []float32, shift, scale float32)",
		"adds g*(a-shift)*scale to dw and g to db. Lengths are that of dw.")
	dw, n, db, g, a := m.slice("dw"), m.length("dw"), m.slice("db"), m.slice("g"), m.slice("a")
	shift, scale := m.spread("shift"), m.spread("scale")
	m.sweep(n, 2, func(p *place) {
		G, x, W, B := p.load(g), p.load(a), p.load(dw), p.load(db)
		each(G, func(i int) {
			m.sub(shift, x[i], x[i])
			m.mul(scale, x[i], x[i])
			m.add(G[i], B[i], B[i])
			m.fma(G[i], x[i], W[i])
		})
		p.store(W, dw)
		p.store(B, db)
	})
	m.end()
}
