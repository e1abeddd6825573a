package main

import "github.com/mmcloughlin/avo/operand"

// rowMoves emits copies of rows into, out of and between images.
func rowMoves(m *machine) {
	m.rowMove("copyRows", "func(dst *float32, ds int, src *float32, ss, n, rows int)",
		[]string{"copies dst[i*ds+j] = src[i*ss+j], i below rows and j below n; both are 1 or more."},
		func(r *rowMove, p *place) { p.store(p.load(r.src), r.dst) })
	m.rowMove("pickRows", "func(dst *float32, ds int, src *float32, ss, n, rows int)",
		[]string{"copies dst[i*ds+j] = src[i*ss+2*j], i below rows and j below n; both are 1 or more."},
		func(r *rowMove, p *place) {
			lo, hi := r.double(p)
			a, b := m.vec(), m.vec()
			m.load(mem{Base: r.src, Index: p.index, Scale: 8}, a, lo.k, lo.mask)
			m.load(mem{Base: r.src, Index: p.index, Scale: 8, Disp: m.bytes()}, b, hi.k, hi.mask)
			if m.wide() {
				even := m.vec()
				m.VMOVUPS(m.words("even", func(i int) uint32 { return uint32(2 * i) }), even)
				m.VPERMT2PS(b, even, a)
			} else {
				m.VSHUFPS(operand.Imm(0x88), b, a, a)
				m.VPERMPD(operand.Imm(0xd8), a, a)
			}
			p.store([]vec{a}, r.dst)
		})
	m.rowMove("zipRows", "func(dst *float32, ds int, a, b *float32, ss, n, rows int)",
		[]string{"copies dst[i*ds+2*j] = a[i*ss+j] and dst[i*ds+2*j+1] = b[i*ss+j], i below rows and j below n; both are 1",
			"or more."},
		func(r *rowMove, p *place) {
			a, hi := m.zip(p.load(r.src)[0], p.load(r.other)[0])
			first, second := r.double(p)
			m.store(a, mem{Base: r.dst, Index: p.index, Scale: 8}, first.k, first.mask)
			m.store(hi, mem{Base: r.dst, Index: p.index, Scale: 8, Disp: m.bytes()}, second.k, second.mask)
		})
}

// zip is the numbers of two vectors in turn.
func (m *machine) zip(a, b vec) (lo, hi vec) {
	lo, hi = m.vec(), m.vec()
	if m.wide() {
		at := func(base int) func(i int) uint32 {
			return func(i int) uint32 { return uint32(base + i/2 + i%2*16) }
		}
		m.VMOVUPS(m.words("ziplo", at(0)), lo)
		m.VMOVUPS(m.words("ziphi", at(8)), hi)
		m.VPERMI2PS(b, a, lo)
		m.VPERMI2PS(b, a, hi)
		return lo, hi
	}
	l, h := m.vec(), m.vec()
	m.VUNPCKLPS(b, a, l)
	m.VUNPCKHPS(b, a, h)
	m.VPERM2F128(operand.Imm(0x20), h, l, lo)
	m.VPERM2F128(operand.Imm(0x31), h, l, hi)
	return lo, hi
}

// rowMove is a copy at work: the rows that it is at, and the masks of what is left of a row behind its whole vectors.
type rowMove struct {
	m               *machine
	dst, src, other gp
	index           gp     // in the row
	whole, tail     gp     // elements in whole vectors, and behind them
	cut             *place // the tail
	first, second   *place // the two vectors that hold twice the tail, less one where every second element is taken
	almost          *place // all lanes but one; nil: all
}

// masks prepares for rows of n elements, and where each stands for two on one side, less so many, for those.
func (r *rowMove) masks(n gp, pairs bool, less int) {
	m := r.m
	lanes := uint64(m.lanes())
	r.index, r.whole, r.tail = m.GP64(), m.GP64(), m.GP64()
	m.MOVQ(n, r.tail)
	m.ANDQ(operand.Imm(lanes-1), r.tail)
	m.MOVQ(n, r.whole)
	m.SUBQ(r.tail, r.whole)
	mask := func(n gp) *place {
		if m.wide() {
			return &place{m: m, index: r.index, count: 1, k: m.opmask(n)}
		}
		return &place{m: m, index: r.index, count: 1, mask: m.lanemask(n)}
	}
	r.cut = mask(r.tail)
	if !pairs {
		return
	}
	one, two, t := m.GP64(), m.GP64(), m.GP64()
	m.MOVQ(r.tail, two)
	m.ADDQ(two, two)
	if less > 0 {
		m.XORQ(t, t)
		m.SUBQ(operand.Imm(uint64(less)), two)
		m.CMOVQLT(t, two)
	}
	m.MOVQ(operand.U32(lanes), t)
	m.MOVQ(two, one)
	m.CMPQ(one, t)
	m.CMOVQGT(t, one)
	m.SUBQ(one, two)
	r.first, r.second = mask(one), mask(two)
	r.almost = &place{m: m}
	if less > 0 {
		m.SUBQ(operand.Imm(uint64(less)), t)
		r.almost = mask(t)
	}
}

// double is the lanes of the two vectors that hold twice as many elements as p, less what masks was told.
func (r *rowMove) double(p *place) (first, second *place) {
	if p.cut() {
		return r.first, r.second
	}
	return &place{m: r.m}, r.almost
}

// row emits a row: body for each vector of it.
func (r *rowMove) row(body func(p *place)) {
	m := r.m
	loop, over, done := m.label("loop"), m.label("over"), m.label("done")
	m.XORQ(r.index, r.index)
	m.Label(loop)
	m.CMPQ(r.index, r.whole)
	m.JGE(operand.LabelRef(over))
	body(&place{m: m, index: r.index, count: 1})
	m.ADDQ(operand.U32(m.lanes()), r.index)
	m.JMP(operand.LabelRef(loop))
	m.Label(over)
	m.TESTQ(r.tail, r.tail)
	m.JZ(operand.LabelRef(done))
	body(r.cut)
	m.Label(done)
}

// rowMove emits a copy of rows by body, which moves a vector.
func (m *machine) rowMove(name, signature string, doc []string, body func(r *rowMove, p *place)) {
	m.function(name, signature, doc...)
	r := &rowMove{m: m, dst: m.arg("dst")}
	zip := name == "zipRows"
	if zip {
		r.src, r.other = m.arg("a"), m.arg("b")
	} else {
		r.src = m.arg("src")
	}
	less := 0
	if name == "pickRows" {
		less = 1
	}
	ds, ss, rows := m.arg("ds"), m.arg("ss"), m.arg("rows")
	r.masks(m.arg("n"), name != "copyRows", less)
	m.Label("row")
	r.row(func(p *place) { body(r, p) })
	m.LEAQ(mem{Base: r.dst, Index: ds, Scale: 4}, r.dst)
	m.LEAQ(mem{Base: r.src, Index: ss, Scale: 4}, r.src)
	if zip {
		m.LEAQ(mem{Base: r.other, Index: ss, Scale: 4}, r.other)
	}
	m.DECQ(rows)
	m.JNZ(operand.LabelRef("row"))
	m.end()
}
