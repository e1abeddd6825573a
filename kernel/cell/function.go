package cell

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

// enter begins a function: people is its name as its author knows it.
func (c *emitter) enter(people string, line, unit int) {
	l := c.l
	cell := 0
	if s := l.source(unit); s != nil {
		cell = s.Cell
	}
	c.info = &Func{ID: l.w.funcs + len(l.infos) + 1, Name: people, Unit: unit, Cell: cell, Line: line}
	l.infos = append(l.infos, c.info)
}

func (l *lowerer) source(unit int) *Source {
	if unit == l.c.src.Unit {
		return l.c.src
	}
	return l.w.sources[unit]
}

// leave writes the function whose body is in out.
func (c *emitter) leave(to *bytes.Buffer, name, sig string) {
	fmt.Fprintf(to, "func %s%s { //@%d:{\n%s //@%d:}\n}\n", name, sig, c.info.ID, c.out.String(), c.info.ID)
}

// function lowers a function or a method; a method is a function whose first parameter is the receiver.
func (c *emitter) function(d *ast.FuncDecl, s *types.Signature, name, people string) {
	pos := c.p.fset.Position(d.Pos())
	unit := unitOf(pos.Filename)
	if c.p.twin {
		people = c.p.types.Name() + "." + people
		unit = 0
	}
	c.enter(people, pos.Line, unit)
	c.info.Emit = name
	recv := ""
	if d.Recv != nil {
		f := d.Recv.List[0]
		n := c.l.fresh("recv")
		if len(f.Names) > 0 && f.Names[0].Name != "_" {
			n = c.local(c.p.info.Defs[f.Names[0]])
		}
		recv = n + " " + c.typ(s.Recv().Type())
		if s.Params().Len() > 0 {
			recv += ", "
		}
	}
	c.light = c.isLight(d.Body)
	sig := c.signature(d.Type, s, needsFrame(d.Body) && !c.light || c.hasRangeFunc(d.Body))
	c.body(d.Body)
	if c.light && bytes.Contains(c.out.Bytes(), []byte("func(")) {
		c.light, c.out, c.fn = false, &bytes.Buffer{}, nil
		sig = c.signature(d.Type, s, true)
		c.body(d.Body)
	}
	c.leave(&c.l.funcs, name, "("+recv+strings.TrimPrefix(sig, "("))
}

// signature declares the parameters by the names of the syntax and sets c.fn. With forced the results get names.
func (c *emitter) signature(ft *ast.FuncType, s *types.Signature, forced bool) string {
	s = c.subst(types.NewSignatureType(nil, nil, nil, s.Params(), s.Results(), s.Variadic())).(*types.Signature)
	c.fn = &fnState{sig: s, outer: c.fn}
	objects := func(fl *ast.FieldList) (r []types.Object) {
		if fl == nil {
			return nil
		}
		for _, f := range fl.List {
			if len(f.Names) == 0 {
				r = append(r, nil)
			}
			for _, n := range f.Names {
				r = append(r, c.p.info.Defs[n])
			}
		}
		return r
	}
	name := func(o types.Object, base string) string {
		if o == nil || o.Name() == "_" {
			return c.l.fresh(base)
		}
		return c.local(o)
	}
	var ps, rs []string
	for _, o := range objects(ft.Params) {
		ps = append(ps, name(o, "unused"))
	}
	ro := objects(ft.Results)
	named := forced
	for _, o := range ro {
		named = named || o != nil
	}
	if named {
		for _, o := range ro {
			rs = append(rs, name(o, "result"))
		}
		c.fn.results = rs
	}
	return c.sig(s, func(v *types.Var, result bool, i int) string {
		if result {
			if named {
				return rs[i]
			}
			return ""
		}
		return ps[i]
	})
}

