package main

import "fmt"

const (
	neonRows = 12 // 24 accumulators, 2 vectors of b, 3 of a
	neonCols = 8
)

// neonMatrices emits what matrix products of float32 are made of.
func neonMatrices(m *neon) {
	for h := 1; h <= neonRows; h++ {
		m.panel(h)
	}
	for h := 1; h <= neonRows; h++ {
		m.edge(h, 1)
		m.edge(h, 2)
	}
	m.combine()
	m.dots()
	m.packColumns()
	m.packRows()
}

// bytesOf turns a count of numbers into bytes.
func (m *neon) bytesOf(x r) r {
	m.line("LSL $2, %v, %v", x, x)
	return x
}

// ahead is a new register with p + offset.
func (m *neon) ahead(p, offset r) r {
	x := m.reg()
	m.line("ADD %v, %v, %v", offset, p, x)
	return x
}

func (m *neon) advance(by r, ps ...r) {
	for _, p := range ps {
		m.line("ADD %v, %v", by, p)
	}
}

// repeat emits body count times at run time, once for each of count, which it uses up.
func (m *neon) repeat(count r, body func()) {
	loop, over := m.label("each"), m.label("done")
	m.line("CBZ %v, %s", count, over)
	m.mark(loop)
	body()
	m.line("SUBS $1, %v", count)
	m.line("BNE %s", loop)
	m.mark(over)
}

// when emits body for the case that x is not 0.
func (m *neon) when(x r, body func()) {
	over := m.label("zero")
	m.line("CBZ %v, %s", x, over)
	body()
	m.mark(over)
}

// panel emits the kernel of a whole tile: a is packed, h numbers for each k.
func (m *neon) panel(h int) {
	m.function(fmt.Sprintf("sgemm%dx", h), "func(kc int, a, b *float32, ldb int, c *float32, ldc int, acc int)",
		fmt.Sprintf("computes c = a@b, or with acc c += a@b, for c of %d rows and %d columns.", h, neonCols),
		"a holds the numbers of each k together, b and c have rows ldb and ldc apart.")
	kc, a, b, c := m.arg("kc"), m.arg("a"), m.arg("b"), m.arg("c")
	ldb, ldc, acc := m.bytesOf(m.arg("ldb")), m.bytesOf(m.arg("ldc")), m.arg("acc")
	sums, y := m.zeros(2*h), m.vecs(2)
	m.repeat(kc, func() {
		m.scope(func() {
			m.load(b, 0, 4, y[0])
			m.load(b, 16, 4, y[1])
			m.advance(ldb, b)
			for i := 0; i < h; {
				n := 4
				for n > h-i {
					n /= 2
				}
				x := m.vec()
				m.load(a, 4*i, n, x)
				for lane := range n {
					m.fmlaLane(x, lane, y[0], sums[2*i])
					m.fmlaLane(x, lane, y[1], sums[2*i+1])
					i++
				}
			}
			m.line("ADD $%d, %v", 4*h, a)
		})
	})
	m.when(acc, func() {
		row := m.reg()
		m.line("MOVD %v, %v", c, row)
		for i := range h {
			for j := range 2 {
				m.load(row, 16*j, 4, y[j])
				m.op("fadd.4s", sums[2*i+j], sums[2*i+j], y[j])
			}
			m.advance(ldc, row)
		}
	})
	for i := range h {
		m.store(sums[2*i], c, 0, 4)
		m.store(sums[2*i+1], c, 16, 4)
		m.advance(ldc, c)
	}
	m.end()
}

// columns is the addresses of n numbers: of v-1 vectors, and the one that ends with the last, over the others in part (v 2, n
// from 4 to 8; v 3, n from 8 to 12); or of each lane, the last number in all those that do not exist (v 1, n from 1 to 4).
// What is there twice is computed twice, and alike.
type columns struct {
	m  *neon
	ps []r
}

// offsets makes the distances from the first number to the others.
func (m *neon) offsets(n r, v int) []r {
	if v > 1 {
		os := make([]r, v-1)
		for i := range os {
			os[i] = m.reg()
			m.line("MOVD $%d, %v", 16*(i+1), os[i])
		}
		m.line("SUB $4, %v, %v", n, os[v-2])
		m.bytesOf(os[v-2])
		return os
	}
	last := m.reg()
	m.line("SUB $1, %v, %v", n, last)
	os := []r{}
	for lane := 1; lane <= 3; lane++ {
		o := last
		if lane < 3 {
			o = m.reg()
			m.line("MOVD $%d, %v", lane, o)
			m.line("CMP %v, %v", o, last)
			m.line("CSEL LT, %v, %v, %v", last, o, o)
		}
		os = append(os, o)
	}
	for _, o := range os {
		m.bytesOf(o)
	}
	return os
}

func (m *neon) columns(p r, offsets []r) columns {
	ps := []r{p}
	for _, o := range offsets {
		ps = append(ps, m.ahead(p, o))
	}
	return columns{m, ps}
}

