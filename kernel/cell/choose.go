package cell

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

func (c *emitter) switchStmt(s *ast.SwitchStmt) {
	l := c.push("switch")
	defer c.pop()
	c.w("{\n")
	if s.Init != nil {
		c.stmt(s.Init)
	}
	tag, native := "", false
	var tt types.Type
	if s.Tag != nil {
		tt = c.typeOf(s.Tag)
		if b, ok := tt.(*types.Basic); ok && b.Info()&types.IsUntyped != 0 {
			tt = types.Default(b)
		}
		tag = c.l.fresh("tag")
		c.mark(c.lineOf(s.Tag.Pos()), c.needs(nil, s.Tag))
		c.w("var %s %s = %s\n", tag, c.typ(tt), c.conv(s.Tag, tt))
		_, native = tt.Underlying().(*types.Basic)
		for _, cs := range s.Body.List {
			for _, e := range cs.(*ast.CaseClause).List {
				native = native && c.tv(e).Value != nil
			}
		}
	}
	for _, cs := range s.Body.List {
		for _, e := range cs.(*ast.CaseClause).List {
			if n := c.needs(nil, e); n != 0 {
				c.mark(c.lineOf(e.Pos()), n)
				break
			}
		}
	}
	if c.middleDefault(s.Body) {
		tag, native = c.chosen(s, tag, tt, native), true
	}
	c.lateLabel(l, func() {
		if native {
			c.w("switch %s {\n", tag)
		} else {
			c.w("switch {\n")
		}
		for i, cs := range s.Body.List {
			cc := cs.(*ast.CaseClause)
			switch {
			case c.middleDefault(s.Body):
				c.w("case %d:\n", i)
			case cc.List == nil:
				c.w("default:\n")
			default:
				c.w("case %s:\n", c.caseList(s, cc, tag, tt, native))
			}
			c.stmts(cc.Body)
		}
		c.w("}\n")
	})
	c.w("}\n")
}

// caseList is what a case compares with.
func (c *emitter) caseList(s *ast.SwitchStmt, cc *ast.CaseClause, tag string, tt types.Type, native bool) string {
	var xs []string
	for _, e := range cc.List {
		xs = append(xs, c.caseExpr(s, e, tag, tt, native))
	}
	if native || len(xs) == 1 {
		return strings.Join(xs, ", ")
	}
	return "(" + strings.Join(xs, ") || (") + ")" // the interpreter forgets all but one of a list of conditions
}

// middleDefault tells a switch whose default is not the last clause and where a clause falls through: the interpreter goes
// from there to another clause than the next.
func (c *emitter) middleDefault(b *ast.BlockStmt) bool {
	middle, falls := false, false
	for i, cs := range b.List {
		cc := cs.(*ast.CaseClause)
		middle = middle || cc.List == nil && i < len(b.List)-1
		if n := len(cc.Body); n > 0 {
			br, ok := cc.Body[n-1].(*ast.BranchStmt)
			falls = falls || ok && br.Tok == token.FALLTHROUGH
		}
	}
	return middle && falls
}

// chosen finds out which clause of a switch is meant before the switch itself: it gives a variable with its number.
func (c *emitter) chosen(s *ast.SwitchStmt, tag string, tt types.Type, native bool) string {
	k := c.l.fresh("clause")
	c.w("%s := -1\n", k)
	if native {
		c.w("switch %s {\n", tag)
	} else {
		c.w("switch {\n")
	}
	for i, cs := range s.Body.List {
		if cc := cs.(*ast.CaseClause); cc.List == nil {
			c.w("default: %s = %d\n", k, i)
		} else {
			c.w("case %s: %s = %d\n", c.caseList(s, cc, tag, tt, native), k, i)
		}
	}
	c.w("}\n")
	return k
}

func (c *emitter) caseExpr(s *ast.SwitchStmt, e ast.Expr, tag string, tt types.Type, native bool) string {
	v := c.tv(e).Value
	switch {
	case native:
		return c.constant(tt, v)
	case s.Tag == nil && isInterface(c.typeOf(e)):
		return c.l.rt("Equal") + "(true, " + c.conv(e, anyType) + ")"
	case s.Tag == nil:
		return c.expr(e)
	case c.tv(e).IsNil():
		return tag + " == nil"
	case isInterface(tt) || isInterface(c.typeOf(e)):
		return c.l.rt("Equal") + "(" + c.convText(tag, tt, anyType) + ", " + c.conv(e, anyType) + ")"
	case v != nil:
		return tag + " == " + c.constant(tt, v)
	}
	switch tt.Underlying().(type) {
	case *types.Struct, *types.Array:
		return c.l.rt("Same") + "(" + tag + ", " + c.expr(e) + ")"
	}
	l, r := c.alike(tag, c.operand(e), tt, c.typeOf(e))
	return l + " == " + r
}

