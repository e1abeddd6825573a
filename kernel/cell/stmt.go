package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// loop is a statement that break or continue can leave.
type loop struct {
	label  string     // as the source has it
	emit   string     // as the text has it
	kind   string     // for, switch, select, block
	onCont string     // what runs before continue
	rf     *rangeFunc // of a range over a function
	calls  bool       // its body calls functions of cells
}

func (c *emitter) push(kind string) *loop {
	l := &loop{label: c.label, kind: kind}
	c.label = ""
	if l.label != "" {
		l.emit = c.l.fresh(ident(l.label))
	}
	c.loops = append(c.loops, l)
	return l
}

// pushFor is push for a loop with a body.
func (c *emitter) pushFor(body *ast.BlockStmt) *loop {
	l := c.push("for")
	l.calls = c.callsCells(body)
	return l
}

func (c *emitter) pop() { c.loops = c.loops[:len(c.loops)-1] }

func (c *emitter) stmts(ss []ast.Stmt) {
	for _, s := range ss {
		c.stmt(s)
	}
}

func (c *emitter) block(b *ast.BlockStmt) {
	c.w("{\n")
	c.stmts(b.List)
	c.w("}\n")
}

func (c *emitter) lineOf(pos token.Pos) int { return c.p.fset.Position(pos).Line }

// stmt writes a statement.
func (c *emitter) stmt(s ast.Stmt) {
	line := c.lineOf(s.Pos())
	if !c.p.twin {
		c.l.at = line
	}
	c.w("%s\n", c.place(line))
	c.again = 0
	switch s := s.(type) {
	case *ast.BlockStmt:
		if c.label == "" {
			c.block(s)
			return
		}
		l := c.push("block")
		l.emit = ""
		c.lateLabel(l, func() {
			c.w("switch { default:\n")
			c.stmts(s.List)
			c.w("}\n")
		})
		c.pop()
		return
	case *ast.ExprStmt:
		c.mark(line, c.needs(s))
		c.bounds(s.X)
		x := ast.Unparen(s.X)
		if _, ok := x.(*ast.CallExpr); ok {
			c.w("%s\n", c.expr(x))
			return
		}
		c.w("_ = %s\n", c.expr(x)) // a receive
	case *ast.AssignStmt:
		c.mark(line, c.needs(s))
		c.bounds(s)
		c.assign(s)
	case *ast.IncDecStmt:
		c.mark(line, c.needs(nil, s.X))
		c.bounds(s.X)
		c.w("%s%s\n", c.target(s.X), s.Tok)
	case *ast.DeclStmt:
		if d := s.Decl.(*ast.GenDecl); d.Tok == token.VAR {
			for _, sp := range d.Specs {
				c.mark(line, c.needs(nil, sp.(*ast.ValueSpec).Values...))
				c.declare(sp.(*ast.ValueSpec))
			}
		}
	case *ast.ReturnStmt:
		c.mark(line, c.needs(nil, s.Results...))
		c.bounds(s)
		c.ret(s)
	case *ast.IfStmt:
		c.ifStmt(s)
	case *ast.ForStmt:
		c.forStmt(s)
	case *ast.RangeStmt:
		c.rangeStmt(s)
	case *ast.SwitchStmt:
		c.switchStmt(s)
	case *ast.TypeSwitchStmt:
		c.typeSwitch(s)
	case *ast.SelectStmt:
		c.selectStmt(s)
	case *ast.LabeledStmt:
		c.labeled(s)
	case *ast.BranchStmt:
		label := ""
		if s.Label != nil {
			label = s.Label.Name
		}
		c.branch(s.Tok, label)
	case *ast.DeferStmt:
		c.mark(line, c.needs(nil, s.Call))
		c.deferStmt(s)
	case *ast.GoStmt:
		c.mark(line, c.needs(nil, s.Call))
		call := c.bind(s.Call, "")
		c.later(c.l.rt("Go")+"(", "func() { "+call+" }")
	case *ast.SendStmt:
		c.mark(line, needMark)
		ch := c.typeOf(s.Chan).Underlying().(*types.Chan)
		et := c.subst(ch.Elem())
		n := c.helper("send", "(ch "+c.underTyp(c.typeOf(s.Chan))+", v "+c.typ(et)+") { "+c.l.rt("Send")+"(ch, v) }")
		c.w("%s(%s, %s)\n", n, c.base(s.Chan), c.conv(s.Value, et))
	case *ast.EmptyStmt:
	default:
		c.stop(s.Pos(), "this statement cannot be run", "")
	}
}

func (c *emitter) ifStmt(s *ast.IfStmt) {
	c.w("{\n")
	if s.Init != nil {
		c.stmt(s.Init)
	}
	c.mark(c.lineOf(s.Cond.Pos()), c.needs(nil, s.Cond))
	c.bounds(s.Cond)
	c.w("if %s ", c.cond(s.Cond))
	c.block(s.Body)
	if s.Else != nil {
		c.out.Truncate(c.out.Len() - 1)
		c.w(" else {\n")
		c.stmt(s.Else)
		c.w("}\n")
	}
	c.w("}\n")
}

