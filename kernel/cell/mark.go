package cell

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// need says what must be noted before a statement runs.
type need int

const (
	needMark   need = 1 << iota // it may panic, or call what may
	needEngine                  // it calls into a compiled package other than the standard library
	needCalls                   // it calls functions of cells, or unknown ones
)

// needs looks at the parts of a statement that run when it is reached; blocks and literals are not among them.
func (c *emitter) needs(s ast.Stmt, es ...ast.Expr) (n need) {
	look := func(x ast.Node) {
		if x == nil {
			return
		}
		ast.Inspect(x, func(x ast.Node) bool {
			switch x := x.(type) {
			case *ast.FuncLit, *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
				return false
			case *ast.CallExpr:
				n |= c.callNeeds(x)
			case *ast.IndexExpr:
				if _, ok := c.typeOf(x.X).Underlying().(*types.Map); !ok && !c.tv(x.Index).IsType() {
					n |= needMark
				}
			case *ast.SliceExpr, *ast.StarExpr, *ast.TypeAssertExpr, *ast.SendStmt:
				n |= needMark
			case *ast.UnaryExpr:
				if x.Op == token.ARROW {
					n |= needMark
				}
			case *ast.SelectorExpr:
				if sel := c.p.info.Selections[x]; sel != nil {
					if _, ok := c.subst(sel.Recv()).Underlying().(*types.Pointer); ok || sel.Indirect() {
						n |= needMark
					}
				}
			case *ast.BinaryExpr:
				if (x.Op == token.QUO || x.Op == token.REM) && c.tv(x.Y).Value == nil {
					n |= needMark
				}
				if (x.Op == token.EQL || x.Op == token.NEQ) && isInterface(c.typeOf(x.X)) {
					n |= needMark
				}
			case *ast.AssignStmt:
				for _, l := range x.Lhs {
					if ix, ok := ast.Unparen(l).(*ast.IndexExpr); ok {
						_ = ix
						n |= needMark
					}
				}
				if x.Tok == token.QUO_ASSIGN || x.Tok == token.REM_ASSIGN {
					n |= needMark
				}
			}
			return true
		})
	}
	if s != nil {
		look(s)
	}
	for _, e := range es {
		if e != nil {
			look(e)
		}
	}
	return n
}

func (c *emitter) callNeeds(x *ast.CallExpr) need {
	tv := c.tv(x.Fun)
	if tv.IsType() {
		if _, ok := c.typeOf(x).Underlying().(*types.Array); ok {
			return needMark
		}
		return 0
	}
	if tv.IsBuiltin() {
		switch f := ast.Unparen(x.Fun).(type) {
		case *ast.Ident:
			switch f.Name {
			case "panic", "make", "close", "copy", "clear":
				return needMark
			}
		}
		return 0
	}
	f := c.callee(x)
	if f == nil || f.Pkg() == nil || c.l.src[f.Pkg()] != nil || f.Signature().TypeParams().Len() > 0 {
		return needMark | needCalls
	}
	n := needMark
	if c.engine(f.Pkg().Path()) {
		n |= needEngine
	}
	if s, ok := c.typeOf(x.Fun).Underlying().(*types.Signature); ok {
		for v := range s.Params().Variables() {
			switch v.Type().Underlying().(type) {
			case *types.Signature, *types.Interface:
				n |= needCalls
			}
		}
		if s.Variadic() && isInterface(s.Params().At(s.Params().Len()-1).Type().(*types.Slice).Elem()) {
			for _, a := range x.Args[min(len(x.Args), s.Params().Len()-1):] {
				if t := c.typeOf(a); isInterface(t) || c.mentions(t) { // it may have methods that are called
					n |= needCalls
				}
			}
		}
	}
	return n
}

// engine tells a package that is not of the standard library.
func (c *emitter) engine(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return strings.Contains(first, ".")
}

// mark writes what notes the line that comes next.
func (c *emitter) mark(line int, n need) {
	c.again = 0
	if n&needEngine != 0 && c.info != nil {
		c.w("%s(%d, %d)\n", c.l.rt("At"), c.info.Cell, line)
		if n&needCalls != 0 {
			c.again = line
		}
	}
	if n&needMark == 0 || c.still || c.info == nil {
		return
	}
	c.setLine(line)
}

// called notes the line of a call, whose text begins with the name of what is called.
func (c *emitter) called(text string, e *ast.CallExpr) {
	if c.info == nil || c.info.Unit == 0 || c.callNeeds(e)&needCalls == 0 {
		return
	}
	name, _, _ := strings.Cut(text, "(")
	if f := c.callee(e); f == nil || f.Signature().Recv() != nil && isInterface(f.Signature().Recv().Type()) {
		name = ""
	}
	if c.info.Calls == nil {
		c.info.Calls = map[string]int{}
	}
	line := c.lineOf(e.Pos())
	if old, ok := c.info.Calls[name]; ok && old != line {
		line = 0
	}
	c.info.Calls[name] = line
}

