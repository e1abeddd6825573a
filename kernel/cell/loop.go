package cell

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// rangeFunc collects how control leaves the body of a range over a function, which is a literal of its own.
type rangeFunc struct {
	code  string // the variable that says how
	exits []rangeExit
}

type rangeExit struct {
	key  string
	emit func()
}

func (c *emitter) leaveRange(rf *rangeFunc, key string, emit func()) {
	id := 0
	for i, e := range rf.exits {
		if e.key == key {
			id = i + 1
		}
	}
	if id == 0 {
		rf.exits = append(rf.exits, rangeExit{key, emit})
		id = len(rf.exits)
	}
	c.w("%s = %d\nreturn false\n", rf.code, id)
}

// captured tells whether a literal sees one of the variables, or its address is taken.
func (c *emitter) captured(vars []*types.Var, nodes ...ast.Node) bool {
	is := map[types.Object]bool{}
	for _, v := range vars {
		is[v] = true
	}
	found := false
	var walk func(n ast.Node, deep bool)
	walk = func(n ast.Node, deep bool) {
		ast.Inspect(n, func(m ast.Node) bool {
			switch m := m.(type) {
			case *ast.FuncLit:
				if m != n {
					walk(m, true)
					return false
				}
			case *ast.GoStmt:
				if m != n {
					walk(m, true)
					return false
				}
			case *ast.DeferStmt:
				if m != n {
					walk(m, true)
					return false
				}
			case *ast.Ident:
				found = found || deep && is[c.p.info.Uses[m]]
			case *ast.UnaryExpr:
				found = found || m.Op == token.AND && is[c.root(m.X)]
			case *ast.SliceExpr:
				if _, ok := c.typeOf(m.X).Underlying().(*types.Array); ok {
					found = found || is[c.root(m.X)]
				}
			case *ast.SelectorExpr:
				if s := c.p.info.Selections[m]; s != nil && s.Kind() == types.MethodVal && !isInterface(c.typeOf(m.X)) {
					found = found || is[c.root(m.X)]
				}
			case *ast.RangeStmt:
				if _, ok := c.typeOf(m.X).Underlying().(*types.Signature); ok && m != n {
					walk(m.Body, true)
				}
			}
			return !found
		})
	}
	for _, n := range nodes {
		if n != nil {
			walk(n, false)
		}
	}
	return found
}

// root is the variable whose address is taken with that of an expression, nil if there is none.
func (c *emitter) root(e ast.Expr) types.Object {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return c.p.info.Uses[e]
	case *ast.SelectorExpr:
		if s := c.p.info.Selections[e]; s != nil && !s.Indirect() {
			return c.root(e.X)
		}
	case *ast.IndexExpr:
		if _, ok := c.typeOf(e.X).Underlying().(*types.Array); ok {
			return c.root(e.X)
		}
	}
	return nil
}

// assigned tells whether the body sets one of the variables.
func (c *emitter) assigned(v types.Object, body ast.Node) (found bool) {
	is := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && c.p.info.Uses[id] == v
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				found = found || is(l)
			}
		case *ast.IncDecStmt:
			found = found || is(n.X)
		case *ast.RangeStmt:
			found = found || n.Key != nil && is(n.Key) || n.Value != nil && is(n.Value)
		}
		return !found
	})
	return found
}

// head writes what the body of a loop begins with; steady is what quiet gave.
func (c *emitter) head() {
	c.w("if stop__ { %s() }\n", c.helper("check", "() { "+c.l.rt("Check")+"() }"))
}

// quiet marks the only line of a loop before it, where that is right, and gives what ends it.
func (c *emitter) quiet(body *ast.BlockStmt, others ...ast.Node) func() {
	was := c.still
	if !c.still && c.info != nil {
		if line, ok := c.onlyLine(body, others...); ok {
			c.setLine(line)
			c.still = true
		}
	}
	return func() { c.still = was }
}

