package cell

import (
	"go/constant"
	"go/types"
	"math"
	"strconv"
	"strings"
)

// constant is the text of a constant of type t; the interpreter is given its value, never an expression.
func (c *emitter) constant(t types.Type, v constant.Value) string {
	t = types.Unalias(c.subst(t))
	b, ok := t.Underlying().(*types.Basic)
	if !ok { // an interface: the default type
		b = defaultKind(v)
		t = b
	}
	if b.Info()&types.IsUntyped != 0 {
		t = types.Default(b)
		b = t.(*types.Basic)
	}
	name := c.typ(t)
	switch {
	case b.Info()&types.IsBoolean != 0:
		if name == "bool" {
			return v.String()
		}
		return name + "(" + v.String() + ")"
	case b.Info()&types.IsString != 0:
		s := strconv.Quote(constant.StringVal(v))
		if name == "string" {
			return s
		}
		return name + "(" + s + ")"
	case b.Info()&types.IsInteger != 0:
		s := constant.ToInt(v).ExactString()
		if name == "int" {
			if s[0] == '-' {
				return "(" + s + ")"
			}
			return s
		}
		return name + "(" + s + ")"
	case b.Info()&types.IsFloat != 0:
		return name + "(" + floatText(v, b.Kind() == types.Float32) + ")"
	case b.Info()&types.IsComplex != 0:
		kind, small := "complex128", false
		if b.Kind() == types.Complex64 {
			kind, small = "complex64", true
		}
		im := floatText(constant.Imag(v), small)
		if im[0] != '-' {
			im = "+" + im
		}
		s := kind + "(" + floatText(constant.Real(v), small) + im + "i)"
		if name != kind {
			s = name + "(" + s + ")"
		}
		return s
	case b.Kind() == types.UnsafePointer:
		return name + "(uintptr(" + v.ExactString() + "))"
	}
	return v.ExactString()
}

func defaultKind(v constant.Value) *types.Basic {
	switch v.Kind() {
	case constant.Bool:
		return types.Typ[types.Bool]
	case constant.String:
		return types.Typ[types.String]
	case constant.Int:
		return types.Typ[types.Int]
	case constant.Float:
		return types.Typ[types.Float64]
	}
	return types.Typ[types.Complex128]
}

func floatText(v constant.Value, small bool) string {
	v = constant.ToFloat(v)
	var f float64
	if small {
		g, _ := constant.Float32Val(v)
		f = float64(g)
	} else {
		f, _ = constant.Float64Val(v)
	}
	if math.IsInf(f, 0) {
		return "1e309"
	}
	s := strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s
}
