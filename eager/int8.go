package eager

import (
	"math"
	"runtime"

	"github.com/tapir-go/tapir/eager/internal/array"
)

// Int8 is a weight matrix (in,out) in 8 bits, a quarter of the memory of float32, for inference. Each column has a scale of its
// own: w[i,j] is scale[j] times a whole number from -127 to 127. It keeps no gradient and does not change.
type Int8 struct {
	in, out int
	codes   []int8
	scales  []float32
	packed  *array.Int8
}

// ToInt8 is w (in,out), a float tensor, rounded to 8 bits: each number by at most 1/254 of the largest of its column. It
// panics unless w has two axes, at most 65,536 rows and only finite numbers.
func ToInt8(w *Tensor) *Int8 {
	w.check("ToInt8")
	if !w.dtype().IsFloat() || w.Rank() != 2 || w.a.Shape[0] > array.MaxInt8K {
		fail("ToInt8", "", "cannot take %v%v: want a float tensor (in,out) with at most %d rows", w.dtype(), w.shape(), array.MaxInt8K)
	}
	q := &Int8{in: w.a.Shape[0], out: w.a.Shape[1]}
	v := w.Float32s()
	q.codes, q.scales = make([]int8, len(v)), make([]float32, q.out)
	for i, x := range v {
		if x-x != 0 {
			fail("ToInt8", "", "element (%d,%d) is %v", i/q.out, i%q.out, x)
		}
		s := &q.scales[i%q.out]
		*s = max(*s, x, -x)
	}
	for j := range q.scales {
		q.scales[j] = max(q.scales[j]/127, 0x1p-126)
	}
	for i, x := range v {
		q.codes[i] = int8(math.RoundToEven(float64(x) / float64(q.scales[i%q.out])))
	}
	q.packed = array.PackInt8(q.codes, q.in, q.out)
	return q
}

// Scales is the size of one step of each column: a tensor (out).
func (q *Int8) Scales() *Tensor { return FromFloat32(q.scales, q.out) }

// Float is the weights as they were rounded: a float32 tensor (in,out).
func (q *Int8) Float() *Tensor {
	v := make([]float32, len(q.codes))
	for i, c := range q.codes {
		v[i] = float32(c) * q.scales[i%q.out]
	}
	return FromFloat32(v, q.in, q.out)
}

// Linear is x w + b for w = q.Float(): x (...,in) float32, b (out) float32, or nil for none; the result is (...,out). Each row of x
// is rounded to 256 steps from its smallest to its largest number, with 0 among them, and the sums of products are
// exact (dynamic quantisation; Jacob et al. 2018, eq. 7). The result has no gradient, and is a constant in a recorded graph. It panics when
// the shapes do not fit.
func (q *Int8) Linear(x, b *Tensor) *Tensor {
	x.check("Int8.Linear")
	if x.dtype() != Float32 || x.Rank() == 0 || x.a.Shape[x.Rank()-1] != q.in {
		fail("Int8.Linear", "", "cannot multiply %v%v by (%d,%d): want f32(...,%d)", x.dtype(), x.shape(), q.in, q.out, q.in)
	}
	bias := make([]float32, q.out)
	if b != nil {
		b.check("Int8.Linear")
		if b.dtype() != Float32 || b.Rank() != 1 || b.a.Shape[0] != q.out {
			fail("Int8.Linear", "", "bias %v%v for weights (%d,%d): want f32(%d)", b.dtype(), b.shape(), q.in, q.out, q.out)
		}
		bias = b.Float32s()
	}
	decide("Int8.Linear", x, "8-bit product")
	a := x.a
	if a.Strides != nil {
		a = array.Contiguous(&a)
	}
	shape := x.shape()
	m := Shape(shape[:len(shape)-1]).Size()
	codes, zero, scale := make([]uint8, m*q.in), make([]uint8, m), make([]float32, m)
	array.QuantiseRows(codes, zero, scale, a.F32(), m, q.in)
	runtime.KeepAlive(x)
	y := array.New(array.Float32, append(append(Shape{}, shape[:len(shape)-1]...), q.out))
	q.packed.Linear(y.F32(), codes, m, zero, scale, q.scales, bias)
	return result(modes.Get(), y)
}
