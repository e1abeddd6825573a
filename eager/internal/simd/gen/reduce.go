package main

import "github.com/mmcloughlin/avo/operand"

// reductions emits sums and maxima. Partial sums are kept in several vectors, added up in a fixed order.
func reductions(m *machine) {
	m.function("sum", "func(a []float32) float32", "is the sum of a.")
	a, n := m.slice("a"), m.length("a")
	acc := m.zeros(8)
	m.sweep(n, 8, func(p *place) {
		if p.cut() {
			m.add(p.load(a)[0], acc[0], acc[0])
			return
		}
		for i := range p.count {
			m.VADDPS(p.at(a, i), acc[i], acc[i])
		}
	})
	m.result(acc, m.VADDPS)

	m.function("dot", "func(a, b []float32) float32", "is the sum of a * b. Lengths are that of a.")
	a, n = m.slice("a"), m.length("a")
	b := m.slice("b")
	acc = m.zeros(6)
	m.sweep(n, 6, func(p *place) {
		x := p.load(a)
		if p.cut() {
			m.fma(p.load(b)[0], x[0], acc[0])
			return
		}
		each(x, func(i int) { m.VFMADD231PS(p.at(b, i), x[i], acc[i]) })
	})
	m.result(acc, m.VADDPS)

	m.maxOf()
	m.expSum()
	m.sumRows()
}

// sumRows holds columns in registers and goes down the rows.
func (m *machine) sumRows() {
	m.function("sumRows", "func(dst, x []float32, rows, ld int)", "adds rows of x, ld apart, to dst, each of len(dst) numbers.")
	dst, n, x, rows, ld := m.slice("dst"), m.length("dst"), m.slice("x"), m.arg("rows"), m.arg("ld")
	end := m.label("end")
	m.SHLQ(operand.Imm(2), ld)
	m.TESTQ(rows, rows)
	m.JZ(operand.LabelRef(end))
	row, left := m.GP64(), m.GP64()
	m.sweep(n, 8, func(p *place) {
		acc := p.load(dst)
		m.MOVQ(x, row)
		m.MOVQ(rows, left)
		loop := m.label("down")
		m.Label(loop)
		if p.cut() {
			m.add(p.load(row)[0], acc[0], acc[0])
		} else {
			each(acc, func(i int) { m.VADDPS(p.at(row, i), acc[i], acc[i]) })
		}
		m.ADDQ(ld, row)
		m.DECQ(left)
		m.JNZ(operand.LabelRef(loop))
		p.store(acc, dst)
	})
	m.Label(end)
	m.end()
}

func (m *machine) zeros(n int) []vec {
	v := make([]vec, n)
	for i := range v {
		v[i] = m.zero()
	}
	return v
}

// result returns the sum (or what f is) of all lanes of acc.
func (m *machine) result(acc []vec, f func(...operand.Op)) {
	m.Store(m.across(acc, f).AsX(), m.ReturnIndex(0))
	m.end()
}

// across combines all lanes of acc into lane 0.
func (m *machine) across(acc []vec, f func(...operand.Op)) vec {
	for n := len(acc); n > 1; n = (n + 1) / 2 {
		for i := 0; i+(n+1)/2 < n; i++ {
			f(acc[i+(n+1)/2], acc[i], acc[i])
		}
	}
	x, t := acc[0], m.vec()
	if m.wide() {
		m.VSHUFF32X4(operand.Imm(0x4e), x, x, t)
		f(t, x, x)
		m.VSHUFF32X4(operand.Imm(0xb1), x, x, t)
		f(t, x, x)
	} else {
		m.VPERM2F128(operand.Imm(1), x, x, t)
		f(t, x, x)
	}
	m.VPERMILPS(operand.Imm(0x4e), x, t)
	f(t, x, x)
	m.VPERMILPS(operand.Imm(0xb1), x, t)
	f(t, x, x)
	return x
}

// maxOf keeps apart whether there was a NaN, which the instruction for the maximum loses.
func (m *machine) maxOf() {
	m.function("maxOf", "func(a []float32) float32", "is the largest of a, NaN if there is one, -Inf if a is empty.")
	a, n := m.slice("a"), m.length("a")
	acc, nans := m.vecs(4), m.zeros(2)
	each(acc, func(i int) { m.set(negInfinity, acc[i]) })
	seen := m.K()
	if m.wide() {
		m.KXORW(seen, seen, seen)
	}
	m.sweep(n, 4, func(p *place) {
		x := p.load(a)
		if m.wide() {
			for i := 0; i < len(x); i += 2 {
				k := m.K()
				m.VCMPPS(operand.Imm(unordered), x[i], x[min(i+1, len(x)-1)], k)
				m.KORW(k, seen, seen)
			}
		} else {
			each(x, func(i int) {
				t := m.vec()
				m.VCMPPS(operand.Imm(unordered), x[i], x[i], t)
				m.or(t, nans[i%2], nans[i%2])
			})
		}
		p.fill(x, negInfinity)
		each(x, func(i int) { m.VMAXPS(x[i], acc[i], acc[i]) })
	})
	top := m.across(acc, m.VMAXPS)
	clean := m.label("clean")
	if m.wide() {
		m.KORTESTW(seen, seen)
	} else {
		t := m.GP32()
		m.or(nans[1], nans[0], nans[0])
		m.VMOVMSKPS(nans[0], t)
		m.TESTL(t, t)
	}
	m.JZ(operand.LabelRef(clean))
	m.set(nan, top)
	m.Label(clean)
	m.Store(top.AsX(), m.ReturnIndex(0))
	m.end()
}

func (m *machine) expSum() {
	m.function("expSum", "func(dst, a []float32, shift float32) float32", "sets dst = e**(a-shift) and returns its sum. Lengths are that of dst.")
	dst, n, a, shift := m.slice("dst"), m.length("dst"), m.slice("a"), m.spread("shift")
	m.keep(expConstants...)
	acc := m.zeros(2)
	unroll := 2
	if m.wide() {
		unroll = 4
	}
	m.sweep(n, unroll, func(p *place) {
		xs := p.load(a)
		each(xs, func(i int) { m.sub(shift, xs[i], xs[i]) })
		m.exp(xs)
		p.store(xs, dst)
		p.fill(xs, num(0))
		each(xs, func(i int) { m.add(xs[i], acc[i%2], acc[i%2]) })
	})
	m.result(acc, m.VADDPS)
}
