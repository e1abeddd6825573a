package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/astutil"
)

// Operators on values that have methods for them.
//
// A named struct type, or a pointer to one, that has the methods Add, Sub, Mul and Div of func(T) T and Neg of func() T is an
// algebra: in cells x+y, x-y, x*y, x/y and -x are calls of them. Further methods extend that, each where T has it:
//
//	x+v, v+x   x.Shift(v)        v is any number, and becomes a float64
//	x-v        x.Shift(-v)
//	v-x        x.SubFrom(v)
//	x*v, v*x   x.Scale(v)
//	x/v        x.DivScalar(v)
//	v/x        x.DivInto(v)
//	x[i]       x.Index(0, i)     an axis for each index, from 0; it goes from the result
//	x[a:b]     x.Slice(0, a, b)
//	x[a:]      x.SliceFrom(0, a)
//
// Go accepts none of these expressions, so nothing that it does accept changes its meaning.
//
// go/types must find the expression wrong first. Only then are the trees of the cell looked through, expressions whose operands have
// known types become calls in place, with the positions of the operators, and the cell is checked again.
type operators struct {
	c       *Checked
	made    map[ast.Node]bool        // nodes that are none of the author's
	calls   []*ast.CallExpr          // that stand for expressions, inner ones first
	indexed []*ast.CallExpr          // those of them whose arguments are indices
	assigns map[*ast.AssignStmt]bool // of these, x += y
	refused []Problem                // what has no meaning; go/types does not see it
	held    []types.Error            // of the last check, that calls may mend

	// of one pass
	inner   map[ast.Expr]bool // all but the last of several indices
	targets map[ast.Expr]bool // indexed operands that are assigned to
	types   map[ast.Expr]types.Type
	vars    map[types.Object]types.Type // of variables whose type go/types could not tell
	changed bool
}

// hold tells whether an error of go/types is one that calls may mend, and keeps it then.
func (o *operators) hold(e types.Error) bool {
	if strings.HasPrefix(e.Msg, "invalid operation: ") || strings.HasPrefix(e.Msg, "cannot index ") || strings.HasPrefix(e.Msg, "cannot slice ") ||
		strings.Contains(e.Msg, " as int value in argument to ") {
		o.held = append(o.held, e)
		return true
	}
	return false
}

// tell makes problems of the errors that nothing has mended.
func (o *operators) tell() {
	for _, e := range o.held {
		o.c.typeError(e)
	}
	o.held = nil
}

// pass makes calls of expressions that have an algebra's value as an operand. It tells whether there were any: then the cell is to be
// checked again.
func (o *operators) pass() bool {
	if len(o.held) == 0 && len(o.c.src.commas) == 0 {
		return false
	}
	o.inner, o.targets, o.types, o.vars = map[ast.Expr]bool{}, map[ast.Expr]bool{}, map[ast.Expr]types.Type{}, map[types.Object]types.Type{}
	o.changed = false
	for _, d := range o.c.decls {
		astutil.Apply(d, o.before, o.after)
	}
	for _, p := range o.indexed {
		for i := range p.Args[1:] {
			p.Args[i+1] = o.integer(p.Args[i+1])
		}
	}
	for _, s := range o.c.steps {
		if s.show != nil {
			s.show = s.stmt.(*ast.ExprStmt).X
		}
	}
	return o.changed
}

// before looks at a node whose parts come next.
func (o *operators) before(cur *astutil.Cursor) bool {
	switch n := cur.Node().(type) {
	case *ast.IndexExpr:
		if o.c.src.commas[n.Lbrack] {
			o.inner[n.X] = true
		}
	case *ast.SliceExpr:
		if o.c.src.commas[n.Lbrack] {
			o.inner[n.X] = true
		}
	case *ast.AssignStmt:
		for _, l := range n.Lhs {
			o.targets[ast.Unparen(l)] = true
		}
	case *ast.IncDecStmt:
		o.targets[ast.Unparen(n.X)] = true
	}
	return true
}

