package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// element is the numbers that a matrix kernel is for.
type element struct {
	m                      *machine
	letter, name           string // "s" and "float32"
	size                   int    // bytes
	spread, move, add, fma func(...operand.Op)
	maskLoad, maskStore    func(mxy, xy, mxy1 operand.Op)
	zeroLoad               func(mxyz, k, mxyz1 operand.Op)
}

// matrices emits what matrix products are made of, for float32 and float64.
func matrices(m *machine) {
	for _, e := range []*element{
		{m, "s", "float32", 4, m.VBROADCASTSS, m.VMOVUPS, m.VADDPS, m.VFMADD231PS, m.VMASKMOVPS, m.VMASKMOVPS, m.VMOVUPS_Z},
		{m, "d", "float64", 8, m.VBROADCASTSD, m.VMOVUPD, m.VADDPD, m.VFMADD231PD, m.VMASKMOVPD, m.VMASKMOVPD, m.VMOVUPD_Z},
	} {
		for h := 1; h <= m.tileRows(); h++ {
			e.panel(h)
		}
		for h := 1; h <= m.tileRows(); h++ {
			e.edge(h, 1)
			e.edge(h, 2)
		}
		e.combine()
		e.dots()
		e.packColumns()
	}
	m.packRows()
}

// tileRows is the height of the largest tile: as many accumulators as leave room for two vectors of b and two numbers
// of a.
func (m *machine) tileRows() int {
	if m.wide() {
		return 14
	}
	return 6
}

// physical is vector register i.
func (m *machine) physical(i int) reg.VecPhysical {
	if m.wide() {
		return []reg.VecPhysical{reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7, reg.Z8, reg.Z9, reg.Z10,
			reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15, reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22,
			reg.Z23, reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31}[i]
	}
	return []reg.VecPhysical{reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7, reg.Y8, reg.Y9, reg.Y10,
		reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15}[i]
}

// tile is the registers of a tile of h rows and v vectors: accumulators, then b, then a in turn in what is left.
type tile struct {
	m    *machine
	h, v int
}

func (t tile) acc(i, j int) reg.VecPhysical { return t.m.physical(i*t.v + j) }
func (t tile) b(j int) reg.VecPhysical      { return t.m.physical(t.h*t.v + j) }

func (t tile) a(i int) reg.VecPhysical {
	all := 16
	if t.m.wide() {
		all = 32
	}
	used := t.h*t.v + t.v
	return t.m.physical(used + i%(all-used))
}

func (t tile) clear() {
	for i := range t.h * t.v {
		r := t.m.physical(i)
		if t.m.wide() {
			t.m.VPXORD(r, r, r)
		} else {
			t.m.VXORPS(r, r, r)
		}
	}
}

// bytesOf turns a count of elements into bytes.
func (e *element) bytesOf(r gp) gp {
	e.m.SHLQ(operand.Imm(uint64(e.size/4+1)), r)
	return r
}

// panel emits the kernel of a whole tile: a is packed, h numbers for each k.
func (e *element) panel(h int) {
	m := e.m
	m.function(fmt.Sprintf("%sgemm%dx", e.letter, h), fmt.Sprintf("func(kc int, a, b *%s, ldb int, c *%[1]s, ldc int, acc int)", e.name),
		fmt.Sprintf("computes c = a@b, or with acc c += a@b, for c of %d rows and %d columns.", h, 2*m.bytes()/e.size),
		"a holds the numbers of each k together, b and c have rows ldb and ldc apart.")
	t := tile{m, h, 2}
	kc, a, b, c := m.arg("kc"), m.arg("a"), m.arg("b"), m.arg("c")
	ldb, ldc, acc := e.bytesOf(m.arg("ldb")), e.bytesOf(m.arg("ldc")), m.arg("acc")
	ldb3 := m.GP64()
	m.LEAQ(mem{Base: ldb, Index: ldb, Scale: 2}, ldb3)
	t.clear()
	row := m.GP64()
	m.MOVQ(c, row)
	for range h {
		m.PREFETCHT0(mem{Base: row})
		m.PREFETCHT0(mem{Base: row, Disp: 2*m.bytes() - 1})
		m.ADDQ(ldc, row)
	}
	step := func(u int) {
		at := mem{Base: b}
		switch u {
		case 1, 2:
			at.Index, at.Scale = ldb, uint8(u)
		case 3:
			at.Index, at.Scale = ldb3, 1
		}
		for j := range 2 {
			e.move(at.Offset(j*m.bytes()), t.b(j))
		}
		for i := range h {
			e.spread(mem{Base: a, Disp: (u*h + i) * e.size}, t.a(i))
			for j := range 2 {
				e.fma(t.b(j), t.a(i), t.acc(i, j))
			}
		}
	}
	const unroll = 4
	count := m.GP64()
	m.MOVQ(kc, count)
	m.SHRQ(operand.Imm(2), count)
	m.JZ(operand.LabelRef("rest"))
	m.Label("four")
	for u := range unroll {
		m.PREFETCHT0(mem{Base: a, Disp: 16*h*e.size + u*64})
		step(u)
	}
	m.ADDQ(operand.I32(unroll*h*e.size), a)
	m.LEAQ(mem{Base: b, Index: ldb, Scale: unroll}, b)
	m.DECQ(count)
	m.JNZ(operand.LabelRef("four"))
	m.Label("rest")
	m.ANDQ(operand.Imm(unroll-1), kc)
	m.JZ(operand.LabelRef("sum"))
	m.Label("one")
	step(0)
	m.ADDQ(operand.I32(h*e.size), a)
	m.ADDQ(ldb, b)
	m.DECQ(kc)
	m.JNZ(operand.LabelRef("one"))
	m.Label("sum")
	m.TESTQ(acc, acc)
	m.JZ(operand.LabelRef("store"))
	m.MOVQ(c, row)
	for i := range h {
		for j := range 2 {
			e.add(mem{Base: row, Disp: j * m.bytes()}, t.acc(i, j), t.acc(i, j))
		}
		m.ADDQ(ldc, row)
	}
	m.Label("store")
	for i := range h {
		for j := range 2 {
			e.move(t.acc(i, j), mem{Base: c, Disp: j * m.bytes()})
		}
		m.ADDQ(ldc, c)
	}
	m.end()
}

