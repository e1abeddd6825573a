package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
)

// convolutions emits what convolutions are made of. They read images in place: a number of the window of a pixel is at
// a distance from the pixel that is the same for all pixels.
func convolutions(m *machine) {
	for h := 1; h <= m.tileRows(); h++ {
		m.window(h, 1)
		m.window(h, 2)
		if h <= m.wideRows() {
			m.window(h, 4)
		}
	}
	height, taps := m.correlation()
	for h := 1; h <= height; h++ {
		m.correlate(h, taps)
	}
	for h := 1; h <= m.gatherTaps(); h++ {
		m.gather(h, 1)
		m.gather(h, 2)
	}
	rowMoves(m)
}

// wideRows is how many maps there are registers for in a kernel of four vectors. Of few maps, two vectors are not enough
// work for as long as an addition takes.
func (m *machine) wideRows() int {
	if m.wide() {
		return 6
	}
	return 2
}

// window emits the kernel of h maps of n neighbouring pixels, in v vectors.
func (m *machine) window(h, v int) {
	e := &element{m: m, size: 4, spread: m.VBROADCASTSS, move: m.VMOVUPS, add: m.VADDPS, fma: m.VFMADD231PS,
		maskLoad: m.VMASKMOVPS, maskStore: m.VMASKMOVPS, zeroLoad: m.VMOVUPS_Z}
	m.function(fmt.Sprintf("window%dx%dx", h, v),
		"func(kc int, a *float32, off *int, x, c *float32, ldc int, n int, acc int)",
		fmt.Sprintf("computes c[i*ldc+j] = sum over k of a[k*%d+i] * x[off[k]+j], or with acc adds it, for i below %[1]d", h),
		fmt.Sprintf("and j below n, more than %d and at most %d.", v/2*m.lanes(), v*m.lanes()))
	t := tile{m, h, v}
	kc, a, off, x := m.arg("kc"), m.arg("a"), m.arg("off"), m.arg("x")
	load, store := e.masks(m.arg("n"), v)
	t.clear()
	m.TESTQ(kc, kc)
	m.JZ(operand.LabelRef("sum"))
	at := m.GP64()
	m.Label("loop")
	m.MOVQ(mem{Base: off}, at)
	for j := range v {
		load(mem{Base: x, Index: at, Scale: 4, Disp: j * m.bytes()}, j, t.b(j))
	}
	for i := range h {
		m.VBROADCASTSS(mem{Base: a, Disp: 4 * i}, t.a(i))
		for j := range v {
			m.VFMADD231PS(t.b(j), t.a(i), t.acc(i, j))
		}
	}
	m.ADDQ(operand.Imm(8), off)
	m.ADDQ(operand.Imm(uint64(4*h)), a)
	m.DECQ(kc)
	m.JNZ(operand.LabelRef("loop"))
	m.Label("sum")
	e.finish(t, load, store)
}

// correlation is the largest tile of correlate: maps of one image by places in the window of the other.
func (m *machine) correlation() (height, taps int) {
	if m.wide() {
		return 4, 6
	}
	return 3, 3
}

// correlate emits the kernel of h maps by taps places: pixels are multiplied with those of their windows and added up.
func (m *machine) correlate(h, taps int) {
	m.function(fmt.Sprintf("correlate%dx", h),
		"func(images, rows, n int, y *float32, ymap, yrow, yimage int, x *float32, xrow, ximage int, off *int, dst *float32, ld int)",
		fmt.Sprintf("adds to dst[i*ld+t], i below %d and t below %d, the sum over images, rows and j below n of", h, taps),
		"y[i*ymap+j] * x[off[t]+j]. Past a row y moves by yrow beyond its whole vectors, past an image by yimage beyond",
		"its rows; x likewise.")
	addr := m.argument
	acc := make([][]vec, h)
	for i := range acc {
		acc[i] = m.zeros(taps)
	}
	images, y, x := m.arg("images"), m.arg("y"), m.arg("x")
	offs := m.arg("off")
	off := make([]gp, taps)
	for t := range off {
		off[t] = m.GP64()
		m.MOVQ(mem{Base: offs, Disp: 8 * t}, off[t])
	}
	ymap := m.arg("ymap")
	m.SHLQ(operand.Imm(2), ymap)
	ymap3 := m.GP64()
	if h > 3 {
		m.LEAQ(mem{Base: ymap, Index: ymap, Scale: 2}, ymap3)
	}
	yat := func(i int) mem {
		switch i {
		case 0:
			return mem{Base: y}
		case 3:
			return mem{Base: y, Index: ymap3, Scale: 1}
		}
		return mem{Base: y, Index: ymap, Scale: uint8(i)}
	}
	xat := func(t int) mem { return mem{Base: x, Index: off[t], Scale: 4} }
	p := &place{m: m}
	left := m.GP64()
	m.MOVQ(addr("n"), left)
	m.ANDQ(operand.Imm(uint64(m.lanes()-1)), left)
	if m.wide() {
		p.k = m.opmask(left)
	}
	rows := m.GP64()
	m.Label("image")
	m.MOVQ(addr("rows"), rows)
	m.Label("row")
	m.MOVQ(addr("n"), left)
	body := func(q *place) {
		yv := m.vecs(h)
		for i := range yv {
			m.load(yat(i), yv[i], q.k, q.mask)
		}
		xv := m.vecs(2)
		for t := range taps {
			m.load(xat(t), xv[t%2], q.k, q.mask)
			for i := range yv {
				m.VFMADD231PS(xv[t%2], yv[i], acc[i][t])
			}
		}
	}
	m.Label("vector")
	m.SUBQ(operand.Imm(uint64(m.lanes())), left)
	m.JL(operand.LabelRef("part"))
	body(&place{m: m})
	m.ADDQ(operand.Imm(uint64(m.bytes())), y)
	m.ADDQ(operand.Imm(uint64(m.bytes())), x)
	m.JMP(operand.LabelRef("vector"))
	m.Label("part")
	m.ADDQ(operand.Imm(uint64(m.lanes())), left)
	m.JZ(operand.LabelRef("next"))
	if !m.wide() {
		p.mask = m.lanemask(left)
	}
	body(p)
	m.Label("next")
	step := func(r gp, name string) {
		s := m.GP64()
		m.MOVQ(addr(name), s)
		m.LEAQ(mem{Base: r, Index: s, Scale: 4}, r)
	}
	step(y, "yrow")
	step(x, "xrow")
	m.DECQ(rows)
	m.JNZ(operand.LabelRef("row"))
	step(y, "yimage")
	step(x, "ximage")
	m.DECQ(images)
	m.JNZ(operand.LabelRef("image"))
	dst, ld := m.arg("dst"), m.arg("ld")
	for i := range acc {
		for t := range taps {
			s := m.across(acc[i][t:t+1], m.VADDPS).AsX()
			m.VADDSS(mem{Base: dst, Disp: 4 * t}, s, s)
			m.VMOVSS(s, mem{Base: dst, Disp: 4 * t})
		}
		m.LEAQ(mem{Base: dst, Index: ld, Scale: 4}, dst)
	}
	m.end()
}

