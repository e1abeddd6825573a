package lift

import (
	"fmt"
	"go/constant"
	"go/token"
	"math"
	"reflect"
	"strings"

	"github.com/tapir-go/tapir/eager"
)

// member is a function of a package.
type member struct {
	pkg, name string
}

// engine are the functions of package eager that sources may call.
var engine = map[string]any{
	"New": eager.New, "Full": eager.Full, "Zeros": eager.Zeros, "Ones": eager.Ones, "ZerosLike": eager.ZerosLike, "OnesLike": eager.OnesLike,
	"ZerosOf": eager.ZerosOf, "Scalar": eager.Scalar, "Where": eager.Where, "Concat": eager.Concat, "Stack": eager.Stack, "Arange": eager.Arange,
	"Linspace": eager.Linspace, "Eye": eager.Eye, "OneHot": eager.OneHot, "FromInts": eager.FromInts, "FromFloat32": eager.FromFloat32,
	"FromFloat64": eager.FromFloat64, "FromInt64": eager.FromInt64, "FromBool": eager.FromBool, "FromUint8": eager.FromUint8,
}

var engineConstants = map[string]eager.DType{
	"Float32": eager.Float32, "Float64": eager.Float64, "Int64": eager.Int64, "Uint8": eager.Uint8, "Bool": eager.Bool,
}

// mathematics are the functions of package math on known numbers.
var mathematics = map[string]any{
	"Abs": math.Abs, "Sqrt": math.Sqrt, "Exp": math.Exp, "Log": math.Log, "Log1p": math.Log1p, "Log2": math.Log2, "Log10": math.Log10, "Expm1": math.Expm1, "Exp2": math.Exp2,
	"Tanh": math.Tanh, "Sin": math.Sin, "Cos": math.Cos, "Tan": math.Tan, "Atan": math.Atan, "Atan2": math.Atan2, "Asin": math.Asin, "Acos": math.Acos, "Erf": math.Erf,
	"Floor": math.Floor, "Ceil": math.Ceil, "Trunc": math.Trunc, "Round": math.Round, "RoundToEven": math.RoundToEven, "Pow": math.Pow, "Max": math.Max, "Min": math.Min,
	"Mod": math.Mod, "Hypot": math.Hypot, "Inf": math.Inf, "NaN": math.NaN, "IsNaN": math.IsNaN, "IsInf": math.IsInf, "Cbrt": math.Cbrt, "Sinh": math.Sinh, "Cosh": math.Cosh,
}

// staged are those that programs compute. Their numbers are f64.
var staged = map[string]func(xs []*eager.Tensor) *eager.Tensor{
	"Abs": func(xs []*eager.Tensor) *eager.Tensor { return xs[0].Abs() }, "Sqrt": func(xs []*eager.Tensor) *eager.Tensor { return xs[0].Sqrt() },
	"Exp": func(xs []*eager.Tensor) *eager.Tensor { return xs[0].Exp() }, "Log": func(xs []*eager.Tensor) *eager.Tensor { return xs[0].Log() },
	"Tanh": func(xs []*eager.Tensor) *eager.Tensor { return xs[0].Tanh() }, "Sin": func(xs []*eager.Tensor) *eager.Tensor { return xs[0].Sin() },
	"Cos": func(xs []*eager.Tensor) *eager.Tensor { return xs[0].Cos() }, "Floor": func(xs []*eager.Tensor) *eager.Tensor { return xs[0].Floor() },
	"Ceil": func(xs []*eager.Tensor) *eager.Tensor { return xs[0].Ceil() }, "RoundToEven": func(xs []*eager.Tensor) *eager.Tensor { return xs[0].Round() },
	"Round": func(xs []*eager.Tensor) *eager.Tensor { return xs[0].Abs().Shift(0.5).Floor().Mul(xs[0].Sign()) },
	"Trunc": func(xs []*eager.Tensor) *eager.Tensor { return xs[0].Abs().Floor().Mul(xs[0].Sign()) },
	"Pow":   func(xs []*eager.Tensor) *eager.Tensor { return xs[0].Pow(xs[1]) }, "Max": func(xs []*eager.Tensor) *eager.Tensor { return xs[0].Maximum(xs[1]) },
	"Min": func(xs []*eager.Tensor) *eager.Tensor { return xs[0].Minimum(xs[1]) }, "IsNaN": func(xs []*eager.Tensor) *eager.Tensor { return xs[0].IsNaN() },
	"Hypot": func(xs []*eager.Tensor) *eager.Tensor { return xs[0].Square().Add(xs[1].Square()).Sqrt() },
}

