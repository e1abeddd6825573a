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

// mistakes are calls that Go accepts and their expressions would not: whose value is left, or compared with == by its address.
func (o *operators) mistakes() (ps []Problem) {
	if len(o.calls) == 0 {
		return nil
	}
	c := o.c
	shown := map[ast.Stmt]bool{}
	for _, s := range c.steps {
		shown[s.stmt] = s.show != nil
	}
	for _, d := range c.decls {
		ast.Inspect(d, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ExprStmt:
				if x := ast.Unparen(n.X); o.made[x] && !shown[n] {
					ps = append(ps, c.problem(x.Pos(), c.spelled(n.X)+" (value of type "+c.typeText(c.info.Types[x].Type)+") is not used"))
				}
			case *ast.BinaryExpr:
				if n.Op != token.EQL && n.Op != token.NEQ || !o.made[ast.Unparen(n.X)] && !o.made[ast.Unparen(n.Y)] {
					break
				}
				x, y := ast.Unparen(n.X), ast.Unparen(n.Y)
				t := c.info.Types[x].Type
				if !o.made[x] {
					t = c.info.Types[y].Type
				}
				if _, ok := t.Underlying().(*types.Pointer); !ok || !o.algebra(t) {
					break
				}
				p := c.problem(x.Pos(), "invalid operation: "+c.spelled(n)+" ("+n.Op.String()+" compares pointers, and a value that was just computed has one of its own)")
				if hasMethod(t, "Equal", t) && n.Op == token.EQL {
					p.Hint = "Equal compares element by element"
				}
				ps = append(ps, p)
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
