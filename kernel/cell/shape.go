package cell

import (
	"go/types"
	"reflect"
	"strconv"
)

// Shape is what a type is made of at run time. Struct types of cells are built by the runtime and given to the interpreter
// as compiled ones: its own lose themselves where types refer to each other.
type Shape struct {
	Kind     reflect.Kind // Invalid: a compiled type, or a struct type of a cell
	Path     string       // of a compiled type: its package
	Name     string       // of a compiled type or a struct type of a cell
	Elem     *Shape       // of pointers, slices, arrays, maps and channels
	Key      *Shape       // of maps
	Len      int          // of arrays
	Dir      reflect.ChanDir
	In, Out  []*Shape // of functions
	Variadic bool

	Type   *Type   // a type of a cell, in what compiled code is to see
	Fields []Field // of structs, there
}

// Field is a field of a struct as its author wrote it.
type Field struct {
	Name     string
	Tag      string
	Embedded bool
	Exported bool
	Shape    *Shape
}

// Structure is a struct type of a cell.
type Structure struct {
	Name   string // in the interpreter's package ty
	Fields []StructField
}

// StructField is a field of a struct type of a cell.
type StructField struct {
	Name  string // as the interpreter has it: exported
	Shape *Shape
}

// shape is the shape of a type.
func (c *emitter) shape(t types.Type) *Shape {
	t = types.Unalias(c.subst(t))
	switch t := t.(type) {
	case *types.Basic:
		if t.Kind() == types.UnsafePointer {
			return &Shape{Kind: reflect.UnsafePointer}
		}
		return &Shape{Kind: basicKinds[types.Default(t).(*types.Basic).Kind()]}
	case *types.Named:
		return c.namedShape(t)
	case *types.Pointer:
		return &Shape{Kind: reflect.Pointer, Elem: c.shape(t.Elem())}
	case *types.Slice:
		return &Shape{Kind: reflect.Slice, Elem: c.shape(t.Elem())}
	case *types.Array:
		return &Shape{Kind: reflect.Array, Elem: c.shape(t.Elem()), Len: int(t.Len())}
	case *types.Map:
		return &Shape{Kind: reflect.Map, Key: c.shape(t.Key()), Elem: c.shape(t.Elem())}
	case *types.Chan:
		return &Shape{Kind: reflect.Chan, Elem: c.shape(t.Elem()), Dir: chanDirs[t.Dir()]}
	case *types.Signature:
		s := &Shape{Kind: reflect.Func, Variadic: t.Variadic()}
		for v := range t.Params().Variables() {
			s.In = append(s.In, c.shape(v.Type()))
		}
		for v := range t.Results().Variables() {
			s.Out = append(s.Out, c.shape(v.Type()))
		}
		return s
	case *types.Struct:
		if t.NumFields() == 0 {
			return &Shape{Kind: reflect.Struct}
		}
		return &Shape{Name: c.anonymous(t)}
	}
	return &Shape{Kind: reflect.Interface}
}

var chanDirs = [...]reflect.ChanDir{types.SendRecv: reflect.BothDir, types.SendOnly: reflect.SendDir, types.RecvOnly: reflect.RecvDir}

var basicKinds = map[types.BasicKind]reflect.Kind{
	types.Bool: reflect.Bool, types.Int: reflect.Int, types.Int8: reflect.Int8, types.Int16: reflect.Int16, types.Int32: reflect.Int32,
	types.Int64: reflect.Int64, types.Uint: reflect.Uint, types.Uint8: reflect.Uint8, types.Uint16: reflect.Uint16, types.Uint32: reflect.Uint32,
	types.Uint64: reflect.Uint64, types.Uintptr: reflect.Uintptr, types.Float32: reflect.Float32, types.Float64: reflect.Float64,
	types.Complex64: reflect.Complex64, types.Complex128: reflect.Complex128, types.String: reflect.String, types.UntypedNil: reflect.Interface,
}

func (c *emitter) namedShape(t *types.Named) *Shape {
	o := t.Obj()
	if o.Pkg() == nil {
		if o.Name() == "error" {
			return &Shape{Name: "error"}
		}
		return &Shape{Kind: reflect.Interface}
	}
	p := c.l.src[o.Pkg()]
	if p == nil && t.TypeArgs().Len() == 0 {
		c.namedType(t) // it must have a name here
		return &Shape{Path: o.Pkg().Path(), Name: o.Name()}
	}
	if p == nil {
		if _, ok := t.Underlying().(*types.Struct); ok {
			return c.namedShape(c.l.twinType(c, t))
		}
	}
	if isInterface(t) {
		return &Shape{Kind: reflect.Interface}
	}
	if u, ok := t.Underlying().(*types.Struct); ok {
		if u.NumFields() == 0 {
			return &Shape{Kind: reflect.Struct}
		}
		return &Shape{Name: c.structName(t, p)}
	}
	if c.recursive(t) {
		return &Shape{Name: c.wrapped(t)}
	}
	return c.shape(t.Underlying())
}

