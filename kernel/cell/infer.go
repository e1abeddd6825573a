package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
)

// typeOf is the type of an expression, nil if it is not known. go/types gives no type to what depends on an expression that is about
// to become a call; the simple cases of that are told here, since each that is not takes another check of the cell.
func (o *operators) typeOf(x ast.Expr) types.Type {
	if t := o.types[x]; t != nil {
		return t
	}
	if t := o.c.info.Types[x].Type; t != nil && t != types.Typ[types.Invalid] {
		return t
	}
	t := o.infer(x)
	if t == types.Typ[types.Invalid] {
		return nil
	}
	return t
}

func (o *operators) infer(x ast.Expr) types.Type {
	switch x := x.(type) {
	case *ast.ParenExpr:
		return o.typeOf(x.X)
	case *ast.Ident:
		u := o.c.info.Uses[x]
		if t := o.vars[u]; t != nil {
			return t
		}
		if v, ok := u.(*types.Var); ok {
			return v.Type()
		}
	case *ast.CallExpr:
		s, ok := o.typeOf(ast.Unparen(x.Fun)).(*types.Signature)
		if !ok || s.TypeParams().Len() > 0 {
			return nil
		}
		if s.Results().Len() == 1 {
			return s.Results().At(0).Type()
		}
		return s.Results()
	case *ast.SelectorExpr:
		if t := o.typeOf(x.X); t != nil {
			if m, _, _ := types.LookupFieldOrMethod(t, true, o.c.pkg, x.Sel.Name); m != nil {
				return m.Type()
			}
		}
	case *ast.UnaryExpr:
		if t := o.typeOf(x.X); t != nil && x.Op == token.AND {
			return types.NewPointer(t)
		}
	case *ast.StarExpr:
		if t := o.typeOf(x.X); t != nil {
			if p, ok := t.Underlying().(*types.Pointer); ok {
				return p.Elem()
			}
		}
	case *ast.IndexExpr:
		if t := o.typeOf(x.X); t != nil {
			switch t := t.Underlying().(type) {
			case *types.Slice:
				return t.Elem()
			case *types.Array:
				return t.Elem()
			case *types.Map:
				return t.Elem()
			}
		}
	}
	return nil
}

// bind gives variables without a known type those of their values.
func (o *operators) bind(names, values []ast.Expr) {
	set := func(x ast.Expr, t types.Type) {
		id, ok := x.(*ast.Ident)
		if !ok || t == nil {
			return
		}
		if v, ok := o.c.info.Defs[id].(*types.Var); ok && v.Type() == types.Typ[types.Invalid] {
			o.vars[v] = types.Default(t)
		}
	}
	switch {
	case len(names) == len(values):
		for i, x := range names {
			set(x, o.typeOf(values[i]))
		}
	case len(values) == 1:
		if t, ok := o.typeOf(values[0]).(*types.Tuple); ok && t.Len() == len(names) {
			for i, x := range names {
				set(x, t.At(i).Type())
			}
		}
	}
}

// clone copies an expression: a node stands in one place of a tree.
func clone(x ast.Expr) ast.Expr {
	return copied(reflect.ValueOf(&x).Elem()).Interface().(ast.Expr)
}

func copied(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return v
		}
		to := reflect.New(v.Type()).Elem()
		if v.Kind() == reflect.Interface {
			to.Set(copied(v.Elem()))
			return to
		}
		to.Set(reflect.New(v.Type().Elem()))
		to.Elem().Set(copied(v.Elem()))
		return to
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		to := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			to.Index(i).Set(copied(v.Index(i)))
		}
		return to
	case reflect.Struct:
		to := reflect.New(v.Type()).Elem()
		for i := range v.NumField() {
			to.Field(i).Set(copied(v.Field(i)))
		}
		return to
	}
	return v
}
