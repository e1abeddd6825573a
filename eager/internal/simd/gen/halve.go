package main

import "github.com/mmcloughlin/avo/operand"

// halves emits the pooling of windows of two by two that lie side by side, and its gradient. which is padded so that whole
// vectors of it can be read and written.
func halves(m *machine) {
	m.function("halve", "func(y *float32, which *uint8, ws int, x *float32, xs, n, rows int)",
		"sets y[i*n+j], i below rows and j below n, to the largest of the four numbers x[(2*i+a)*xs+2*j+b], a and b 0 or 1, and",
		"which[i*ws+j] to 2*a+b of the first that is, if which is not nil. NaN is larger than all. ws is a multiple of a vector's",
		"lanes, n or more: it writes what it likes between n and ws.")
	h := &half{rowMove: &rowMove{m: m, dst: m.arg("y"), src: m.arg("x")}, which: m.arg("which"), other: m.GP64()}
	ws, xs, n, rows := m.arg("ws"), m.arg("xs"), m.arg("n"), m.arg("rows")
	h.masks(n, true, 0)
	m.Label("row")
	m.LEAQ(mem{Base: h.src, Index: xs, Scale: 4}, h.other)
	h.row(h.largest)
	m.LEAQ(mem{Base: h.dst, Index: n, Scale: 4}, h.dst)
	m.LEAQ(mem{Base: h.other, Index: xs, Scale: 4}, h.src)
	m.TESTQ(h.which, h.which)
	m.JZ(operand.LabelRef("last"))
	m.ADDQ(ws, h.which)
	m.Label("last")
	m.DECQ(rows)
	m.JNZ(operand.LabelRef("row"))
	m.end()

	m.function("halveGrad", "func(dx *float32, xs int, dy *float32, which *uint8, ws int, n, rows int)",
		"sets dx[(2*i+a)*xs+2*j+b], i below rows, j below n, a and b 0 or 1, to dy[i*n+j] where which[i*ws+j] is 2*a+b, else to 0.",
		"ws is a multiple of a vector's lanes, n or more: it reads all of which up to there.")
	h = &half{rowMove: &rowMove{m: m, dst: m.arg("dx"), src: m.arg("dy")}, which: m.arg("which"), other: m.GP64()}
	ws, xs, n, rows = m.arg("ws"), m.arg("xs"), m.arg("n"), m.arg("rows")
	h.masks(n, true, 0)
	m.Label("row")
	m.LEAQ(mem{Base: h.dst, Index: xs, Scale: 4}, h.other)
	h.row(h.back)
	m.LEAQ(mem{Base: h.other, Index: xs, Scale: 4}, h.dst)
	m.LEAQ(mem{Base: h.src, Index: n, Scale: 4}, h.src)
	m.ADDQ(ws, h.which)
	m.DECQ(rows)
	m.JNZ(operand.LabelRef("row"))
	m.end()
}

// half is a row of windows at work: other is the second row of numbers.
type half struct {
	*rowMove
	which, other gp
}

// pairs loads the first and the second numbers of pairs.
func (r *rowMove) pairs(p *place, from gp) (a, b vec) {
	m := r.m
	lo, hi := r.double(p)
	x, y := m.vec(), m.vec()
	m.load(mem{Base: from, Index: p.index, Scale: 8}, x, lo.k, lo.mask)
	m.load(mem{Base: from, Index: p.index, Scale: 8, Disp: m.bytes()}, y, hi.k, hi.mask)
	a, b = m.vec(), m.vec()
	if m.wide() {
		m.VMOVUPS(m.words("even", func(i int) uint32 { return uint32(2 * i) }), a)
		m.VMOVUPS(m.words("odd", func(i int) uint32 { return uint32(2*i + 1) }), b)
		m.VPERMI2PS(y, x, a)
		m.VPERMI2PS(y, x, b)
		return a, b
	}
	m.VSHUFPS(operand.Imm(0x88), y, x, a)
	m.VSHUFPS(operand.Imm(0xdd), y, x, b)
	m.VPERMPD(operand.Imm(0xd8), a, a)
	m.VPERMPD(operand.Imm(0xd8), b, b)
	return a, b
}

// largest is the windows of one vector of results.
func (h *half) largest(p *place) {
	m := h.m
	best, second := h.pairs(p, h.src)
	third, fourth := h.pairs(p, h.other)
	w := &windows{m: m, best: best, which: m.zero()}
	w.keepWord(1, second)
	w.keepWord(2, third)
	w.keepWord(3, fourth)
	p.store([]vec{best}, h.dst)
	skip := m.label("skip")
	m.TESTQ(h.which, h.which)
	m.JZ(operand.LabelRef(skip))
	to := mem{Base: h.which, Index: p.index, Scale: 1}
	if m.wide() {
		x := m.XMM()
		m.VPMOVDB(w.which, x)
		m.VMOVUPS(x, to)
	} else {
		hi := m.XMM()
		m.VEXTRACTI128(operand.Imm(1), w.which, hi)
		m.VPACKUSDW(hi, w.which.AsX(), hi)
		m.VPACKUSWB(hi, hi, hi)
		m.VMOVQ(hi, to)
	}
	m.Label(skip)
}

// keepWord takes what is larger in v, and the number of v.
func (w *windows) keepWord(number int, v vec) {
	const notLessEqual, ordered = 0x16, 0x07
	m := w.m
	n := m.words(map[int]string{1: "one", 2: "two", 3: "three"}[number], func(int) uint32 { return uint32(number) })
	if m.wide() {
		larger, k := m.K(), m.K()
		m.VCMPPS(operand.Imm(notLessEqual), w.best, v, larger)
		m.VCMPPS(operand.Imm(ordered), w.best, w.best, larger, k)
		m.VMOVAPS(v, k, w.best)
		m.VMOVDQU32(n, k, w.which)
		return
	}
	larger, o := m.vec(), m.vec()
	m.VCMPPS(operand.Imm(notLessEqual), w.best, v, larger)
	m.VCMPPS(operand.Imm(ordered), w.best, w.best, o)
	m.and(o, larger, larger)
	m.VBLENDVPS(larger, v, w.best, w.best)
	m.VBLENDVPS(larger, n, w.which, w.which)
}

// back is the gradient of one vector of results.
func (h *half) back(p *place) {
	m := h.m
	g, which := p.load(h.src)[0], m.vec()
	m.VPMOVZXBD(mem{Base: h.which, Index: p.index, Scale: 1}, which)
	var part [4]vec
	for i := range part {
		n := m.words([]string{"zero", "one", "two", "three"}[i], func(int) uint32 { return uint32(i) })
		part[i] = m.vec()
		if m.wide() {
			k := m.K()
			m.VPCMPEQD(n, which, k)
			m.VMOVAPS_Z(g, k, part[i])
		} else {
			m.VPCMPEQD(n, which, part[i])
			m.VPAND(g, part[i], part[i])
		}
	}
	for i, to := range []gp{h.dst, h.other} {
		lo, hi := m.zip(part[2*i], part[2*i+1])
		first, second := h.double(p)
		m.store(lo, mem{Base: to, Index: p.index, Scale: 8}, first.k, first.mask)
		m.store(hi, mem{Base: to, Index: p.index, Scale: 8, Disp: m.bytes()}, second.k, second.mask)
	}
}
