package lift

import (
	"fmt"
	"go/ast"
	"go/constant"
	"reflect"

	"github.com/tapir-go/tapir/eager"
)

var one = constant.MakeInt64(1)

// outside are the types of packages that sources may name.
var outside = map[string]reflect.Type{
	"Tensor": reflect.TypeFor[eager.Tensor](), "Shape": reflect.TypeFor[eager.Shape](), "DType": reflect.TypeFor[eager.DType](),
	"ConvOptions": reflect.TypeFor[eager.ConvOptions](), "Conv1dOptions": reflect.TypeFor[eager.Conv1dOptions](),
	"PoolOptions": reflect.TypeFor[eager.PoolOptions](), "RecurrentWeights": reflect.TypeFor[eager.RecurrentWeights](),
}

// kind reads a type.
func (l *lifter) kind(e ast.Expr) *kind {
	k := l.kindOrNil(e)
	if k == nil {
		defer l.line(e)()
		l.refuse(fmt.Sprintf("values of type %s have no place in a static model", l.text(e)), "use tensors, numbers, slices and structs of them")
	}
	return k
}

// kindOrNil reads a type; nil when e is none that programs have.
func (l *lifter) kindOrNil(e ast.Expr) *kind {
	switch n := e.(type) {
	case *ast.ParenExpr:
		return l.kindOrNil(n.X)
	case *ast.Ident:
		if t := l.types[n.Name]; t != nil {
			return l.declared(n.Name, t)
		}
		if k := basics[n.Name]; k != nil {
			return k
		}
	case *ast.SelectorExpr:
		if p, ok := n.X.(*ast.Ident); ok && (l.pkgs[p.Name] == eagerPath || l.pkgs[p.Name] == "" && p.Name == "eager") {
			if t := outside[n.Sel.Name]; t != nil {
				return &kind{name: "eager." + n.Sel.Name, rt: t, length: -1}
			}
		}
	case *ast.StarExpr:
		if k := l.kindOrNil(n.X); k != nil {
			p := &kind{name: "*" + k.name, elem: k, ptr: true, length: -1}
			if k.rt != nil {
				p.rt = reflect.PointerTo(k.rt)
			}
			return p
		}
	case *ast.ArrayType:
		k := l.kindOrNil(n.Elt)
		if k == nil {
			return nil
		}
		a := &kind{name: "[]" + k.name, elem: k, length: -1}
		if n.Len != nil {
			if _, ok := n.Len.(*ast.Ellipsis); ok {
				a.length = -2
				return a
			}
			v, ok := typed(l.eval(n.Len, nil)).(known)
			if !ok || v.v.Kind() != reflect.Int || v.v.Int() < 0 || v.v.Int() > 1<<16 {
				l.refuse("the length of an array is no known small number")
			}
			a.length = int(v.v.Int())
			a.name = fmt.Sprintf("[%d]%s", a.length, k.name)
		}
		return a
	case *ast.Ellipsis:
		if k := l.kindOrNil(n.Elt); k != nil {
			return &kind{name: "[]" + k.name, elem: k, length: -1}
		}
	case *ast.FuncType:
		return &kind{name: "func", fn: true, length: -1}
	case *ast.StructType:
		return l.structKind("struct", n)
	}
	return nil
}

func (l *lifter) declared(name string, t *ast.TypeSpec) *kind {
	if k := l.kinds[name]; k != nil {
		return k
	}
	if t.TypeParams != nil {
		return nil
	}
	if st, ok := t.Type.(*ast.StructType); ok {
		return l.structKind(name, st)
	}
	if l.looking["type "+name] {
		return nil
	}
	l.looking["type "+name] = true
	defer delete(l.looking, "type "+name)
	k := l.kindOrNil(t.Type)
	if k == nil {
		return nil
	}
	c := *k
	c.name = name
	l.kinds[name] = &c
	return &c
}