func (c columns) load(to []v) {
	if len(c.ps) < 4 {
		for i, p := range c.ps {
			c.m.load(p, 0, 4, to[i])
		}
		return
	}
	c.m.load(c.ps[0], 0, 1, to[0])
	for lane, p := range c.ps[1:] {
		c.m.loadLane(p, to[0], lane+1)
	}
}

func (c columns) store(from []v) {
	if len(c.ps) < 4 {
		for i, p := range c.ps {
			c.m.store(from[i], p, 0, 4)
		}
		return
	}
	for lane, p := range c.ps {
		c.m.storeLane(from[0], lane, p)
	}
}

// edge emits the kernel of a tile of v vectors of which n columns exist, with a at any strides.
func (m *neon) edge(h, v int) {
	m.function(fmt.Sprintf("sgemmEdge%dx%dx", h, v),
		"func(kc int, a *float32, ars, aks int, b *float32, ldb int, c *float32, ldc int, n int, acc int)",
		fmt.Sprintf("computes c = a@b, or with acc c += a@b, for c of %d rows and n columns, more than %d and at most %d.", h, 4*(v-1), 4*v),
		"a[i][k] is at a[i*ars+k*aks]; b and c have rows ldb and ldc apart.")
	n := m.arg("n")
	offsets := m.offsets(n, v)
	kc, a, ars, aks, ldb := m.arg("kc"), m.arg("a"), m.bytesOf(m.arg("ars")), m.bytesOf(m.arg("aks")), m.bytesOf(m.arg("ldb"))
	x := m.reg()
	sums, y, t := m.zeros(v*h), m.vecs(v), m.vec()
	was := m.nextR
	b := m.columns(m.arg("b"), offsets)
	m.repeat(kc, func() {
		b.load(y)
		m.advance(ldb, b.ps...)
		m.line("MOVD %v, %v", a, x)
		m.advance(aks, a)
		for i := range h {
			m.load(x, 0, 1, t)
			if i < h-1 {
				m.advance(ars, x)
			}
			for j := range v {
				m.fmlaLane(t, 0, y[j], sums[v*i+j])
			}
		}
	})
	m.nextR = was // b is used up
	c := m.columns(m.arg("c"), offsets)
	acc, ldc := kc, aks
	m.line("MOVD acc+%d(FP), %v", m.offset("acc"), acc)
	m.line("MOVD ldc+%d(FP), %v", m.offset("ldc"), ldc)
	m.bytesOf(ldc)
	for i := range h {
		row := sums[v*i : v*i+v]
		m.when(acc, func() {
			c.load(y)
			eachV(row, func(j int) { m.op("fadd.4s", row[j], row[j], y[j]) })
		})
		c.store(row)
		m.advance(ldc, c.ps...)
	}
	m.end()
}

// combine emits the product of a vector with a matrix.
func (m *neon) combine() {
	m.function("scombine", "func(kc int, x *float32, xs int, w *float32, ldw int, y *float32, n int, acc int)",
		"computes y = x@w, or with acc y += x@w, for w of kc rows, ldw apart, and n columns.",
		"The numbers of x are xs apart.")
	kc, x, xs, w, ldw := m.arg("kc"), m.arg("x"), m.bytesOf(m.arg("xs")), m.arg("w"), m.bytesOf(m.arg("ldw"))
	y, n, acc := m.arg("y"), m.arg("n"), m.arg("acc")
	count, from, row := m.reg(), m.reg(), m.reg()
	m.sweep(n, []r{w, y}, 8, func(p *spot) {
		sums, t := m.zeros(p.count), m.vec()
		m.line("MOVD %v, %v", kc, count)
		m.line("MOVD %v, %v", x, from)
		m.line("MOVD %v, %v", w, row)
		m.repeat(count, func() {
			m.scope(func() {
				m.load(from, 0, 1, t)
				m.advance(xs, from)
				u := p.load(row)
				m.advance(ldw, row)
				eachV(u, func(i int) { m.fmlaLane(t, 0, u[i], sums[i]) })
			})
		})
		m.when(acc, func() {
			was := p.load(y)
			eachV(was, func(i int) { m.op("fadd.4s", sums[i], sums[i], was[i]) })
		})
		p.store(sums, y)
	})
	m.end()
}

// dots emits the product of a matrix with a vector.
func (m *neon) dots() {
	m.function("sdots", "func(rows int, w *float32, ldw int, x, y *float32, n int, acc int)",
		"computes y = w@x, or with acc y += w@x, for w of rows rows, ldw apart, and n columns.")
	rows, w, ldw, x, y := m.arg("rows"), m.arg("w"), m.bytesOf(m.arg("ldw")), m.arg("x"), m.arg("y")
	n, acc := m.arg("n"), m.arg("acc")
	left, a, b := m.reg(), m.reg(), m.reg()
	m.repeat(rows, func() {
		sums := m.zeros(4)
		m.line("MOVD %v, %v", w, a)
		m.line("MOVD %v, %v", x, b)
		m.line("MOVD %v, %v", n, left)
		m.sweep(left, []r{a, b}, 4, func(p *spot) {
			u, t := p.load(a), p.load(b)
			eachV(u, func(i int) { m.op("fmla.4s", sums[i], u[i], t[i]) })
		})
		m.across(sums)
		m.when(acc, func() {
			m.scope(func() {
				was := m.vec()
				m.load(y, 0, 1, was)
				m.op("fadd.4s", sums[0], sums[0], was)
			})
		})
		m.store(sums[0], y, 0, 1)
		m.line("ADD $4, %v", y)
		m.advance(ldw, w)
	})
	m.end()
}