func (c *emitter) forStmt(s *ast.ForStmt) {
	l := c.pushFor(s.Body)
	defer c.pop()
	c.w("{\n")
	var vars []*types.Var
	if as, ok := s.Init.(*ast.AssignStmt); ok && as.Tok == token.DEFINE {
		for _, e := range as.Lhs {
			if v := c.newVar(e, as.Tok); v != nil {
				vars = append(vars, v)
			}
		}
	}
	if s.Init != nil {
		c.stmt(s.Init)
	}
	// every iteration has variables of its own: that shows where a literal keeps them
	var parts []ast.Node
	for _, n := range []ast.Node{s.Body, s.Cond, s.Post} {
		switch x := n.(type) {
		case *ast.BlockStmt:
			parts = append(parts, x)
		case ast.Expr:
			if x != nil {
				parts = append(parts, x)
			}
		case ast.Stmt:
			if x != nil {
				parts = append(parts, x)
			}
		}
	}
	own := len(vars) > 0 && c.captured(vars, parts...)
	var condNode, postNode ast.Node
	if s.Cond != nil {
		condNode = s.Cond
	}
	if s.Post != nil {
		postNode = s.Post
	}
	if own {
		c.forOwn(s, l, vars)
		c.w("}\n")
		return
	}
	done := c.quiet(s.Body, nodes(condNode, postNode)...)
	defer done()
	if s.Cond != nil && !c.still {
		c.mark(c.lineOf(s.Cond.Pos()), c.needs(nil, s.Cond))
	}
	post := c.post(s.Post)
	if strings.Contains(post, "\n") {
		c.forLong(s, l, post)
		c.w("}\n")
		return
	}
	if i, n, ok := c.counts(s, vars); ok && l.label == "" {
		limit := ""
		if v := c.tv(n).Value; v != nil {
			limit = c.constant(types.Typ[types.Int], v)
		} else {
			limit = c.expr(n)
		}
		c.chunks(c.local(i), limit, func() { c.stmts(s.Body.List) })
		c.w("}\n")
		return
	}
	c.lateLabel(l, func() {
		c.w("for ; ")
		if s.Cond != nil {
			c.w("%s", c.cond(s.Cond))
		}
		c.w("; %s {\n", post)
		c.head()
		c.stmts(s.Body.List)
		c.w("}\n")
	})
	c.w("}\n")
}

func nodes(ns ...ast.Node) (out []ast.Node) {
	for _, n := range ns {
		if n != nil {
			out = append(out, n)
		}
	}
	return out
}

// lateLabel writes a loop and puts its label before it: a jump inside may be what asks for one.
func (c *emitter) lateLabel(l *loop, f func()) {
	old := c.out
	c.out = &bytes.Buffer{}
	f()
	text := c.out.String()
	c.out = old
	if l.emit != "" {
		c.w("%s:\n", l.emit)
	}
	c.out.WriteString(text)
}

func (c *emitter) post(s ast.Stmt) string {
	if s == nil {
		return ""
	}
	old, info := c.out, c.info
	c.out, c.info = &bytes.Buffer{}, nil
	c.stmt(s)
	text := strings.TrimSpace(c.out.String())
	c.out, c.info = old, info
	return text
}

// forLong is a loop whose post statement takes several statements.
func (c *emitter) forLong(s *ast.ForStmt, l *loop, post string) {
	first := c.l.fresh("first")
	c.w("%s := true\n", first)
	c.lateLabel(l, func() {
		c.w("for {\n")
		c.head()
		c.w("if %s { %s = false } else {\n%s\n}\n", first, first, post)
		if s.Cond != nil {
			c.w("if !(%s) { break }\n", c.expr(s.Cond))
		}
		c.stmts(s.Body.List)
		c.w("}\n")
	})
}

// forOwn is a loop with variables of its own in each iteration.
func (c *emitter) forOwn(s *ast.ForStmt, l *loop, vars []*types.Var) {
	first := c.l.fresh("first")
	var outer []string
	for _, v := range vars {
		outer = append(outer, c.names[v])
	}
	c.w("%s := true\n", first)
	back := ""
	c.lateLabel(l, func() {
		c.w("for {\n")
		c.head()
		for i, v := range vars {
			n := c.l.fresh(ident(v.Name()))
			c.names[v] = n
			c.w("var %s %s = %s\n", n, c.varType(v), outer[i])
			back += fmt.Sprintf("%s = %s\n", outer[i], n)
		}
		l.onCont = strings.TrimSpace(back)
		c.w("if %s { %s = false } else {\n", first, first)
		if s.Post != nil {
			c.stmt(s.Post)
		}
		c.w("}\n")
		if s.Cond != nil {
			c.mark(c.lineOf(s.Cond.Pos()), c.needs(nil, s.Cond))
			c.w("if !(%s) { break }\n", c.expr(s.Cond))
		}
		c.stmts(s.Body.List)
		c.w("%s}\n", back)
	})
	for i, v := range vars {
		c.names[v] = outer[i]
	}
}