var mathConstants = map[string]constant.Value{
	"Pi":         constant.MakeFromLiteral("3.14159265358979323846264338327950288419716939937510582097494459", token.FLOAT, 0),
	"E":          constant.MakeFromLiteral("2.71828182845904523536028747135266249775724709369995957496696763", token.FLOAT, 0),
	"Sqrt2":      constant.MakeFromLiteral("1.41421356237309504880168872420969807856967187537694807317667974", token.FLOAT, 0),
	"Ln2":        constant.MakeFromLiteral("0.693147180559945309417232121458176568075500134360255254120680009", token.FLOAT, 0),
	"MaxFloat64": constant.MakeFloat64(math.MaxFloat64), "MaxFloat32": constant.MakeFloat64(math.MaxFloat32),
	"SmallestNonzeroFloat64": constant.MakeFloat64(math.SmallestNonzeroFloat64),
	"MaxInt":                 constant.MakeInt64(math.MaxInt), "MinInt": constant.MakeInt64(math.MinInt), "MaxInt64": constant.MakeInt64(math.MaxInt64), "MinInt64": constant.MakeInt64(math.MinInt64),
	"MaxInt32": constant.MakeInt64(math.MaxInt32), "MinInt32": constant.MakeInt64(math.MinInt32),
}

// member is a name of a package.
func (l *lifter) member(path, name string) value {
	switch path {
	case "math":
		if c := mathConstants[name]; c != nil {
			return untyped{c}
		}
		if mathematics[name] != nil {
			return &member{path, name}
		}
	case eagerPath:
		if d, ok := engineConstants[name]; ok {
			return known{reflect.ValueOf(d)}
		}
		if engine[name] != nil || name == "NoGrad" || name == "Scope" || name == "Keep" {
			return &member{path, name}
		}
		if t := outside[name]; t != nil {
			return &kind{name: "eager." + name, rt: t, length: -1}
		}
		if name == "NewRand" {
			l.refuse("random numbers are drawn", "draw them outside and give them as an input")
		}
	}
	what := "is a Go function that programs do not have"
	ways := []string{"compute it outside and give it as an input", "write it with tensors and package math"}
	switch {
	case path == "fmt" || path == "os" || path == "io" || path == "log" || path == "bufio" || strings.HasPrefix(path, "net") || strings.HasPrefix(path, "log/"):
		what, ways = "is input or output, which has no place in a static model", []string{"return the value instead", "do it outside of the function that is exported"}
	case path == "time":
		what, ways = "depends on the time, which has no place in a static model", []string{"give the time as an input"}
	case strings.HasPrefix(path, "math/rand"):
		what, ways = "draws random numbers", []string{"draw them outside and give them as an input"}
	case path == "sync" || path == "sync/atomic" || path == "context":
		what, ways = "is for goroutines, which have no place in a static model", []string{"call functions directly"}
	}
	l.refuse(fmt.Sprintf("%s.%s %s", path[strings.LastIndexByte(path, '/')+1:], name, what), ways...)
	return nil
}

