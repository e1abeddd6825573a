package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// assign writes an assignment or a short variable declaration. Several values go through variables, one by one: the
// interpreter loses some otherwise.
func (c *emitter) assign(s *ast.AssignStmt) {
	if s.Tok != token.DEFINE && s.Tok != token.ASSIGN {
		c.update(s)
		return
	}
	if len(s.Lhs) == 1 && len(s.Rhs) == 1 {
		c.assignOne(s.Lhs[0], s.Rhs[0], s.Tok)
		return
	}
	if len(s.Rhs) == 1 {
		c.assignTuple(s)
		return
	}
	left := c.leaves(s)
	var values []string
	for i, r := range s.Rhs {
		lt := c.leftType(s.Lhs[i], s.Tok)
		x := c.conv(r, lt)
		if x == "nil" || c.tv(r).Value != nil {
			values = append(values, x)
			continue
		}
		t := c.l.fresh("t")
		if lt != nil && isInterface(lt) {
			c.w("var %s %s = %s\n", t, c.typ(lt), x)
		} else {
			c.w("%s := %s\n", t, x)
		}
		values = append(values, t)
	}
	for i, e := range s.Lhs {
		switch v := c.newVar(e, s.Tok); {
		case isBlank(e):
			c.discard(values[i])
		case v != nil:
			c.w("var %s %s = %s\n", c.local(v), c.varType(v), values[i])
		default:
			c.w("%s = %s\n", left[i], values[i])
		}
	}
}

func isBlank(e ast.Expr) bool {
	if e == nil {
		return true
	}
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && id.Name == "_"
}

// newVar is the variable that := declares with e; nil if e is assigned.
func (c *emitter) newVar(e ast.Expr, tok token.Token) *types.Var {
	if id, ok := e.(*ast.Ident); ok && tok == token.DEFINE && id.Name != "_" {
		v, _ := c.p.info.Defs[id].(*types.Var)
		return v
	}
	return nil
}

func (c *emitter) leftType(e ast.Expr, tok token.Token) types.Type {
	if isBlank(e) {
		return nil
	}
	if v := c.newVar(e, tok); v != nil {
		return c.subst(v.Type())
	}
	return c.typeOf(e)
}

func (c *emitter) varType(v *types.Var) string { return c.typ(v.Type()) }

func (c *emitter) assignOne(l, r ast.Expr, tok token.Token) {
	lt := c.leftType(l, tok)
	if v := c.newVar(l, tok); v != nil {
		x := c.conv(r, lt)
		n := c.local(v)
		if isInterface(c.subst(v.Type())) || x == "nil" {
			c.w("var %s %s = %s\n", n, c.varType(v), x)
		} else {
			c.w("%s := %s\n", n, x)
		}
		return
	}
	if isBlank(l) {
		c.discard(c.conv(r, lt))
		return
	}
	x := c.conv(r, lt)
	_, literal := ast.Unparen(r).(*ast.CompositeLit)
	if _, name := ast.Unparen(l).(*ast.Ident); name && literal { // the interpreter would have results elsewhere from now on
		t := c.l.fresh("t")
		c.w("%s := %s\n", t, x)
		x = t
	}
	c.w("%s = %s\n", c.target(l), x)
}

// target is what stands left of =: without parentheses, in which the interpreter would not see a pointer.
func (c *emitter) target(e ast.Expr) string {
	e = ast.Unparen(e)
	if s, ok := e.(*ast.StarExpr); ok {
		return "*" + c.base(s.X)
	}
	return c.expr(e)
}

// discard evaluates x for what it does. Some operators the interpreter loses, or mixes up with another value, when there is no
// variable for them.
func (c *emitter) discard(x string) {
	switch {
	case x == "nil":
	case strings.HasPrefix(x, "*"), strings.Contains(x, " == "), strings.Contains(x, " != "):
		t := c.l.fresh("t")
		c.w("%s := %s\n_ = %s\n", t, x, t)
	default:
		c.w("_ = %s\n", x)
	}
}

// moved tells whether what y calls may give the operands of x other values.
func (c *emitter) moved(x, y ast.Expr) bool {
	if _, ok := ast.Unparen(x).(*ast.Ident); ok || !c.acts(y) {
		return false
	}
	shared := false
	ast.Inspect(x, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			v, ok := c.p.info.Uses[id].(*types.Var)
			shared = shared || ok && v.Pkg() != nil && v.Parent() == v.Pkg().Scope()
		}
		return !shared
	})
	ast.Inspect(y, func(n ast.Node) bool {
		_, ok := n.(*ast.FuncLit)
		shared = shared || ok
		return !shared
	})
	return shared
}

