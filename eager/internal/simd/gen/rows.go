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
			lo, hi := r.double(p, 1)
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
			first, second := r.double(p, 0)
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

// rowMove is a copy at work: the rows that it is at.
type rowMove struct {
	m               *machine
	dst, src, other gp
	left            gp // elements of the row that are not done
}

// double is the lanes of two vectors that hold twice as many elements as p, less less.
func (r *rowMove) double(p *place, less int) (first, second *place) {
	m := r.m
	first, second = &place{m: m}, &place{m: m}
	if !p.cut() {
		if less == 0 {
			return first, second
		}
		lanes := m.GP64()
		m.MOVQ(operand.U32(m.lanes()-less), lanes)
		if m.wide() {
			second.k = m.opmask(lanes)
		} else {
			second.mask = m.lanemask(lanes)
		}
		return first, second
	}
	all, lanes, one, two := m.GP64(), m.GP64(), m.GP64(), m.GP64()
	m.MOVQ(r.left, all)
	m.ADDQ(all, all)
	if less > 0 {
		m.SUBQ(operand.Imm(uint64(less)), all)
	}
	m.MOVQ(operand.U32(m.lanes()), lanes)
	m.MOVQ(all, one)
	m.CMPQ(one, lanes)
	m.CMOVQGT(lanes, one)
	m.MOVQ(all, two)
	m.SUBQ(one, two)
	if m.wide() {
		first.k, second.k = m.opmask(one), m.opmask(two)
	} else {
		first.mask, second.mask = m.lanemask(one), m.lanemask(two)
	}
	return first, second
}

// rowMove emits a copy of rows by body, which moves a vector.
func (m *machine) rowMove(name, signature string, doc []string, body func(r *rowMove, p *place)) {
	m.function(name, signature, doc...)
	r := &rowMove{m: m, dst: m.arg("dst"), left: m.GP64()}
	zip := name == "zipRows"
	if zip {
		r.src, r.other = m.arg("a"), m.arg("b")
	} else {
		r.src = m.arg("src")
	}
	ds, ss, n, rows := m.arg("ds"), m.arg("ss"), m.arg("n"), m.arg("rows")
	m.Label("row")
	m.MOVQ(n, r.left)
	m.sweep(r.left, 1, func(p *place) { body(r, p) })
	m.LEAQ(mem{Base: r.dst, Index: ds, Scale: 4}, r.dst)
	m.LEAQ(mem{Base: r.src, Index: ss, Scale: 4}, r.src)
	if zip {
		m.LEAQ(mem{Base: r.other, Index: ss, Scale: 4}, r.other)
	}
	m.DECQ(rows)
	m.JNZ(operand.LabelRef("row"))
	m.end()
}
