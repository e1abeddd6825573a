package main

import "github.com/mmcloughlin/avo/operand"

// elementwise emits the arithmetic.
func elementwise(m *machine) {
	m.binary("add", "sets dst = a + b.", func(p *place, dst, a, b []vec) { each(dst, func(i int) { m.add(b[i], a[i], dst[i]) }) })
	m.binary("sub", "sets dst = a - b.", func(p *place, dst, a, b []vec) { each(dst, func(i int) { m.sub(b[i], a[i], dst[i]) }) })
	m.binary("mul", "sets dst = a * b.", func(p *place, dst, a, b []vec) { each(dst, func(i int) { m.mul(b[i], a[i], dst[i]) }) })
	m.binary("div", "sets dst = a / b.", func(p *place, dst, a, b []vec) { each(dst, func(i int) { m.div(b[i], a[i], dst[i]) }) })
	// Where a or b is NaN these instructions give b: what is left is to put back a.
	m.binary("max", "sets dst to the larger of a and b.", func(p *place, dst, a, b []vec) {
		each(dst, func(i int) {
			m.VMAXPS(b[i], a[i], dst[i])
			m.choose(unordered, a[i], a[i], a[i], dst[i])
		})
	})
	m.binary("min", "sets dst to the smaller of a and b.", func(p *place, dst, a, b []vec) {
		each(dst, func(i int) {
			m.VMINPS(b[i], a[i], dst[i])
			m.choose(unordered, a[i], a[i], a[i], dst[i])
		})
	})
	m.binary("reluGrad", "sets dst to b where a > 0, else 0.", func(p *place, dst, a, b []vec) {
		z := m.zero()
		each(dst, func(i int) {
			if m.wide() {
				k := m.K()
				m.VCMPPS(operand.Imm(greater), z, a[i], k)
				m.VMOVAPS_Z(b[i], k, dst[i])
				return
			}
			m.VCMPPS(operand.Imm(greater), z, a[i], dst[i])
			m.and(b[i], dst[i], dst[i])
		})
	})
	m.mulAdd()

	m.unary("relu", "sets dst = max(a, 0).", 4, nil, func(xs []vec) {
		z := m.zero()
		each(xs, func(i int) { m.VMAXPS(xs[i], z, xs[i]) })
	})
	m.unary("sqrt", "sets dst to the square root of a.", 4, nil, func(xs []vec) { each(xs, func(i int) { m.VSQRTPS(xs[i], xs[i]) }) })
	m.unary("neg", "sets dst = -a.", 4, []constant{word(1 << 31)}, func(xs []vec) { each(xs, func(i int) { m.xor(word(1<<31), xs[i], xs[i]) }) })
	m.unary("abs", "sets dst = |a|.", 4, []constant{word(1<<31 - 1)}, func(xs []vec) { each(xs, func(i int) { m.and(word(1<<31-1), xs[i], xs[i]) }) })
	m.unary("square", "sets dst = a * a.", 4, nil, func(xs []vec) { each(xs, func(i int) { m.mul(xs[i], xs[i], xs[i]) }) })
	m.unary("recip", "sets dst = 1 / a.", 4, []constant{num(1)}, func(xs []vec) {
		each(xs, func(i int) { m.div(xs[i], m.reg(num(1)), xs[i]) })
	})

	m.scalar("addS", "sets dst = a + s.", func(xs []vec, s vec) { each(xs, func(i int) { m.add(s, xs[i], xs[i]) }) })
	m.scalar("mulS", "sets dst = a * s.", func(xs []vec, s vec) { each(xs, func(i int) { m.mul(s, xs[i], xs[i]) }) })
	m.scalar("leaky", "sets dst to a where a > 0, else a * s.", func(xs []vec, s vec) {
		z := m.zero()
		each(xs, func(i int) {
			t := m.vec()
			m.mul(s, xs[i], t)
			m.choose(greater, z, xs[i], xs[i], t)
			xs[i] = t
		})
	})
	m.leakyGrad()
	m.axpy()
}

func each(xs []vec, f func(i int)) {
	for i := range xs {
		f(i)
	}
}

const lengths = " Lengths are that of dst."

// unary emits a function that changes each vector of numbers in place.
func (m *machine) unary(name, doc string, unroll int, keep []constant, f func(xs []vec)) {
	m.function(name, "func(dst, a []float32)", doc+lengths)
	dst, n, a := m.slice("dst"), m.length("dst"), m.slice("a")
	m.keep(keep...)
	m.sweep(n, unroll, func(p *place) {
		xs := p.load(a)
		f(xs)
		p.store(xs, dst)
	})
	m.end()
}

func (m *machine) binary(name, doc string, f func(p *place, dst, a, b []vec)) {
	m.function(name, "func(dst, a, b []float32)", doc+lengths)
	dst, n, a, b := m.slice("dst"), m.length("dst"), m.slice("a"), m.slice("b")
	unroll := 4
	if !m.wide() && (name == "max" || name == "min") {
		unroll = 2 // four need more than 16 registers
	}
	m.sweep(n, unroll, func(p *place) {
		x, y := p.load(a), p.load(b)
		d := m.vecs(p.count)
		f(p, d, x, y)
		p.store(d, dst)
	})
	m.end()
}

func (m *machine) scalar(name, doc string, f func(xs []vec, s vec)) {
	m.function(name, "func(dst, a []float32, s float32)", doc+lengths)
	dst, n, a, s := m.slice("dst"), m.length("dst"), m.slice("a"), m.spread("s")
	m.sweep(n, 4, func(p *place) {
		xs := p.load(a)
		f(xs, s)
		p.store(xs, dst)
	})
	m.end()
}

func (m *machine) leakyGrad() {
	m.function("leakyGrad", "func(dst, a, b []float32, s float32)", "sets dst to b where a > 0, else b * s."+lengths)
	dst, n, a, b, s := m.slice("dst"), m.length("dst"), m.slice("a"), m.slice("b"), m.spread("s")
	z := m.zero()
	m.sweep(n, 2, func(p *place) {
		xs, gs := p.load(a), p.load(b)
		each(xs, func(i int) {
			t := m.vec()
			m.mul(s, gs[i], t)
			m.choose(greater, z, xs[i], gs[i], t)
			xs[i] = t
		})
		p.store(xs, dst)
	})
	m.end()
}

func (m *machine) axpy() {
	m.function("axpy", "func(dst, a []float32, s float32)", "adds a * s to dst."+lengths)
	dst, n, a, s := m.slice("dst"), m.length("dst"), m.slice("a"), m.spread("s")
	m.sweep(n, 4, func(p *place) {
		acc, xs := p.load(dst), p.load(a)
		each(acc, func(i int) { m.fma(s, xs[i], acc[i]) })
		p.store(acc, dst)
	})
	m.end()
}

func (m *machine) mulAdd() {
	m.function("mulAdd", "func(dst, a, b []float32)", "adds a * b to dst."+lengths)
	dst, n, a, b := m.slice("dst"), m.length("dst"), m.slice("a"), m.slice("b")
	m.sweep(n, 4, func(p *place) {
		acc, x, y := p.load(dst), p.load(a), p.load(b)
		each(acc, func(i int) { m.fma(y[i], x[i], acc[i]) })
		p.store(acc, dst)
	})
	m.end()
}