func (c *emitter) rangeStmt(s *ast.RangeStmt) {
	xt := c.typeOf(s.X)
	define := s.Tok == token.DEFINE
	var vars []*types.Var
	for _, e := range []ast.Expr{s.Key, s.Value} {
		if e != nil && define && !isBlank(e) {
			if v, ok := c.p.info.Defs[e.(*ast.Ident)].(*types.Var); ok {
				vars = append(vars, v)
			}
		}
	}
	// set gives a loop variable its value; of two that are assigned, the operands are evaluated first
	left := ""
	set := func(e ast.Expr, from string, ft types.Type) {
		if e != nil && e == s.Key && !define && !isBlank(s.Value) {
			left = c.lvalue(s.Value)
		}
		switch {
		case e != nil && e == s.Value && left != "" && !isBlank(e):
			c.w("%s = %s\n", left, c.convText(from, ft, c.typeOf(e)))
		case isBlank(e):
		case define:
			v := c.p.info.Defs[e.(*ast.Ident)].(*types.Var)
			c.w("var %s %s = %s\n", c.local(v), c.varType(v), c.convText(from, ft, c.subst(v.Type())))
		default:
			c.w("%s = %s\n", c.target(e), c.convText(from, ft, c.typeOf(e)))
		}
	}
	c.mark(c.lineOf(s.X.Pos()), c.needs(nil, s.X))
	switch u := xt.Underlying().(type) {
	case *types.Basic:
		if u.Info()&types.IsString != 0 {
			c.rangeString(s, vars, set)
			return
		}
		if u.Info()&types.IsInteger != 0 {
			if !isBlank(s.Key) {
				xt = c.leftType(s.Key, s.Tok)
			}
			x := ""
			if v := c.tv(s.X).Value; v != nil {
				x = c.constant(xt, v)
			} else {
				x = c.convText(c.expr(s.X), c.typeOf(s.X), xt)
			}
			c.rangeInt(s, x, xt, vars, set)
			return
		}
	case *types.Signature:
		c.rangeFuncStmt(s, u, set)
		return
	case *types.Chan:
		c.rangeChan(s, u, set)
		return
	}
	_, deref := ast.Unparen(s.X).(*ast.StarExpr)
	_, pointer := xt.Underlying().(*types.Pointer)
	if _, ok := arrayOf(xt); ok && (pointer || deref) && isBlank(s.Value) { // the pointer may be nil
		c.rangeInt(s, c.arrayLen(s.X), types.Typ[types.Int], vars, set)
		return
	}
	c.rangeValues(s, xt, vars, set)
}

// rangeInt counts up to x, of type t.
func (c *emitter) rangeInt(s *ast.RangeStmt, x string, t types.Type, vars []*types.Var, set func(ast.Expr, string, types.Type)) {
	if b, ok := t.(*types.Basic); ok && b.Info()&types.IsUntyped != 0 {
		t = types.Default(t)
	}
	l := c.pushFor(s.Body)
	defer c.pop()
	i, n := c.l.fresh("i"), c.l.fresh("n")
	direct := len(vars) == 1 && !c.captured(vars, s.Body) && !c.assigned(vars[0], s.Body)
	if direct {
		i = c.local(vars[0])
	}
	c.w("{\n%s := %s\nvar %s %s\n", n, x, i, c.typ(t))
	done := c.quiet(s.Body)
	defer done()
	if direct && isInt(t) && l.label == "" && c.computes(s.Body) {
		c.chunks(i, n, func() { c.stmts(s.Body.List) })
		c.w("}\n")
		return
	}
	c.lateLabel(l, func() {
		c.w("for ; %s < %s; %s++ {\n", i, n, i)
		c.head()
		if !direct {
			set(s.Key, i, t)
		}
		c.stmts(s.Body.List)
		c.w("}\n")
	})
	c.w("}\n")
}