func (l *lifter) structKind(name string, st *ast.StructType) *kind {
	k := &kind{name: name, length: -1, fields: []field{}}
	if name != "struct" {
		l.kinds[name] = k
	}
	for _, f := range st.Fields.List {
		fk := l.kindOrNil(f.Type) // nil: a field that must not be touched
		if len(f.Names) == 0 {
			t := f.Type
			if p, ok := t.(*ast.StarExpr); ok {
				t = p.X
			}
			if id, ok := t.(*ast.Ident); ok {
				k.fields = append(k.fields, field{id.Name, fk})
			}
		}
		for _, id := range f.Names {
			k.fields = append(k.fields, field{id.Name, fk})
		}
	}
	return k
}

// zero is the zero value of a type.
func (l *lifter) zero(k *kind) value {
	switch {
	case k == nil, k.ptr, k.fn:
		return null{}
	case k.fields != nil:
		o := &object{kind: k}
		for _, f := range k.fields {
			v := l.variable(f.name, l.zero(f.kind))
			v.kind = f.kind
			o.fields = append(o.fields, v)
		}
		return o
	case k.elem != nil:
		a := &array{elem: k.elem, fixed: k.length >= 0}
		if isTensor(k.elem) {
			a.elem = nil
		}
		for range k.length {
			v := l.variable("", l.zero(k.elem))
			v.kind = k.elem
			a.elems = append(a.elems, v)
		}
		return a
	}
	return known{reflect.Zero(k.rt)}
}

func isTensor(k *kind) bool { return k.ptr && k.rt == tensorType }

// as is x as a value of type k, in an assignment.
func (l *lifter) as(x value, k *kind) value {
	if k == nil {
		return typed(x)
	}
	switch y := x.(type) {
	case untyped:
		if k.rt != nil {
			if z, ok := fromConstant(y.c, k.rt); ok {
				return z
			}
		}
		l.refuse(fmt.Sprintf("%s is no %s", y.c, k.name))
	case *number:
		if k.rt != nil {
			if d, ok := dtypeOfKind(k.rt.Kind()); !ok || d != y.v.DType {
				l.refuse(fmt.Sprintf("%s is no %s", l.describe(x), k.name))
			}
		}
	case *array:
		if y.elem == nil && k.elem != nil && !isTensor(k.elem) {
			c := *y
			c.elem = k.elem
			return &c
		}
	case null:
		return l.zero(k)
	}
	return x
}

// text is an expression or type as it is written, shortened.
func (l *lifter) text(e ast.Node) string {
	a, b := l.fset.Position(e.Pos()), l.fset.Position(e.End())
	text := l.src.Text
	lo, hi := a.Offset-l.before, b.Offset-l.before
	if lo < 0 || hi > len(text) || lo > hi {
		return "this"
	}
	t := text[lo:hi]
	if len(t) > 60 {
		t = t[:57] + "..."
	}
	return t
}

// describe is a value for messages.
func (l *lifter) describe(x value) string {
	switch y := x.(type) {
	case untyped:
		return y.c.String()
	case known:
		if t := knownTensor(x); t != nil {
			return fmt.Sprintf("a tensor %s%s", t.DType(), t.Shape())
		}
		return fmt.Sprintf("a %s", y.v.Type())
	case *tensor:
		return fmt.Sprintf("a tensor %s%s", y.v.DType, y.v.Shape)
	case *number:
		return map[eager.DType]string{eager.Bool: "a bool", eager.Int64: "an int", eager.Float64: "a float64", eager.Float32: "a float32"}[y.v.DType] + " that depends on the input"
	case *array:
		return fmt.Sprintf("a slice of %d elements", len(y.elems))
	case *sequence:
		return "a slice whose length depends on the input"
	case *object:
		return "a " + y.kind.name
	case *closure, *method, builtin:
		return "a function"
	case pkg:
		return "package " + string(y)
	case *kind:
		return "the type " + y.name
	case null, undefined:
		return "nil"
	case tuple:
		return fmt.Sprintf("%d values", len(y))
	}
	return "no value"
}

func (o *object) field(name string) *variable {
	for _, f := range o.fields {
		if f.name == name {
			return f
		}
	}
	return nil
}
