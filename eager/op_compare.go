package eager

import "github.com/tapir-go/tapir/eager/internal/array"

var (
	opEqual, opNotEqual, opLess, opLessEqual, opGreater, opGreaterEqual *prim[none]
	opAnd, opOr, opNot, opIsNaN, opWhere                                *prim[none]
	opCast                                                              *prim[castAt]
)

// castAt is the attribute of To.
type castAt struct{ To DType }

func init() {
	cases := []sample[none]{{in: []Shape{{3, 2}, {3, 2}}}, {in: []Shape{{3, 1}, {2}}}}
	compare := func(name string, r array.Relation, turned bool) *prim[none] {
		return define(def[none]{
			Name: name, Args: "aa", Shape: broadcast[none], Cases: cases, ONNX: onnx(name),
			Eval: func(_ none, in []*array.Array, out Shape) array.Array {
				if turned {
					return array.Compare(r, in[1], in[0], out)
				}
				return array.Compare(r, in[0], in[1], out)
			},
		})
	}
	opEqual = compare("Equal", array.Equals, false)
	opLess = compare("Less", array.Below, false)
	opLessEqual = compare("LessEqual", array.AtMost, false)
	opLessEqual.op.Export = exportAs("LessOrEqual")
	opGreater = compare("Greater", array.Below, true)
	opGreaterEqual = compare("GreaterEqual", array.AtMost, true)
	opGreaterEqual.op.Export = exportAs("GreaterOrEqual")
	opNotEqual = compare("NotEqual", array.Differs, false)
	opNotEqual.op.Export = func(e Emitter, _ any, in []Value, _ Value) string {
		return e.Node("Not", []string{e.Node("Equal", names(in), nil)}, nil)
	}
	logic := func(name string, b *array.Binary) *prim[none] {
		return define(def[none]{
			Name: name, Args: "bb", Shape: broadcast[none], Cases: cases, ONNX: onnx(name),
			Eval: func(_ none, in []*array.Array, out Shape) array.Array { return b.Apply(in[0], in[1], out) },
		})
	}
	opAnd, opOr = logic("And", &array.And), logic("Or", &array.Or)
	opNot = define(def[none]{
		Name: "Not", Args: "b", Shape: same[none], Cases: anyShape, ONNX: onnx("Not"),
		Eval: func(_ none, in []*array.Array, _ Shape) array.Array {
			return array.Whole(in[0], func(v int64) int64 { return 1 - v })
		},
	})
	opIsNaN = define(def[none]{
		Name: "IsNaN", Args: "f", Shape: same[none], Cases: anyShape, ONNX: onnx("IsNaN"),
		Eval: func(_ none, in []*array.Array, out Shape) array.Array {
			return array.Compare(array.Differs, in[0], in[0], out)
		},
	})
	opWhere = define(def[none]{
		Name: "Where", Args: "baa", ONNX: onnx("Where"),
		Shape: func(_ none, in []Shape) (Shape, error) {
			s, err := broadcastOf(in[1], in[2])
			if err == nil {
				s, err = broadcastOf(in[0], s)
			}
			return s, err
		},
		Eval: func(_ none, in []*array.Array, out Shape) array.Array { return array.Where(in[0], in[1], in[2], out) },
		Grad: func(_ none, i int, in []*Tensor, _, g *Tensor) *Tensor {
			zero := number(g.dtype(), 0)
			if i == 1 {
				return Where(in[0], g, zero).sumTo(in[1].shape())
			}
			return Where(in[0], zero, g).sumTo(in[2].shape())
		},
		Cases: []sample[none]{{in: []Shape{{3, 2}, {3, 2}, {3, 2}}}, {in: []Shape{{3, 1}, {2}, {}}}},
	})
	opCast = define(def[castAt]{
		Name: "To", Args: "a", Shape: same[castAt], Blind: true,
		Eval: func(a castAt, in []*array.Array, _ Shape) array.Array { return array.Cast(in[0], array.DType(a.To)) },
		Grad: func(_ castAt, _ int, in []*Tensor, _, g *Tensor) *Tensor { return g.To(in[0].dtype()) },
		ONNX: func(e Emitter, a castAt, in []Value, _ Value) string {
			return e.Node("Cast", names(in), []Attr{{"to", a.To}})
		},
		Cases: []sample[castAt]{{at: castAt{Float64}, in: []Shape{{3, 2}}}},
	})
}

// Equal says where x and y are equal: a bool tensor; the shapes broadcast.
func (x *Tensor) Equal(y *Tensor) *Tensor {
	x, y = promote(x, y)
	return opEqual.two(none{}, x, y)
}

// NotEqual says where x and y differ: a bool tensor; the shapes broadcast. NaN differs from everything.
func (x *Tensor) NotEqual(y *Tensor) *Tensor {
	x, y = promote(x, y)
	return opNotEqual.two(none{}, x, y)
}

// Less says where x < y: a bool tensor; the shapes broadcast.
func (x *Tensor) Less(y *Tensor) *Tensor {
	x, y = promote(x, y)
	return opLess.two(none{}, x, y)
}

// LessEqual says where x <= y: a bool tensor; the shapes broadcast.
func (x *Tensor) LessEqual(y *Tensor) *Tensor {
	x, y = promote(x, y)
	return opLessEqual.two(none{}, x, y)
}

// Greater says where x > y: a bool tensor; the shapes broadcast.
func (x *Tensor) Greater(y *Tensor) *Tensor {
	x, y = promote(x, y)
	return opGreater.two(none{}, x, y)
}

// GreaterEqual says where x >= y: a bool tensor; the shapes broadcast.
func (x *Tensor) GreaterEqual(y *Tensor) *Tensor {
	x, y = promote(x, y)
	return opGreaterEqual.two(none{}, x, y)
}

// And says where both x and y, bool tensors, are true; the shapes broadcast.
func (x *Tensor) And(y *Tensor) *Tensor { return opAnd.two(none{}, x, y) }

// Or says where x or y, bool tensors, is true; the shapes broadcast.
func (x *Tensor) Or(y *Tensor) *Tensor { return opOr.two(none{}, x, y) }

// Not says where x, a bool tensor, is false; the result has the shape of x.
func (x *Tensor) Not() *Tensor { return opNot.one(none{}, x) }

// IsNaN says where x is not a number: a bool tensor with the shape of x.
func (x *Tensor) IsNaN() *Tensor { return opIsNaN.one(none{}, x) }

// Where takes each element from a where cond, a bool tensor, is true and from b elsewhere; the shapes broadcast.
func Where(cond, a, b *Tensor) *Tensor {
	a, b = promote(a, b)
	return opWhere.three(none{}, cond, a, b)
}

// MaskedFill is x with v wherever mask, a bool tensor, is true; the shapes broadcast.
func (x *Tensor) MaskedFill(mask *Tensor, v float64) *Tensor {
	x.check("MaskedFill")
	return Where(mask, number(x.dtype(), v), x)
}

// To is x with numbers of another kind; x itself when it has that kind already. Floats lose their fraction on the way to whole
// numbers; whatever is not 0 becomes true. The result has the shape of x.
func (x *Tensor) To(d DType) *Tensor {
	x.check("To")
	if d > Bool {
		fail("To", "", "no kind of numbers %v", d)
	}
	if x.dtype() == d {
		return x
	}
	if !d.IsFloat() && x.grad {
		y := x
		NoGrad(func() { y = opCast.one(castAt{d}, x) })
		return y
	}
	return opCast.one(castAt{d}, x)
}
