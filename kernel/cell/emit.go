package cell

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// emitter writes the text of one function, its literals included.
type emitter struct {
	l      *lowerer
	p      *pkgInfo
	env    map[*types.TypeParam]types.Type // what the type parameters are in this instance
	suffix string                          // tells instances of one generic function apart
	names  map[types.Object]string
	taken  map[string]bool
	out    *bytes.Buffer
	fn     *fnState
	loops  []*loop
	label  string // of the statement that comes next
	top    bool   // a step of a cell
	info   *Func
	still  bool // inside of a loop whose only line is marked before it
	subs   map[types.Type]types.Type
	froze  map[ast.Expr]string // expressions that were evaluated before

	again   int  // the line to note after calls in the statement; 0: there is no need
	handing bool // the next literal is handed to compiled code
	handed  bool // this one was: compiled code may call it for ever

	frame string   // the variable that holds the frame of the function's deferred calls
	light bool     // the interpreter's own defer unwinds the function
	binds []string // the variables that bind has made, with their types
}

// fnState is what a return statement needs to know.
type fnState struct {
	sig     *types.Signature
	results []string // the result variables, where they have names
	outer   *fnState
	frame   string // the frame of deferred calls, "" if there is none
	body    bool   // the body runs inside of a literal: return sets the result variables
	panics  string // the frame whose panic the function can recover, if that calls it; "" if it does not recover
}

func (l *lowerer) context(p *pkgInfo, env map[*types.TypeParam]types.Type, suffix string) *emitter {
	return &emitter{l: l, p: p, env: env, suffix: suffix, names: map[types.Object]string{}, taken: map[string]bool{}, out: &bytes.Buffer{}}
}

func (c *emitter) w(format string, a ...any) { fmt.Fprintf(c.out, format, a...) }

func (c *emitter) stop(pos token.Pos, text, hint string) {
	if c.p.twin {
		text = "inside of package " + c.p.types.Path() + ": " + text
	}
	panic(unsupported{pos: pos, fset: c.p.fset, text: text, hint: hint})
}

// typeOf is the type of an expression, in this instance.
func (c *emitter) typeOf(e ast.Expr) types.Type {
	if tv, ok := c.p.info.Types[e]; ok && tv.Type != nil {
		return c.subst(tv.Type)
	}
	if id, ok := e.(*ast.Ident); ok {
		if o := c.p.info.ObjectOf(id); o != nil && o.Type() != nil {
			return c.subst(o.Type())
		}
	}
	return types.Typ[types.Invalid]
}

// value is the constant value of an expression, nil if it has none.
func (c *emitter) tv(e ast.Expr) types.TypeAndValue { return c.p.info.Types[e] }

// subst puts the types of this instance in the place of type parameters.
func (c *emitter) subst(t types.Type) types.Type {
	if len(c.env) == 0 || t == nil {
		return t
	}
	if s, ok := c.subs[t]; ok {
		return s
	}
	s := c.substNew(t)
	if c.subs == nil {
		c.subs = map[types.Type]types.Type{}
	}
	c.subs[t] = s
	return s
}

