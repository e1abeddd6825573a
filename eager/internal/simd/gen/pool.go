package main

import (
	"math/bits"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// pooling emits the maximum of windows.
func pooling(m *machine) {
	m.function("maxWindows", "func(y *float32, index *int64, base int, x *float32, off *int, taps, stride, n int)",
		"sets y[j], j below n, to the largest of x[off[t]+j*stride], t below taps, at least 1; NaN is larger than all.",
		"If index is not nil, index[j] is base plus the place in x of the first that is.")
	y, index, x, off, stride, n := m.arg("y"), m.arg("index"), m.arg("x"), m.arg("off"), m.arg("stride"), m.arg("n")
	place, base := m.vec(), m.vec() // of tap 0 from x, in 32 bits; what is to be added, in 64
	m.broadcast32(stride, place)
	m.VPMULLD(m.iota(), place, place)
	m.broadcast64(m.arg("base"), base)
	step := m.GP64()
	m.MOVQ(stride, step)
	m.SHLQ(operand.Imm(uint64(bits.TrailingZeros(uint(m.lanes())))), step)
	advance := m.vec()
	m.broadcast64(step, advance)
	w := &windows{m: m, x: x, place: place, best: m.vec(), which: m.vec()}
	m.Label("next")
	m.TESTQ(n, n)
	m.JLE(operand.LabelRef("end"))
	w.lanes(n)
	t, at := m.GP64(), m.GP64()
	tap := m.vec()
	m.MOVQ(off, at)
	m.MOVQ(m.argument("taps"), t)
	w.gather(at, w.best)
	m.VPBROADCASTD(mem{Base: at}, w.which)
	m.Label("tap")
	m.DECQ(t)
	m.JZ(operand.LabelRef("store"))
	m.ADDQ(operand.Imm(8), at)
	w.gather(at, tap)
	w.keep(at, tap)
	m.JMP(operand.LabelRef("tap"))
	m.Label("store")
	m.store(w.best, mem{Base: y}, w.k, w.mask)
	m.TESTQ(index, index)
	m.JZ(operand.LabelRef("on"))
	m.VPADDD(place, w.which, w.which)
	w.storeIndex(index, base)
	m.ADDQ(operand.U32(8*m.lanes()), index)
	m.Label("on")
	m.VPADDQ(advance, base, base)
	m.ADDQ(operand.Imm(uint64(m.bytes())), y)
	m.LEAQ(mem{Base: x, Index: step, Scale: 4}, x)
	m.SUBQ(operand.Imm(uint64(m.lanes())), n)
	m.JMP(operand.LabelRef("next"))
	m.Label("end")
	m.end()
	halves(m)
}

func (m *machine) broadcast32(r gp, v vec) {
	if m.wide() {
		m.VPBROADCASTD(r.As32(), v)
		return
	}
	m.VMOVD(r.As32(), v.AsX())
	m.VPBROADCASTD(v.AsX(), v)
}

func (m *machine) broadcast64(r gp, v vec) {
	if m.wide() {
		m.VPBROADCASTQ(r, v)
		return
	}
	m.VMOVQ(r, v.AsX())
	m.VPBROADCASTQ(v.AsX(), v)
}

// iota is the numbers of the lanes, in 32 bits.
func (m *machine) iota() mem { return m.words("iota", func(i int) uint32 { return uint32(i) }) }

// words is a vector in memory, whose lane i is f(i).
func (m *machine) words(name string, f func(i int) uint32) mem {
	d, ok := m.data[name]
	if !ok {
		d = m.StaticGlobal(name)
		m.DataAttributes(attr.RODATA | attr.NOPTR)
		for i := range m.lanes() {
			m.AddDatum(4*i, operand.U32(f(i)))
		}
		m.data[name] = d
	}
	return d
}

// windows is a row of windows at work: lanes are windows.
type windows struct {
	m                  *machine
	x                  gp
	place, best, which vec
	left               gp
	k                  reg.OpmaskVirtual
	mask               vec
}

// lanes makes the mask of the first n lanes.
func (w *windows) lanes(n gp) {
	m := w.m
	w.left = m.GP64()
	all := m.GP64()
	m.MOVQ(n, w.left)
	m.MOVQ(operand.U32(m.lanes()), all)
	m.CMPQ(w.left, all)
	m.CMOVQGT(all, w.left)
	if m.wide() {
		w.k = m.opmask(w.left)
	} else {
		w.mask = m.lanemask(w.left)
	}
}

// gather is v = x[off + place] for the offset at address at.
func (w *windows) gather(at gp, v vec) {
	m := w.m
	p := m.GP64()
	m.MOVQ(mem{Base: at}, p)
	m.LEAQ(mem{Base: w.x, Index: p, Scale: 4}, p)
	from := mem{Base: p, Index: w.place, Scale: 4}
	m.clear(v) // of no use but to forget what v waited for
	if m.wide() {
		k := m.K()
		m.KMOVW(w.k, k)
		m.VGATHERDPS(from, k, v)
		return
	}
	t := m.vec()
	m.VMOVAPS(w.mask, t)
	m.VGATHERDPS(t, from, v)
}

// keep takes what is larger in v, and its offset from address at.
func (w *windows) keep(at gp, v vec) {
	const notLessEqual, ordered = 0x16, 0x07
	m := w.m
	if m.wide() {
		larger, k := m.K(), m.K()
		m.VCMPPS(operand.Imm(notLessEqual), w.best, v, larger)
		m.VCMPPS(operand.Imm(ordered), w.best, w.best, larger, k)
		m.VMOVAPS(v, k, w.best)
		m.VPBROADCASTD(mem{Base: at}, k, w.which)
		return
	}
	larger, o := m.vec(), m.vec()
	m.VCMPPS(operand.Imm(notLessEqual), w.best, v, larger)
	m.VCMPPS(operand.Imm(ordered), w.best, w.best, o)
	m.and(o, larger, larger)
	m.VPBROADCASTD(mem{Base: at}, o)
	m.VBLENDVPS(larger, v, w.best, w.best)
	m.VBLENDVPS(larger, o, w.which, w.which)
}

// storeIndex stores which, made 64 bits wide, plus base.
func (w *windows) storeIndex(index gp, base vec) {
	m := w.m
	half := m.bytes() / 2
	for i := range 2 {
		wide := m.vec()
		if m.wide() {
			part, k := m.YMM(), m.K()
			m.VEXTRACTI64X4(operand.Imm(uint64(i)), w.which, part)
			m.VPMOVSXDQ(part, wide)
			m.VPADDQ(base, wide, wide)
			m.KSHIFTRW(operand.Imm(uint64(8*i)), w.k, k)
			m.VMOVDQU64(wide, k, mem{Base: index, Disp: 2 * i * half})
			continue
		}
		part, mask := m.XMM(), m.vec()
		m.VEXTRACTI128(operand.Imm(uint64(i)), w.which, part)
		m.VPMOVSXDQ(part, wide)
		m.VPADDQ(base, wide, wide)
		m.VEXTRACTI128(operand.Imm(uint64(i)), w.mask, part)
		m.VPMOVSXDQ(part, mask)
		m.VPMASKMOVQ(wide, mask, mem{Base: index, Disp: 2 * i * half})
	}
}