// body writes the statements of a function; deferred calls are run by the runtime.
func (c *emitter) body(b *ast.BlockStmt) {
	if c.handed || c.calls(b) {
		// through a function of the text: a call of a compiled one would cost each call of this function a variable for it
		c.w("if stop__ { %s(%d) }\n", c.helper("enter", "(id int) { "+c.l.rt("Enter")+"(id) }"), c.info.ID)
	}
	if c.frame == "" && c.recovers(b) {
		c.fn.panics = c.l.fresh("panics")
		c.w("%s := %s()\n", c.fn.panics, c.l.rt("Deferred"))
	}
	c.zeroResults()
	if !needsFrame(b) {
		c.stmts(b.List)
		return
	}
	f := c.l.fresh("frame")
	if c.light && c.onlyDefer(b) {
		c.stmts(b.List)
		return
	}
	if c.light {
		c.fn.frame = f
		c.w("%s := %s()\ndefer %s(%s)\n", f, c.l.rt("NewFrame"), c.l.rt("Unwind"), f)
		c.stmts(b.List)
		return
	}
	c.fn.frame, c.fn.body = f, true
	c.w("%s := %s()\n%s(%s, func() {\n", f, c.l.rt("NewFrame"), c.l.rt("Run"), f)
	c.stmts(b.List)
	c.w("})\n")
	if len(c.fn.results) > 0 {
		c.w("return %s\n", strings.Join(c.fn.results, ", "))
	}
}

// zeroResults sets named results to their zero values: the interpreter begins with what the variable has that the call is
// assigned to.
func (c *emitter) zeroResults() {
	for i, r := range c.fn.results {
		t := c.subst(c.fn.sig.Results().At(i).Type())
		z := ""
		switch u := t.Underlying().(type) {
		case *types.Basic:
			switch {
			case u.Info()&types.IsBoolean != 0:
				z = "false"
			case u.Info()&types.IsString != 0:
				z = `""`
			case u.Info()&types.IsNumeric != 0:
				z = "0"
			default:
				z = "nil"
			}
		case *types.Struct, *types.Array:
		default:
			n, named := types.Unalias(t).(*types.Named)
			if compiled := named && isInterface(t) && !c.erased(t) && n.Obj().Pkg() != nil; !compiled && !c.recursive(t) {
				z = "nil"
			}
		}
		if z == "" {
			z = c.l.fresh("zero")
			c.w("var %s %s\n", z, c.typ(t))
		}
		c.w("%s = %s\n", r, z)
	}
}

// needsFrame tells whether a function defers calls.
func needsFrame(b *ast.BlockStmt) (found bool) {
	ast.Inspect(b, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.DeferStmt:
			found = true
		}
		return !found
	})
	return found
}

// recovers tells whether a function calls recover.
func (c *emitter) recovers(b *ast.BlockStmt) (found bool) {
	ast.Inspect(b, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			found = found || c.isRecover(n)
		}
		return !found
	})
	return found
}

// recoverable is the frame whose panic the function can recover.
func (c *emitter) recoverable() string {
	switch {
	case c.frame != "":
		return c.frame
	case c.fn != nil && c.fn.panics != "":
		return c.fn.panics
	}
	return "nil" // the top level of a cell
}

func (c *emitter) isRecover(call *ast.CallExpr) bool {
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	return ok && id.Name == "recover" && c.tv(call.Fun).IsBuiltin()
}

// mayRecover tells whether the function that a call calls may recover, as far as that is known.
func (c *emitter) mayRecover(call *ast.CallExpr) bool {
	if _, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok || c.tv(call.Fun).IsBuiltin() {
		return false // it knows its frame
	}
	f := c.callee(call)
	if f == nil || f.Pkg() == nil || f.Signature().Recv() != nil && isInterface(f.Signature().Recv().Type()) {
		return true
	}
	p := c.l.src[f.Pkg()]
	if p == nil {
		return false
	}
	d := p.funcs[f.Origin()]
	return d == nil || d.Body == nil || c.recovers(d.Body)
}