func (c *emitter) cond(e ast.Expr) string {
	s := c.expr(e)
	if strings.Contains(s, "{") {
		return "(" + s + ")"
	}
	return s
}

func (c *emitter) labeled(s *ast.LabeledStmt) {
	if c.p.gotos[c.p.info.Defs[s.Label]] {
		c.w("%s_g:\nif stop__ { %s() }\n", ident(s.Label.Name), c.l.rt("Check"))
	}
	c.label = s.Label.Name
	switch s.Stmt.(type) {
	case *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt, *ast.BlockStmt:
	default:
		c.label = ""
	}
	c.stmt(s.Stmt)
	c.label = ""
}

func (c *emitter) branch(tok token.Token, label string) {
	switch tok {
	case token.FALLTHROUGH:
		c.w("fallthrough\n")
		return
	case token.GOTO:
		c.w("goto %s_g\n", ident(label))
		return
	}
	for i := len(c.loops) - 1; i >= 0; i-- {
		l := c.loops[i]
		if label != "" && l.label == label || label == "" && (l.kind == "for" || tok == token.BREAK && l.kind != "block") {
			switch {
			case l.rf != nil:
				c.w("return %v\n", tok == token.CONTINUE)
				return
			case tok == token.CONTINUE && l.onCont != "":
				c.w("%s\n", l.onCont)
			}
			if i == len(c.loops)-1 && label == "" {
				c.w("%s\n", tok)
			} else {
				if l.emit == "" {
					l.emit = c.l.fresh("loop")
				}
				c.w("%s %s\n", tok, l.emit)
			}
			return
		}
		if l.rf != nil {
			c.leaveRange(l.rf, tok.String()+" "+label, func() { c.branch(tok, label) })
			return
		}
	}
	c.w("%s %s\n", tok, label)
}

// ret is a return statement; inside of a literal that stands for the body it sets the result variables first.
func (c *emitter) ret(s *ast.ReturnStmt) {
	rs := c.fn.sig.Results()
	inside := c.fn.body || c.inRange()
	var xs []string
	for i, r := range s.Results {
		if len(s.Results) == rs.Len() {
			xs = append(xs, c.conv(r, rs.At(i).Type()))
		} else {
			xs = append(xs, c.expr(r))
		}
	}
	if len(xs) == 1 && rs.Len() > 1 { // return f()
		var ts, vs []string
		tu := c.typeOf(s.Results[0]).(*types.Tuple)
		for i := range rs.Len() {
			t := c.l.fresh("t")
			ts = append(ts, t)
			vs = append(vs, c.convText(t, tu.At(i).Type(), rs.At(i).Type()))
		}
		c.w("%s := %s\n", strings.Join(ts, ", "), xs[0])
		xs = vs
	}
	if !inside {
		if len(xs) == 0 && len(c.fn.results) > 0 {
			xs = c.fn.results
		} else if len(xs) > 1 && len(c.fn.results) > 0 { // the interpreter sets the results one by one
			for i := range xs {
				t := c.l.fresh("t")
				c.w("var %s %s = %s\n", t, c.typ(rs.At(i).Type()), xs[i])
				xs[i] = t
			}
		}
		c.w("return %s\n", strings.Join(xs, ", "))
		return
	}
	var ts []string
	for i := range xs {
		t := xs[i]
		if len(xs) > 1 && t != "nil" {
			t = c.l.fresh("t")
			c.w("var %s %s = %s\n", t, c.typ(rs.At(i).Type()), xs[i])
		}
		ts = append(ts, t)
	}
	for i := range ts {
		c.w("%s = %s\n", c.fn.results[i], ts[i])
	}
	c.exit()
}

// exit leaves the function, through the bodies of ranges over functions where it is inside of one.
func (c *emitter) exit() {
	for i := len(c.loops) - 1; i >= 0; i-- {
		if rf := c.loops[i].rf; rf != nil {
			c.leaveRange(rf, "return", func() { c.exit() })
			return
		}
	}
	if c.fn.body {
		c.w("return\n")
		return
	}
	c.w("return %s\n", strings.Join(c.fn.results, ", "))
}

func (c *emitter) inRange() bool {
	for _, l := range c.loops {
		if l.rf != nil {
			return true
		}
	}
	return false
}

