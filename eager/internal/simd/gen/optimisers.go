package main

// optimisers emits the steps that change parameters.
func optimisers(m *machine) {
	m.adam()
	m.sgd()
	m.momentum()
}

func (m *machine) adam() {
	m.function("adam", "func(p, g, m, v []float32, k *[8]float32)", "makes one step of Adam. Lengths are that of p.")
	p, n, g, mean, vari := m.slice("p"), m.length("p"), m.slice("g"), m.slice("m"), m.slice("v")
	args := m.arg("k")
	field := func(i int) any { // in the order of adamArgs
		v := m.vec()
		m.VBROADCASTSS(mem{Base: args, Disp: 4 * i}, v)
		return v
	}
	const b1, nb1, b2, nb2, decay, step, root, eps = 0, 1, 2, 3, 4, 5, 6, 7
	held := map[int]vec{}
	if m.wide() {
		for i := range 8 {
			held[i] = field(i).(vec)
		}
	}
	k := func(i int) vec {
		if v, ok := held[i]; ok {
			return v
		}
		return field(i).(vec)
	}
	m.sweep(n, 2, func(at *place) {
		G, M, V, P := at.load(g), at.load(mean), at.load(vari), at.load(p)
		each(G, func(i int) {
			m.mul(k(b1), M[i], M[i])
			m.fma(k(nb1), G[i], M[i])
			m.mul(k(b2), V[i], V[i])
			m.mul(G[i], G[i], G[i])
			m.fma(k(nb2), G[i], V[i])
		})
		at.store(M, mean)
		at.store(V, vari)
		each(G, func(i int) {
			m.VSQRTPS(V[i], V[i])
			m.horner(k(eps), k(root), V[i])
			m.div(V[i], M[i], M[i])
			m.mul(k(decay), P[i], P[i])
			m.fma(k(step), M[i], P[i])
		})
		at.store(P, p)
	})
	m.end()
}

func (m *machine) sgd() {
	m.function("sgd", "func(p, g []float32, lr, wd float32)", "sets p -= lr * (g + wd*p). Lengths are that of p.")
	p, n, g, lr, wd := m.slice("p"), m.length("p"), m.slice("g"), m.spread("lr"), m.spread("wd")
	m.sweep(n, 4, func(at *place) {
		G, P := at.load(g), at.load(p)
		each(G, func(i int) {
			m.fma(wd, P[i], G[i])
			m.fnma(lr, G[i], P[i])
		})
		at.store(P, p)
	})
	m.end()
}

func (m *machine) momentum() {
	m.function("momentum", "func(p, g, v []float32, lr, mu, wd, nesterov float32)",
		"sets v = mu*v + g + wd*p and p -= lr*v, or if nesterov is not 0 p -= lr*(g + wd*p + mu*v). Lengths are that of p.")
	p, n, g, v := m.slice("p"), m.length("p"), m.slice("g"), m.slice("v")
	lr, mu, wd, nesterov := m.spread("lr"), m.spread("mu"), m.spread("wd"), m.spread("nesterov")
	m.sweep(n, 2, func(at *place) {
		G, P, V := at.load(g), at.load(p), at.load(v)
		each(G, func(i int) {
			m.fma(wd, P[i], G[i])
			m.horner(G[i], mu, V[i])
		})
		at.store(V, v)
		each(G, func(i int) {
			m.fma(mu, V[i], G[i]) // what nesterov takes instead of v
			m.choose(notEqual, m.zero(), nesterov, G[i], V[i])
			m.fnma(lr, V[i], P[i])
		})
		at.store(P, p)
	})
	m.end()
}
