package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// combine emits y = x@w for a vector x: rows of w weighed by the numbers of x and added up.
func (e *element) combine() {
	m := e.m
	m.function(e.letter+"combine", fmt.Sprintf("func(kc int, x *%s, xs int, w *%[1]s, ldw int, y *%[1]s, n int, acc int)", e.name),
		"computes y = x@w, or with acc y += x@w, for w of kc rows, ldw apart, and n columns.",
		"The numbers of x are xs apart.")
	kc, x0, w0, y, n := m.arg("kc"), m.arg("x"), m.arg("w"), m.arg("y"), m.arg("n")
	xs, ldw := e.bytesOf(m.arg("xs")), e.bytesOf(m.arg("ldw"))
	lanes := m.bytes() / e.size
	block := func(v int, load func(mem, int, reg.Register), store func(reg.Register, int, reg.Register, mem)) {
		acc, t := m.vecs(v), m.vecs(2)
		each(acc, func(j int) { m.clear(acc[j]) })
		x, w, k := m.GP64(), m.GP64(), m.GP64()
		m.MOVQ(x0, x)
		m.MOVQ(w0, w)
		m.MOVQ(kc, k)
		loop, sum, over := m.label("loop"), m.label("sum"), m.label("over")
		m.TESTQ(k, k)
		m.JZ(operand.LabelRef(sum))
		m.Label(loop)
		e.spread(mem{Base: x}, t[0])
		for j := range acc {
			from := mem{Base: w, Disp: j * m.bytes()}
			if load == nil {
				e.fma(from, t[0], acc[j])
			} else {
				load(from, j, t[1])
				e.fma(t[1], t[0], acc[j])
			}
		}
		m.ADDQ(xs, x)
		m.ADDQ(ldw, w)
		m.DECQ(k)
		m.JNZ(operand.LabelRef(loop))
		m.Label(sum)
		add := m.arg("acc")
		m.TESTQ(add, add)
		m.JZ(operand.LabelRef(over))
		for j := range acc {
			from := mem{Base: y, Disp: j * m.bytes()}
			if load == nil {
				e.add(from, acc[j], acc[j])
			} else {
				load(from, j, t[1])
				e.add(t[1], acc[j], acc[j])
			}
		}
		m.Label(over)
		for j := range acc {
			to := mem{Base: y, Disp: j * m.bytes()}
			if store == nil {
				e.move(acc[j], to)
			} else {
				store(acc[j], j, t[1], to)
			}
		}
	}
	for _, v := range []int{8, 2} {
		next, over := m.label("next"), m.label("over")
		m.Label(next)
		m.CMPQ(n, operand.U32(v*lanes))
		m.JL(operand.LabelRef(over))
		block(v, nil, nil)
		m.ADDQ(operand.U32(v*m.bytes()), w0)
		m.ADDQ(operand.U32(v*m.bytes()), y)
		m.SUBQ(operand.U32(v*lanes), n)
		m.JMP(operand.LabelRef(next))
		m.Label(over)
	}
	m.TESTQ(n, n)
	m.JZ(operand.LabelRef("end"))
	load, store := e.masks(n, 2)
	block(2, load, store)
	m.Label("end")
	m.end()
}

// dots emits y = w@x for a vector x: the dot product of each row of w with x.
func (e *element) dots() {
	m := e.m
	m.function(e.letter+"dots", fmt.Sprintf("func(rows int, w *%s, ldw int, x, y *%[1]s, n int, acc int)", e.name),
		"computes y = w@x, or with acc y += w@x, for w of rows rows, ldw apart, and n columns.")
	rows, w0, x0, y, n0, add := m.arg("rows"), m.arg("w"), m.arg("x"), m.arg("y"), m.arg("n"), m.arg("acc")
	ldw := e.bytesOf(m.arg("ldw"))
	lanes := m.bytes() / e.size
	const unroll = 4
	m.TESTQ(rows, rows)
	m.JZ(operand.LabelRef("end"))
	m.Label("row")
	acc := m.vecs(unroll)
	each(acc, func(j int) { m.clear(acc[j]) })
	w, x, n := m.GP64(), m.GP64(), m.GP64()
	m.MOVQ(w0, w)
	m.MOVQ(x0, x)
	m.MOVQ(n0, n)
	for _, v := range []int{unroll, 1} {
		next, over := m.label("next"), m.label("over")
		m.Label(next)
		m.CMPQ(n, operand.U32(v*lanes))
		m.JL(operand.LabelRef(over))
		for j := range v {
			t := m.vec()
			e.move(mem{Base: x, Disp: j * m.bytes()}, t)
			e.fma(mem{Base: w, Disp: j * m.bytes()}, t, acc[j])
		}
		m.ADDQ(operand.U32(v*m.bytes()), w)
		m.ADDQ(operand.U32(v*m.bytes()), x)
		m.SUBQ(operand.U32(v*lanes), n)
		m.JMP(operand.LabelRef(next))
		m.Label(over)
	}
	m.TESTQ(n, n)
	m.JZ(operand.LabelRef("across"))
	load, _ := e.masks(n, 1)
	t, u := m.vec(), m.vec()
	load(mem{Base: x}, 0, t)
	load(mem{Base: w}, 0, u)
	e.fma(u, t, acc[1])
	m.Label("across")
	s := e.across(acc)
	m.TESTQ(add, add)
	m.JZ(operand.LabelRef("store"))
	if e.size == 8 {
		m.VADDSD(mem{Base: y}, s, s)
	} else {
		m.VADDSS(mem{Base: y}, s, s)
	}
	m.Label("store")
	if e.size == 8 {
		m.VMOVSD(s, mem{Base: y})
	} else {
		m.VMOVSS(s, mem{Base: y})
	}
	m.ADDQ(operand.Imm(uint64(e.size)), y)
	m.ADDQ(ldw, w0)
	m.DECQ(rows)
	m.JNZ(operand.LabelRef("row"))
	m.Label("end")
	m.end()
}

// across is the sum of all lanes of acc.
func (e *element) across(acc []vec) reg.Register {
	m := e.m
	if e.size == 4 {
		return m.across(acc, m.VADDPS).AsX()
	}
	x, t := acc[0], m.vec()
	e.add(acc[2], x, x)
	e.add(acc[3], acc[1], acc[1])
	e.add(acc[1], x, x)
	if m.wide() {
		m.VSHUFF64X2(operand.Imm(0x4e), x, x, t)
		e.add(t, x, x)
		m.VSHUFF64X2(operand.Imm(0xb1), x, x, t)
		e.add(t, x, x)
	} else {
		m.VPERM2F128(operand.Imm(1), x, x, t)
		e.add(t, x, x)
	}
	m.VPERMILPD(operand.Imm(0x55), x, t)
	e.add(t, x, x)
	return x.AsX()
}
