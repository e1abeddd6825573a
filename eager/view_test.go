package eager

import (
	"fmt"
	"math"
	"testing"
)

// ints is 0, 1, 2, ... in the given shape.
func ints(d DType, shape ...int) *Tensor {
	v := make([]float64, Shape(shape).Size())
	for i := range v {
		v[i] = float64(i)
	}
	return FromFloat64(v, shape...).To(d)
}

// naive reads x through At, element by element in row-major order.
func naive(x *Tensor) []float64 {
	s := x.Shape()
	out := make([]float64, 0, s.Size())
	index := make([]int, len(s))
	for range s.Size() {
		out = append(out, x.At(index...))
		for k := len(s) - 1; k >= 0; k-- {
			if index[k]++; index[k] < s[k] {
				break
			}
			index[k] = 0
		}
	}
	return out
}

// views are tensors whose numbers do not lie row by row, beside contiguous ones with the same numbers.
func views(d DType) map[string]*Tensor {
	x := ints(d, 4, 3, 5)
	return map[string]*Tensor{
		"T":         ints(d, 3, 4).T(),
		"Transpose": x.Transpose(2, 0, 1),
		"reversed":  x.Transpose(),
		"Slice":     x.Slice(1, 1, 3),
		"Slice T":   x.Slice(2, 1, 4).T(),
		"Expand":    ints(d, 3, 1).Expand(2, 3, 4),
		"Index":     x.Index(2, -1),
		"scalar":    x.Index(0, 1).Index(0, 2).Index(0, 3),
		"empty":     x.Slice(0, 2, 2).T(),
	}
}

func TestViewsReadWhatTheyShow(t *testing.T) {
	for _, d := range []DType{Float32, Float64, Int64, Uint8} {
		for name, v := range views(d) {
			want := fmt.Sprint(naive(v))
			for what, x := range map[string]*Tensor{"Values": v, "Clone": v.Clone(), "Contiguous": v.Contiguous(), "Reshape": v.Reshape(-1), "To": v.To(Float64)} {
				if got := fmt.Sprint(x.Values()); got != want {
					t.Errorf("%v %s, %s: got %s, want %s", d, name, what, got, want)
				}
			}
		}
	}
}

func TestViewsShareNumbers(t *testing.T) {
	x := ints(Float32, 2, 3)
	for name, v := range map[string]*Tensor{
		"T": x.T(), "Reshape": x.Reshape(3, 2), "Slice": x.Slice(1, 1, 2), "Expand": x.Expand(2, 2, 3), "Detach": x.Detach(),
		"Squeeze": x.Unsqueeze(0).Squeeze(0), "Index": x.Index(0, 1), "Flatten": x.Flatten(0),
	} {
		if v.a.Store != x.a.Store {
			t.Errorf("%s copies", name)
		}
	}
	v := x.T()
	x.Assign(x.Shift(10))
	if v.At(2, 1) != 15 {
		t.Errorf("a view does not see Assign: %v", v)
	}
	if x.Clone().a.Store == x.a.Store || Param("p", x).a.Store == x.a.Store {
		t.Error("Clone and Param must copy")
	}
}

// TestOpsTakeViews runs every elementwise op and reduction on views and on contiguous copies of them.
func TestOpsTakeViews(t *testing.T) {
	unary := map[string]func(x *Tensor) *Tensor{
		"Tanh": (*Tensor).Tanh, "Neg": (*Tensor).Neg, "Square": (*Tensor).Square, "Scale": func(x *Tensor) *Tensor { return x.Scale(3) },
		"Clip": func(x *Tensor) *Tensor { return x.Clip(2, 7) }, "Sum": func(x *Tensor) *Tensor { return x.Sum() },
		"Softmax": func(x *Tensor) *Tensor { return x.Softmax(0) }, "LogSoftmax": func(x *Tensor) *Tensor { return x.LogSoftmax(-1) },
		"Mean0": func(x *Tensor) *Tensor { return x.Mean(0) }, "Sum-1": func(x *Tensor) *Tensor { return x.Sum(-1) },
		"CumSum": func(x *Tensor) *Tensor { return x.CumSum(0) }, "Flip": func(x *Tensor) *Tensor { return x.Flip(-1) },
		"LogSumExp": func(x *Tensor) *Tensor { return x.LogSumExp(0) }, "ArgMax": func(x *Tensor) *Tensor { return x.ArgMax(0) },
		"Add": func(x *Tensor) *Tensor { return x.Add(x) }, "Greater": func(x *Tensor) *Tensor { return x.Greater(Scalar(5)) },
		"Where": func(x *Tensor) *Tensor { return Where(x.Greater(Scalar(5)), x, Scalar(-1)) },
		"Pad":   func(x *Tensor) *Tensor { return x.Pad(0, 1, 2) }, "Tril": (*Tensor).Tril, "Std": func(x *Tensor) *Tensor { return x.Std(1) },
		"Take": func(x *Tensor) *Tensor { return x.Take(-1, FromInts([]int{1, 0, 1}, 3)) },
		"Mat":  func(x *Tensor) *Tensor { return x.MatMul(x.T()) }, "MatT": func(x *Tensor) *Tensor { return x.T().MatMul(x) },
		"Concat": func(x *Tensor) *Tensor { return Concat(0, []*Tensor{x, x}) }, "Prod": func(x *Tensor) *Tensor { return x.Scale(0.5).Prod(0) },
	}
	for _, d := range []DType{Float32, Float64} {
		for name, v := range views(d) {
			if v.Size() == 0 || v.Rank() < 2 {
				continue
			}
			c := v.Contiguous()
			for op, f := range unary {
				got, want := f(v), f(c)
				if got.Shape().String() != want.Shape().String() {
					t.Errorf("%s of %s: shape %v, want %v", op, name, got.Shape(), want.Shape())
					continue
				}
				close64(t, op+" of "+name, got, want.Values(), 1e-6)
			}
		}
	}
}

