package main

import "github.com/mmcloughlin/avo/operand"

// optimisers emits the steps that change parameters.
func optimisers(m *machine) {
	m.adam()
	m.sgd()
	m.momentum()
	m.pull()
	m.rmsprop()
	m.rmsMoving()
}

// flush has the rest of the function take numbers too small for float32's full precision, below 1.2e-38, for 0, and returns what
// ends that. Moments and velocities of what has no gradient any more fade into such numbers, and each costs a hundred cycles.
func (m *machine) flush() (restore func()) {
	word := m.AllocLocal(8)
	t := m.GP32()
	m.STMXCSR(word)
	m.MOVL(word, t)
	m.MOVL(t, word.Offset(4))
	m.ORL(operand.U32(0x8040), t) // flush results to zero, take operands for zero
	m.MOVL(t, word)
	m.LDMXCSR(word)
	return func() { m.LDMXCSR(word.Offset(4)) }
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
	restore := m.flush()
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
	restore()
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
	restore := m.flush()
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
	restore()
	m.end()
}

// pull emits what clipping and decay make of a gradient before a step.
func (m *machine) pull() {
	m.function("pull", "func(dst, g, p []float32, scale, limit, wd float32)",
		"sets dst = clamp(scale*g, -limit, limit) + wd*p; NaN stays. Lengths are that of dst.")
	dst, n, g, p := m.slice("dst"), m.length("dst"), m.slice("g"), m.slice("p")
	scale, limit, wd := m.spread("scale"), m.spread("limit"), m.spread("wd")
	low := m.zero()
	m.sub(limit, low, low)
	m.sweep(n, 4, func(at *place) {
		G, P := at.load(g), at.load(p)
		each(G, func(i int) {
			m.mul(scale, G[i], G[i])
			m.VMINPS(G[i], limit, G[i])
			m.VMAXPS(G[i], low, G[i])
			m.fma(wd, P[i], G[i])
		})
		at.store(G, dst)
	})
	m.end()
}

func (m *machine) rmsprop() {
	m.function("rmsprop", "func(p, g, s []float32, k *[5]float32)", "makes one step of RMSprop. Lengths are that of p.")
	p, n, g, square := m.slice("p"), m.length("p"), m.slice("g"), m.slice("s")
	alpha, rest, eps, step := m.settings4()
	restore := m.flush()
	m.sweep(n, 2, func(at *place) {
		G, P, S := at.load(g), at.load(p), at.load(square)
		m.rms(at, square, G, S, alpha, rest, eps)
		each(G, func(i int) { m.fma(step, G[i], P[i]) })
		at.store(P, p)
	})
	restore()
	m.end()
}

func (m *machine) rmsMoving() {
	m.function("rmsMoving", "func(p, g, s, v []float32, k *[5]float32)",
		"makes one step of RMSprop with momentum. Lengths are that of p.")
	p, n, g, square, v := m.slice("p"), m.length("p"), m.slice("g"), m.slice("s"), m.slice("v")
	alpha, rest, eps, step := m.settings4()
	mu := m.vec()
	m.VBROADCASTSS(mem{Base: m.arg("k"), Disp: 16}, mu)
	restore := m.flush()
	m.sweep(n, 2, func(at *place) {
		G, P, S, V := at.load(g), at.load(p), at.load(square), at.load(v)
		m.rms(at, square, G, S, alpha, rest, eps)
		each(G, func(i int) {
			m.horner(G[i], mu, V[i])
			m.fma(step, V[i], P[i])
		})
		at.store(V, v)
		at.store(P, p)
	})
	restore()
	m.end()
}

// settings4 are the first four numbers behind the argument k.
func (m *machine) settings4() (a, b, c, d vec) {
	args, v := m.arg("k"), m.vecs(4)
	for i := range v {
		m.VBROADCASTSS(mem{Base: args, Disp: 4 * i}, v[i])
	}
	return v[0], v[1], v[2], v[3]
}

// rms makes S the running mean of squares, stores it, and divides G by its root.
func (m *machine) rms(at *place, square gp, G, S []vec, alpha, rest, eps vec) {
	each(G, func(i int) {
		t := m.vec()
		m.mul(G[i], G[i], t)
		m.mul(alpha, S[i], S[i])
		m.fma(rest, t, S[i])
	})
	at.store(S, square)
	each(G, func(i int) {
		m.VSQRTPS(S[i], S[i])
		m.add(eps, S[i], S[i])
		m.div(S[i], G[i], G[i])
	})
}