func (c *emitter) substNew(t types.Type) types.Type {
	switch t := t.(type) {
	case *types.TypeParam:
		if r, ok := c.env[t]; ok {
			return r
		}
		return t
	case *types.Alias:
		return c.subst(types.Unalias(t))
	case *types.Named:
		if t.TypeArgs().Len() == 0 {
			return t
		}
		var args []types.Type
		changed := false
		for a := range t.TypeArgs().Types() {
			s := c.subst(a)
			changed = changed || s != a
			args = append(args, s)
		}
		if !changed {
			return t
		}
		return instantiate(t.Origin(), args)
	case *types.Pointer:
		return types.NewPointer(c.subst(t.Elem()))
	case *types.Slice:
		return types.NewSlice(c.subst(t.Elem()))
	case *types.Array:
		return types.NewArray(c.subst(t.Elem()), t.Len())
	case *types.Map:
		return types.NewMap(c.subst(t.Key()), c.subst(t.Elem()))
	case *types.Chan:
		return types.NewChan(t.Dir(), c.subst(t.Elem()))
	case *types.Tuple:
		return c.substTuple(t)
	case *types.Signature:
		return types.NewSignatureType(nil, nil, nil, c.substTuple(t.Params()), c.substTuple(t.Results()), t.Variadic())
	case *types.Struct:
		var fs []*types.Var
		var tags []string
		for i := range t.NumFields() {
			f := t.Field(i)
			fs = append(fs, types.NewField(f.Pos(), f.Pkg(), f.Name(), c.subst(f.Type()), f.Embedded()))
			tags = append(tags, t.Tag(i))
		}
		return types.NewStruct(fs, tags)
	case *types.Interface:
		var ms []*types.Func
		for m := range t.Methods() {
			ms = append(ms, types.NewFunc(m.Pos(), m.Pkg(), m.Name(), c.subst(m.Type()).(*types.Signature)))
		}
		return types.NewInterfaceType(ms, nil).Complete()
	}
	return t
}

func (c *emitter) substTuple(t *types.Tuple) *types.Tuple {
	var vs []*types.Var
	for v := range t.Variables() {
		vs = append(vs, types.NewParam(v.Pos(), v.Pkg(), v.Name(), c.subst(v.Type())))
	}
	return types.NewTuple(vs...)
}

func instantiate(t types.Type, args []types.Type) types.Type {
	r, err := types.Instantiate(nil, t, args, false)
	if err != nil {
		panic("internal error: instance of " + t.String() + ": " + err.Error())
	}
	return r
}

func typeList(l *types.TypeList) (r []types.Type) {
	for t := range l.Types() {
		r = append(r, t)
	}
	return r
}

func isInterface(t types.Type) bool {
	_, ok := t.Underlying().(*types.Interface)
	return ok
}

// erased tells an interface that no compiled package declares: it is interface{} in the text, and a value of a type of a
// cell in it carries that type with it.
func (c *emitter) erased(t types.Type) bool {
	t = types.Unalias(t)
	if !isInterface(t) {
		return false
	}
	n, ok := t.(*types.Named)
	return !ok || n.Obj().Pkg() != nil && c.l.src[n.Obj().Pkg()] != nil
}

// mentions tells whether the identity of a type depends on one that is lowered.
func (c *emitter) mentions(t types.Type) bool { return c.mentionsSeen(t, map[types.Type]bool{}) }

func (c *emitter) mentionsSeen(t types.Type, seen map[types.Type]bool) bool {
	t = types.Unalias(t)
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t := t.(type) {
	case *types.Named:
		return t.Obj().Pkg() != nil && (c.l.src[t.Obj().Pkg()] != nil || t.TypeArgs().Len() > 0)
	case *types.Pointer:
		return c.mentionsSeen(t.Elem(), seen)
	case *types.Slice:
		return c.mentionsSeen(t.Elem(), seen)
	case *types.Array:
		return c.mentionsSeen(t.Elem(), seen)
	case *types.Chan:
		return c.mentionsSeen(t.Elem(), seen)
	case *types.Map:
		return c.mentionsSeen(t.Key(), seen) || c.mentionsSeen(t.Elem(), seen)
	case *types.Tuple:
		for v := range t.Variables() {
			if c.mentionsSeen(v.Type(), seen) {
				return true
			}
		}
	case *types.Signature:
		return c.mentionsSeen(t.Params(), seen) || c.mentionsSeen(t.Results(), seen)
	case *types.Struct:
		// the interpreter's struct types hide their unexported fields behind other names
		return t.NumFields() > 0
	case *types.Interface:
		return t.NumMethods() > 0
	}
	return false
}

