package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
)

// near and far are the numbers that polynomials are taken at, besides their negatives, 0 and infinity. That each is one over
// the other keeps the coefficients of the transformations small, and so their rounding.
var near, far = math.Sqrt(0.5), math.Sqrt(2)

// weight1 and weight2 are one over what the polynomial of the other numbers is at near and at far.
const weight1, weight2 = -2.0 / 3, 1.0 / 6

// winograd emits the transformations of Winograd's F(4x4,3x3), and the turning copy of what comes out.
func winograd(m *machine) {
	m.squares("winogradImage", 6, 6, []constant{num(2), num(0.5), num(2.5), num(near), num(far)}, func(d []vec) []vec {
		y := m.vecs(6)
		m.pair(y[1], y[2], near, m.less(d[4], 2, d[2]), m.less(d[3], 2, d[1]))
		m.pair(y[3], y[4], far, m.less(d[4], 0.5, d[2]), m.less(d[3], 0.5, d[1]))
		m.add(d[0], d[4], y[0])
		m.fnma(num(2.5), d[2], y[0])
		m.add(d[1], d[5], y[5])
		m.fnma(num(2.5), d[3], y[5])
		return y
	})
	m.squares("winogradKernel", 3, 6, nil, func(g []vec) []vec {
		y := m.vecs(6)
		half := func(plus, minus vec, weight, at float64) {
			even, odd := m.vec(), m.vec()
			m.mul(num(weight), g[0], even)
			m.fma(num(weight*at*at), g[2], even)
			m.mul(num(weight*at), g[1], odd)
			m.VADDPS(odd, even, plus)
			m.VSUBPS(odd, even, minus)
		}
		half(y[1], y[2], weight1, near)
		half(y[3], y[4], weight2, far)
		y[0], y[5] = g[0], g[2]
		return y
	})
	m.squares("winogradResult", 6, 4, []constant{num(near), num(far), num(near / 2), num(far * 2), num(2), num(0.5)}, func(x []vec) []vec {
		y := m.vecs(4)
		s1, d1 := m.sumAndDifference(x[1], x[2])
		s2, d2 := m.sumAndDifference(x[3], x[4])
		m.VADDPS(s1, x[0], y[0])
		m.VADDPS(s2, y[0], y[0])
		m.mul(num(near), d1, y[1])
		m.fma(num(far), d2, y[1])
		m.mul(num(0.5), s1, y[2])
		m.fma(num(2), s2, y[2])
		m.VMOVAPS(x[5], y[3])
		m.fma(num(near/2), d1, y[3])
		m.fma(num(far*2), d2, y[3])
		return y
	})
	m.squares("winogradGradient", 4, 6, []constant{num(2), num(0.5), num(near), num(far)}, func(g []vec) []vec {
		y := m.vecs(6)
		m.pair(y[1], y[2], near, m.less(g[0], -0.5, g[2]), m.less(g[1], -0.5, g[3]))
		m.pair(y[3], y[4], far, m.less(g[0], -2, g[2]), m.less(g[1], -2, g[3]))
		y[0], y[5] = g[0], g[3]
		return y
	})
	m.squares("winogradWeight", 6, 3, nil, func(x []vec) []vec {
		y := m.vecs(3)
		s1, d1 := m.sumAndDifference(x[1], x[2])
		s2, d2 := m.sumAndDifference(x[3], x[4])
		m.VMOVAPS(x[0], y[0])
		m.fma(num(weight1), s1, y[0])
		m.fma(num(weight2), s2, y[0])
		m.mul(num(weight1*near), d1, y[1])
		m.fma(num(weight2*far), d2, y[1])
		m.VMOVAPS(x[5], y[2])
		m.fma(num(weight1/2), s1, y[2])
		m.fma(num(weight2*2), s2, y[2])
		return y
	})
	m.turn()
}

// less is a - c*b.
func (m *machine) less(a vec, c float64, b vec) vec {
	y := m.vec()
	m.VMOVAPS(a, y)
	if c < 0 {
		m.fma(num(-c), b, y)
	} else {
		m.fnma(num(c), b, y)
	}
	return y
}

// pair is plus = even + c*odd and minus = even - c*odd.
func (m *machine) pair(plus, minus vec, c float64, even, odd vec) {
	m.VMOVAPS(even, plus)
	m.fma(num(c), odd, plus)
	m.VMOVAPS(even, minus)
	m.fnma(num(c), odd, minus)
}

func (m *machine) sumAndDifference(a, b vec) (sum, difference vec) {
	sum, difference = m.vec(), m.vec()
	m.VADDPS(b, a, sum)
	m.VSUBPS(b, a, difference)
	return sum, difference
}

// multiples is addresses of up to six places that are a stride apart.
type multiples struct{ one, three, five gp }

func (m *machine) multiples(stride string) multiples {
	s := multiples{m.arg(stride), m.GP64(), m.GP64()}
	m.SHLQ(operand.Imm(2), s.one)
	m.LEAQ(mem{Base: s.one, Index: s.one, Scale: 2}, s.three)
	m.LEAQ(mem{Base: s.one, Index: s.one, Scale: 4}, s.five)
	return s
}

