package array

import (
	"math"

	"github.com/tapir-go/tapir/eager/internal/simd"
)

// The elementwise functions that have fast loops.
var (
	Exp        = Unary{F: math.Exp, F32: simd.Exp}
	Log        = Unary{F: math.Log, F32: simd.Log}
	Sqrt       = Unary{F: math.Sqrt, F32: simd.Sqrt}
	Tanh       = Unary{F: math.Tanh, F32: simd.Tanh}
	Sigmoid    = Unary{F: func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }, F32: simd.Sigmoid}
	Gelu       = Unary{F: func(v float64) float64 { return v * 0.5 * (1 + math.Erf(v/math.Sqrt2)) }, F32: simd.Gelu}
	GeluTanh   = Unary{F: func(v float64) float64 { return v / (1 + math.Exp(-v*(geluA+geluB*v*v))) }, F32: simd.GeluTanh}
	Silu       = Unary{F: func(v float64) float64 { return v / (1 + math.Exp(-v)) }, F32: simd.Silu}
	Log1p      = Unary{F: math.Log1p, F32: simd.Log1p}
	Floor      = Unary{F: math.Floor, F32: simd.Floor}
	Ceil       = Unary{F: math.Ceil, F32: simd.Ceil}
	Round      = Unary{F: math.RoundToEven, F32: simd.Round}
	Softplus   = Unary{F: func(v float64) float64 { return max(v, 0) + math.Log1p(math.Exp(-math.Abs(v))) }, F32: simd.Softplus}
	Erf        = Unary{F: math.Erf, F32: simd.Erf}
	Relu       = Unary{F: func(v float64) float64 { return max(v, 0) }, F32: simd.Relu}
	Neg        = Unary{F: func(v float64) float64 { return -v }, F32: simd.Neg}
	Abs        = Unary{F: math.Abs, F32: simd.Abs}
	Square     = Unary{F: func(v float64) float64 { return v * v }, F32: simd.Square}
	Reciprocal = Unary{F: func(v float64) float64 { return 1 / v }, F32: simd.Recip}
)

// The tanh form of gelu is v sigmoid(v (geluA + geluB v v)): 2 sqrt(2/pi), and that times 0.044715.
const (
	geluA = 1.5957691216057308
	geluB = 0.07135481627159286
)

// Sign is -1, 0 or 1; NaN stays.
var Sign = Unary{F: sign, F32: simd.Sign}

func sign(v float64) float64 {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return v // 0, or NaN
}

// Elu is v above 0 and alpha (exp(v)-1) below.
func Elu(alpha float64) Unary {
	return Unary{
		F: func(v float64) float64 {
			if v > 0 {
				return v
			}
			return alpha * math.Expm1(v)
		},
		F32: func(dst, x []float32) { simd.Elu(dst, x, float32(alpha)) },
	}
}

// LeakyRelu is v above 0 and alpha v below.
func LeakyRelu(alpha float64) Unary {
	a := float32(alpha)
	return Unary{
		F: func(v float64) float64 {
			if v > 0 {
				return v
			}
			return alpha * v
		},
		F32: func(dst, x []float32) { simd.Leaky(dst, x, a) },
	}
}

// The elementwise functions of two arrays.
var (
	Add = all(func(x, y float32) float32 { return x + y }, func(x, y float64) float64 { return x + y },
		func(x, y int64) int64 { return x + y }, func(x, y uint8) uint8 { return x + y })
	Sub = all(func(x, y float32) float32 { return x - y }, func(x, y float64) float64 { return x - y },
		func(x, y int64) int64 { return x - y }, func(x, y uint8) uint8 { return x - y })
	Mul = all(func(x, y float32) float32 { return x * y }, func(x, y float64) float64 { return x * y },
		func(x, y int64) int64 { return x * y }, func(x, y uint8) uint8 { return x * y })
	Div = all(func(x, y float32) float32 { return x / y }, func(x, y float64) float64 { return x / y }, nil, nil)
	Pow = all(func(x, y float32) float32 { return float32(math.Pow(float64(x), float64(y))) }, math.Pow, nil, nil)
	Max = all(func(x, y float32) float32 { return max(x, y) }, func(x, y float64) float64 { return max(x, y) },
		func(x, y int64) int64 { return max(x, y) }, func(x, y uint8) uint8 { return max(x, y) })
	Min = all(func(x, y float32) float32 { return min(x, y) }, func(x, y float64) float64 { return min(x, y) },
		func(x, y int64) int64 { return min(x, y) }, func(x, y uint8) uint8 { return min(x, y) })
	And = Binary{U8: Arithmetic(func(x, y uint8) uint8 { return x & y })}
	Or  = Binary{U8: Arithmetic(func(x, y uint8) uint8 { return x | y })}
)