// typ is the text of a type. Names of types of a cell are gone from it, but for structs.
func (c *emitter) typ(t types.Type) string {
	t = types.Unalias(c.subst(t))
	switch t := t.(type) {
	case *types.Basic:
		switch {
		case t.Kind() == types.UnsafePointer:
			return c.l.importName("unsafe") + ".Pointer"
		case t.Kind() == types.UntypedNil:
			return "interface{}"
		}
		return types.Default(t).(*types.Basic).Name()
	case *types.Named:
		return c.namedType(t)
	case *types.Pointer:
		return "*" + c.typ(t.Elem())
	case *types.Slice:
		return "[]" + c.typ(t.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), c.typ(t.Elem()))
	case *types.Map:
		return "map[" + c.typ(t.Key()) + "]" + c.typ(t.Elem())
	case *types.Chan:
		switch t.Dir() {
		case types.SendOnly:
			return "chan<- " + c.typ(t.Elem())
		case types.RecvOnly:
			return "<-chan " + c.typ(t.Elem())
		}
		if e, ok := t.Elem().(*types.Chan); ok && e.Dir() == types.RecvOnly {
			return "chan (" + c.typ(t.Elem()) + ")"
		}
		return "chan " + c.typ(t.Elem())
	case *types.Signature:
		return "func" + c.sig(t, nil)
	case *types.Struct:
		return c.structType(t)
	case *types.Interface:
		return "interface{}"
	case *types.Tuple:
		return c.results(t, nil)
	}
	panic(fmt.Sprintf("internal error: type %T %v", t, t))
}

func (c *emitter) structType(t *types.Struct) string {
	if t.NumFields() == 0 {
		return "struct{}"
	}
	return c.l.ty(c.anonymous(t))
}

// ty is the text of a struct type of a cell.
func (l *lowerer) ty(name string) string {
	l.imports["ty"] = "ty"
	return "ty." + name
}

// namer gives the name of a parameter, or of a result; "" for a result without one.
type namer func(v *types.Var, result bool, i int) string

// sig is the text of parameters and results.
func (c *emitter) sig(s *types.Signature, name namer) string {
	var b strings.Builder
	b.WriteByte('(')
	for i := range s.Params().Len() {
		if i > 0 {
			b.WriteString(", ")
		}
		v := s.Params().At(i)
		if name != nil {
			b.WriteString(name(v, false, i) + " ")
		}
		if s.Variadic() && i == s.Params().Len()-1 {
			if sl, ok := types.Unalias(c.subst(v.Type())).Underlying().(*types.Slice); ok {
				b.WriteString("..." + c.typ(sl.Elem()))
			} else {
				b.WriteString("...byte")
			}
			continue
		}
		b.WriteString(c.typ(v.Type()))
	}
	b.WriteByte(')')
	if r := c.results(s.Results(), name); r != "" {
		b.WriteString(" " + r)
	}
	return b.String()
}

func (c *emitter) results(rs *types.Tuple, name namer) string {
	if rs.Len() == 0 {
		return ""
	}
	if rs.Len() == 1 && (name == nil || name(rs.At(0), true, 0) == "") {
		return c.typ(rs.At(0).Type())
	}
	var b strings.Builder
	b.WriteByte('(')
	for i := range rs.Len() {
		if i > 0 {
			b.WriteString(", ")
		}
		if name != nil {
			if n := name(rs.At(i), true, i); n != "" {
				b.WriteString(n + " ")
			}
		}
		b.WriteString(c.typ(rs.At(i).Type()))
	}
	b.WriteByte(')')
	return b.String()
}

func (c *emitter) namedType(t *types.Named) string {
	o := t.Obj()
	if o.Pkg() == nil {
		if o.Name() == "any" || o.Name() == "comparable" {
			return "interface{}"
		}
		return o.Name()
	}
	p := c.l.src[o.Pkg()]
	if p == nil && t.TypeArgs().Len() == 0 {
		if !o.Exported() {
			c.stop(token.NoPos, "type "+t.String()+" cannot be named here", "its package does not export it")
		}
		return c.l.importName(o.Pkg().Path()) + "." + o.Name()
	}
	if p == nil {
		if _, ok := t.Underlying().(*types.Struct); ok {
			return c.namedType(c.l.twinType(c, t))
		}
	}
	if isInterface(t) {
		return "interface{}"
	}
	if u, ok := t.Underlying().(*types.Struct); ok {
		if u.NumFields() == 0 {
			return "struct{}"
		}
		return c.l.ty(c.structName(t, p))
	}
	if c.recursive(t) {
		return c.l.ty(c.wrapped(t))
	}
	return c.typ(t.Underlying())
}

