package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
)

// packColumns emits the copy of kc rows of n columns, at most two vectors, to rows ds apart.
func (e *element) packColumns() {
	m := e.m
	m.function(e.letter+"packColumns", fmt.Sprintf("func(dst, src *%s, lds, n, kc, ds int)", e.name),
		fmt.Sprintf("copies dst[k*ds+i] = src[k*lds+i] for k below kc and i below n, at most %d.", 2*m.bytes()/e.size))
	dst, src, n, kc := m.arg("dst"), m.arg("src"), m.arg("n"), m.arg("kc")
	lds, ds := e.bytesOf(m.arg("lds")), e.bytesOf(m.arg("ds"))
	m.TESTQ(kc, kc)
	m.JZ(operand.LabelRef("end"))
	m.CMPQ(n, operand.U32(2*m.bytes()/e.size))
	m.JNE(operand.LabelRef("part"))
	t := m.vecs(2)
	m.Label("whole")
	for j := range 2 {
		e.move(mem{Base: src, Disp: j * m.bytes()}, t[j])
	}
	for j := range 2 {
		e.move(t[j], mem{Base: dst, Disp: j * m.bytes()})
	}
	m.ADDQ(lds, src)
	m.ADDQ(ds, dst)
	m.DECQ(kc)
	m.JNZ(operand.LabelRef("whole"))
	m.JMP(operand.LabelRef("end"))
	m.Label("part")
	load, store := e.masks(n, 2)
	m.Label("loop")
	for j := range 2 {
		load(mem{Base: src, Disp: j * m.bytes()}, j, t[j])
	}
	use := m.vec()
	for j := range 2 {
		store(t[j], j, use, mem{Base: dst, Disp: j * m.bytes()})
	}
	m.ADDQ(lds, src)
	m.ADDQ(ds, dst)
	m.DECQ(kc)
	m.JNZ(operand.LabelRef("loop"))
	m.Label("end")
	m.end()
}

// packRows emits the transposing copy of float32 rows, in blocks as wide as they are high.
func (m *machine) packRows() {
	b := m.lanes()
	m.function("spackRows", "func(dst, src *float32, lds, rows, kc, ds int)",
		fmt.Sprintf("copies dst[k*ds+i] = src[i*lds+k] for k below kc and i below rows, 1 to %d.", b),
		fmt.Sprintf("For each k in order it also writes what it likes to dst[k*ds+rows:k*ds+%d].", b))
	dst, src, lds, rows := m.arg("dst"), m.arg("src"), m.arg("lds"), m.arg("rows")
	kc, ds := m.arg("kc"), m.arg("ds")
	m.SHLQ(operand.Imm(2), lds)
	m.SHLQ(operand.Imm(2), ds)
	none := m.GP64()
	m.XORQ(none, none)
	block := func(load func(from mem, to vec), stored func()) {
		p, left, step := m.GP64(), m.GP64(), m.GP64()
		m.MOVQ(src, p)
		m.MOVQ(rows, left)
		x := m.vecs(b)
		for i := range x {
			load(mem{Base: p}, x[i])
			m.MOVQ(lds, step) // to the next row, or again to the last
			m.DECQ(left)
			m.CMOVQLE(none, step)
			m.ADDQ(step, p)
		}
		if m.wide() {
			x = m.transpose16(x)
		} else {
			x = m.transpose8(x)
		}
		for i := range x {
			m.VMOVUPS(x[i], mem{Base: dst})
			m.ADDQ(ds, dst)
			stored()
		}
	}
	m.Label("block")
	m.CMPQ(kc, operand.U32(b))
	m.JL(operand.LabelRef("rest"))
	block(func(from mem, to vec) { m.VMOVUPS(from, to) }, func() {})
	m.ADDQ(operand.Imm(uint64(m.bytes())), src)
	m.SUBQ(operand.U32(b), kc)
	m.JMP(operand.LabelRef("block"))
	m.Label("rest")
	m.TESTQ(kc, kc)
	m.JZ(operand.LabelRef("end"))
	p := &place{m: m}
	if m.wide() {
		p.k = m.opmask(kc)
	} else {
		p.mask = m.lanemask(kc)
	}
	block(func(from mem, to vec) { m.load(from, to, p.k, p.mask) }, func() {
		m.DECQ(kc)
		m.JZ(operand.LabelRef("end"))
	})
	m.Label("end")
	m.end()
}

// transpose4 transposes the 4 by 4 squares of each 128-bit lane: of the result, y[4*r+c] holds in lane l the rows 4r
// to 4r+3 of column 4l+c.
func (m *machine) transpose4(a []vec) []vec {
	b, y := m.vecs(len(a)), m.vecs(len(a))
	for i := 0; i < len(a); i += 2 {
		m.VUNPCKLPS(a[i+1], a[i], b[i])
		m.VUNPCKHPS(a[i+1], a[i], b[i+1])
	}
	for i := 0; i < len(a); i += 4 {
		m.VUNPCKLPD(b[i+2], b[i], y[i])
		m.VUNPCKHPD(b[i+2], b[i], y[i+1])
		m.VUNPCKLPD(b[i+3], b[i+1], y[i+2])
		m.VUNPCKHPD(b[i+3], b[i+1], y[i+3])
	}
	return y
}

func (m *machine) transpose8(a []vec) []vec {
	y, out := m.transpose4(a), m.vecs(8)
	for c := range 4 {
		m.VPERM2F128(operand.Imm(0x20), y[4+c], y[c], out[c])
		m.VPERM2F128(operand.Imm(0x31), y[4+c], y[c], out[4+c])
	}
	return out
}

func (m *machine) transpose16(a []vec) []vec {
	y, b, out := m.transpose4(a), m.vecs(16), m.vecs(16)
	for c := range 4 { // lanes 0 and 2, and lanes 1 and 3, of two groups of rows
		m.VSHUFF32X4(operand.Imm(0x88), y[4+c], y[c], b[c])
		m.VSHUFF32X4(operand.Imm(0xdd), y[4+c], y[c], b[4+c])
		m.VSHUFF32X4(operand.Imm(0x88), y[12+c], y[8+c], b[8+c])
		m.VSHUFF32X4(operand.Imm(0xdd), y[12+c], y[8+c], b[12+c])
	}
	for c := range 4 {
		m.VSHUFF32X4(operand.Imm(0x88), b[8+c], b[c], out[c])
		m.VSHUFF32X4(operand.Imm(0x88), b[12+c], b[4+c], out[4+c])
		m.VSHUFF32X4(operand.Imm(0xdd), b[8+c], b[c], out[8+c])
		m.VSHUFF32X4(operand.Imm(0xdd), b[12+c], b[4+c], out[12+c])
	}
	return out
}