// after looks at a node whose parts are done.
func (o *operators) after(cur *astutil.Cursor) bool {
	var x ast.Expr
	switch n := cur.Node().(type) {
	case *ast.BinaryExpr:
		x = o.binary(n.Op, n.X, n.Y, n.OpPos)
	case *ast.UnaryExpr:
		if n.Op == token.SUB && o.algebra(o.typeOf(n.X)) {
			x = o.call(n.OpPos, n.X, "Neg", n.OpPos, o.c.end(n.X))
		}
	case *ast.IndexExpr, *ast.SliceExpr, *ast.IndexListExpr:
		x = o.part(n.(ast.Expr))
	case *ast.AssignStmt:
		if n.Tok == token.DEFINE {
			o.bind(n.Lhs, n.Rhs)
		} else if n.Tok != token.ASSIGN {
			o.assign(n)
		}
	case *ast.ValueSpec:
		if n.Type == nil {
			names := make([]ast.Expr, len(n.Names))
			for i, id := range n.Names {
				names[i] = id
			}
			o.bind(names, n.Values)
		}
	}
	if x != nil {
		o.changed = true
		cur.Replace(x)
	}
	return true
}

// algebra tells whether a type has the methods for the operators.
func (o *operators) algebra(t types.Type) bool {
	if t == nil {
		return false
	}
	n := types.Unalias(t)
	if p, ok := n.(*types.Pointer); ok {
		n = types.Unalias(p.Elem())
	}
	if _, ok := n.(*types.Named); !ok {
		return false
	}
	if _, ok := n.Underlying().(*types.Struct); !ok {
		return false
	}
	for _, m := range []string{"Add", "Sub", "Mul", "Div"} {
		if !hasMethod(t, m, t) {
			return false
		}
	}
	return hasMethod(t, "Neg")
}

// hasMethod tells whether a type has a method with these parameters that gives a value of the type.
func hasMethod(t types.Type, name string, params ...types.Type) bool {
	m, _, _ := types.LookupFieldOrMethod(t, false, nil, name)
	f, ok := m.(*types.Func)
	if !ok {
		return false
	}
	s := f.Signature()
	if s.Variadic() || s.Params().Len() != len(params) || s.Results().Len() != 1 || !types.Identical(s.Results().At(0).Type(), t) {
		return false
	}
	for i, p := range params {
		if !types.Identical(s.Params().At(i).Type(), p) {
			return false
		}
	}
	return true
}

var (
	float64Type = types.Typ[types.Float64]
	intType     = types.Typ[types.Int]
)

