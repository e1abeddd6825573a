package main

import "github.com/mmcloughlin/avo/operand"

// steps emits roundings and what has a corner.
func steps(m *machine) {
	for _, r := range []struct {
		name, doc string
		mode      uint64
	}{{"round", "sets dst to the whole number nearest to a, the even one of two.", 8}, {"floor", "sets dst to the largest whole number not above a.", 9},
		{"ceil", "sets dst to the smallest whole number not below a.", 10}} {
		m.unary(r.name, r.doc, 4, nil, func(xs []vec) { each(xs, func(i int) { m.rounded(r.mode, xs[i], xs[i]) }) })
	}
	m.unary("sign", "sets dst to 1 where a > 0, to -1 where a < 0, else to a.", 4, []constant{num(1), num(-1)}, func(xs []vec) {
		z := m.zero()
		each(xs, func(i int) {
			t := m.vec()
			m.VMOVAPS(xs[i], t)
			m.choose(greater, z, t, num(1), xs[i])
			m.choose(less, z, t, num(-1), xs[i])
		})
	})
	m.function("clip", "func(dst, a []float32, lo, hi float32)", "sets dst to a moved into lo to hi."+lengths)
	dst, n, a, lo, hi := m.slice("dst"), m.length("dst"), m.slice("a"), m.spread("lo"), m.spread("hi")
	m.sweep(n, 4, func(p *place) {
		xs := p.load(a)
		each(xs, func(i int) { // NaN stays
			m.VMAXPS(xs[i], lo, xs[i])
			m.VMINPS(xs[i], hi, xs[i])
		})
		p.store(xs, dst)
	})
	m.end()
	few := 1
	if m.wide() {
		few = 2
	}
	m.unary("log1p", "sets dst = log(1 + a).", few, logConstants, m.log1p)
	m.elu(few)
}

// rounded is dst = x rounded in a mode of the instruction.
func (m *machine) rounded(mode uint64, x, dst vec) {
	if m.wide() {
		m.VRNDSCALEPS(operand.Imm(mode), x, dst)
	} else {
		m.VROUNDPS(operand.Imm(mode), x, dst)
	}
}

// log1p is log of 1+a, where 1+a is near 1 with a itself in place of what is left of it after rounding.
func (m *machine) log1p(xs []vec) {
	before := m.vecs(len(xs))
	each(xs, func(i int) {
		m.VMOVAPS(xs[i], before[i])
		m.add(num(1), xs[i], xs[i])
	})
	m.logWith(xs, func(i int, e, f vec) {
		old := m.vec()
		m.VMOVAPS(f, old)
		m.choose(equal, m.zero(), e, before[i], f)
		m.choose(unordered, old, old, old, f) // NaN stays, as below -1
	})
}

// elu takes the exponential less one of what is below 0, from the parts of the exponential, so that little of it cancels.
func (m *machine) elu(few int) {
	m.function("elu", "func(dst, a []float32, s float32)", "sets dst to a where a > 0, else to s * (e**a - 1)."+lengths)
	dst, size, a, s := m.slice("dst"), m.length("dst"), m.slice("a"), m.spread("s")
	m.keep(expConstants...)
	m.sweep(size, few, func(p *place) {
		xs := p.load(a)
		n, r, q, power := m.vecs(p.count), m.vecs(p.count), m.vecs(p.count), m.vecs(p.count)
		each(xs, func(i int) {
			m.VMINPS(xs[i], m.zero(), r[i]) // NaN stays
			m.VMAXPS(r[i], m.reg(num(expLo)), r[i])
			m.mul(num(log2e), r[i], n[i])
			m.rounded(8, n[i], n[i])
			m.fnma(num(ln2), n[i], r[i])
			m.fnma(num(ln2lo), n[i], r[i])
		})
		m.poly(expPoly, r, q)
		each(xs, func(i int) {
			m.horner(num(1), r[i], q[i])
			m.mul(r[i], q[i], q[i]) // e**r - 1
			m.set(num(1), power[i])
			m.scaled(n[i], power[i], power[i])
			m.mul(power[i], q[i], q[i])
			m.sub(num(1), power[i], power[i])
			m.add(power[i], q[i], q[i])
			m.mul(s, q[i], q[i])
			m.choose(greater, m.zero(), xs[i], xs[i], q[i])
		})
		p.store(q, dst)
	})
	m.end()
}