func (s multiples) at(base gp, i int) mem {
	switch i {
	case 0:
		return mem{Base: base}
	case 3:
		return mem{Base: base, Index: s.three, Scale: 1}
	case 5:
		return mem{Base: base, Index: s.five, Scale: 1}
	}
	return mem{Base: base, Index: s.one, Scale: uint8(i)}
}

// squares emits the transformation of squares of in by in vectors to squares of out by out, by body for columns and then for
// rows.
func (m *machine) squares(name string, in, out int, constants []constant, body func(x []vec) []vec) {
	m.function(name, "func(dst *float32, dr, dc, dn int, src *float32, sr, sc, sn int, room *float32, n int)",
		"transforms n squares of vectors: of square k the vector in row i and column j is src[i*sr+j*sc+k*sn:], and",
		"dst[i*dr+j*dc+k*dn:]. It uses room for 36 vectors. n is 1 or more.")
	dst, src, room, n := m.arg("dst"), m.arg("src"), m.arg("room"), m.arg("n")
	rows, columns := m.multiples("sr"), m.multiples("dc")
	column, row := m.arg("sc"), m.arg("dr")
	m.SHLQ(operand.Imm(2), column)
	m.SHLQ(operand.Imm(2), row)
	m.keep(constants...)
	p := m.GP64()
	m.Label("square")
	m.MOVQ(src, p)
	for j := range in {
		x := m.vecs(in)
		for i := range x {
			m.VMOVUPS(rows.at(p, i), x[i])
		}
		for i, y := range body(x) {
			m.VMOVUPS(y, mem{Base: room, Disp: (i*in + j) * m.bytes()})
		}
		if j < in-1 {
			m.ADDQ(column, p)
		}
	}
	m.MOVQ(dst, p)
	for i := range out {
		x := m.vecs(in)
		for j := range x {
			m.VMOVUPS(mem{Base: room, Disp: (i*in + j) * m.bytes()}, x[j])
		}
		for j, y := range body(x) {
			m.VMOVUPS(y, columns.at(p, j))
		}
		if i < out-1 {
			m.ADDQ(row, p)
		}
	}
	for _, step := range []struct {
		of   gp
		name string
	}{{src, "sn"}, {dst, "dn"}} {
		m.MOVQ(m.argument(step.name), p)
		m.LEAQ(mem{Base: step.of, Index: p, Scale: 4}, step.of)
	}
	m.DECQ(n)
	m.JNZ(operand.LabelRef("square"))
	m.end()
}

// turn emits the copy of columns to rows, in blocks as wide as they are high.
func (m *machine) turn() {
	b := m.lanes()
	m.function("turnColumns", "func(dst *float32, ds int, src *float32, ss int, plus *float32, rows, n int)",
		"copies dst[i*ds+j] = src[j*ss+i] + plus[i], i below rows and j below n; rows is 1 to the lanes of a vector, n 1 or more.",
		"It reads whole vectors of src.")
	dst, src, rows, n := m.arg("dst"), m.arg("src"), m.arg("rows"), m.arg("n")
	ds, ss, none := m.arg("ds"), m.arg("ss"), m.GP64()
	m.SHLQ(operand.Imm(2), ds)
	m.SHLQ(operand.Imm(2), ss)
	m.XORQ(none, none)
	block := func(cut bool, done string) {
		at, left, step := m.GP64(), m.GP64(), m.GP64()
		m.MOVQ(src, at)
		m.MOVQ(n, left)
		x := m.vecs(b)
		for i := range x {
			m.VMOVUPS(mem{Base: at}, x[i])
			if !cut {
				m.ADDQ(ss, at)
				continue
			}
			m.MOVQ(ss, step) // to the next column, or again to the last
			m.DECQ(left)
			m.CMOVQLE(none, step)
			m.ADDQ(step, at)
		}
		if m.wide() {
			x = m.transpose16(x)
		} else {
			x = m.transpose8(x)
		}
		p := &place{m: m}
		if cut && m.wide() {
			p.k = m.opmask(n)
		} else if cut {
			p.mask = m.lanemask(n)
		}
		if !cut {
			m.MOVQ(at, src)
		}
		to, plus := m.GP64(), m.arg("plus")
		m.MOVQ(dst, to)
		m.MOVQ(rows, left)
		for i := range x {
			v := m.vec()
			m.VBROADCASTSS(mem{Base: plus, Disp: 4 * i}, v)
			m.VADDPS(v, x[i], v)
			m.store(v, mem{Base: to}, p.k, p.mask)
			m.ADDQ(ds, to)
			m.DECQ(left)
			m.JZ(operand.LabelRef(done))
		}
		m.Label(done)
	}
	m.Label("block")
	m.CMPQ(n, operand.U32(b))
	m.JL(operand.LabelRef("rest"))
	block(false, "turned")
	m.ADDQ(operand.Imm(uint64(m.bytes())), dst)
	m.SUBQ(operand.U32(b), n)
	m.JMP(operand.LabelRef("block"))
	m.Label("rest")
	m.TESTQ(n, n)
	m.JZ(operand.LabelRef("end"))
	block(true, "end")
	m.end()
}
