package array

import (
	"math"
	"runtime"

	"github.com/tapir-go/tapir/eager/internal/simd"
)

// Fused is an elementwise function of two arrays that would be several passes as ops.
type Fused struct {
	F32 func(dst, x, y []float32)
	F64 func(x, y float64) float64
}

// Apply is f of a and b, floats of one kind and shape.
func (f *Fused) Apply(a, b *Array) Array {
	z := New(a.DType, a.Shape)
	f.Into(&z, a, b)
	return z
}

// Into is Apply whose result goes to z, without strides. z may be a or b.
func (f *Fused) Into(z, a, b *Array) {
	x, freeX := packed(a)
	y, freeY := packed(b)
	if a.DType == Float32 {
		d, s, t := z.F32(), x.F32(), y.F32()
		each(len(d), 1<<14, func(lo, hi int) { f.F32(d[lo:hi], s[lo:hi], t[lo:hi]) })
	} else {
		d, s, t := Flat[float64](z), Flat[float64](&x), Flat[float64](&y)
		for i, v := range s {
			d[i] = f.F64(v, t[i])
		}
	}
	freeX()
	freeY()
	runtime.KeepAlive(a.Store)
	runtime.KeepAlive(b.Store)
}

// Gradients of elementwise functions. The first argument is the result, but for those of gelu and silu, where it is the function's
// argument; the second is the gradient of the result.
var (
	ReluGrad = Fused{
		F32: simd.ReluGrad,
		F64: func(y, g float64) float64 {
			if y > 0 {
				return g
			}
			return 0
		},
	}
	TanhGrad    = Fused{F32: simd.TanhGrad, F64: func(y, g float64) float64 { return (1 - y*y) * g }}
	SigmoidGrad = Fused{F32: simd.SigmoidGrad, F64: func(y, g float64) float64 { return (1 - y) * y * g }}
	GeluGrad    = Fused{F32: simd.GeluGrad, F64: func(x, g float64) float64 {
		return (0.5*math.Erfc(-x/math.Sqrt2) + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi)) * g
	}}
	SiluGrad = Fused{F32: simd.SiluGrad, F64: func(x, g float64) float64 {
		s := 1 / (1 + math.Exp(-x))
		return s * (1 + x*(1-s)) * g
	}}
	GeluTanhGrad = Fused{F32: simd.GeluTanhGrad, F64: func(x, g float64) float64 {
		s := 1 / (1 + math.Exp(-x*(geluA+geluB*x*x)))
		return s * (1 + (1-s)*x*(geluA+3*geluB*x*x)) * g
	}}
)

// LeakyReluGrad is the gradient of LeakyRelu from its argument and the gradient of its result.
func LeakyReluGrad(alpha float64) Fused {
	a := float32(alpha)
	return Fused{
		F32: func(dst, x, g []float32) { simd.LeakyGrad(dst, x, g, a) },
		F64: func(x, g float64) float64 {
			if x > 0 {
				return g
			}
			return alpha * g
		},
	}
}

// SoftmaxGrad is the gradient of the argument of Softmax along the last axis, from its result y and the gradient g of that.
func SoftmaxGrad(y, g *Array, logs bool) Array {
	z := New(y.DType, y.Shape)
	p, freeP := packed(y)
	q, freeQ := packed(g)
	n := y.Shape[len(y.Shape)-1]
	rows := 0
	if n > 0 {
		rows = y.Size() / n
	}
	if y.DType == Float32 {
		each(rows, 1+(1<<13)/max(n, 1), func(lo, hi int) {
			for r := lo; r < hi; r++ {
				d, y, g := z.F32()[r*n:(r+1)*n], p.F32()[r*n:(r+1)*n], q.F32()[r*n:(r+1)*n]
				if logs { // g - exp(y) sum(g)
					simd.Exp(d, y)
					simd.MulS(d, d, -simd.Sum(g))
					simd.Add(d, d, g)
				} else { // y (g - sum(g y))
					simd.AddS(d, g, -simd.Dot(g, y))
					simd.Mul(d, d, y)
				}
			}
		})
	} else {
		for r := range rows {
			d, y, g := Flat[float64](&z)[r*n:(r+1)*n], Flat[float64](&p)[r*n:(r+1)*n], Flat[float64](&q)[r*n:(r+1)*n]
			sum := 0.0
			for i, v := range g {
				if logs {
					sum += v
				} else {
					sum += v * y[i]
				}
			}
			for i, v := range g {
				if logs {
					d[i] = v - math.Exp(y[i])*sum
				} else {
					d[i] = y[i] * (v - sum)
				}
			}
		}
	}
	freeP()
	freeQ()
	runtime.KeepAlive(y.Store)
	runtime.KeepAlive(g.Store)
	return z
}