// number tells whether an expression is a number that becomes a float64.
func (o *operators) number(x ast.Expr) bool {
	t := o.typeOf(x)
	if t == nil {
		return false
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&(types.IsInteger|types.IsFloat) != 0
}

// free tells whether a name of the language still means what it does: no cell has declared it.
func (o *operators) free(name string) bool {
	if o.c.pkg.Scope().Lookup(name) != nil {
		return false
	}
	for id := range o.c.info.Defs {
		if id.Name == name {
			return false
		}
	}
	return true
}

// binary is the call that stands for x op y, nil if there is none.
func (o *operators) binary(op token.Token, x, y ast.Expr, at token.Pos) ast.Expr {
	tx, ty := o.typeOf(x), o.typeOf(y)
	both := map[token.Token]string{token.ADD: "Add", token.SUB: "Sub", token.MUL: "Mul", token.QUO: "Div"}[op]
	if both == "" || tx == nil || ty == nil {
		return nil
	}
	after := map[token.Token]string{token.ADD: "Shift", token.SUB: "Shift", token.MUL: "Scale", token.QUO: "DivScalar"}[op]
	before := map[token.Token]string{token.ADD: "Shift", token.SUB: "SubFrom", token.MUL: "Scale", token.QUO: "DivInto"}[op]
	switch {
	case o.algebra(tx) && types.Identical(tx, ty):
		return o.call(x.Pos(), x, both, at, o.c.end(y), y)
	case o.algebra(tx) && o.number(y) && o.free("float64") && hasMethod(tx, after, float64Type):
		v := o.float(y)
		if op == token.SUB {
			v = o.minus(v)
		}
		return o.call(x.Pos(), x, after, at, o.c.end(y), v)
	case o.algebra(ty) && o.number(x) && o.free("float64") && hasMethod(ty, before, float64Type):
		if o.calling(x) && o.calling(y) {
			return o.inOrder(x, y, before, at)
		}
		return o.call(x.Pos(), y, before, at, o.c.end(y), o.float(x))
	}
	return nil
}

// call makes x.name(args...) in place of what stands from start to end.
func (o *operators) call(start token.Pos, x ast.Expr, name string, at, end token.Pos, args ...ast.Expr) *ast.CallExpr {
	t := o.typeOf(x)
	in := ast.Unparen(x)
	if x = in; wrapped(in) || in.Pos() != start {
		x = &ast.ParenExpr{Lparen: start, X: in, Rparen: in.End()}
		o.made[x] = true
	}
	sel := &ast.SelectorExpr{X: x, Sel: &ast.Ident{NamePos: at, Name: name}}
	c := &ast.CallExpr{Fun: sel, Lparen: at, Args: args, Rparen: end - 1}
	o.made[sel], o.made[sel.Sel] = true, true
	return o.stands(c, t)
}

// stands notes that a call stands for an expression of the author's and has a type.
func (o *operators) stands(c *ast.CallExpr, t types.Type) *ast.CallExpr {
	o.made[c] = true
	o.types[c] = t
	o.calls = append(o.calls, c)
	return c
}

// wrapped tells whether a selection from x needs parentheses around it.
func wrapped(x ast.Expr) bool {
	switch x.(type) {
	case *ast.UnaryExpr, *ast.StarExpr, *ast.BinaryExpr, *ast.CompositeLit, *ast.FuncLit:
		return true
	}
	return false
}

// float is a number as an argument of type float64.
func (o *operators) float(x ast.Expr) ast.Expr {
	x = ast.Unparen(x)
	t := o.typeOf(x)
	b, _ := t.(*types.Basic)
	switch {
	case b != nil && b.Info()&types.IsUntyped != 0:
		if o.c.info.Types[x].Value == nil { // a shift of a constant, which is of the type that it is used as
			x = o.convert("int", x)
			return o.convert("float64", x)
		}
		return x
	case types.Identical(t, float64Type):
		return x
	}
	return o.convert("float64", x)
}

// convert makes kind(x).
func (o *operators) convert(kind string, x ast.Expr) ast.Expr {
	f := &ast.Ident{NamePos: x.Pos(), Name: kind}
	c := &ast.CallExpr{Fun: f, Lparen: x.Pos(), Args: []ast.Expr{x}, Rparen: x.End() - 1}
	o.made[f], o.made[c] = true, true
	o.types[c] = map[string]types.Type{"int": intType, "float64": float64Type}[kind]
	return c
}

// minus makes -x.
func (o *operators) minus(x ast.Expr) ast.Expr {
	if u, ok := x.(*ast.UnaryExpr); ok && u.Op == token.SUB {
		return u.X
	}
	switch x.(type) {
	case *ast.BinaryExpr, *ast.UnaryExpr:
		p := &ast.ParenExpr{Lparen: x.Pos(), X: x, Rparen: x.End()}
		o.made[p] = true
		x = p
	}
	m := &ast.UnaryExpr{OpPos: x.Pos(), Op: token.SUB, X: x}
	o.made[m] = true
	return m
}

// inOrder is the call where both operands of a number before an algebra's value call functions: Go calls the left one first, and a
// receiver comes before the arguments. It is func(v float64, x T) T { return x.name(v) }(v, x).
func (o *operators) inOrder(v, x ast.Expr, name string, at token.Pos) ast.Expr {
	t := o.typeOf(x)
	start, end := v.Pos(), o.c.end(x)
	ident := func(name string) *ast.Ident { return &ast.Ident{NamePos: start, Name: name} }
	var kind [2]ast.Expr
	for i := range kind {
		k, err := o.c.typeExpr(t)
		if err != nil {
			return nil
		}
		ast.Inspect(k, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				n.NamePos = start
			case *ast.StarExpr:
				n.Star = start
			}
			return true
		})
		kind[i] = k
	}
	body := &ast.CallExpr{Fun: &ast.SelectorExpr{X: ident("x"), Sel: &ast.Ident{NamePos: at, Name: name}}, Lparen: at, Args: []ast.Expr{ident("v")}, Rparen: at}
	f := &ast.FuncLit{
		Type: &ast.FuncType{
			Func:    start,
			Params:  &ast.FieldList{List: []*ast.Field{{Names: []*ast.Ident{ident("v")}, Type: ident("float64")}, {Names: []*ast.Ident{ident("x")}, Type: kind[0]}}},
			Results: &ast.FieldList{List: []*ast.Field{{Type: kind[1]}}},
		},
		Body: &ast.BlockStmt{Lbrace: start, List: []ast.Stmt{&ast.ReturnStmt{Return: start, Results: []ast.Expr{body}}}, Rbrace: end},
	}
	c := &ast.CallExpr{Fun: f, Lparen: start, Args: []ast.Expr{o.float(v), x}, Rparen: end - 1}
	o.made[f] = true
	return o.stands(c, t)
}