// returned is the text of a call, after which the place is noted anew where the statement has something to do that wants
// to know it: what was called has noted its own.
func (c *emitter) returned(text string, e *ast.CallExpr) string {
	c.called(text, e)
	t := c.typeOf(e)
	if _, tuple := t.(*types.Tuple); c.again == 0 || tuple || t == types.Typ[types.Invalid] || c.callNeeds(e)&needCalls == 0 {
		return text
	}
	ts := c.typ(t)
	return c.helper("noted", "(x "+ts+", cell, line int) "+ts+" { "+c.l.rt("At")+"(cell, line); return x }") + fmt.Sprintf("(%s, %d, %d)", text, c.info.Cell, c.again)
}

func (c *emitter) setLine(line int) {
	if racing {
		c.w("%s(%d, %d)\n", c.l.rt("Line"), c.info.ID, line)
		return
	}
	if c.info.Mark == "" {
		c.info.Mark = "line_" + strconv.Itoa(c.info.ID) + c.l.suffix
		fmt.Fprintf(&c.l.vars, "var %s int\n", c.info.Mark)
		fmt.Fprintf(&c.l.inits, "%s(%d, &%s)\n", c.l.rt("Mark"), c.info.ID, c.info.Mark)
	}
	c.w("%s = %d\n", c.info.Mark, line)
}

// place ends a line of the text with where it comes from.
func (c *emitter) place(line int) string {
	if c.info == nil {
		return ""
	}
	return fmt.Sprintf(" //@%d:%d", c.info.ID, line)
}

// onlyLine gives the single line of a loop that wants a mark, if there is one alone and nothing in the loop can move
// the mark of this function.
func (c *emitter) onlyLine(body *ast.BlockStmt, others ...ast.Node) (line int, ok bool) {
	ok = true
	see := func(n ast.Node, needs need) {
		if needs&needCalls != 0 {
			ok = false
		}
		if needs&needMark == 0 {
			return
		}
		l := c.p.fset.Position(n.Pos()).Line
		if line != 0 && line != l {
			ok = false
		}
		line = l
	}
	look := func(n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit, *ast.DeferStmt, *ast.GoStmt, *ast.SelectStmt:
				ok = false
				return false
			case *ast.RangeStmt:
				if _, f := c.typeOf(n.X).Underlying().(*types.Signature); f {
					ok = false
				}
				see(n, c.needs(nil, n.X))
			case *ast.IfStmt:
				see(n, c.needs(nil, n.Cond))
			case *ast.ForStmt:
				if n.Cond != nil {
					see(n.Cond, c.needs(nil, n.Cond))
				}
			case *ast.SwitchStmt:
				see(n, c.needs(nil, n.Tag))
			case *ast.CaseClause:
				for _, e := range n.List {
					see(n, c.needs(nil, e))
				}
			case *ast.AssignStmt, *ast.ExprStmt, *ast.IncDecStmt, *ast.SendStmt, *ast.ReturnStmt, *ast.DeclStmt, *ast.TypeSwitchStmt:
				see(n, c.needs(n.(ast.Stmt)))
			}
			return ok
		})
	}
	look(body)
	for _, n := range others {
		if n != nil {
			look(n)
		}
	}
	return line, ok && line != 0
}

// finish splits the text into lines, takes the marks of places off and notes them.
func (l *lowerer) finish(text string) (source string, places []Place) {
	lines := strings.Split(text, "\n")
	places = make([]Place, len(lines)+1)
	units := map[int]int{}
	for _, f := range l.infos {
		units[f.ID] = f.Unit
	}
	var stack []Place
	last := Place{}
	for i, s := range lines {
		for {
			j := strings.LastIndex(s, " //@")
			if j < 0 {
				break
			}
			f, ln, _ := strings.Cut(s[j+4:], ":")
			lines[i] = s[:j]
			s = s[:j]
			switch {
			case ln == "{":
				id, _ := strconv.Atoi(f)
				stack = append(stack, last)
				last = Place{Func: id, Unit: units[id], Line: l.lineOf(id)}
			case ln == "}":
				if n := len(stack); n > 0 {
					places[i+1] = last
					last = stack[n-1]
					stack = stack[:n-1]
				}
			default:
				id, _ := strconv.Atoi(f)
				n, _ := strconv.Atoi(ln)
				last = Place{Func: id, Unit: units[id], Line: n}
			}
		}
		if places[i+1] == (Place{}) {
			places[i+1] = last
		}
	}
	return strings.Join(lines, "\n"), places
}

func (l *lowerer) lineOf(id int) int {
	for _, f := range l.infos {
		if f.ID == id {
			return f.Line
		}
	}
	return 0
}