// update is x op= y.
func (c *emitter) update(s *ast.AssignStmt) {
	op := strings.TrimSuffix(s.Tok.String(), "=")
	lt := c.typeOf(s.Lhs[0])
	x, moved := "", c.moved(s.Lhs[0], s.Rhs[0])
	if moved && c.acts(s.Lhs[0]) {
		x = c.lvalue(s.Lhs[0])
	} else {
		x = c.target(s.Lhs[0])
	}
	var y string
	switch v := c.tv(s.Rhs[0]).Value; {
	case s.Tok == token.SHL_ASSIGN || s.Tok == token.SHR_ASSIGN:
		y = c.shiftCount(s.Rhs[0])
	case v != nil:
		y = c.constant(lt, v)
	default:
		y = c.conv(s.Rhs[0], lt)
	}
	if moved { // calls come before variables are looked at
		t := c.l.fresh("t")
		c.w("%s := %s\n", t, y)
		y = t
	}
	c.w("%s %s= %s\n", x, op, y)
}

// assignTuple is a, b = f(), v, ok = m[k], x.(T) or <-c.
func (c *emitter) assignTuple(s *ast.AssignStmt) {
	left := c.leaves(s)
	ts, from := c.tuple(s.Rhs[0], len(s.Lhs), func(i int) bool { return isBlank(s.Lhs[i]) })
	for i, e := range s.Lhs {
		if ts[i] == "_" {
			continue
		}
		lt := c.leftType(e, s.Tok)
		x := c.convText(ts[i], from[i], lt)
		if v := c.newVar(e, s.Tok); v != nil {
			if isInterface(lt) {
				c.w("var %s %s = %s\n", c.local(v), c.varType(v), x)
			} else {
				c.w("%s := %s\n", c.local(v), x)
			}
			continue
		}
		c.w("%s = %s\n", left[i], x)
	}
}

// tuple evaluates an expression of several values into variables; "_" stands for those that are not wanted.
func (c *emitter) tuple(r ast.Expr, n int, skip func(int) bool) (ts []string, from []types.Type) {
	all := true
	for i := range n {
		if skip(i) {
			ts = append(ts, "_")
		} else {
			ts = append(ts, c.l.fresh("t"))
			all = false
		}
	}
	x := ""
	boolType := types.Type(types.Typ[types.Bool])
	switch e := ast.Unparen(r).(type) {
	case *ast.CallExpr:
		tu := c.typeOf(e).(*types.Tuple)
		for i := range tu.Len() {
			from = append(from, c.subst(tu.At(i).Type()))
		}
		x = c.expr(e)
	case *ast.UnaryExpr:
		from = []types.Type{c.subst(c.typeOf(e.X).Underlying().(*types.Chan).Elem()), boolType}
		x = c.receive(e, true)
	case *ast.TypeAssertExpr:
		from = []types.Type{c.typeOf(e.Type), boolType}
		x = c.assert(c.operand(e.X), c.typeOf(e.X), c.typeOf(e.Type), false)
	case *ast.IndexExpr:
		from = []types.Type{c.subst(c.typeOf(e.X).Underlying().(*types.Map).Elem()), boolType}
		x = c.index(e)
	default:
		c.stop(r.Pos(), "internal error: several values of this expression", "")
	}
	_, index := ast.Unparen(r).(*ast.IndexExpr)
	switch {
	case all && index: // the interpreter leaves the access out
		c.discard(x)
	case all:
		c.w("%s = %s\n", strings.Join(ts, ", "), x)
	default:
		c.w("%s := %s\n", strings.Join(ts, ", "), x)
	}
	return ts, from
}

// lvalue evaluates the operands of what stands left of = into variables.
func (c *emitter) lvalue(e ast.Expr) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.IndexExpr:
		x := c.base(e.X)
		switch c.typeOf(e.X).Underlying().(type) {
		case *types.Slice, *types.Map:
			b := c.l.fresh("b")
			c.w("%s := %s\n", b, x)
			x = b
		case *types.Pointer:
			b := c.l.fresh("b")
			c.w("%s := %s\n", b, x)
			x = "(*" + b + ")"
		case *types.Array:
			if x = c.lvalue(e.X); strings.HasPrefix(x, "*") {
				x = "(" + x + ")"
			}
		}
		if m, ok := c.typeOf(e.X).Underlying().(*types.Map); ok {
			i := c.l.fresh("i")
			c.w("var %s %s = %s\n", i, c.typ(m.Key()), c.conv(e.Index, m.Key()))
			return x + "[" + i + "]"
		}
		if c.tv(e.Index).Value != nil {
			return x + "[" + c.indexValue(e.Index) + "]"
		}
		i := c.l.fresh("i")
		c.w("%s := %s\n", i, c.indexValue(e.Index))
		return x + "[" + i + "]"
	case *ast.StarExpr:
		b := c.l.fresh("b")
		c.w("%s := %s\n", b, c.base(e.X))
		return "*" + b
	case *ast.SelectorExpr:
		sel := c.p.info.Selections[e]
		if sel == nil || sel.Kind() != types.FieldVal {
			break
		}
		recv := c.subst(sel.Recv())
		_, index, _ := types.LookupFieldOrMethod(recv, true, sel.Obj().Pkg(), sel.Obj().Name())
		x, t := "", recv
		if _, ok := recv.Underlying().(*types.Pointer); ok {
			x = c.operand(e.X)
		} else {
			x = strings.TrimPrefix(c.lvalue(e.X), "*") // fields are reached through a pointer too
		}
		for i := range index {
			if _, ok := t.Underlying().(*types.Pointer); ok {
				b := c.l.fresh("b")
				c.w("%s := %s\n", b, x)
				x = b
			}
			x, t = c.fieldPath(x, t, index[i:i+1])
		}
		return x
	}
	return c.expr(e)
}