func init() {
	Add.F32 = Kernels[float32]{simd.Add, simd.AddS, func(dst []float32, x float32, y []float32) { simd.AddS(dst, y, x) }}
	Sub.F32.VV, Sub.F32.VS = simd.Sub, func(dst, x []float32, y float32) { simd.AddS(dst, x, -y) }
	Mul.F32 = Kernels[float32]{simd.Mul, simd.MulS, func(dst []float32, x float32, y []float32) { simd.MulS(dst, y, x) }}
	Sub.F32.SV = func(dst []float32, x float32, y []float32) {
		simd.Neg(dst, y)
		simd.AddS(dst, dst, x)
	}
	Div.F32 = Kernels[float32]{simd.Div,
		func(dst, x []float32, y float32) {
			for i, v := range x {
				dst[i] = v / y
			}
		},
		func(dst []float32, x float32, y []float32) {
			for i, v := range y {
				dst[i] = x / v
			}
		}}
	Max.F32.VV, Min.F32.VV = simd.Max, simd.Min
}

func all(f func(x, y float32) float32, d func(x, y float64) float64, i func(x, y int64) int64, u func(x, y uint8) uint8) Binary {
	b := Binary{F32: Arithmetic(f), F64: Arithmetic(d)}
	if i != nil {
		b.I64, b.U8 = Arithmetic(i), Arithmetic(u)
	}
	return b
}

// Scale is v times every number of a.
func Scale(a *Array, v float64) Array {
	switch a.DType {
	case Float32:
		return apply32(a, func(dst, x []float32) { simd.MulS(dst, x, float32(v)) })
	case Float64:
		return apply64(a, func(x float64) float64 { return x * v })
	}
	return Whole(a, func(x int64) int64 { return x * int64(v) })
}

// Shift is v added to every number of a.
func Shift(a *Array, v float64) Array {
	switch a.DType {
	case Float32:
		return apply32(a, func(dst, x []float32) { simd.AddS(dst, x, float32(v)) })
	case Float64:
		return apply64(a, func(x float64) float64 { return x + v })
	}
	return Whole(a, func(x int64) int64 { return x + int64(v) })
}

func apply32(a *Array, f func(dst, x []float32)) Array {
	u := Unary{F32: f}
	return u.Apply(a)
}

func apply64(a *Array, f func(float64) float64) Array {
	u := Unary{F: f}
	return u.Apply(a)
}

// DivideBy divides every number of a contiguous array of floats by n, in place.
func DivideBy(a *Array, n float64) {
	if a.DType == Float32 {
		d := a.F32()
		for i, v := range d {
			d[i] = float32(float64(v) / n)
		}
		return
	}
	d := Flat[float64](a)
	for i, v := range d {
		d[i] = v / n
	}
}

// Clip moves every number of a into lo to hi; NaN stays.
func Clip(a *Array, lo, hi float64) Array {
	switch a.DType {
	case Float32:
		return apply32(a, func(dst, x []float32) { simd.Clip(dst, x, float32(lo), float32(hi)) })
	case Float64:
		return apply64(a, func(x float64) float64 { return min(max(x, lo), hi) })
	}
	return Whole(a, func(v int64) int64 {
		switch {
		case float64(v) < lo:
			return int64(lo)
		case float64(v) > hi:
			return int64(hi)
		}
		return v
	})
}