func TestBroadcastingAgreesWithIndexArithmetic(t *testing.T) {
	shapes := [][2][]int{
		{{2, 3}, {2, 3}}, {{2, 3}, {3}}, {{2, 3}, {2, 1}}, {{2, 1}, {1, 3}}, {{}, {2, 3}}, {{2, 3}, {}}, {{4, 1, 3}, {2, 1}}, {{1}, {1}},
		{{0, 3}, {1, 3}}, {{3}, {4, 2, 3}}, {{2, 1, 3, 1}, {1, 2, 1, 4}}, {{300, 2}, {300, 1}}, {{2, 300}, {1, 300}},
	}
	at := func(x *Tensor, full []int) float64 {
		s := x.Shape()
		index := make([]int, len(s))
		for k := range s {
			if s[k] != 1 {
				index[k] = full[len(full)-len(s)+k]
			}
		}
		return x.At(index...)
	}
	ops := map[string]struct {
		f    func(x, y *Tensor) *Tensor
		want func(a, b float64) float64
	}{
		"Add": {(*Tensor).Add, func(a, b float64) float64 { return a + b }}, "Sub": {(*Tensor).Sub, func(a, b float64) float64 { return a - b }},
		"Mul": {(*Tensor).Mul, func(a, b float64) float64 { return a * b }}, "Div": {(*Tensor).Div, func(a, b float64) float64 { return a / b }},
		"Maximum": {(*Tensor).Maximum, math.Max}, "Minimum": {(*Tensor).Minimum, math.Min},
		"Less": {(*Tensor).Less, func(a, b float64) float64 {
			if a < b {
				return 1
			}
			return 0
		}},
		"GreaterEqual": {(*Tensor).GreaterEqual, func(a, b float64) float64 {
			if a >= b {
				return 1
			}
			return 0
		}},
	}
	for _, d := range []DType{Float32, Float64, Int64, Uint8} {
		for _, s := range shapes {
			x, y := ints(d, s[0]...), ints(d, s[1]...).Shift(1)
			for name, op := range ops {
				if name == "Div" && !d.IsFloat() || name == "Sub" && d == Uint8 || name == "Mul" && d == Uint8 || name == "Add" && d == Uint8 {
					continue
				}
				z := op.f(x, y)
				full := make([]int, z.Rank())
				want := make([]float64, 0, z.Size())
				for range z.Size() {
					want = append(want, op.want(at(x, full), at(y, full)))
					for k := len(full) - 1; k >= 0; k-- {
						if full[k]++; full[k] < z.Dim(k) {
							break
						}
						full[k] = 0
					}
				}
				close64(t, fmt.Sprintf("%v %s of %v and %v", d, name, s[0], s[1]), z, want, 1e-6)
			}
		}
	}
}

func TestReductionsAgreeWithIndexArithmetic(t *testing.T) {
	x := NewRand(1).Normal(3, 4, 2, 5)
	for _, axes := range [][]int{{0}, {1}, {3}, {0, 1}, {1, 2}, {0, 3}, {0, 2}, {1, 3}, {0, 2, 3}, {0, 1, 2, 3}} {
		out := x.Sum(axes...)
		s := x.Shape()
		for _, a := range axes {
			s[a] = 1
		}
		if out.Shape().String() != s.String() {
			t.Fatalf("axes %v: shape %v, want %v", axes, out.Shape(), s)
		}
		sum, hi, lo := make([]float64, s.Size()), make([]float64, s.Size()), make([]float64, s.Size())
		for i := range hi {
			hi[i], lo[i] = math.Inf(-1), math.Inf(1)
		}
		index := make([]int, 4)
		for _, v := range x.Values() {
			at := 0
			for k := range index {
				at *= s[k]
				if s[k] != 1 {
					at += index[k]
				}
			}
			sum[at] += v
			hi[at], lo[at] = max(hi[at], v), min(lo[at], v)
			for k := 3; k >= 0; k-- {
				if index[k]++; index[k] < x.Dim(k) {
					break
				}
				index[k] = 0
			}
		}
		for _, d := range []DType{Float32, Float64} {
			x := x.To(d)
			close64(t, fmt.Sprint("Sum", axes), x.Sum(axes...), sum, 1e-5)
			close64(t, fmt.Sprint("Max", axes), x.Max(axes...), hi, 1e-6)
			close64(t, fmt.Sprint("Min", axes), x.Min(axes...), lo, 1e-6)
		}
	}
}