// gatherTaps is how many places of the window gather takes at most: as many as there are addresses for, and accumulators.
func (m *machine) gatherTaps() int {
	if m.wide() {
		return 12
	}
	return 6
}

// gather emits the kernel of h places by v vectors of maps: the numbers of all maps at a pixel are multiplied with those of
// the pixel's window and added up.
func (m *machine) gather(h, v int) {
	m.function(fmt.Sprintf("gather%dx%dx", h, v),
		"func(images, rows, n int, y *float32, x *float32, xrow, ximage int, off *int, dst *float32)",
		fmt.Sprintf("adds to dst[t*%d+i], t below %d and i below %[1]d, the sum over images, rows and j below n of y[j*%[1]d+i] * x[off[t]+j].", v*m.lanes(), h),
		"y goes on from row to row and image to image; x moves by n, and by xrow beyond that past a row, by ximage past an image.")
	acc := make([][]vec, h)
	for t := range acc {
		acc[t] = m.zeros(v)
	}
	y, at := m.arg("y"), m.GP64()
	base := make([]gp, h)
	for t := range base {
		base[t] = m.GP64()
		m.MOVQ(m.argument("off"), at)
		m.MOVQ(mem{Base: at, Disp: 8 * t}, base[t])
		m.MOVQ(m.argument("x"), at)
		m.LEAQ(mem{Base: at, Index: base[t], Scale: 4}, base[t])
	}
	m.XORQ(at, at)
	left := m.GP64()
	images, rows := m.AllocLocal(8), m.AllocLocal(8)
	m.MOVQ(m.argument("images"), left)
	m.MOVQ(left, images)
	m.Label("image")
	m.MOVQ(m.argument("rows"), left)
	m.MOVQ(left, rows)
	m.Label("row")
	m.MOVQ(m.argument("n"), left)
	body := func(pixels int) {
		for u := range pixels {
			ys := m.vecs(v)
			for i := range ys {
				m.VMOVUPS(mem{Base: y, Disp: (u*v + i) * m.bytes()}, ys[i])
			}
			for t := range h {
				x := m.vec()
				m.VBROADCASTSS(mem{Base: base[t], Index: at, Scale: 4, Disp: 4 * u}, x)
				for i := range ys {
					m.VFMADD231PS(ys[i], x, acc[t][i])
				}
			}
		}
		m.ADDQ(operand.Imm(uint64(pixels)), at)
		m.ADDQ(operand.U32(pixels*v*m.bytes()), y)
	}
	m.Label("two")
	m.SUBQ(operand.Imm(2), left)
	m.JL(operand.LabelRef("one"))
	body(2)
	m.JMP(operand.LabelRef("two"))
	m.Label("one")
	m.ADDQ(operand.Imm(2), left)
	m.JZ(operand.LabelRef("next"))
	body(1)
	m.Label("next")
	m.ADDQ(m.argument("xrow"), at)
	m.DECQ(rows)
	m.JNZ(operand.LabelRef("row"))
	m.ADDQ(m.argument("ximage"), at)
	m.DECQ(images)
	m.JNZ(operand.LabelRef("image"))
	dst := m.arg("dst")
	for t := range acc {
		for i, a := range acc[t] {
			to := mem{Base: dst, Disp: (t*v + i) * m.bytes()}
			m.VADDPS(to, a, a)
			m.VMOVUPS(a, to)
		}
	}
	m.end()
}
