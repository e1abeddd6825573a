package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

// problem is a problem of the cell at a position.
func (c *Checked) problem(pos token.Pos, text string) Problem {
	p := c.w.fset.Position(pos)
	text, hint := c.words(text)
	out := c.src.problemAt(p.Line, p.Column, text)
	out.Hint = hint
	return out
}

// typeText is a type as go/types writes it.
func (c *Checked) typeText(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		if p == c.pkg {
			return ""
		}
		return p.Name()
	})
}

// spelled is an expression as the author wrote it, in one line.
func (c *Checked) spelled(x ast.Expr) string {
	return strings.Join(strings.Fields(c.text(x.Pos(), c.end(x))), " ")
}

// end is where an expression ends in the text of the cell, also when its last name is one of ours by now.
func (c *Checked) end(x ast.Expr) token.Pos {
	switch x := x.(type) {
	case *ast.BinaryExpr:
		return c.end(x.Y)
	case *ast.UnaryExpr:
		return c.end(x.X)
	case *ast.StarExpr:
		return c.end(x.X)
	case *ast.Ident:
		from := c.offset(x.Pos())
		if from < 0 || from > len(c.src.Text) || c.ops.made[x] {
			break
		}
		n := strings.IndexFunc(c.src.Text[from:], func(r rune) bool { return !isLetter(r) })
		if n < 0 {
			n = len(c.src.Text) - from
		}
		return x.Pos() + token.Pos(n)
	}
	return x.End()
}

var reIndex = regexp.MustCompile(`^cannot use (.*) as int value in argument to .*$`)

// message puts a message about calls that stand for expressions into the author's spelling.
func (o *operators) message(e types.Error) string {
	msg := e.Msg
	for _, c := range slices.Backward(o.calls) {
		text, fun := types.ExprString(c), types.ExprString(c.Fun)
		if (e.Pos < c.Pos() || e.Pos >= c.End()) && strings.Contains(o.c.src.Text, text) {
			continue // the author's own call
		}
		if strings.HasSuffix(msg, " in argument to "+fun) || strings.Contains(msg, " in argument to "+fun+" (") {
			if slices.Contains(o.indexed, c) {
				msg = reIndex.ReplaceAllString(msg, "invalid argument: index $1 must be integer")
			}
			msg = strings.ReplaceAll(msg, "argument to "+fun, o.c.spelled(c))
		}
		msg = strings.ReplaceAll(msg, "but "+fun+" returns", "but "+o.c.spelled(c)+" returns")
		msg = strings.ReplaceAll(msg, text, o.c.spelled(c))
	}
	return msg
}

// unused are statements that compute a value and leave it.
func (o *operators) unused() (ps []Problem) {
	if len(o.calls) == 0 {
		return nil
	}
	shown := map[ast.Stmt]bool{}
	for _, s := range o.c.steps {
		shown[s.stmt] = s.show != nil
	}
	for _, d := range o.c.decls {
		ast.Inspect(d, func(n ast.Node) bool {
			if s, ok := n.(*ast.ExprStmt); ok && !shown[s] {
				if x := ast.Unparen(s.X); o.made[x] {
					ps = append(ps, o.c.problem(x.Pos(), o.c.spelled(s.X)+" (value of type "+o.c.typeText(o.c.info.Types[x].Type)+") is not used"))
				}
			}
			return true
		})
	}
	return ps
}

// hint says what to write for an operator that a value does not have.
func (o *operators) hint(e types.Error) string {
	if !strings.HasPrefix(e.Msg, "invalid operation: ") {
		return ""
	}
	hint := ""
	for _, d := range o.c.decls {
		ast.Inspect(d, func(n ast.Node) bool {
			b, ok := n.(*ast.BinaryExpr)
			if ok && hint == "" && b.Pos() <= e.Pos && e.Pos < b.End() && strings.HasPrefix(e.Msg, "invalid operation: "+types.ExprString(b)+" (") {
				hint = o.hintFor(b)
			}
			return hint == ""
		})
	}
	return hint
}

func (o *operators) hintFor(b *ast.BinaryExpr) string {
	x, y := o.c.info.Types[b.X].Type, o.c.info.Types[b.Y].Type
	t := x
	if !o.algebra(t) {
		t = y
	}
	if !o.algebra(t) {
		return ""
	}
	name := map[token.Token]string{token.LSS: "Less", token.LEQ: "LessEqual", token.GTR: "Greater", token.GEQ: "GreaterEqual"}[b.Op]
	switch {
	case name != "" && types.Identical(x, y) && hasMethod(t, name, t):
		return o.c.spelled(b.X) + "." + name + "(" + o.c.spelled(b.Y) + ") compares them"
	case name != "" || b.Op == token.EQL || b.Op == token.NEQ:
		m, _, _ := types.LookupFieldOrMethod(t, false, nil, "Item")
		if f, ok := m.(*types.Func); ok && f.Signature().Params().Len() == 0 && f.Signature().Results().Len() == 1 {
			return "Item() of " + o.c.typeText(t) + " gives a number"
		}
	case b.Op != token.ADD && b.Op != token.SUB && b.Op != token.MUL && b.Op != token.QUO:
		return o.c.typeText(t) + " has the operators + - * /"
	}
	return ""
}