// structName is the name of a struct type in the interpreter; the runtime is to make the type if it is new.
func (c *emitter) structName(t *types.Named, p *pkgInfo) string {
	l := c.l
	key := c.key(t)
	if n := l.named[key]; n != "" {
		return n
	}
	if n := l.w.named[key]; n != "" {
		return n
	}
	o := t.Obj()
	name := ""
	if e := l.obj.entity[o]; e != nil && t.TypeArgs().Len() == 0 {
		name = e.emit
	} else {
		name = l.global(ident(key))
	}
	l.named[key] = name
	env := map[*types.TypeParam]types.Type{}
	if o.Parent() != o.Pkg().Scope() {
		for k, v := range c.env {
			env[k] = v
		}
	}
	for i := range t.TypeArgs().Len() {
		env[t.Origin().TypeParams().At(i)] = t.TypeArgs().At(i)
	}
	l.structure(name, l.context(p, env, c.suffix), t.Underlying().(*types.Struct))
	return name
}

// key tells types apart, in any cell of the session.
func (c *emitter) key(t types.Type) string {
	t = types.Unalias(c.subst(t))
	if k, ok := c.l.keys[t]; ok {
		return k
	}
	k := c.keyNew(t)
	if len(c.env) == 0 {
		c.l.keys[t] = k
	}
	return k
}

func (c *emitter) keyNew(t types.Type) string {
	switch t := t.(type) {
	case *types.Basic:
		return t.Name()
	case *types.Named:
		o := t.Obj()
		if o.Pkg() == nil {
			return o.Name()
		}
		k := o.Pkg().Path() + "." + o.Name()
		if e := c.l.obj.entity[o]; e != nil {
			k = e.emit
		} else if o.Parent() != o.Pkg().Scope() && c.l.src[o.Pkg()] != nil {
			id := fmt.Sprintf("%p", o)
			if len(c.env) > 0 {
				id += c.suffix
			}
			if c.l.locals[id] == "" {
				c.l.locals[id] = c.l.global(o.Name())
			}
			k = c.l.locals[id]
		}
		if t.TypeArgs().Len() > 0 {
			var as []string
			for a := range t.TypeArgs().Types() {
				as = append(as, c.key(a))
			}
			k += "[" + strings.Join(as, ",") + "]"
		}
		return k
	case *types.Pointer:
		return "*" + c.key(t.Elem())
	case *types.Slice:
		return "[]" + c.key(t.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), c.key(t.Elem()))
	case *types.Map:
		return "map[" + c.key(t.Key()) + "]" + c.key(t.Elem())
	case *types.Chan:
		return [...]string{"chan ", "chan<- ", "<-chan "}[t.Dir()] + "(" + c.key(t.Elem()) + ")"
	case *types.Tuple:
		var ks []string
		for v := range t.Variables() {
			ks = append(ks, c.key(v.Type()))
		}
		return "(" + strings.Join(ks, ",") + ")"
	case *types.Signature:
		k := "func" + c.key(t.Params()) + c.key(t.Results())
		if t.Variadic() {
			k += "..."
		}
		return k
	case *types.Struct:
		var b strings.Builder
		b.WriteString("struct{")
		for i := range t.NumFields() {
			f := t.Field(i)
			fmt.Fprintf(&b, "%s:%v:%s:%q;", f.Name(), f.Embedded(), c.key(f.Type()), t.Tag(i))
		}
		return b.String() + "}"
	case *types.Interface:
		var b strings.Builder
		b.WriteString("interface{")
		for m := range t.Methods() {
			b.WriteString(m.Name() + c.key(m.Type()) + ";")
		}
		return b.String() + "}"
	}
	panic(fmt.Sprintf("internal error: key of type %T %v", t, t))
}