func (c *emitter) rangeChan(s *ast.RangeStmt, u *types.Chan, set func(ast.Expr, string, types.Type)) {
	l := c.pushFor(s.Body)
	defer c.pop()
	ch, v, ok := c.l.fresh("ch"), c.l.fresh("v"), c.l.fresh("ok")
	et := c.subst(u.Elem())
	c.w("{\n%s := %s\n", ch, c.base(s.X))
	c.lateLabel(l, func() {
		c.w("for {\n")
		c.head()
		c.w("%s, %s := %s(%s)\nif !%s { break }\n", v, ok, c.l.rt("Receive"), ch, ok)
		if !isBlank(s.Key) {
			r := c.l.fresh("r")
			c.w("%s\n", c.received(r, v, et))
			set(s.Key, r, et)
		} else {
			c.w("_ = %s\n", v)
		}
		c.stmts(s.Body.List)
		c.w("}\n")
	})
	c.w("}\n")
}

// rangeString ranges over the characters of a string, which the runtime takes apart: the interpreter would count them again for
// each index, and some of them wrongly.
func (c *emitter) rangeString(s *ast.RangeStmt, vars []*types.Var, set func(ast.Expr, string, types.Type)) {
	l := c.pushFor(s.Body)
	defer c.pop()
	x := c.conv(s.X, types.Typ[types.String])
	direct := s.Tok == token.DEFINE && !c.captured(vars, s.Body)
	at, rs, k, v := c.l.fresh("at"), c.l.fresh("rs"), "_", c.l.fresh("v")
	c.w("{\n")
	switch {
	case isBlank(s.Key):
		c.w("%s := %s(%s)\n", rs, c.l.rt("Runes"), x)
	case isBlank(s.Value):
		c.w("%s := %s(%s)\n", rs, c.l.rt("RuneOffsets"), x)
	default:
		k = c.l.fresh("k")
		c.w("%s, %s := %s(%s), %s(%s)\n", at, rs, c.l.rt("RuneOffsets"), x, c.l.rt("Runes"), x)
	}
	done := c.quiet(s.Body)
	defer done()
	c.lateLabel(l, func() {
		switch {
		case isBlank(s.Key) && isBlank(s.Value):
			c.w("for range %s {\n", rs)
			c.head()
		case direct && isBlank(s.Key):
			c.w("for _, %s := range %s {\n", c.local(c.p.info.Defs[s.Value.(*ast.Ident)]), rs)
			c.head()
		case direct && isBlank(s.Value):
			c.w("for _, %s := range %s {\n", c.local(c.p.info.Defs[s.Key.(*ast.Ident)]), rs)
			c.head()
		case isBlank(s.Value):
			c.w("for _, %s := range %s {\n", v, rs)
			c.head()
			set(s.Key, v, types.Typ[types.Int])
		case isBlank(s.Key):
			c.w("for _, %s := range %s {\n", v, rs)
			c.head()
			set(s.Value, v, types.Typ[types.Rune])
		case direct:
			c.w("for %s, %s := range %s {\n", k, c.local(c.p.info.Defs[s.Value.(*ast.Ident)]), rs)
			c.head()
			set(s.Key, at+"["+k+"]", types.Typ[types.Int])
		default:
			c.w("for %s, %s := range %s {\n", k, v, rs)
			c.head()
			set(s.Key, at+"["+k+"]", types.Typ[types.Int])
			set(s.Value, v, types.Typ[types.Rune])
		}
		c.stmts(s.Body.List)
		c.w("}\n")
	})
	c.w("}\n")
}

