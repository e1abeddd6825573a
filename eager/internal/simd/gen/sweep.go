package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// place is where in the slices a loop's body is: some whole vectors from element index on, or one that is cut off.
type place struct {
	m     *machine
	index gp
	count int               // vectors
	k     reg.OpmaskVirtual // AVX-512: the lanes that exist; nil: all
	mask  vec               // AVX2: the same
}

func (p *place) cut() bool { return p.k != nil || p.mask != nil }

func (p *place) at(base gp, i int) mem {
	return mem{Base: base, Index: p.index, Scale: 4, Disp: i * p.m.bytes()}
}

// load is the vectors of a slice; lanes that do not exist are 0.
func (p *place) load(base gp) []vec {
	v := p.m.vecs(p.count)
	for i := range v {
		p.m.load(p.at(base, i), v[i], p.k, p.mask)
	}
	return v
}

func (p *place) store(v []vec, base gp) {
	for i := range v {
		p.m.store(v[i], p.at(base, i), p.k, p.mask)
	}
}

// fill sets lanes that do not exist to c.
func (p *place) fill(v []vec, c constant) {
	m := p.m
	switch {
	case p.k != nil:
		t := m.vec()
		m.set(c, t)
		m.VMOVAPS(v[0], p.k, t)
		m.VMOVAPS(t, v[0])
	case p.mask != nil:
		t := m.vec()
		m.set(c, t)
		m.VBLENDVPS(p.mask, v[0], t, v[0])
	}
}

func (m *machine) load(from mem, v reg.Register, k reg.OpmaskVirtual, mask vec) {
	switch {
	case k != nil:
		m.VMOVUPS_Z(from, k, v)
	case mask != nil:
		m.VMASKMOVPS(from, mask, v)
	default:
		m.VMOVUPS(from, v)
	}
}

func (m *machine) store(v reg.Register, to mem, k reg.OpmaskVirtual, mask vec) {
	switch {
	case k != nil:
		m.VMOVUPS(v, k, to)
	case mask != nil:
		m.VMASKMOVPS(v, mask, to)
	default:
		m.VMOVUPS(v, to)
	}
}

// opmask is the mask of the first n lanes, n below the number of lanes.
func (m *machine) opmask(n gp) reg.OpmaskVirtual {
	t, k := m.GP32(), m.K()
	m.MOVL(operand.U32(0xffffffff), t)
	m.BZHIL(n.As32(), t, t)
	m.KMOVW(t, k)
	return k
}

// lanemask is the AVX2 mask of the first n lanes.
func (m *machine) lanemask(n gp) vec {
	p, back := m.GP64(), m.GP64()
	m.LEAQ(m.maskTable(4, 8).Offset(32), p)
	m.MOVQ(n, back)
	m.NEGQ(back)
	v := m.vec()
	m.VMOVUPS(mem{Base: p, Index: back, Scale: 4}, v)
	return v
}

// maskTable is n lanes of ones followed by n lanes of zeros.
func (m *machine) maskTable(size, n int) mem {
	name := fmt.Sprintf("mask%dx%d", n, size)
	d, ok := m.data[name]
	if !ok {
		d = m.StaticGlobal(name)
		m.DataAttributes(attr.RODATA | attr.NOPTR)
		for i := range 2 * n {
			x := uint64(0)
			if i < n {
				x = 1<<(8*size) - 1
			}
			if size == 8 {
				m.AddDatum(8*i, operand.U64(x))
			} else {
				m.AddDatum(4*i, operand.U32(x))
			}
		}
		m.data[name] = d
	}
	return d
}

// sweep emits body for n elements: for unroll vectors at a time, then one at a time, then for one that is cut off.
func (m *machine) sweep(n gp, unroll int, body func(p *place)) {
	index := m.GP64()
	m.XORQ(index, index)
	counts := []int{unroll, 1}
	if unroll == 1 {
		counts = counts[:1]
	}
	for _, count := range counts {
		loop, over := m.label("loop"), m.label("over")
		size := uint32(count * m.lanes())
		m.Label(loop)
		m.CMPQ(n, operand.U32(size))
		m.JL(operand.LabelRef(over))
		body(&place{m: m, index: index, count: count})
		m.ADDQ(operand.U32(size), index)
		m.SUBQ(operand.U32(size), n)
		m.JMP(operand.LabelRef(loop))
		m.Label(over)
	}
	over := m.label("over")
	m.TESTQ(n, n)
	m.JZ(operand.LabelRef(over))
	p := &place{m: m, index: index, count: 1}
	if m.wide() {
		p.k = m.opmask(n)
	} else {
		p.mask = m.lanemask(n)
	}
	body(p)
	m.Label(over)
}
