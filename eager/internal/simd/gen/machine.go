package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// machine emits code for vectors of 512 bits (AVX-512) or 256 (AVX2 and FMA). Operands of its methods are in Go's
// order: destination last.
type machine struct {
	*build.Context
	bits   int
	data   map[string]operand.Mem    // constants in memory
	hot    map[uint32]reg.VecVirtual // constants held in registers in this function
	labels int
}

type (
	vec = reg.VecVirtual
	gp  = reg.GPVirtual
	mem = operand.Mem
)

func newMachine(bits int) *machine {
	return &machine{Context: build.NewContext(), bits: bits, data: map[string]mem{}}
}

// wide says whether this is AVX-512.
func (m *machine) wide() bool { return m.bits == 512 }

// bytes is the size of a vector.
func (m *machine) bytes() int { return m.bits / 8 }

// lanes is how many float32 a vector holds.
func (m *machine) lanes() int { return m.bits / 32 }

// vec is a new vector register.
func (m *machine) vec() vec {
	if m.wide() {
		return m.ZMM()
	}
	return m.YMM()
}

func (m *machine) vecs(n int) []vec {
	v := make([]vec, n)
	for i := range v {
		v[i] = m.vec()
	}
	return v
}

// function starts a function. Its name gets the width as a suffix.
func (m *machine) function(name, signature string, doc ...string) {
	name = fmt.Sprint(name, m.bits)
	m.Function(name)
	m.Attributes(attr.NOSPLIT)
	m.SignatureExpr(signature)
	m.Pragma("noescape")
	m.Doc(append([]string{name + " " + doc[0]}, doc[1:]...)...)
	m.hot = map[uint32]vec{}
	m.labels = 0
}

// end ends a function.
func (m *machine) end() {
	m.VZEROUPPER()
	m.RET()
}

// label is a new label, to be placed with Label.
func (m *machine) label(name string) string {
	m.labels++
	return fmt.Sprint(name, m.labels)
}

func (m *machine) arg(name string) gp { return m.Load(m.Param(name), m.GP64()).(gp) }

// argument is the place of an argument in memory.
func (m *machine) argument(name string) mem {
	p, err := m.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return p.Addr
}

// slice is the address of a slice's first element.
func (m *machine) slice(name string) gp { return m.Load(m.Param(name).Base(), m.GP64()).(gp) }

// length is the length of a slice.
func (m *machine) length(name string) gp { return m.Load(m.Param(name).Len(), m.GP64()).(gp) }

// spread is a vector of copies of a float32 argument.
func (m *machine) spread(name string) vec {
	v := m.vec()
	m.VBROADCASTSS(m.argument(name), v)
	return v
}

// num is a constant operand.
type num float64

// word is a constant operand given by its bits.
type word uint32

func (n num) bits() uint32  { return math.Float32bits(float32(n)) }
func (w word) bits() uint32 { return uint32(w) }

type constant interface{ bits() uint32 }

// constant is the constant in memory: one number for AVX-512, to be broadcast, a whole vector for AVX2.
func (m *machine) constant(c constant) mem {
	name := fmt.Sprintf("c%08x", c.bits())
	d, ok := m.data[name]
	if !ok {
		d = m.StaticGlobal(name)
		m.DataAttributes(attr.RODATA | attr.NOPTR)
		for i := 0; i < m.lanes() && (i == 0 || !m.wide()); i++ {
			m.AddDatum(4*i, operand.U32(c.bits()))
		}
		m.data[name] = d
	}
	return d
}

// keep loads constants into registers for the rest of the function, where there are enough registers.
func (m *machine) keep(cs ...constant) {
	if !m.wide() {
		return
	}
	for _, c := range cs {
		if _, ok := m.hot[c.bits()]; !ok {
			v := m.vec()
			m.VBROADCASTSS(m.constant(c), v)
			m.hot[c.bits()] = v
		}
	}
}

func nums(fs []float64) []constant {
	cs := make([]constant, len(fs))
	for i, f := range fs {
		cs[i] = num(f)
	}
	return cs
}

// reg is a constant in a register.
func (m *machine) reg(c constant) vec {
	if v, ok := m.hot[c.bits()]; ok {
		return v
	}
	v := m.vec()
	if m.wide() {
		m.VBROADCASTSS(m.constant(c), v)
	} else {
		m.VMOVUPS(m.constant(c), v)
	}
	return v
}