// rangeValues ranges over a slice, an array or a map.
func (c *emitter) rangeValues(s *ast.RangeStmt, xt types.Type, vars []*types.Var, set func(ast.Expr, string, types.Type)) {
	l := c.pushFor(s.Body)
	defer c.pop()
	var kt, et types.Type = types.Typ[types.Int], nil
	x := c.base(s.X)
	switch u := xt.Underlying().(type) {
	case *types.Pointer:
		r := c.l.fresh("r")
		c.mark(c.lineOf(s.X.Pos()), needMark)
		c.w("{\n%s := %s\nif %s == nil { %s() }\n", r, x, r, c.l.rt("NilFail"))
		defer c.w("}\n")
		x = "*" + r
		et = u.Elem().Underlying().(*types.Array).Elem()
	case *types.Slice:
		et = u.Elem()
	case *types.Array:
		et = u.Elem()
	case *types.Map:
		kt, et = u.Key(), u.Elem()
	}
	if strings.Contains(x, "{") {
		x = "(" + x + ")"
	}
	direct := s.Tok == token.DEFINE && !c.captured(vars, s.Body)
	_, chans := c.subst(et).Underlying().(*types.Chan) // whose range the interpreter takes for one over a channel
	if chans = chans && !isBlank(s.Value); chans {
		r := c.l.fresh("r")
		c.w("{\n%s := %s\n", r, x)
		defer c.w("}\n")
		x = r
	}
	done := c.quiet(s.Body)
	defer done()
	c.lateLabel(l, func() {
		switch {
		case chans:
			k := c.l.fresh("k")
			c.w("for %s := range %s {\n", k, x)
			c.head()
			set(s.Key, k, c.subst(kt))
			set(s.Value, x+"["+k+"]", c.subst(et))
		case isBlank(s.Key) && isBlank(s.Value):
			c.w("for range %s {\n", x)
			c.head()
		case direct:
			k, v := "_", ""
			if !isBlank(s.Key) {
				k = c.local(c.p.info.Defs[s.Key.(*ast.Ident)])
			}
			if !isBlank(s.Value) {
				v = ", " + c.local(c.p.info.Defs[s.Value.(*ast.Ident)])
			}
			c.w("for %s%s := range %s {\n", k, v, x)
			c.head()
		default:
			k, v := "_", ""
			if !isBlank(s.Key) {
				k = c.l.fresh("k")
			}
			if !isBlank(s.Value) {
				v = c.l.fresh("v")
				c.w("for %s, %s := range %s {\n", k, v, x)
			} else {
				c.w("for %s := range %s {\n", k, x)
			}
			c.head()
			set(s.Key, k, c.subst(kt))
			set(s.Value, v, c.subst(et))
		}
		c.stmts(s.Body.List)
		c.w("}\n")
	})
}

// rangeFuncStmt ranges over a function: the body is the function that it is given.
func (c *emitter) rangeFuncStmt(s *ast.RangeStmt, sig *types.Signature, set func(ast.Expr, string, types.Type)) {
	l := c.pushFor(s.Body)
	rf := &rangeFunc{code: c.l.fresh("exit")}
	l.rf = rf
	c.w("{\nvar %s int\n", rf.code)
	yield := c.subst(sig.Params().At(0).Type()).Underlying().(*types.Signature)
	var decl, names []string
	for i := range yield.Params().Len() {
		n := c.l.fresh("y")
		names = append(names, n)
		decl = append(decl, n+" "+c.typ(yield.Params().At(i).Type()))
	}
	f := c.base(s.X)
	old, still := c.out, c.still
	c.out, c.still = &bytes.Buffer{}, false
	c.head()
	set(s.Key, at(names, 0), yieldType(yield, 0))
	set(s.Value, at(names, 1), yieldType(yield, 1))
	c.stmts(s.Body.List)
	body := c.out.String()
	c.out, c.still = old, still
	c.w("%s(func(%s) bool {\n%sreturn true\n})\n", f, strings.Join(decl, ", "), body)
	c.pop()
	for i, e := range rf.exits {
		c.w("if %s == %d {\n", rf.code, i+1)
		e.emit()
		c.w("}\n")
	}
	c.w("}\n")
}

func at(s []string, i int) string {
	if i < len(s) {
		return s[i]
	}
	return ""
}

func yieldType(s *types.Signature, i int) types.Type {
	if i < s.Params().Len() {
		return s.Params().At(i).Type()
	}
	return nil
}