// packColumns emits a copy of rows of at most a tile's height or width.
func (m *neon) packColumns() {
	m.function("spackColumns", "func(dst, src *float32, lds, n, kc, ds int)",
		fmt.Sprintf("copies dst[k*ds+i] = src[k*lds+i] for k below kc and i below n, at most %d.", neonRows))
	n := m.arg("n")
	for v := 3; v >= 1; v-- {
		m.nextR, m.next = n+1, 0
		narrow := m.label("narrow")
		if v > 1 {
			m.line("CMP $%d, %v", 4*(v-1), n)
			m.line("BLE %s", narrow)
		}
		offsets := m.offsets(n, v)
		lds, ds, kc := m.bytesOf(m.arg("lds")), m.bytesOf(m.arg("ds")), m.arg("kc")
		src, dst := m.columns(m.arg("src"), offsets), m.columns(m.arg("dst"), offsets)
		t := m.vecs(v)
		m.repeat(kc, func() {
			src.load(t)
			m.advance(lds, src.ps...)
			dst.store(t)
			m.advance(ds, dst.ps...)
		})
		m.end()
		m.mark(narrow)
	}
}

// packRows emits a transposition, four rows at a time.
func (m *neon) packRows() {
	m.function("spackRows", "func(dst, src *float32, lds, rows, kc, ds int)",
		fmt.Sprintf("copies dst[k*ds+i] = src[i*lds+k] for k below kc and i below rows, 1 to %d.", neonRows))
	dst, src, lds, rows, ds := m.arg("dst"), m.arg("src"), m.bytesOf(m.arg("lds")), m.arg("rows"), m.bytesOf(m.arg("ds"))
	left, to := m.reg(), m.reg()
	from := []r{m.reg(), m.reg(), m.reg(), m.reg()}
	third := m.reg()
	// store writes one k of h rows; the lanes are those of x.
	store := func(x v, h int) {
		switch h {
		case 3:
			m.store(x, to, 0, 2)
			m.line("ADD $8, %v, %v", to, third)
			m.storeLane(x, 2, third)
		default:
			m.store(x, to, 0, h)
		}
		m.advance(ds, to)
	}
	group := func(h int) {
		m.line("MOVD kc+%d(FP), %v", m.offset("kc"), left)
		m.line("MOVD %v, %v", dst, to)
		m.line("MOVD %v, %v", src, from[0])
		for i := 1; i < h; i++ {
			m.line("ADD %v, %v, %v", lds, from[i-1], from[i])
		}
		loop, rest := m.label("four"), m.label("rest")
		m.mark(loop)
		m.line("CMP $4, %v", left)
		m.line("BLT %s", rest)
		m.scope(func() {
			x, t := m.vecs(4), m.vecs(4)
			for i := range h {
				m.load(from[i], 0, 4, x[i])
				m.line("ADD $16, %v", from[i])
			}
			// With x = abcd, efgh, ...: t = aebf, cgdh of the first two rows and the same of the last two.
			m.op("zip1.4s", t[0], x[0], x[1])
			m.op("zip2.4s", t[1], x[0], x[1])
			m.op("zip1.4s", t[2], x[2], x[3])
			m.op("zip2.4s", t[3], x[2], x[3])
			m.op("zip1.2d", x[0], t[0], t[2])
			m.op("zip2.2d", x[1], t[0], t[2])
			m.op("zip1.2d", x[2], t[1], t[3])
			m.op("zip2.2d", x[3], t[1], t[3])
			for i := range 4 {
				store(x[i], h)
			}
		})
		m.line("SUB $4, %v", left)
		m.line("B %s", loop)
		m.mark(rest)
		m.repeat(left, func() {
			m.scope(func() {
				x := m.vec()
				for i := range h {
					m.loadLane(from[i], x, i)
					m.line("ADD $4, %v", from[i])
				}
				store(x, h)
			})
		})
	}
	groups, last := m.label("groups"), m.label("last")
	m.mark(groups)
	m.line("CMP $4, %v", rows)
	m.line("BLT %s", last)
	group(4)
	m.line("ADD $16, %v", dst)
	m.line("ADD %v<<2, %v", lds, src)
	m.line("SUB $4, %v", rows)
	m.line("B %s", groups)
	m.mark(last)
	for h := 1; h <= 3; h++ {
		next := m.label("rows")
		m.line("CMP $%d, %v", h, rows)
		m.line("BNE %s", next)
		group(h)
		m.end()
		m.mark(next)
	}
	m.end()
}
