package main

import "github.com/mmcloughlin/avo/operand"

// selections emits comparisons, whose results are bytes 0 or 1, and the choice by such bytes. They take whole sixteens of
// numbers: what is left over is done in Go.
func selections(m *machine) {
	for _, c := range []struct {
		name, sign string
		compare    int
	}{{"equals", "=", equal}, {"differs", "!=", notEqual}, {"below", "<", less}, {"atMost", "<=", lessEqual}} {
		m.function(c.name, "func(dst []uint8, a, b []float32)", "sets dst to 1 where a "+c.sign+" b, else 0. The length is that of dst, rounded down to sixteens.")
		dst, n, a, b := m.slice("dst"), m.length("dst"), m.slice("a"), m.slice("b")
		m.sixteens(n, func(index gp) { m.compare16(c.compare, dst, a, b, index) })
		m.end()
	}
	m.function("choose", "func(dst []float32, c []uint8, a, b []float32)",
		"sets dst to a where c is 1 and to b where it is 0. The length is that of dst, rounded down to sixteens.")
	dst, n, c, a, b := m.slice("dst"), m.length("dst"), m.slice("c"), m.slice("a"), m.slice("b")
	m.sixteens(n, func(index gp) {
		for i := range 16 / m.lanes() {
			at := func(base gp) mem { return mem{Base: base, Index: index, Scale: 4, Disp: i * m.bytes()} }
			flags, v := m.vec(), m.vec()
			m.VPMOVZXBD(mem{Base: c, Index: index, Scale: 1, Disp: i * m.lanes()}, flags)
			m.VMOVUPS(at(b), v)
			if m.wide() {
				k := m.K()
				m.VPTESTMD(flags, flags, k)
				m.VMOVUPS(at(a), k, v)
			} else {
				m.VPSLLD(operand.Imm(31), flags, flags)
				m.VBLENDVPS(flags, at(a), v, v)
			}
			m.VMOVUPS(v, at(dst))
		}
	})
	m.end()
}

// sixteens calls body, which handles sixteen numbers from index on, for as many as are in n.
func (m *machine) sixteens(n gp, body func(index gp)) {
	index := m.GP64()
	m.XORQ(index, index)
	m.Label("loop")
	m.SUBQ(operand.Imm(16), n)
	m.JL(operand.LabelRef("over"))
	body(index)
	m.ADDQ(operand.Imm(16), index)
	m.JMP(operand.LabelRef("loop"))
	m.Label("over")
}

func (m *machine) compare16(compare int, dst, a, b, index gp) {
	out := m.XMM()
	at := func(base gp, i int) mem { return mem{Base: base, Index: index, Scale: 4, Disp: i * m.bytes()} }
	x := m.vecs(16 / m.lanes())
	for i := range x {
		m.VMOVUPS(at(a, i), x[i])
	}
	if m.wide() {
		k := m.K()
		m.VCMPPS(operand.Imm(uint64(compare)), at(b, 0), x[0], k)
		m.VPMOVM2B(k, out)
	} else {
		for i := range x {
			m.VCMPPS(operand.Imm(uint64(compare)), at(b, i), x[i], x[i])
		}
		m.VPACKSSDW(x[1], x[0], x[0]) // the halves of both, by turns
		m.VPERMQ(operand.Imm(0xd8), x[0], x[0])
		high := m.XMM()
		m.VEXTRACTI128(operand.Imm(1), x[0], high)
		m.VPACKSSWB(high, x[0].AsX(), out)
	}
	m.VPABSB(out, out)
	m.VMOVDQU(out, mem{Base: dst, Index: index, Scale: 1})
}
