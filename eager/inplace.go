package eager

import (
	"math"
	"runtime"

	"github.com/tapir-go/tapir/eager/internal/array"
	"github.com/tapir-go/tapir/eager/internal/simd"
)

// stepGrain is how many numbers of a parameter one goroutine changes at a time.
const stepGrain = 1 << 14

// StepSGD makes one step of gradient descent on the leaf p in place, in one pass over its numbers. g is the gradient, v
// the velocity, changed in place too, or nil where momentum is 0; all have the shape and kind of p.
//
//	d = g + decay*p
//	v = momentum*v + d
//	p -= rate*v, or p -= rate*(d + momentum*v) with nesterov, or p -= rate*d without a velocity
func StepSGD(p, g, v *Tensor, rate, momentum, decay float64, nesterov bool) {
	others := []*Tensor{g}
	if v != nil {
		others = append(others, v)
	}
	step("StepSGD", p, others, func(a []*array.Array) {
		if p.dtype() == Float64 {
			sgd64(a, rate, momentum, decay, nesterov)
			return
		}
		r, mu, wd := float32(rate), float32(momentum), float32(decay)
		array.Parallel(p.Size(), stepGrain, func(lo, hi int) {
			if v == nil {
				simd.Sgd(a[0].F32()[lo:hi], a[1].F32()[lo:hi], r, wd)
				return
			}
			simd.SgdMomentum(a[0].F32()[lo:hi], a[1].F32()[lo:hi], a[2].F32()[lo:hi], r, mu, wd, nesterov)
		})
	})
}

func sgd64(a []*array.Array, rate, momentum, decay float64, nesterov bool) {
	p, g := array.Flat[float64](a[0]), array.Flat[float64](a[1])
	for i := range p {
		d := g[i] + decay*p[i]
		if len(a) == 3 {
			v := array.Flat[float64](a[2])
			v[i] = momentum*v[i] + d
			if nesterov {
				d += momentum * v[i]
			} else {
				d = v[i]
			}
		}
		p[i] -= rate * d
	}
}

// StepAdam makes one step of AdamW on the leaf p in place, in one pass over its numbers (Loshchilov and Hutter 2019,
// algorithm 2; decay 0 is Adam). g is the gradient, m and v are the running means of it and of its square, changed in
// place too; all have the shape and kind of p. c1 and c2 are 1-beta1^t and 1-beta2^t.
//
//	m = beta1*m + (1-beta1)*g
//	v = beta2*v + (1-beta2)*g*g
//	p = p*(1-rate*decay) - rate * (m/c1) / (sqrt(v/c2) + eps)
func StepAdam(p, g, m, v *Tensor, rate, beta1, beta2, eps, decay, c1, c2 float64) {
	step("StepAdam", p, []*Tensor{g, m, v}, func(a []*array.Array) {
		if p.dtype() == Float64 {
			adam64(a, rate, beta1, beta2, eps, decay, c1, c2)
			return
		}
		array.Parallel(p.Size(), stepGrain, func(lo, hi int) {
			simd.Adam(a[0].F32()[lo:hi], a[1].F32()[lo:hi], a[2].F32()[lo:hi], a[3].F32()[lo:hi], rate, beta1, beta2, eps, decay, c1, c2)
		})
	})
}

func adam64(a []*array.Array, rate, beta1, beta2, eps, decay, c1, c2 float64) {
	p, g, m, v := array.Flat[float64](a[0]), array.Flat[float64](a[1]), array.Flat[float64](a[2]), array.Flat[float64](a[3])
	for i := range p {
		m[i] = beta1*m[i] + (1-beta1)*g[i]
		v[i] = beta2*v[i] + (1-beta2)*g[i]*g[i]
		p[i] = p[i]*(1-rate*decay) - rate*(m[i]/c1)/(math.Sqrt(v[i]/c2)+eps)
	}
}

// step runs f on contiguous forms of the leaf p and the others. The first of the others is only read, p and the rest
// are changed in place.
func step(op string, p *Tensor, others []*Tensor, f func(a []*array.Array)) {
	p.check(op)
	if !p.dtype().IsFloat() {
		fail(op, "", "cannot step %v%v: want f32 or f64", p.dtype(), p.shape())
	}
	all := append([]*Tensor{p}, others...)
	flat := make([]*array.Array, len(all))
	for i, x := range all {
		x.check(op)
		if !array.Equal(x.a.Shape, p.a.Shape) || x.dtype() != p.dtype() {
			fail(op, "", "tensor %d is %v%v beside a parameter %v%v: want the same", i, x.dtype(), x.shape(), p.dtype(), p.shape())
		}
		if i != 1 && x.node != nil {
			fail(op, "only leaves change in place", "%s was made by %s", x.label(), x.node.op.Name)
		}
		a := x.a
		if a.Strides != nil {
			a = array.Contiguous(&a)
		}
		flat[i] = &a
	}
	decide("Assign", p, "")
	f(flat)
	for i, x := range all {
		if i == 1 {
			continue
		}
		if x.a.Strides != nil {
			array.Copy(&x.a, flat[i])
		}
		x.a.Store.Version.Add(1)
	}
	runtime.KeepAlive(all)
}