// call calls the function.
func (m *member) call(l *lifter, args []value, spread bool) value {
	name := m.pkg[strings.LastIndexByte(m.pkg, '/')+1:] + "." + m.name
	if m.pkg == "math" {
		for _, x := range args {
			if !isNumber(x) {
				l.refuse(fmt.Sprintf("%s of %s", name, l.describe(x)))
			}
		}
		if l.fixed(args) {
			return l.compiled(name, reflect.ValueOf(mathematics[m.name]), args, spread)
		}
		f := staged[m.name]
		want := reflect.TypeOf(mathematics[m.name]).NumIn()
		if f == nil {
			l.refuse(name+" of a number that depends on the input has no place in a static model", "write it with Abs, Sqrt, Exp, Log, Sin, Cos, Tanh, Pow, Floor, Ceil, Max and Min")
		}
		if len(args) != want {
			l.refuse(fmt.Sprintf("%s gets %d arguments", name, len(args)))
		}
		in := make([]*number, len(args))
		for i, x := range args {
			if n, ok := x.(*number); ok && n.v.DType != eager.Float64 {
				l.refuse(fmt.Sprintf("%s of %s: want a float64", name, l.describe(x)))
			}
			in[i] = l.number(x, eager.Float64)
		}
		return l.scalar(f, in...)
	}
	switch m.name {
	case "NoGrad", "Scope":
		if len(args) != 1 {
			l.refuse(name + " takes a function")
		}
		l.apply(args[0], nil, false, "the function")
		return nil
	case "Keep":
		if len(args) == 1 && isTensorValue(args[0]) {
			return args[0]
		}
		l.refuse(name + " takes a tensor")
	}
	if !l.fixed(args) {
		if f := builders[m.name]; f != nil {
			if y := f(l, args); y != nil {
				return y
			}
		}
	}
	return l.compiled(name, reflect.ValueOf(engine[m.name]), args, spread)
}

// builders are functions of package eager whose arguments may depend on the input otherwise than as tensors.
var builders map[string]func(l *lifter, args []value) value

func init() {
	filled := func(v float64) func(l *lifter, args []value) value {
		return func(l *lifter, args []value) value { return l.filled(eager.Full(v), args) }
	}
	from := func(d eager.DType) func(l *lifter, args []value) value {
		return func(l *lifter, args []value) value {
			if len(args) == 0 {
				return nil
			}
			t := l.vector(args[0], d)
			if len(args) == 2 && l.sizeOf(args[1]).equal(t.dims[0]) {
				return t
			}
			z := l.reshape(t, l.sizesOf(args[1:]))
			l.provide(z)
			return z
		}
	}
	join := func(stack bool) func(l *lifter, args []value) value {
		return func(l *lifter, args []value) value {
			if len(args) != 2 {
				return nil
			}
			s, ok := args[1].(*sequence)
			if !ok || s.elem != nil {
				return nil
			}
			return l.joinedAlong(s, args[0], stack)
		}
	}
	builders = map[string]func(l *lifter, args []value) value{
		"Zeros": filled(0), "Ones": filled(1),
		"ZerosOf": func(l *lifter, args []value) value {
			if d, ok := l.plain(args[0], reflect.TypeFor[eager.DType]()); ok {
				return l.filled(eager.ZerosOf(d.Interface().(eager.DType)), args[1:])
			}
			return nil
		},
		"Full": func(l *lifter, args []value) value {
			if len(args) == 0 {
				return nil
			}
			if x, ok := l.plain(args[0], reflect.TypeFor[float64]()); ok {
				return l.filled(eager.Full(x.Float()), args[1:])
			}
			n := l.cast(l.number(args[0], eager.Float64), eager.Float32)
			return l.expand(&tensor{v: n.v, block: n.block}, l.sizesOf(args[1:]))
		},
		"Scalar": func(l *lifter, args []value) value {
			if len(args) != 1 {
				return nil
			}
			n := l.cast(l.number(args[0], eager.Float64), eager.Float32)
			return &tensor{v: n.v, block: n.block}
		},
		"New": from(eager.Float32), "FromFloat32": from(eager.Float32), "FromFloat64": from(eager.Float64), "FromInts": from(eager.Int64), "FromInt64": from(eager.Int64), "FromBool": from(eager.Bool),
		"Concat": join(false), "Stack": join(true),
		"OneHot": func(l *lifter, args []value) value {
			if len(args) != 2 {
				return nil
			}
			n, ok := l.plain(args[1], reflect.TypeFor[int]())
			if !ok {
				l.refuse("the number of classes depends on the input", "make it a constant")
			}
			classes := l.leaf(eager.Arange(0, float64(n.Int()), 1).To(eager.Int64))
			return l.trace("OneHot", []*tensor{l.vector(args[0], eager.Int64), classes}, func(xs []*eager.Tensor) []*eager.Tensor {
				return []*eager.Tensor{xs[0].Unsqueeze(1).Equal(xs[1]).To(eager.Float32)}
			})[0]
		},
		"Eye": func(l *lifter, args []value) value {
			if len(args) != 1 {
				return nil
			}
			n := l.sizeOf(args[0])
			r := l.node(Range, 0, eager.Int64, []size{n}, l.sizeValue(n))
			return l.trace("Eye", []*tensor{r}, func(xs []*eager.Tensor) []*eager.Tensor {
				return []*eager.Tensor{xs[0].Unsqueeze(1).Equal(xs[0]).To(eager.Float32)}
			})[0]
		},
		"Arange": func(l *lifter, args []value) value {
			if len(args) != 3 {
				return nil
			}
			lo, ok1 := l.plain(args[0], reflect.TypeFor[float64]())
			step, ok2 := l.plain(args[2], reflect.TypeFor[float64]())
			if !ok1 || !ok2 {
				l.refuse("the begin or step of Arange depends on the input", "scale and shift Arange(0, n, 1)")
			}
			hi := l.number(args[1], eager.Float64)
			count := l.scalar(func(xs []*eager.Tensor) *eager.Tensor {
				return xs[0].Shift(-lo.Float()).DivScalar(step.Float()).Ceil().To(eager.Int64)
			}, hi)
			n := l.sizeOf(count)
			r := l.node(Range, 0, eager.Int64, []size{n}, l.sizeValue(n))
			return l.trace("Arange", []*tensor{r}, func(xs []*eager.Tensor) []*eager.Tensor {
				return []*eager.Tensor{xs[0].To(eager.Float64).Scale(step.Float()).Shift(lo.Float()).To(eager.Float32)}
			})[0]
		},
	}
}