// op3 emits an instruction whose first operand may be a constant: plain, or for AVX-512 the form that broadcasts.
func (m *machine) op3(plain, broadcast func(...operand.Op), a any, b, dst vec) {
	c, ok := a.(constant)
	if !ok {
		plain(a.(operand.Op), b, dst)
		return
	}
	if v, ok := m.hot[c.bits()]; ok {
		plain(v, b, dst)
	} else if m.wide() {
		broadcast(m.constant(c), b, dst)
	} else {
		plain(m.constant(c), b, dst)
	}
}

// In the following a is a vector, memory or a constant.

func (m *machine) add(a any, b, dst vec) { m.op3(m.VADDPS, m.VADDPS_BCST, a, b, dst) } // b + a
func (m *machine) sub(a any, b, dst vec) { m.op3(m.VSUBPS, m.VSUBPS_BCST, a, b, dst) } // b - a
func (m *machine) mul(a any, b, dst vec) { m.op3(m.VMULPS, m.VMULPS_BCST, a, b, dst) } // b * a
func (m *machine) div(a any, b, dst vec) { m.op3(m.VDIVPS, m.VDIVPS_BCST, a, b, dst) } // b / a
func (m *machine) and(a any, b, dst vec) { m.op3(m.VANDPS, m.VANDPS_BCST, a, b, dst) } // bits of b and a
func (m *machine) or(a any, b, dst vec)  { m.op3(m.VORPS, m.VORPS_BCST, a, b, dst) }   // bits of b or a
func (m *machine) xor(a any, b, dst vec) { m.op3(m.VXORPS, m.VXORPS_BCST, a, b, dst) } // bits of b xor a

// horner is p = p*x + a.
func (m *machine) horner(a any, x, p vec) { m.op3(m.VFMADD213PS, m.VFMADD213PS_BCST, a, x, p) }

// fma is acc += x * a.
func (m *machine) fma(a any, x, acc vec) { m.op3(m.VFMADD231PS, m.VFMADD231PS_BCST, a, x, acc) }

// fnma is acc -= x * a.
func (m *machine) fnma(a any, x, acc vec) { m.op3(m.VFNMADD231PS, m.VFNMADD231PS_BCST, a, x, acc) }

// zero is a new vector of zeros.
func (m *machine) zero() vec {
	v := m.vec()
	m.clear(v)
	return v
}

func (m *machine) clear(v vec) {
	if m.wide() {
		m.VPXORD(v, v, v)
	} else {
		m.VXORPS(v, v, v)
	}
}

// set is v = c.
func (m *machine) set(c constant, v vec) {
	if h, ok := m.hot[c.bits()]; ok {
		m.VMOVAPS(h, v)
	} else if m.wide() {
		m.VBROADCASTSS(m.constant(c), v)
	} else {
		m.VMOVUPS(m.constant(c), v)
	}
}

// clamp holds x between lo and hi. NaN stays.
func (m *machine) clamp(lo, hi constant, x vec) {
	m.VMINPS(x, m.reg(hi), x)
	m.VMAXPS(x, m.reg(lo), x)
}

// Comparisons, as the immediate of VCMPPS: ordered and quiet, but for unordered and not equal.
const (
	equal     = 0x00
	less      = 0x11
	lessEqual = 0x12
	unordered = 0x03
	notEqual  = 0x04
	greater   = 0x1e
)

// choose is dst = a where x ? y holds, else dst as it was. a is a vector or a constant.
func (m *machine) choose(compare int, y any, x vec, a any, dst vec) {
	if m.wide() {
		k := m.K()
		if c, ok := y.(constant); ok && m.hot[c.bits()] == nil {
			m.VCMPPS_BCST(operand.Imm(uint64(compare)), m.constant(c), x, k)
		} else {
			m.VCMPPS(operand.Imm(uint64(compare)), m.operand(y), x, k)
		}
		if c, ok := a.(constant); ok && m.hot[c.bits()] == nil {
			m.VBROADCASTSS(m.constant(c), k, dst)
		} else {
			m.VMOVAPS(m.operand(a), k, dst)
		}
		return
	}
	t := m.vec()
	m.VCMPPS(operand.Imm(uint64(compare)), m.operand(y), x, t)
	m.VBLENDVPS(t, m.operand(a), dst, dst)
}

// operand is a vector, memory, or a constant as either.
func (m *machine) operand(a any) operand.Op {
	c, ok := a.(constant)
	if !ok {
		return a.(operand.Op)
	}
	if v, ok := m.hot[c.bits()]; ok {
		return v
	}
	return m.constant(c)
}