// deferStmt has the runtime make the call when the function ends; its operands are evaluated now.
func (c *emitter) deferStmt(s *ast.DeferStmt) {
	frame := c.fn.frame
	if c.top {
		frame = c.l.rt("CellFrame") + "()"
	}
	if lit, ok := ast.Unparen(s.Call.Fun).(*ast.FuncLit); ok && len(s.Call.Args) == 0 {
		if sg := c.typeOf(lit).Underlying().(*types.Signature); sg.Results().Len() == 0 {
			c.later(c.l.rt("Defer")+"("+frame+", ", c.literal(lit, frame))
			return
		}
	}
	if c.isRecover(s.Call) {
		if !c.top { // as if the function called it at its end, unless it panics then
			c.later(c.l.rt("Defer")+"("+frame+", ", "func() { "+c.l.rt("RecoverAtEnd")+"("+frame+", "+c.recoverable()+") }")
		}
		return
	}
	c.binds = nil
	call := c.bind(s.Call, frame)
	if c.light && !c.top {
		var decl, names []string
		for _, b := range c.binds {
			n, _, _ := strings.Cut(b, " ")
			decl, names = append(decl, ", "+b), append(names, ", "+n)
		}
		if c.fn.frame == "" { // the interpreter's own defer does it
			c.deferPlain(call, decl, names)
			return
		}
		n := c.helper("defer", "(frame *"+c.l.rt("Frame")+strings.Join(decl, "")+") { "+c.l.rt("Defer")+"(frame, func() { "+call+" }) }")
		c.w("%s(%s%s)\n", n, frame, strings.Join(names, ""))
		return
	}
	add := "Defer"
	if c.mayRecover(s.Call) {
		add = "DeferDirect"
	}
	c.later(c.l.rt(add)+"("+frame+", ", "func() { "+call+" }")
}

// deferPlain defers a call by the interpreter's own defer: the only one of a function.
func (c *emitter) deferPlain(call string, decl, names []string) {
	args := strings.TrimPrefix(strings.Join(names, ""), ", ")
	if fun, ok := strings.CutSuffix(call, "("+args+")"); ok && (strings.HasPrefix(fun, "rt.") || !strings.ContainsAny(fun, ".(")) {
		c.w("defer %s\n", call)
		return
	}
	n := c.helper("defer", "("+strings.TrimPrefix(strings.Join(decl, ""), ", ")+") { "+call+" }")
	c.w("defer %s(%s)\n", n, args)
}

// later hands the runtime a literal, through a variable so that it keeps the variables of now.
func (c *emitter) later(call, lit string) {
	for _, l := range c.loops {
		if l.kind == "for" && strings.HasPrefix(lit, "func() { ") {
			lit = c.alone(lit, "func()")
			break
		}
	}
	f := c.l.fresh("f")
	c.w("%s := %s\n%s%s)\n", f, lit, call, f)
}

// bind evaluates the operands of a call into variables and gives the text of the call.
func (c *emitter) bind(call *ast.CallExpr, frame string) string {
	sub := *call
	sub.Args = nil
	c.p.info.Types[&sub] = c.tv(call)
	sig, _ := c.typeOf(call.Fun).Underlying().(*types.Signature)
	builtin := c.tv(call.Fun).IsBuiltin()
	for _, a := range call.Args {
		tv := c.tv(a)
		if tv.Value != nil || tv.IsType() || tv.IsNil() {
			sub.Args = append(sub.Args, a)
			continue
		}
		t := c.l.fresh("arg")
		at := c.typeOf(a)
		if tu, ok := at.(*types.Tuple); ok && tu.Len() > 1 {
			var ts []string
			for j := range tu.Len() {
				n := c.l.fresh("arg")
				ts = append(ts, n)
				c.binds = append(c.binds, n+" "+c.typ(tu.At(j).Type()))
				sub.Args = append(sub.Args, c.frozen(n, tu.At(j).Type()))
			}
			c.w("%s := %s\n", strings.Join(ts, ", "), c.expr(a))
			continue
		}
		if b, ok := at.(*types.Basic); ok && b.Info()&types.IsUntyped != 0 {
			at = types.Default(at)
		}
		c.w("%s := %s\n", t, c.expr(a))
		c.binds = append(c.binds, t+" "+c.typ(at))
		sub.Args = append(sub.Args, c.frozen(t, at))
	}
	if builtin || sig == nil {
		return c.call(&sub)
	}
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.FuncLit:
		lit := c.literal(f, frame)
		return lit + "(" + strings.Join(c.args(&sub, sig), ", ") + ")"
	case *ast.SelectorExpr:
		if recv, m, index, ok := c.found(f); ok {
			x, rt, rest := c.bound(f, recv, m, index)
			t := c.l.fresh("recv")
			c.w("%s := %s\n", t, x)
			c.binds = append(c.binds, t+" "+c.typ(rt))
			if isInterface(rt) {
				c.w("if %s == nil { %s() }\n", t, c.l.rt("NilFail"))
			}
			return c.methodCall(t, rt, m, rest, c.args(&sub, sig))
		}
		return c.call(&sub)
	case *ast.Ident:
		if c.callee(call) != nil {
			return c.call(&sub)
		}
	case *ast.IndexExpr, *ast.IndexListExpr:
		return c.call(&sub)
	}
	t := c.l.fresh("fun")
	c.w("%s := %s\n", t, c.base(call.Fun))
	return t + "(" + strings.Join(c.args(&sub, sig), ", ") + ")"
}