// edge emits the kernel of a tile of v vectors of which n columns exist, with a at any strides. It reads b and writes c
// nowhere else.
func (e *element) edge(h, v int) {
	m := e.m
	m.function(fmt.Sprintf("%sgemmEdge%dx%dx", e.letter, h, v),
		fmt.Sprintf("func(kc int, a *%s, ars, aks int, b *%[1]s, ldb int, c *%[1]s, ldc int, n int, acc int)", e.name),
		fmt.Sprintf("computes c = a@b, or with acc c += a@b, for c of %d rows and n columns, more than %d and at most %d.", h,
			(v-1)*m.bytes()/e.size, v*m.bytes()/e.size),
		"a[i][k] is at a[i*ars+k*aks]; b and c have rows ldb and ldc apart.")
	t := tile{m, h, v}
	kc, b := m.arg("kc"), m.arg("b")
	ars, aks, ldb := e.bytesOf(m.arg("ars")), e.bytesOf(m.arg("aks")), e.bytesOf(m.arg("ldb"))
	// Every third row of a has a pointer; the others are one or two strides on.
	bases := []gp{m.arg("a")}
	if h > 3 {
		three := m.GP64()
		m.LEAQ(mem{Base: ars, Index: ars, Scale: 2}, three)
		for i := 3; i < h; i += 3 {
			next := m.GP64()
			m.LEAQ(mem{Base: bases[len(bases)-1], Index: three, Scale: 1}, next)
			bases = append(bases, next)
		}
	}
	at := func(i int) mem {
		p := mem{Base: bases[i/3]}
		if i%3 > 0 {
			p.Index, p.Scale = ars, uint8(i%3)
		}
		return p
	}
	load, store := e.masks(m.arg("n"), v)
	t.clear()
	m.TESTQ(kc, kc)
	m.JZ(operand.LabelRef("sum"))
	m.Label("loop")
	for j := range v {
		load(mem{Base: b, Disp: j * m.bytes()}, j, t.b(j))
	}
	for i := range h {
		e.spread(at(i), t.a(i))
		for j := range v {
			e.fma(t.b(j), t.a(i), t.acc(i, j))
		}
	}
	for _, p := range bases {
		m.ADDQ(aks, p)
	}
	m.ADDQ(ldb, b)
	m.DECQ(kc)
	m.JNZ(operand.LabelRef("loop"))
	m.Label("sum")
	e.finish(t, load, store)
}

// finish emits the end of a kernel with masks: the sums go to c, or are added to it, in rows ldc apart.
func (e *element) finish(t tile, load func(mem, int, reg.Register), store func(reg.Register, int, reg.Register, mem)) {
	m := e.m
	c, ldc, acc := m.arg("c"), e.bytesOf(m.arg("ldc")), m.arg("acc")
	m.TESTQ(acc, acc)
	m.JZ(operand.LabelRef("store"))
	row := m.GP64()
	m.MOVQ(c, row)
	for i := range t.h {
		for j := range t.v {
			load(mem{Base: row, Disp: j * m.bytes()}, j, t.a(0))
			e.add(t.a(0), t.acc(i, j), t.acc(i, j))
		}
		m.ADDQ(ldc, row)
	}
	m.Label("store")
	for i := range t.h {
		for j := range t.v {
			store(t.acc(i, j), j, t.b(0), mem{Base: c, Disp: j * m.bytes()})
		}
		m.ADDQ(ldc, c)
	}
	m.end()
}

// masks is how to load and store vector j of v, of n elements in all. The store may use a register.
func (e *element) masks(n gp, v int) (load func(from mem, j int, to reg.Register), store func(from reg.Register, j int, use reg.Register, to mem)) {
	m := e.m
	lanes := m.bytes() / e.size
	if m.wide() {
		ones, left := m.GP64(), m.GP64()
		m.MOVQ(operand.I32(-1), ones)
		m.MOVQ(n, left)
		ks := make([]reg.OpmaskVirtual, v)
		for j := range ks {
			ks[j] = m.K()
			t := m.GP64()
			m.BZHIQ(left, ones, t)
			if j > 0 {
				m.SHRQ(operand.Imm(uint64(j*lanes)), t)
			}
			m.KMOVW(t.As32(), ks[j])
		}
		return func(from mem, j int, to reg.Register) { e.zeroLoad(from, ks[j], to) },
			func(from reg.Register, j int, _ reg.Register, to mem) { e.move(from, ks[j], to) }
	}
	// The mask of the lanes from some lane on is found in a table: v*lanes ones, then as many zeros.
	most := max(v, 2)
	table := m.maskTable(e.size, most*lanes)
	p, back := m.GP64(), m.GP64()
	m.LEAQ(table, p)
	m.MOVQ(n, back)
	e.bytesOf(back)
	m.SUBQ(back, p)
	mask := func(j int, to reg.Register) {
		m.VMOVUPS(mem{Base: p, Disp: (most + j) * m.bytes()}, to)
	}
	return func(from mem, j int, to reg.Register) {
			mask(j, to)
			e.maskLoad(from, to, to)
		}, func(from reg.Register, j int, use reg.Register, to mem) {
			mask(j, use)
			e.maskStore(from, use, to)
		}
}