// structure notes a struct type for the runtime. The fields are looked at later: they may need the type itself.
func (l *lowerer) structure(name string, x *emitter, t *types.Struct) {
	s := &Structure{Name: name}
	l.prog.Structs = append(l.prog.Structs, s)
	l.queue = append(l.queue, func() {
		for i := range t.NumFields() {
			f := t.Field(i)
			s.Fields = append(s.Fields, StructField{Name: fieldName(t, i), Shape: x.shape(f.Type())})
		}
	})
}

// anonymous is the name of a struct type that has none in its cell.
func (c *emitter) anonymous(t *types.Struct) string {
	l := c.l
	key := c.key(t)
	if n := l.named[key]; n != "" {
		return n
	}
	if n := l.w.named[key]; n != "" {
		return n
	}
	n := l.global("Struct")
	l.named[key] = n
	l.structure(n, l.context(c.p, c.env, c.suffix), t)
	return n
}

// recursive tells a type that is made of itself, not only through struct types that have a name: the interpreter is given
// a struct type with the one field V for it.
func (c *emitter) recursive(t types.Type) bool {
	n, ok := types.Unalias(c.subst(t)).(*types.Named)
	if !ok || n.Obj().Pkg() == nil || c.l.src[n.Obj().Pkg()] == nil {
		return false
	}
	switch n.Underlying().(type) {
	case *types.Struct, *types.Interface, *types.Basic:
		return false
	}
	key := c.key(n)
	if r, ok := c.l.recur[key]; ok {
		return r
	}
	r := c.reaches(n.Underlying(), key, map[string]bool{})
	c.l.recur[key] = r
	return r
}

// reaches tells whether a type mentions the type of a key other than through a struct type with a name.
func (c *emitter) reaches(t types.Type, key string, seen map[string]bool) bool {
	t = types.Unalias(c.subst(t))
	switch t := t.(type) {
	case *types.Named:
		if t.Obj().Pkg() == nil || c.l.src[t.Obj().Pkg()] == nil {
			return false
		}
		k := c.key(t)
		if k == key {
			return true
		}
		if seen[k] || len(seen) > 50 {
			return false
		}
		seen[k] = true
		switch t.Underlying().(type) {
		case *types.Struct, *types.Interface, *types.Basic:
			return false
		}
		return c.reaches(t.Underlying(), key, seen)
	case *types.Pointer:
		return c.reaches(t.Elem(), key, seen)
	case *types.Slice:
		return c.reaches(t.Elem(), key, seen)
	case *types.Array:
		return c.reaches(t.Elem(), key, seen)
	case *types.Chan:
		return c.reaches(t.Elem(), key, seen)
	case *types.Map:
		return c.reaches(t.Key(), key, seen) || c.reaches(t.Elem(), key, seen)
	case *types.Tuple:
		for v := range t.Variables() {
			if c.reaches(v.Type(), key, seen) {
				return true
			}
		}
	case *types.Signature:
		return c.reaches(t.Params(), key, seen) || c.reaches(t.Results(), key, seen)
	case *types.Struct:
		for f := range t.Fields() {
			if c.reaches(f.Type(), key, seen) {
				return true
			}
		}
	}
	return false
}

// wrapped is the name of the struct type that stands for a type that is made of itself.
func (c *emitter) wrapped(t *types.Named) string {
	l := c.l
	key := c.key(t)
	if n := l.named[key]; n != "" {
		return n
	}
	if n := l.w.named[key]; n != "" {
		return n
	}
	n := l.global(ident(key))
	l.named[key] = n
	s := &Structure{Name: n}
	l.prog.Structs = append(l.prog.Structs, s)
	x := l.context(c.p, c.env, c.suffix)
	l.queue = append(l.queue, func() {
		s.Fields = []StructField{{Name: "V", Shape: x.shape(t.Underlying())}}
	})
	return n
}

// under is the text of an operand as what its type is made of.
func (c *emitter) under(s string, t types.Type) string {
	if c.recursive(t) {
		return s + ".V"
	}
	return s
}

// over makes a value of type t of what the type is made of.
func (c *emitter) over(s string, t types.Type) string {
	if c.recursive(t) {
		return c.typ(t) + "{V: " + s + "}"
	}
	return s
}

// underTyp is the text of the type that t is made of.
func (c *emitter) underTyp(t types.Type) string {
	if c.recursive(t) {
		return c.typ(c.subst(t).Underlying())
	}
	return c.typ(t)
}

// fieldName is the name of a field in the interpreter, whose fields are all exported.
func fieldName(s *types.Struct, i int) string {
	f := s.Field(i)
	name := reOld.ReplaceAllString(f.Name(), "$1") // an embedded type may have been replaced
	switch {
	case f.Name() == "_":
		return "Blank" + strconv.Itoa(i)
	case f.Exported():
		return name
	}
	n := "X" + name
	for j := range s.NumFields() {
		if s.Field(j).Name() == n {
			return "X_" + name
		}
	}
	return n
}