// leaves are what stands left of =: their operands are evaluated into variables where a part of the statement may change them.
func (c *emitter) leaves(s *ast.AssignStmt) (left []string) {
	set := map[types.Object]bool{}
	acts := false
	for _, e := range s.Lhs {
		if id, ok := ast.Unparen(e).(*ast.Ident); ok {
			set[c.p.info.ObjectOf(id)] = true
		}
	}
	for _, e := range s.Rhs {
		acts = acts || c.acts(e)
	}
	for _, e := range s.Lhs {
		sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
		id, plain := (*ast.Ident)(nil), false
		if ok {
			id, plain = ast.Unparen(sel.X).(*ast.Ident)
		}
		switch {
		case c.newVar(e, s.Tok) != nil || isBlank(e):
			left = append(left, "")
		case plain && !acts && !set[c.p.info.ObjectOf(id)]:
			left = append(left, c.target(e))
		default:
			left = append(left, c.lvalue(e))
		}
	}
	return left
}

// declare is a var declaration inside of a function.
func (c *emitter) declare(vs *ast.ValueSpec) {
	typeOf := func(i int) types.Type { return c.subst(c.p.info.Defs[vs.Names[i]].Type()) }
	set := func(i int, x string) {
		if n := vs.Names[i]; n.Name == "_" {
			c.discard(x)
		} else {
			c.w("var %s %s = %s\n", c.local(c.p.info.Defs[n]), c.typ(typeOf(i)), x)
		}
	}
	switch {
	case len(vs.Values) == 0:
		for i, n := range vs.Names {
			if n.Name != "_" {
				c.w("var %s %s\n", c.local(c.p.info.Defs[n]), c.typ(typeOf(i)))
			}
		}
	case len(vs.Values) == 1 && len(vs.Names) == 1:
		set(0, c.conv(vs.Values[0], typeOf(0)))
	case len(vs.Values) == len(vs.Names):
		var ts []string
		for i, v := range vs.Values {
			x := c.conv(v, typeOf(i))
			if x != "nil" {
				t := c.l.fresh("t")
				c.w("var %s %s = %s\n", t, c.typ(typeOf(i)), x)
				x = t
			}
			ts = append(ts, x)
		}
		for i := range ts {
			set(i, ts[i])
		}
	default:
		ts, from := c.tuple(vs.Values[0], len(vs.Names), func(i int) bool { return vs.Names[i].Name == "_" })
		for i := range ts {
			if ts[i] != "_" {
				set(i, c.convText(ts[i], from[i], typeOf(i)))
			}
		}
	}
}

// sessionVars sets variables of the session, which x := e or var at the top level of a cell declares.
func (c *emitter) sessionVars(s *step) {
	vs := s.spec
	name := func(i int) (string, types.Type) {
		id := vs.Names[i]
		if s.reuse != nil && s.reuse[i] != nil {
			id = s.reuse[i]
		}
		if id.Name == "_" {
			return "_", nil
		}
		o := c.p.info.ObjectOf(id)
		return c.packageVar(o.(*types.Var)), o.Type()
	}
	valueType := func(i int) types.Type {
		if o := c.p.info.Defs[vs.Names[i]]; o != nil && vs.Names[i].Name != "_" {
			return o.Type()
		}
		return nil
	}
	set := func(i int, x string, from types.Type) {
		n, t := name(i)
		if n == "_" {
			c.discard(x)
			return
		}
		if from != nil {
			x = c.convText(x, from, t)
		}
		c.w("%s = %s\n", n, x)
	}
	switch {
	case len(vs.Values) == 0:
		for i := range vs.Names {
			n, t := name(i)
			if n != "_" {
				z := c.l.fresh("z")
				c.w("var %s %s\n%s = %s\n", z, c.typ(t), n, z)
			}
		}
	case len(vs.Values) == len(vs.Names):
		if len(vs.Values) == 1 {
			_, t := name(0)
			set(0, c.conv(vs.Values[0], t), nil)
			return
		}
		var ts []string
		for i, v := range vs.Values {
			_, t := name(i)
			if t == nil {
				t = valueType(i)
			}
			x := c.conv(v, t)
			if x != "nil" && t != nil {
				n := c.l.fresh("t")
				c.w("var %s %s = %s\n", n, c.typ(t), x)
				x = n
			}
			ts = append(ts, x)
		}
		for i := range ts {
			set(i, ts[i], nil)
		}
	default:
		ts, from := c.tuple(vs.Values[0], len(vs.Names), func(i int) bool { n, _ := name(i); return n == "_" })
		for i := range ts {
			if ts[i] != "_" {
				set(i, ts[i], from[i])
			}
		}
	}
}
