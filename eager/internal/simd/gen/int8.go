package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
)

// bytes8 emits the kernels of products of 8-bit numbers.
func bytes8(m *machine) {
	for h := 1; h <= m.tileRows(); h++ {
		m.panel8(h)
	}
	m.dequantise()
}

// panel8 emits the kernel of a whole tile. A group is 4 bytes: for AVX-512 four numbers, which VPDPBUSD multiplies and
// adds up without loss, for AVX2 two numbers of 16 bits, since VPMADDUBSW would saturate.
func (m *machine) panel8(h int) {
	m.function(fmt.Sprintf("igemm%dx", h), "func(groups int, a, b *byte, c *int32, ldc int, acc int)",
		fmt.Sprintf("computes c = a@b, or with acc c += a@b, for c of %d rows, ldc apart, and %d columns.", h, 2*m.lanes()),
		"a and b hold the groups of 4 bytes of each step along k together.")
	t := tile{m, h, 2}
	groups, a, b, c := m.arg("groups"), m.arg("a"), m.arg("b"), m.arg("c")
	ldc, acc := m.arg("ldc"), m.arg("acc")
	m.SHLQ(operand.Imm(2), ldc)
	t.clear()
	step := func(u int) {
		for j := range 2 {
			at := mem{Base: b, Disp: (2*u + j) * m.bytes()}
			if m.wide() {
				m.VMOVDQU32(at, t.b(j))
			} else {
				m.VMOVDQU(at, t.b(j))
			}
		}
		for i := range h {
			at := mem{Base: a, Disp: (u*h + i) * 4}
			if m.wide() {
				m.VPBROADCASTD(at, t.a(i))
				for j := range 2 {
					// avo does not know it; Go's assembler does
					args := []operand.Op{t.b(j), t.a(i), t.acc(i, j)}
					m.Instruction(&ir.Instruction{Opcode: "VPDPBUSD", Operands: args, Inputs: args, Outputs: args[2:]})
				}
				continue
			}
			x, y := t.a(0), t.a(1)
			m.VPBROADCASTD(at, x)
			m.VPMADDWD(t.b(0), x, y)
			m.VPADDD(y, t.acc(i, 0), t.acc(i, 0))
			m.VPMADDWD(t.b(1), x, x)
			m.VPADDD(x, t.acc(i, 1), t.acc(i, 1))
		}
	}
	const unroll = 4
	count := m.GP64()
	m.MOVQ(groups, count)
	m.SHRQ(operand.Imm(2), count)
	m.JZ(operand.LabelRef("rest"))
	m.Label("four")
	for u := range unroll {
		m.PREFETCHT0(mem{Base: a, Disp: 16*h*4 + u*64})
		step(u)
	}
	m.ADDQ(operand.I32(unroll*h*4), a)
	m.ADDQ(operand.I32(unroll*2*m.bytes()), b)
	m.DECQ(count)
	m.JNZ(operand.LabelRef("four"))
	m.Label("rest")
	m.ANDQ(operand.Imm(unroll-1), groups)
	m.JZ(operand.LabelRef("sum"))
	m.Label("one")
	step(0)
	m.ADDQ(operand.I32(h*4), a)
	m.ADDQ(operand.I32(2*m.bytes()), b)
	m.DECQ(groups)
	m.JNZ(operand.LabelRef("one"))
	m.Label("sum")
	m.TESTQ(acc, acc)
	m.JZ(operand.LabelRef("store"))
	row := m.GP64()
	m.MOVQ(c, row)
	for i := range h {
		for j := range 2 {
			m.VPADDD(mem{Base: row, Disp: j * m.bytes()}, t.acc(i, j), t.acc(i, j))
		}
		m.ADDQ(ldc, row)
	}
	m.Label("store")
	for i := range h {
		for j := range 2 {
			m.VMOVUPS(t.acc(i, j), mem{Base: c, Disp: j * m.bytes()})
		}
		m.ADDQ(ldc, c)
	}
	m.end()
}

// dequantise emits the way from sums of products to float32. It has no fused steps, so that its plain twin gives the same.
func (m *machine) dequantise() {
	m.function("dequantise", "func(n int, c, sums *int32, zero int, scale, scales, bias, y *float32)",
		"sets y[j] = (c[j]-zero*sums[j]) * (scale*scales[j]) + bias[j] for j below n,",
		fmt.Sprintf("a multiple of %d that is not 0.", m.lanes()))
	n, c, sums, scales, bias, y := m.arg("n"), m.arg("c"), m.arg("sums"), m.arg("scales"), m.arg("bias"), m.arg("y")
	zero, scale := m.vec(), m.vec()
	m.broadcast32(m.arg("zero"), zero)
	m.VBROADCASTSS(mem{Base: m.arg("scale")}, scale)
	v, f := m.vec(), m.vec()
	m.Label("loop")
	m.VPMULLD(mem{Base: sums}, zero, v)
	if m.wide() {
		m.VMOVDQU32(mem{Base: c}, f)
	} else {
		m.VMOVDQU(mem{Base: c}, f)
	}
	m.VPSUBD(v, f, v)
	m.VCVTDQ2PS(v, v)
	m.VMULPS(mem{Base: scales}, scale, f)
	m.VMULPS(f, v, v)
	m.VADDPS(mem{Base: bias}, v, v)
	m.VMOVUPS(v, mem{Base: y})
	for _, p := range []gp{c, sums, scales, bias, y} {
		m.ADDQ(operand.U32(m.bytes()), p)
	}
	m.SUBQ(operand.U32(m.lanes()), n)
	m.JNZ(operand.LabelRef("loop"))
	m.end()
}