// filled is one number repeated to a shape.
func (l *lifter) filled(x *eager.Tensor, shape []value) value {
	dims := l.sizesOf(shape)
	v := l.constant(fmt.Sprint("fill", x.DType(), math.Float64bits(x.Item())), func() *eager.Tensor { return x })
	z := l.expand(&tensor{v: v}, dims)
	l.provide(z)
	return z
}

// joinedAlong is eager.Stack or eager.Concat of a slice whose length is known at run time only.
func (l *lifter) joinedAlong(s *sequence, axis value, stack bool) value {
	t := &tensor{v: s.v, block: s.block, dims: append([]size{s.n}, s.dims...)}
	rank := len(s.dims)
	if stack {
		rank++
	}
	a, ok := l.plain(axis, reflect.TypeFor[int]())
	if !ok {
		l.refuse("an axis depends on the input", "make it a constant")
	}
	k := int(a.Int())
	if k < 0 {
		k += rank
	}
	if k < 0 || k >= rank {
		l.refuse(fmt.Sprintf("no axis %d to join tensors of shape %s along", a.Int(), shapeOf(s.dims)))
	}
	perm := []int{} // the stacking axis to place k
	for i := 1; i <= len(s.dims); i++ {
		perm = append(perm, i)
	}
	perm = append(perm[:k:k], append([]int{0}, perm[k:]...)...)
	if k > 0 {
		t = l.trace("Stack", []*tensor{t}, func(xs []*eager.Tensor) []*eager.Tensor { return []*eager.Tensor{xs[0].Transpose(perm...)} })[0]
	}
	if stack {
		return t
	}
	dims := append([]size{}, s.dims...)
	dims[k] = l.times(s.n, s.dims[k])
	z := l.node(Reshape, 0, t.v.DType, dims, t.v, l.sizes(dims))
	l.provide(z)
	return z
}