// typeSwitch is written as a chain of assertions.
func (c *emitter) typeSwitch(s *ast.TypeSwitchStmt) {
	l := c.push("switch")
	defer c.pop()
	c.w("{\n")
	if s.Init != nil {
		c.stmt(s.Init)
	}
	var x ast.Expr
	bind := ""
	switch a := s.Assign.(type) {
	case *ast.ExprStmt:
		x = a.X
	case *ast.AssignStmt:
		x = a.Rhs[0]
		bind = a.Lhs[0].(*ast.Ident).Name
	}
	x = ast.Unparen(x).(*ast.TypeAssertExpr).X
	xt := c.typeOf(x)
	v := c.l.fresh("v")
	c.mark(c.lineOf(x.Pos()), c.needs(nil, x))
	c.w("var %s %s = %s\n", v, c.typ(xt), c.expr(x))
	body := func(cc *ast.CaseClause, value string) {
		if o, ok := c.p.info.Implicits[cc]; ok && bind != "" && bind != "_" {
			n := c.local(o)
			c.w("var %s %s = %s\n_ = %s\n", n, c.typ(o.Type()), value, n)
		}
		c.stmts(cc.Body)
	}
	c.lateLabel(l, func() {
		c.w("switch {\ndefault:\n")
		var deflt *ast.CaseClause
		depth := 0
		for _, cs := range s.Body.List {
			cc := cs.(*ast.CaseClause)
			if cc.List == nil {
				deflt = cc
				continue
			}
			depth++
			ok := c.l.fresh("ok")
			if len(cc.List) == 1 && !c.tv(cc.List[0]).IsNil() {
				t := c.l.fresh("t")
				if bind == "" {
					t = "_"
				}
				c.w("%s, %s := %s\nif %s {\n", t, ok, c.assert(v, xt, c.typeOf(cc.List[0]), false), ok)
				body(cc, t)
			} else {
				c.w("%s := false\n", ok)
				for _, e := range cc.List {
					c.w("if !%s {\n", ok)
					if c.tv(e).IsNil() {
						c.w("%s = %s == nil\n", ok, v)
					} else {
						o := c.l.fresh("ok")
						c.w("_, %s := %s\n%s = %s\n", o, c.assert(v, xt, c.typeOf(e), false), ok, o)
					}
					c.w("}\n")
				}
				c.w("if %s {\n", ok)
				body(cc, v)
			}
			c.w("} else {\n")
		}
		if deflt != nil {
			body(deflt, v)
		}
		c.w("%s}\n", strings.Repeat("}\n", depth))
	})
	c.w("}\n")
}

// selectStmt is made by the runtime, which can be interrupted; what it chose is run by a switch.
func (c *emitter) selectStmt(s *ast.SelectStmt) {
	l := c.push("select")
	defer c.pop()
	c.mark(c.lineOf(s.Pos()), needMark)
	var cases []string
	for _, cs := range s.Body.List {
		switch m := cs.(*ast.CommClause).Comm.(type) {
		case nil:
			cases = append(cases, c.l.rt("CaseDefault")+"()")
		case *ast.SendStmt:
			ch := c.typeOf(m.Chan).Underlying().(*types.Chan)
			et := c.subst(ch.Elem())
			n := c.helper("caseSend", "(ch "+c.underTyp(c.typeOf(m.Chan))+", v "+c.typ(et)+") rt.Case { return "+c.l.rt("CaseSend")+"(ch, v) }")
			cases = append(cases, n+"("+c.base(m.Chan)+", "+c.conv(m.Value, et)+")")
		case *ast.ExprStmt:
			cases = append(cases, c.l.rt("CaseReceive")+"("+c.base(ast.Unparen(m.X).(*ast.UnaryExpr).X)+")")
		case *ast.AssignStmt:
			cases = append(cases, c.l.rt("CaseReceive")+"("+c.base(ast.Unparen(m.Rhs[0]).(*ast.UnaryExpr).X)+")")
		}
	}
	i, v, ok := c.l.fresh("i"), c.l.fresh("v"), c.l.fresh("ok")
	c.w("{\n%s, %s, %s := %s(%s)\n_, _ = %s, %s\n", i, v, ok, c.l.rt("Select"), strings.Join(cases, ", "), v, ok)
	c.lateLabel(l, func() {
		c.w("switch %s {\n", i)
		for k, cs := range s.Body.List {
			cc := cs.(*ast.CommClause)
			c.w("case %d:\n", k)
			if m, okk := cc.Comm.(*ast.AssignStmt); okk {
				c.selected(m, v, ok)
			}
			c.stmts(cc.Body)
		}
		c.w("}\n")
	})
	c.w("}\n")
}

// selected gives the variables of a receive case their values.
func (c *emitter) selected(m *ast.AssignStmt, v, ok string) {
	et := c.subst(c.typeOf(ast.Unparen(m.Rhs[0]).(*ast.UnaryExpr).X).Underlying().(*types.Chan).Elem())
	n := c.helper("taken", fmt.Sprintf("(v interface{}) %s { %s; return r }", c.typ(et), c.received("r", "v", et)))
	for i, e := range m.Lhs {
		if isBlank(e) {
			continue
		}
		x, xt := n+"("+v+")", et
		if i == 1 {
			x, xt = ok, types.Typ[types.Bool]
		}
		if nv := c.newVar(e, m.Tok); nv != nil {
			c.w("var %s %s = %s\n", c.local(nv), c.varType(nv), x)
			continue
		}
		c.w("%s = %s\n", c.target(e), c.convText(x, xt, c.typeOf(e)))
	}
}
