package eager

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/eager/internal/simd"
)

// TestOpsOfAnyShapeAreAsTheGenericLevel calls every op with its arguments in other sizes, empty ones and single numbers among
// them, and other places: cut out of larger tensors, turned, far apart, or one number at many places. Results and gradients,
// recorded and not, must be those that plain Go makes of contiguous copies. Some arguments have NaN and infinities in them.
func TestOpsOfAnyShapeAreAsTheGenericLevel(t *testing.T) {
	rounds := 12
	if testing.Short() {
		rounds = 3
	}
	for _, op := range Ops() {
		t.Run(op.Name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(len(op.Name)), 99))
			done := 0
			for _, c := range op.Cases {
				for range rounds {
					shaped, ok := resized(r, op, c)
					if !ok {
						shaped = c
					}
					if compareLevels(t, r, op, shaped) {
						done++
					}
					if t.Failed() {
						return
					}
				}
			}
			if done == 0 {
				t.Error("no call succeeded")
			}
		})
	}
}

// TestGradientsOfAnyShape is the check of gradients, of both orders, on other sizes than those of the Cases.
func TestGradientsOfAnyShape(t *testing.T) {
	rounds := 10
	if testing.Short() {
		rounds = 2
	}
	for _, op := range Ops() {
		if !op.Differentiable {
			continue
		}
		t.Run(op.Name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(len(op.Name)), 100))
			for _, c := range op.Cases {
				for range rounds {
					shaped, ok := resized(r, op, c)
					size := 0
					for _, s := range shaped.In {
						size += s.Size()
					}
					// Of many numbers some would be so near to a kink that the difference steps over it; a mean of nothing is NaN.
					if !ok || size > 200 || math.IsNaN(op.Apply(shaped.At, shaped.Inputs(1, Float64)).Sum().Item()) {
						continue
					}
					checkGradient(t, op, shaped, r.Uint64()>>32)
				}
			}
		})
	}
}

// resized is c with other sizes that the op's shape rule takes: equal sizes stay equal, and 1 stays 1.
func resized(r *rand.Rand, op *Op, c Case) (Case, bool) {
	if strings.HasPrefix(op.Name, "ConvTranspose2d") || op.Name == "Conv2dWeight" {
		return c, false // settings that only a gradient makes hold sizes
	}
	sizes := []int{0, 1, 1, 2, 3, 4, 5, 8, 9, 16, 17, 31, 33, 64, 70}
	for range 30 {
		to := map[int]int{1: 1}
		size := func(n int) int {
			if _, ok := to[n]; !ok {
				to[n] = sizes[r.IntN(len(sizes))]
				if r.IntN(3) == 0 {
					to[n] = n
				}
			}
			return to[n]
		}
		d := c
		d.In = nil
		largest := 0
		for _, s := range c.In {
			shape := make(Shape, len(s))
			for i, n := range s {
				shape[i] = size(n)
			}
			d.In = append(d.In, shape)
			largest = max(largest, shape.Size())
		}
		if n, ok := to[c.Below]; ok && c.Below > 0 {
			d.Below = n
		}
		if d.Below == 0 && c.Below > 0 {
			continue // an index into nothing
		}
		if out, err := op.Shape(d.At, d.In); err == nil && max(largest, out.Size()) <= 1<<14 {
			return d, true
		}
	}
	return c, false
}

// placed is x as a view, and a contiguous copy of what it shows.
func placed(r *rand.Rand, x *Tensor) (view, flat *Tensor) {
	s := slices.Clone(x.Shape())
	axis := 0
	if len(s) > 0 {
		axis = r.IntN(len(s))
	}
	leaf := func(x *Tensor) *Tensor {
		if x.DType().IsFloat() {
			return Param("x", x)
		}
		return x
	}
	switch kind := r.IntN(6); {
	case len(s) == 0 || kind == 0:
		view = leaf(x).Clone()
	case kind == 1: // turned
		view = leaf(x.Transpose().Contiguous()).Transpose()
	case kind == 2: // cut out of the middle
		before, after := s.with(axis, 1+r.IntN(3)), s.with(axis, 1+r.IntN(3))
		all := Concat(axis, []*Tensor{ofKind(x, before), x, ofKind(x, after)})
		view = leaf(all).Slice(axis, before[axis], before[axis]+s[axis])
	case kind == 3 && x.Size() < 1<<7: // far apart
		const apart = 1 << 12
		wide := append(slices.Clone(s), apart)
		view = leaf(x.Unsqueeze(len(s)).Expand(wide...).Contiguous()).Index(-1, r.IntN(apart))
	case kind == 4 && s[axis] > 0: // one number at many places
		view = leaf(x.Slice(axis, 0, 1)).Expand(s...)
	default: // the last axis first
		perm, back := make([]int, len(s)), make([]int, len(s))
		for i := range s {
			perm[i] = (i + len(s) - 1) % len(s)
			back[perm[i]] = i
		}
		view = leaf(x.Transpose(perm...).Contiguous()).Transpose(back...)
	}
	// Through Values, which reads in another way than the ops do; int64 is not larger than float64 holds exactly.
	flat = FromFloat64(view.Values(), s...).To(x.DType())
	return view, leaf(flat)
}