// isLight tells a function that defers calls and that can leave them to the interpreter's own defer, which is twice as fast:
// none of them can recover, and no literal is made in the function, since the interpreter would wait for ever when one of them
// ended while it is unwinding.
func (c *emitter) isLight(b *ast.BlockStmt) bool {
	light := true
	ast.Inspect(b, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.GoStmt, *ast.SelectStmt:
			light = false
		case *ast.DeferStmt:
			light = light && !c.isRecover(n.Call) && !c.mayRecover(n.Call)
		}
		return light
	})
	return light && needsFrame(b) && !c.hasRangeFunc(b)
}

// onlyDefer tells a function that defers one call, once.
func (c *emitter) onlyDefer(b *ast.BlockStmt) bool {
	n, once := 0, true
	ast.Inspect(b, func(x ast.Node) bool {
		switch x := x.(type) {
		case *ast.DeferStmt:
			n++
			for _, a := range x.Call.Args {
				switch c.typeOf(a).Underlying().(type) {
				case *types.Interface, *types.Signature, *types.Tuple:
					once = false // the interpreter's own defer hands them over in another form
				}
			}
		case *ast.ForStmt, *ast.RangeStmt, *ast.LabeledStmt:
			ast.Inspect(x, func(x ast.Node) bool {
				_, found := x.(*ast.DeferStmt)
				once = once && !found
				return once
			})
		}
		return once
	})
	return n == 1 && once
}

func (c *emitter) hasRangeFunc(b *ast.BlockStmt) (found bool) {
	ast.Inspect(b, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.RangeStmt:
			if _, ok := c.typeOf(n.X).Underlying().(*types.Signature); ok {
				found = true
			}
		}
		return !found
	})
	return found
}

// calls tells whether a body calls functions of cells or unknown ones: it may be part of a recursion.
func (c *emitter) calls(b *ast.BlockStmt) (found bool) {
	ast.Inspect(b, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			found = found || c.callNeeds(n)&needCalls != 0
		}
		return !found
	})
	return found
}

// saved is the state of an emitter that a literal has for itself.
type saved struct {
	out   *bytes.Buffer
	fn    *fnState
	loops []*loop
	label string
	info  *Func
	still bool
	frame string
	top   bool

	again int

	handed, handing bool
}

func (c *emitter) save() saved {
	return saved{c.out, c.fn, c.loops, c.label, c.info, c.still, c.frame, c.top, c.again, c.handed, c.handing}
}

func (c *emitter) restore(s saved) {
	c.out, c.fn, c.loops, c.label, c.info, c.still, c.frame, c.top = s.out, s.fn, s.loops, s.label, s.info, s.still, s.frame, s.top
	c.again, c.handed, c.handing = s.again, s.handed, s.handing
}

// alone makes a literal in a frame of its own: when a literal ends, the interpreter writes to the frame that made it, where
// the next round of a loop may be making another one.
func (c *emitter) alone(lit, ts string) string { return "func() " + ts + " { return " + lit + " }()" }

// funcLit is a function literal.
func (c *emitter) funcLit(e *ast.FuncLit) string { return c.literal(e, "") }

// literal is a function literal; frame is that of the calls among which it is deferred, where it is.
func (c *emitter) literal(e *ast.FuncLit, frame string) string {
	s := c.typeOf(e).Underlying().(*types.Signature)
	old := c.save()
	defer c.restore(old)
	c.out, c.loops, c.label, c.still, c.top = &bytes.Buffer{}, nil, "", false, false
	c.frame = frame
	c.again, c.handed, c.handing = 0, old.handing, false
	name := "func literal"
	unit := 0
	if old.info != nil {
		unit = old.info.Unit
		if old.info.Name != "" {
			name = old.info.Name + ".func"
		}
	}
	c.enter(name, c.p.fset.Position(e.Pos()).Line, unit)
	sig := c.signature(e.Type, s, needsFrame(e.Body) || c.hasRangeFunc(e.Body))
	c.body(e.Body)
	text := fmt.Sprintf("func%s { //@%d:{\n%s //@%d:}\n}", sig, c.info.ID, c.out.String(), c.info.ID)
	for _, l := range old.loops {
		if l.kind == "for" {
			return c.alone(text, "func"+c.sig(s, nil))
		}
	}
	return text
}