// assign makes x = x.Add(y) of x += y, and the like.
func (o *operators) assign(s *ast.AssignStmt) {
	op := map[token.Token]token.Token{token.ADD_ASSIGN: token.ADD, token.SUB_ASSIGN: token.SUB, token.MUL_ASSIGN: token.MUL, token.QUO_ASSIGN: token.QUO}[s.Tok]
	if op == token.ILLEGAL || len(s.Lhs) != 1 || len(s.Rhs) != 1 || !o.algebra(o.typeOf(s.Lhs[0])) {
		return
	}
	x := s.Lhs[0]
	if o.calling(x) {
		p := o.c.problem(x.Pos(), "cannot use "+s.Tok.String()+" on "+o.c.spelled(x)+", which calls a function: it would be called twice")
		p.Hint = "give the place a name first: p := &" + o.c.spelled(x)
		if _, ok := ast.Unparen(x).(*ast.IndexExpr); ok {
			p.Hint = "give the index a name first"
		}
		s.Lhs[0], s.Tok = o.refuse(p, x), token.ASSIGN
		return
	}
	again := clone(x)
	o.types[again] = o.typeOf(x)
	y := o.binary(op, again, s.Rhs[0], s.TokPos)
	if y == nil {
		return
	}
	o.changed = true
	o.assigns[s] = true
	s.Tok, s.Rhs[0] = token.ASSIGN, y
}

// refuse notes a problem and gives an expression that go/types takes for one that it has reported already; it uses the parts.
func (o *operators) refuse(p Problem, parts ...ast.Expr) ast.Expr {
	o.refused = append(o.refused, p)
	o.changed = true
	at := parts[0].Pos()
	parts = slices.DeleteFunc(parts, func(x ast.Expr) bool { return x == nil })
	return &ast.CallExpr{Fun: &ast.BadExpr{From: at, To: at}, Lparen: at, Args: parts, Rparen: parts[len(parts)-1].End()}
}

// calling tells whether an expression calls what may do more than compute: functions of cells, and of packages other than math.
func (o *operators) calling(x ast.Expr) bool {
	return acting(x, func(n *ast.CallExpr) bool { return !o.harmless(n) })
}

func (o *operators) harmless(c *ast.CallExpr) bool {
	f := ast.Unparen(c.Fun)
	tv := o.c.info.Types[f]
	if o.made[c] || tv.IsType() || tv.IsBuiltin() {
		return true
	}
	s, ok := f.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	if id, ok := s.X.(*ast.Ident); ok {
		if p, ok := o.c.info.Uses[id].(*types.PkgName); ok {
			return p.Imported().Path() == "math"
		}
	}
	return o.algebra(o.typeOf(s.X))
}