func (s Shape) with(axis, n int) Shape {
	c := slices.Clone(s)
	c[axis] = n
	return c
}

// ofKind is numbers that nobody should see.
func ofKind(x *Tensor, shape Shape) *Tensor {
	y := Full(77, shape...)
	if x.DType().IsFloat() {
		y = Full(math.NaN(), shape...)
	}
	return y.To(x.DType())
}

// sprinkled is x with some numbers that ops may stumble over. Finite leaves out NaN and infinities: times 0 they are NaN, and
// which zeros an op multiplies is its own affair.
func sprinkled(r *rand.Rand, x *Tensor, finite bool) *Tensor {
	special := []float64{0, math.Copysign(0, -1), 1e-40, -1e-45, 1e-38, math.NaN(), math.Inf(1), math.Inf(-1)}
	if finite {
		special = special[:5]
	}
	v := x.Values()
	for i := range v {
		if r.IntN(1+len(v)/2) < 2 {
			v[i] = special[r.IntN(len(special))]
		}
	}
	return FromFloat64(v, x.Shape()...).To(x.DType())
}

// compareLevels says whether the op took the call.
func compareLevels(t *testing.T, r *rand.Rand, op *Op, c Case) bool {
	t.Helper()
	views := c.Inputs(r.Uint64(), Float32)
	what := fmt.Sprintf("%v %+v", c.In, c.At)
	special := r.IntN(3) == 0
	multiplies := strings.HasPrefix(op.Name, "Conv") || op.Name == "Attention" // padding, and what is masked, by 0
	norm := strings.Contains(op.Name, "Norm")                                  // of equal numbers: what rounding leaves of 0, divided by next to nothing
	if special {
		what += ", with special numbers"
		for i, x := range views {
			if x.DType().IsFloat() {
				views[i] = sprinkled(r, x, multiplies || norm)
			}
		}
	}
	flats := make([]*Tensor, len(views))
	for i, x := range views {
		views[i], flats[i] = placed(r, x)
	}
	var got, want []*Tensor
	seed := r.Uint64()
	everything := everything
	if special { // a gradient may take another way to NaN than its formula
		everything = func(op *Op, at any, in []*Tensor, _ uint64) []*Tensor { return []*Tensor{op.Apply(at, in)} }
	}
	gotErr := attempt(func() { got = everything(op, c.At, views, seed) })
	var wantErr error
	func() {
		defer simd.Use(simd.Generic)()
		wantErr = attempt(func() { want = everything(op, c.At, flats, seed) })
	}()
	var e *Error
	if wantErr != nil || gotErr != nil {
		if wantErr == nil || gotErr == nil || wantErr.Error() != gotErr.Error() || !errors.As(gotErr, &e) {
			t.Errorf("%s: views give error %v, contiguous tensors at the generic level %v", what, gotErr, wantErr)
		}
		return false
	}
	n := (len(want) - 1) / 2 // differentiable arguments
	for i := range n {
		if fast, formula := want[1+i], want[1+n+i]; fast != nil && formula != nil {
			tolerance := 3e-5
			if norm {
				tolerance = 2e-3
			}
			close64(t, fmt.Sprintf("%s, fast gradient %d beside its formula", what, i), fast, formula.Values(), tolerance)
		}
	}
	for i := range want {
		name := what
		if i > 0 {
			name += fmt.Sprintf(", gradient %d", i-1)
		}
		if (got[i] == nil) != (want[i] == nil) {
			t.Fatalf("%s: %v, want %v", name, got[i], want[i])
		}
		if got[i] == nil {
			continue
		}
		if !slices.Equal(got[i].Shape(), want[i].Shape()) || got[i].DType() != want[i].DType() {
			t.Fatalf("%s: %v%v, want %v%v", name, got[i].DType(), got[i].Shape(), want[i].DType(), want[i].Shape())
		}
		close64(t, name, got[i], want[i].Values(), 3e-5) // sums of some thousand numbers, in different orders
	}
	return true
}

// everything is the result of a call and its gradients, first as computed fast, then by formula.
func everything(op *Op, at any, in []*Tensor, seed uint64) []*Tensor {
	y := op.Apply(at, in)
	out := []*Tensor{y}
	if !y.RequiresGrad() {
		return out
	}
	g := NewRand(seed).Uniform(-1, 1, y.Shape()...).To(y.DType())
	var xs []*Tensor
	for _, x := range in {
		if x.RequiresGrad() {
			xs = append(xs, x)
		}
	}
	err := Try(func() {
		out = append(out, GradOf(y, g, xs, false, true)...)
		out = append(out, GradOf(y, g, xs, true, true)...)
	})
	if err != nil { // an op may refuse a call, but not to go back
		panic(fmt.Sprintf("gradient: %v", err))
	}
	return out
}

// attempt is Try that returns other panics, too, as errors that are not an *Error.
func attempt(f func()) (err error) {
	defer func() {
		if e := recover(); e != nil {
			err = fmt.Errorf("panic: %v", e)
		}
	}()
	return Try(f)
}
