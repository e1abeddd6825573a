package cell

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A loop that counts up and only computes asks in chunks of its iterations whether the cell is to stop: to ask in each
// takes a seventh of the time of the shortest ones.

// atOnce is the number of iterations of a computing loop that run without asking: a few milliseconds at the most.
const atOnce = 1024

// chunks writes the loop over i, an int variable that is declared, as long as it is less than n.
func (c *emitter) chunks(i, n string, body func()) {
	until, left := c.l.fresh("until"), c.l.fresh("left")
	c.w("for %s < %s {\n", i, n)
	c.head()
	c.w("%s := %s\nif %s := %s - %s; %s > %d || %s < 0 { %s = %s + %d }\n", until, n, left, n, i, left, atOnce, left, until, i, atOnce)
	c.w("for ; %s < %s; %s++ {\n", i, until, i)
	body()
	c.w("}\n}\n")
}

// counts tells whether a for statement counts up its only variable, an int, to what does not change, and only computes.
func (c *emitter) counts(s *ast.ForStmt, vars []*types.Var) (i types.Object, n ast.Expr, ok bool) {
	cond, isCond := s.Cond.(*ast.BinaryExpr)
	post, isPost := s.Post.(*ast.IncDecStmt)
	if len(vars) != 1 || !isCond || cond.Op != token.LSS || !isPost || post.Tok != token.INC || !isInt(c.subst(vars[0].Type())) {
		return nil, nil, false
	}
	is := func(e ast.Expr) bool {
		id, ok := e.(*ast.Ident)
		return ok && c.p.info.Uses[id] == vars[0]
	}
	if !is(cond.X) || !is(post.X) || !c.steady(cond.Y, s.Body) || c.assigned(vars[0], s.Body) || !c.computes(s.Body) {
		return nil, nil, false
	}
	return vars[0], cond.Y, true
}

func isInt(t types.Type) bool {
	b, ok := t.(*types.Basic)
	return ok && b.Kind() == types.Int
}

// steady tells whether the value of an expression stays the same while the body of a loop runs that only computes: a
// constant, a variable of the function, or the length of one.
func (c *emitter) steady(e ast.Expr, body *ast.BlockStmt) bool {
	if c.tv(e).Value != nil {
		return true
	}
	if call, ok := e.(*ast.CallExpr); ok && len(call.Args) == 1 {
		if id, ok := call.Fun.(*ast.Ident); ok {
			if b, ok := c.p.info.Uses[id].(*types.Builtin); ok && b.Name() == "len" {
				_, isMap := c.typeOf(call.Args[0]).Underlying().(*types.Map)
				_, isID := call.Args[0].(*ast.Ident)
				return !isMap && isID && c.steady(call.Args[0], body)
			}
		}
	}
	id, ok := e.(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := c.p.info.Uses[id].(*types.Var)
	return ok && v.Parent() != v.Pkg().Scope() && !c.assigned(v, body) && !c.captured([]*types.Var{v}, body)
}

// pure are the packages whose functions take no time to speak of and call nothing.
var pure = map[string]bool{"math": true, "math/bits": true, "math/cmplx": true, "unicode": true, "unicode/utf8": true}

// computes tells whether the body of a loop calls nothing that takes long, waits for nothing, and ends the loop only by a
// return.
func (c *emitter) computes(body *ast.BlockStmt) bool {
	ok := true
	var look func(n ast.Node, inside bool)
	look = func(n ast.Node, inside bool) { // inside of another loop or a switch, where a break means that
		ast.Inspect(n, func(m ast.Node) bool {
			if m == n {
				return true
			}
			switch m := m.(type) {
			case *ast.FuncLit, *ast.GoStmt, *ast.DeferStmt, *ast.SelectStmt, *ast.SendStmt, *ast.LabeledStmt:
				ok = false
			case *ast.UnaryExpr:
				ok = ok && m.Op != token.ARROW
			case *ast.BranchStmt:
				ok = ok && m.Label == nil && m.Tok != token.GOTO && (m.Tok != token.BREAK || inside)
			case *ast.CallExpr:
				ok = ok && c.short(m)
			case *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt:
				if r, isRange := m.(*ast.RangeStmt); isRange {
					switch c.typeOf(r.X).Underlying().(type) {
					case *types.Chan, *types.Signature:
						ok = false
					}
				}
				look(m, true)
				return false
			}
			return ok
		})
	}
	look(body, false)
	return ok
}

// short tells a call that takes no time to speak of.
func (c *emitter) short(e *ast.CallExpr) bool {
	if tv := c.tv(e.Fun); tv.IsType() || tv.IsBuiltin() {
		return !isInterface(c.typeOf(e))
	}
	f := c.callee(e)
	return f != nil && f.Pkg() != nil && pure[f.Pkg().Path()] && f.Signature().Recv() == nil
}
