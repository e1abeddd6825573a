package eager

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// golden is one call as testdata/make_torch.py wrote it down.
type golden struct {
	Name     string   `json:"name"`
	In       []string `json:"in"`
	Y        string   `json:"y"`
	DX       []string `json:"dx"` // for each float input, "" where there is none
	Jacobian []string `json:"jacobian"`
	JVP      string   `json:"jvp"`
	HVP      []string `json:"hvp"`
}

func goldens(t *testing.T) (all struct{ Ops, Edges, Derivatives []golden }) {
	t.Helper()
	b, err := os.ReadFile("testdata/torch.json")
	if err == nil {
		err = json.Unmarshal(b, &all)
	}
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// spread is the sequence that make_torch.py makes inputs from; the conversions keep it from being fused on other machines.
func spread(i, n int) []float64 {
	const a, b = 0.6180339887498949, 0.7548776662466927
	v := make([]float64, n)
	for k := range v {
		v[k] = math.Mod(float64(0.5+float64(float64(k+1)*a))+float64(float64(i+1)*b), 1)
	}
	return v
}

// weights is -1 to 1 in the shape of x.
func weights(i int, x *Tensor) *Tensor {
	return FromFloat64(spread(i, x.Size()), x.shape()...).Scale(2).Shift(-1).To(x.dtype())
}

func numbersOf(t *testing.T, text string) []float64 {
	t.Helper()
	var v []float64
	for _, f := range strings.Fields(text) {
		x, err := strconv.ParseFloat(f, 64)
		if err != nil {
			t.Fatal(err)
		}
		v = append(v, x)
	}
	return v
}

// inputs makes what the texts say; those of floats are parameters of kind d.
func (c golden) inputs(t *testing.T, d DType) (in, params []*Tensor) {
	t.Helper()
	for i, text := range c.In {
		kind, rest, _ := strings.Cut(text, " ")
		var x *Tensor
		if kind == "v" {
			v := numbersOf(t, rest)
			x = FromFloat64(v, len(v)).To(d)
		} else {
			f := strings.Fields(rest)
			var shape []int
			for _, s := range strings.Split(f[0], "x") {
				n, _ := strconv.Atoi(s)
				shape = append(shape, n)
			}
			v := spread(i, Shape(shape).Size())
			switch r := numbersOf(t, strings.Join(f[1:], " ")); kind {
			case "i":
				for k := range v {
					v[k] = math.Floor(v[k] * r[0])
				}
				x = FromFloat64(v, shape...).To(Int64)
			case "b":
				x = FromFloat64(v, shape...).Less(Full(0.5).To(Float64))
			default:
				for k := range v {
					v[k] = r[0] + float64((r[1]-r[0])*v[k])
				}
				x = FromFloat64(v, shape...).To(d)
			}
		}
		if x.DType().IsFloat() {
			x = Param("x"+strconv.Itoa(i), x)
			params = append(params, x)
		}
		in = append(in, x)
	}
	return in, params
}

func of1(f func(x *Tensor) *Tensor) func(x []*Tensor) *Tensor {
	return func(x []*Tensor) *Tensor { return f(x[0]) }
}

func of2(f func(x, y *Tensor) *Tensor) func(x []*Tensor) *Tensor {
	return func(x []*Tensor) *Tensor { return f(x[0], x[1]) }
}

func recurrent(lstm bool) func(x []*Tensor) *Tensor {
	return func(x []*Tensor) *Tensor {
		w := RecurrentWeights{x[1], x[2], x[3], x[4]}
		if lstm {
			y, _, _ := x[0].LSTM(w, nil, nil, false)
			return y
		}
		y, _ := x[0].GRU(w, nil, false)
		return y
	}
}

// asTorch is the calls of make_torch.py in this package's ops.
var asTorch = map[string]func(x []*Tensor) *Tensor{
	"Neg": of1((*Tensor).Neg), "Exp": of1((*Tensor).Exp), "Abs": of1((*Tensor).Abs), "Sign": of1((*Tensor).Sign),
	"Sin": of1((*Tensor).Sin), "Cos": of1((*Tensor).Cos), "Erf": of1((*Tensor).Erf), "Square": of1((*Tensor).Square),
	"Tanh": of1((*Tensor).Tanh), "Sigmoid": of1((*Tensor).Sigmoid), "Relu": of1((*Tensor).Relu), "Gelu": of1((*Tensor).Gelu),
	"GeluTanh": of1((*Tensor).GeluTanh), "Silu": of1((*Tensor).Silu), "Softplus": of1((*Tensor).Softplus),
	"Floor": of1((*Tensor).Floor), "Ceil": of1((*Tensor).Ceil), "Round": of1((*Tensor).Round), "IsNaN": of1((*Tensor).IsNaN),
	"Log": of1((*Tensor).Log), "Log1p": of1((*Tensor).Log1p), "Sqrt": of1((*Tensor).Sqrt), "Reciprocal": of1((*Tensor).Reciprocal),
	"LeakyRelu":     func(x []*Tensor) *Tensor { return x[0].LeakyRelu(0.1) },
	"Elu":           func(x []*Tensor) *Tensor { return x[0].Elu(0.7) },
	"Scale":         func(x []*Tensor) *Tensor { return x[0].Scale(-1.5) },
	"Shift":         func(x []*Tensor) *Tensor { return x[0].Shift(0.5) },
	"PowScalar 3":   func(x []*Tensor) *Tensor { return x[0].PowScalar(3) },
	"PowScalar -2":  func(x []*Tensor) *Tensor { return x[0].PowScalar(-2) },
	"PowScalar 0":   func(x []*Tensor) *Tensor { return x[0].PowScalar(0) },
	"PowScalar 1":   func(x []*Tensor) *Tensor { return x[0].PowScalar(1) },
	"PowScalar 2":   func(x []*Tensor) *Tensor { return x[0].PowScalar(2) },
	"PowScalar 2.5": func(x []*Tensor) *Tensor { return x[0].PowScalar(2.5) },
	"PowScalar 0.5": func(x []*Tensor) *Tensor { return x[0].PowScalar(0.5) },
	"Clip":          func(x []*Tensor) *Tensor { return x[0].Clip(-1, 0.5) },
	"Add":           of2((*Tensor).Add), "Sub": of2((*Tensor).Sub), "Mul": of2((*Tensor).Mul), "Div": of2((*Tensor).Div), "Pow": of2((*Tensor).Pow),
	"Maximum": of2((*Tensor).Maximum), "Minimum": of2((*Tensor).Minimum), "Equal": of2((*Tensor).Equal), "NotEqual": of2((*Tensor).NotEqual),
	"Less": of2((*Tensor).Less), "LessEqual": of2((*Tensor).LessEqual), "Greater": of2((*Tensor).Greater), "GreaterEqual": of2((*Tensor).GreaterEqual),
	"And": of2((*Tensor).And), "Or": of2((*Tensor).Or), "Not": of1((*Tensor).Not), "Clone": of1((*Tensor).Clone), "Detach": of1((*Tensor).Detach),
	"Where":            func(x []*Tensor) *Tensor { return Where(x[0], x[1], x[2]) },
	"To":               func(x []*Tensor) *Tensor { return x[0].To(Int64) },
	"Prod":             func(x []*Tensor) *Tensor { return x[0].Prod() },
	"Var":              func(x []*Tensor) *Tensor { return x[0].Var(0) },
	"Std":              func(x []*Tensor) *Tensor { return x[0].Std(0) },
	"Norm":             of1((*Tensor).Norm),
	"Softmax 0":        func(x []*Tensor) *Tensor { return x[0].Softmax(0) },
	"Reshape":          func(x []*Tensor) *Tensor { return x[0].Reshape(2, 3) },
	"Flatten":          func(x []*Tensor) *Tensor { return x[0].Flatten(1) },
	"Transpose":        func(x []*Tensor) *Tensor { return x[0].Transpose(2, 0, 1) },
	"Squeeze":          func(x []*Tensor) *Tensor { return x[0].Squeeze(1) },
	"Unsqueeze":        func(x []*Tensor) *Tensor { return x[0].Unsqueeze(1) },
	"Expand":           func(x []*Tensor) *Tensor { return x[0].Expand(2, 3, 2) },
	"Slice":            func(x []*Tensor) *Tensor { return x[0].Slice(0, 1, 3) },
	"Flip":             func(x []*Tensor) *Tensor { return x[0].Flip(0) },
	"Pad":              func(x []*Tensor) *Tensor { return x[0].Pad(1, 1, 2) },
	"Concat":           func(x []*Tensor) *Tensor { return Concat(1, x) },
	"Tril":             of1((*Tensor).Tril),
	"Triu":             of1((*Tensor).Triu),
	"Take":             func(x []*Tensor) *Tensor { return x[0].Take(0, x[1]) },
	"GatherElements":   func(x []*Tensor) *Tensor { return x[0].GatherElements(1, x[1]) },
	"ScatterAdd":       func(x []*Tensor) *Tensor { return x[0].ScatterAdd(1, x[1], x[2]) },
	"TopK":             func(x []*Tensor) *Tensor { y, _ := x[0].TopK(2); return y },
	"TopK indices":     func(x []*Tensor) *Tensor { _, i := x[0].TopK(2); return i },
	"MatMul":           of2((*Tensor).MatMul),
	"MatMul batch":     of2((*Tensor).MatMul),
	"Linear":           func(x []*Tensor) *Tensor { return x[0].Linear(x[1], x[2]) },
	"CrossEntropy":     of2((*Tensor).CrossEntropyT),
	"Conv2d":           func(x []*Tensor) *Tensor { return x[0].Conv2d(x[1], nil, 2, 1) },
	"Conv2d with":      func(x []*Tensor) *Tensor { return x[0].Conv2dWith(x[1], x[2], dilated) },
	"ConvTranspose2d":  func(x []*Tensor) *Tensor { return x[0].ConvTranspose2d(x[1], x[2], 2, 1) },
	"Conv1d":           func(x []*Tensor) *Tensor { return x[0].Conv1d(x[1], x[2], 2, 1) },
	"MaxPool2d":        func(x []*Tensor) *Tensor { return x[0].MaxPool2d(2, 2) },
	"MaxPool2dIndices": func(x []*Tensor) *Tensor { return x[0].MaxPool2dIndices(2, 2) },
	"AvgPool2d":        func(x []*Tensor) *Tensor { return x[0].AvgPool2d(3, 2) },
	"BatchNorm":        func(x []*Tensor) *Tensor { y, _, _ := x[0].BatchNorm(x[1], x[2], 1e-3); return y },
	"BatchNormWith":    func(x []*Tensor) *Tensor { return x[0].BatchNormWith(x[1], x[2], x[3], x[4], 1e-3) },
	"LayerNorm":        func(x []*Tensor) *Tensor { return x[0].LayerNorm(x[1], x[2], 1e-3) },
	"RMSNorm":          func(x []*Tensor) *Tensor { return x[0].RMSNorm(x[1], 1e-3) },
	"Attention":        func(x []*Tensor) *Tensor { return x[0].Attention(x[1], x[2], false) },
	"Attention causal": func(x []*Tensor) *Tensor { return x[0].Attention(x[1], x[2], true) },
	"AttentionMasked": func(x []*Tensor) *Tensor {
		return x[0].AttentionMasked(x[1], x[2], New([]float64{1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0, 0, 1, 0, 1}, 3, 5).To(Bool))
	},
	"LSTM": recurrent(true), "GRU": recurrent(false),
	"MaxPool2d overlapping": func(x []*Tensor) *Tensor { return x[0].MaxPool2d(3, 2) },
}

var dilated = ConvOptions{Stride: [2]int{1, 1}, Pad: [2]int{1, 1}, Dilation: [2]int{2, 2}, Groups: 2}

// folds are calls that are cases over axes, and edges over everything.
var folds = map[string]func(x *Tensor, axis int) *Tensor{
	"Softmax": (*Tensor).Softmax, "LogSoftmax": (*Tensor).LogSoftmax, "LogSumExp": (*Tensor).LogSumExp, "CumSum": (*Tensor).CumSum,
	"ArgMax": (*Tensor).ArgMax, "ArgMin": (*Tensor).ArgMin,
}

var reductions = map[string]func(x *Tensor, axes ...int) *Tensor{
	"Sum": (*Tensor).Sum, "Mean": (*Tensor).Mean, "Max": (*Tensor).Max, "Min": (*Tensor).Min,
}

// call is what c's name stands for.
func (c golden) call(t *testing.T) func(x []*Tensor) *Tensor {
	t.Helper()
	if f := asTorch[c.Name]; f != nil {
		return f
	}
	if f := folds[c.Name]; f != nil {
		return of1(func(x *Tensor) *Tensor { return f(x, -1) })
	}
	if f := reductions[c.Name]; f != nil {
		return of1(func(x *Tensor) *Tensor {
			if x.Rank() == 1 {
				return f(x)
			}
			return f(x, 0, 2)
		})
	}
	t.Fatal("no call is named " + c.Name)
	return nil
}

// TestOpsAreAsInPyTorch compares results and gradients of every op with what PyTorch says, in both kinds and with both ways to a
// gradient. What remains of PyTorch's numbers is nine digits.
func TestOpsAreAsInPyTorch(t *testing.T) {
	ran := map[string]bool{}
	for _, c := range goldens(t).Ops {
		f := c.call(t)
		for d, tolerance := range map[DType]float64{Float64: 2e-9, Float32: 1e-5} {
			in, params := c.inputs(t, d)
			name := d.String() + " " + c.Name
			y := f(in)
			close64(t, name, y, numbersOf(t, c.Y), tolerance)
			if y.RequiresGrad() != (c.DX != nil) {
				t.Errorf("%s requires a gradient: %v", name, y.RequiresGrad())
				continue
			}
			if c.DX == nil {
				for _, e := range Trace(func() { f(in) }) {
					ran[nameOf(e)] = true
				}
				continue
			}
			w := weights(99, y)
			fast := GradOf(y, w, params, false, true)
			var recorded []*Tensor
			for _, e := range Trace(func() { recorded = GradOf(f(in), w, params, true, true) }) {
				ran[nameOf(e)] = true
			}
			for i, text := range c.DX {
				for way, g := range map[string]*Tensor{"gradient": fast[i], "recorded gradient": recorded[i]} {
					if g == nil {
						g = ZerosLike(params[i])
					}
					if text != "" {
						close64(t, name+", "+way+" of input "+strconv.Itoa(i), g, numbersOf(t, text), tolerance)
					}
				}
			}
		}
	}
	for _, op := range Ops() {
		if !ran[op.Name] {
			t.Errorf("%s ran in none of the calls", op.Name)
		}
	}
}

func nameOf(e Event) string {
	if e.Op == nil {
		return ""
	}
	return e.Op.Name
}

// differs is where this package is meant to differ: a NaN stays one, as in NumPy, or stops a gradient.
var differs = map[string]string{
	"Sign at nan": "PyTorch's is 0",
	"Abs at nan":  "PyTorch's gradient is 0",
	"Elu at nan":  "PyTorch's gradient is 1",
	"Relu at nan": "PyTorch's gradient is 1; here it is 0, or NaN where it is recorded",
}

// TestEdgesAreAsInPyTorch is results and gradients of ops at and between NaN, infinities, zeros, bounds and equal numbers.
func TestEdgesAreAsInPyTorch(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range goldens(t).Edges {
		for _, d := range []DType{Float64, Float32} {
			in, params := c.inputs(t, d)
			f := c.call(t)
			y := f(in)
			edge(t, seen, c, d, "the result", y, numbersOf(t, c.Y))
			if c.DX == nil {
				continue
			}
			fast := GradOf(y.Sum(), nil, params, false, true)
			recorded := GradOf(y.Sum(), nil, params, true, true)
			for i, text := range c.DX {
				edge(t, seen, c, d, "the gradient of input "+strconv.Itoa(i), fast[i], numbersOf(t, text))
				edge(t, seen, c, d, "the recorded gradient of input "+strconv.Itoa(i), recorded[i], numbersOf(t, text))
			}
		}
	}
	for where := range differs {
		if !seen[where] {
			t.Errorf("%s is as in PyTorch by now", where)
		}
	}
}

func edge(t *testing.T, seen map[string]bool, c golden, d DType, what string, x *Tensor, want []float64) {
	t.Helper()
	tolerance := map[DType]float64{Float64: 2e-9, Float32: 1e-6}[d]
	if x == nil {
		x = ZerosOf(Float64, len(want))
	}
	for i, got := range x.Values() {
		if w := want[i]; got != w && !(math.IsNaN(got) && math.IsNaN(w)) && !(math.Abs(got-w) <= tolerance*max(1, math.Abs(w)) && !math.IsInf(w, 0)) {
			at := []string{}
			for _, in := range c.In {
				if f := strings.Fields(in)[1:]; len(f) == len(want) {
					at = append(at, f[i])
				} else {
					at = append(at, in)
				}
			}
			where := c.Name + " at " + strings.Join(at, ", ")
			if seen[where] = true; differs[where] == "" {
				t.Errorf("%v %s: %s is %v, PyTorch's is %v", d, where, what, got, w)
			}
		}
	}
}

// functions are those of make_torch.py.
var functions = map[string]func(x []*Tensor) *Tensor{
	"mlp": func(x []*Tensor) *Tensor { return x[0].Unsqueeze(0).MatMul(x[1]).Tanh().MatMul(x[2]).Squeeze(0) },
	"rosenbrock": func(x []*Tensor) *Tensor {
		a, b := x[0].Slice(0, 0, 3), x[0].Slice(0, 1, 4)
		return b.Sub(a.Square()).Square().Scale(100).Add(a.SubFrom(1).Square())
	},
	"softmax":     func(x []*Tensor) *Tensor { return x[0].Softmax(1) },
	"logits":      func(x []*Tensor) *Tensor { return x[0].CrossEntropy([]int{2, 0}) },
	"log sum exp": func(x []*Tensor) *Tensor { return x[0].LogSumExp(1).Squeeze(1) },
	"quadratic form": func(x []*Tensor) *Tensor {
		return x[0].Unsqueeze(0).MatMul(x[1]).MatMul(x[0].Unsqueeze(1)).Reshape()
	},
	"polar":      func(x []*Tensor) *Tensor { return Stack(0, []*Tensor{x[0].Mul(x[1].Cos()), x[0].Mul(x[1].Sin())}) },
	"layer norm": func(x []*Tensor) *Tensor { return x[0].LayerNorm(x[1], ZerosLike(x[1]), 1e-3) },
	"rms norm":   func(x []*Tensor) *Tensor { return x[0].RMSNorm(x[1], 1e-3) },
	"attention":  func(x []*Tensor) *Tensor { return x[0].Attention(x[1], x[2], false) },
	"convolution": func(x []*Tensor) *Tensor {
		return x[0].Conv2d(x[1], nil, 1, 0).Sigmoid()
	},
	"transposed convolution": func(x []*Tensor) *Tensor { return x[0].ConvTranspose2d(x[1], nil, 2, 0).Tanh() },
	"gelu":                   func(x []*Tensor) *Tensor { return x[0].Gelu().Mul(x[0].Silu()) },
	"powers":                 func(x []*Tensor) *Tensor { return x[0].Pow(x[1]) },
	"products":               func(x []*Tensor) *Tensor { return x[0].CumSum(0).Mul(x[0].Log()).Div(x[0].Sqrt()) },
	"norm":                   func(x []*Tensor) *Tensor { return x[0].Div(x[0].Norm()) },
	"pooling":                func(x []*Tensor) *Tensor { return x[0].Mul(x[0]).AvgPool2d(2, 2).Add(x[0].Sin().MaxPool2d(2, 2)) },
	"gathering":              func(x []*Tensor) *Tensor { return x[0].Take(0, FromInts([]int{3, 0, 3}, 3)).Exp() },
	"batch norm": func(x []*Tensor) *Tensor {
		y, _, _ := x[0].BatchNorm(OnesLike(x[0].Slice(0, 0, 1).Squeeze(0)), ZerosOf(x[0].DType(), 2), 1e-3)
		return y.Square()
	},
	"normal density": func(x []*Tensor) *Tensor {
		return x[0].Sub(x[1]).Div(x[2]).Square().Scale(-0.5).Sub(x[2].Log()).Add(x[0].Erf())
	},
}

// TestDerivativesAreAsInPyTorch compares Jacobian, JVP, VJP and HVP of 20 functions with PyTorch's, whose JVP goes forward, and with
// central differences.
func TestDerivativesAreAsInPyTorch(t *testing.T) {
	all := goldens(t).Derivatives
	if len(all) < 20 || len(all) != len(functions) {
		t.Fatalf("%d functions recorded, %d here: want 20 or more, and the same", len(all), len(functions))
	}
	for _, c := range all {
		f := functions[c.Name]
		_, xs := c.inputs(t, Float64)
		var vs []*Tensor
		for i, x := range xs {
			vs = append(vs, weights(50+i, x))
		}
		y, jvp := JVP(f, xs, vs)
		close64(t, c.Name, y, numbersOf(t, c.Y), 2e-9)
		close64(t, c.Name+": JVP", jvp, numbersOf(t, c.JVP), 2e-9)
		w := weights(99, y)
		scalar := func(xs []*Tensor) *Tensor { return f(xs).Mul(w).Sum() }
		_, hvp := HVP(scalar, xs, vs)
		_, vjp := VJP(f, xs, w)
		jacobians := Jacobian(f, xs)
		along := 0.0
		for i := range xs {
			want := numbersOf(t, c.Jacobian[i])
			close64(t, c.Name+": Jacobian", jacobians[i], want, 2e-9)
			close64(t, c.Name+": VJP", vjp[i], product(w.Values(), want), 1e-8)
			close64(t, c.Name+": HVP", hvp[i], numbersOf(t, c.HVP[i]), 2e-9)
			along += vjp[i].Mul(vs[i]).Sum().Item()
		}
		close64(t, c.Name+": VJP along JVP's vectors", jvp.Mul(w).Sum(), []float64{along}, 1e-10)
		if err := CheckGrad(f, xs); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
		// The Hessian's product is the difference of gradients.
		const eps = 1e-5
		var sides [2][]*Tensor
		for s, step := range []float64{eps, -eps} {
			moved := slices.Clone(xs)
			for i, x := range xs {
				moved[i] = x.Detach().Add(vs[i].Scale(step))
			}
			_, sides[s] = VJP(scalar, moved, nil)
		}
		for i := range xs {
			close64(t, c.Name+": HVP by differences", hvp[i], sides[0][i].Sub(sides[1][i]).Scale(1/(2*eps)).Values(), 1e-6)
		}
	}
}

// product is the vector v (m) times the matrix (m,n) whose rows follow one another.
func product(v, rows []float64) []float64 {
	n := len(rows) / len(v)
	out := make([]float64, n)
	for i, x := range rows {
		out[i%n] += v[i/n] * x
	}
	return out
}
