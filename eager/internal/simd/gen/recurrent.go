package main

// recurrent emits the elementwise parts of a step of LSTM and GRU, forward and back. Each gate is a slice of its own.
func recurrent(m *machine) {
	m.lstmCell()
	m.lstmGrad()
	m.gruCell()
	m.gruGrad()
}

// sigmoids is sigmoid of each vector, one at a time where there are few registers.
func (m *machine) sigmoids(xs ...vec) {
	if m.wide() {
		m.sigmoid(xs)
		return
	}
	for _, x := range xs {
		m.sigmoid([]vec{x})
	}
}

// complement is 1 - x.
func (m *machine) complement(x vec) vec {
	v := m.vec()
	m.set(num(1), v)
	m.sub(x, v, v)
	return v
}

// complementSquare is 1 - x x.
func (m *machine) complementSquare(x vec) vec {
	v := m.vec()
	m.set(num(1), v)
	m.fnma(x, x, v)
	return v
}

func (m *machine) lstmCell() {
	m.function("lstmCell", "func(i, f, g, o, prev, c, h []float32)",
		"takes i, f and o to their sigmoid and g to its tanh, and sets c = f*prev + i*g and h = o*tanh(c).")
	in, n, forget, cand, out := m.slice("i"), m.length("i"), m.slice("f"), m.slice("g"), m.slice("o")
	prev, c, h := m.slice("prev"), m.slice("c"), m.slice("h")
	m.keep(expConstants...)
	m.sweep(n, 1, func(p *place) {
		one := func(base gp) vec { return p.load(base)[0] }
		put := func(v vec, base gp) { p.store([]vec{v}, base) }
		g := one(cand)
		m.tanh([]vec{g})
		put(g, cand)
		i, f, o := one(in), one(forget), one(out)
		m.sigmoids(i, f, o)
		put(i, in)
		put(f, forget)
		put(o, out)
		m.mul(i, g, g)
		m.fma(one(prev), f, g)
		put(g, c)
		m.tanh([]vec{g})
		m.mul(o, g, g)
		put(g, h)
	})
	m.end()
}

func (m *machine) lstmGrad() {
	m.function("lstmGrad", "func(i, f, g, o, c, prev, dh, dc, di, df, dg, do []float32)",
		"sets di, df, dg and do to the gradients of what the gates were made of, and dc, that of c, to that of prev.")
	in, n, forget, cand, out := m.slice("i"), m.length("i"), m.slice("f"), m.slice("g"), m.slice("o")
	c, prev, dh, dc := m.slice("c"), m.slice("prev"), m.slice("dh"), m.slice("dc")
	di, df, dg, do := m.slice("di"), m.slice("df"), m.slice("dg"), m.slice("do")
	m.sweep(n, 1, func(p *place) {
		one := func(base gp) vec { return p.load(base)[0] }
		put := func(v vec, base gp) { p.store([]vec{v}, base) }
		t := one(c)
		m.tanh([]vec{t})
		o, d := one(out), one(dh)
		m.mul(o, d, d)               // dh o
		s := m.complementSquare(t)   // of the tanh
		m.mul(d, t, t)               // dh o t
		m.mul(m.complement(o), t, t) // the gradient of o's argument
		put(t, do)
		m.horner(one(dc), s, d) // the gradient of c
		i, f, g := one(in), one(forget), one(cand)
		x := m.complement(i)
		m.mul(i, x, x) // the slope of i
		m.mul(g, x, x)
		m.mul(d, x, x)
		put(x, di)
		x = m.complementSquare(g)
		m.mul(i, x, x)
		m.mul(d, x, x)
		put(x, dg)
		x = m.complement(f)
		m.mul(f, d, d) // the gradient of prev
		put(d, dc)
		m.mul(d, x, x)
		m.mul(one(prev), x, x)
		put(x, df)
	})
	m.end()
}

func (m *machine) gruCell() {
	m.function("gruCell", "func(r, z, n, hr, hz, hn, prev, h []float32)",
		"sets r = sigmoid(r+hr), z = sigmoid(z+hz), n = tanh(n + r*hn) and h = n + z*(prev-n).")
	r, size, z, n := m.slice("r"), m.length("r"), m.slice("z"), m.slice("n")
	hr, hz, hn, prev, h := m.slice("hr"), m.slice("hz"), m.slice("hn"), m.slice("prev"), m.slice("h")
	m.keep(expConstants...)
	m.sweep(size, 1, func(p *place) {
		one := func(base gp) vec { return p.load(base)[0] }
		put := func(v vec, base gp) { p.store([]vec{v}, base) }
		R, Z := one(r), one(z)
		m.add(one(hr), R, R)
		m.add(one(hz), Z, Z)
		m.sigmoids(R, Z)
		put(R, r)
		put(Z, z)
		N := one(n)
		m.fma(one(hn), R, N)
		m.tanh([]vec{N})
		put(N, n)
		d := one(prev)
		m.sub(N, d, d)
		m.fma(Z, d, N)
		put(N, h)
	})
	m.end()
}

func (m *machine) gruGrad() {
	m.function("gruGrad", "func(r, z, n, hn, prev, dh, dr, dz, dn, dhn []float32)",
		"sets dr, dz and dn to the gradients of what the gates were made of, dhn to that of hn, and dh, that of h, to that of prev.")
	r, size, z, n := m.slice("r"), m.length("r"), m.slice("z"), m.slice("n")
	hn, prev, dh := m.slice("hn"), m.slice("prev"), m.slice("dh")
	dr, dz, dn, dhn := m.slice("dr"), m.slice("dz"), m.slice("dn"), m.slice("dhn")
	m.sweep(size, 1, func(p *place) {
		one := func(base gp) vec { return p.load(base)[0] }
		put := func(v vec, base gp) { p.store([]vec{v}, base) }
		R, Z, N, D := one(r), one(z), one(n), one(dh)
		left := m.complement(Z) // 1-z
		x := one(prev)
		m.sub(N, x, x)
		m.mul(Z, D, Z) // dh z
		put(Z, dh)
		m.mul(Z, x, x)
		m.mul(left, x, x)
		put(x, dz)
		m.mul(left, D, D)
		m.mul(m.complementSquare(N), D, D)
		put(D, dn)
		m.mul(R, D, D)
		put(D, dhn)
		m.mul(one(hn), D, D)
		m.mul(m.complement(R), D, D)
		put(D, dr)
	})
	m.end()
}
