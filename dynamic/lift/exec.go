package lift

import (
	"fmt"
	"go/ast"
	"go/token"
	"reflect"

	"github.com/tapir-go/tapir/eager"
)

// maxSteps is how many statements may be carried out.
const maxSteps = 100000

// list carries out statements. Those after one that may leave the function are an If.
func (l *lifter) list(stmts []ast.Stmt, s *scope) {
	for i, stmt := range stmts {
		rest := func() { l.list(stmts[i+1:], s) }
		if i == len(stmts)-1 {
			rest = nil
		}
		if l.stmt(stmt, s, "", rest) {
			return
		}
		e := l.exits()
		if e.only() > 0 {
			return
		}
		if e.only() < 0 {
			if rest != nil {
				l.guarded(rest)
			}
			return
		}
	}
}

// stmt carries out one statement; it returns true when it has carried out rest too.
func (l *lifter) stmt(stmt ast.Stmt, s *scope, label string, rest func()) bool {
	l.steps++
	old := l.at
	l.at = stmt
	defer func() { l.at = old }()
	if l.steps > maxSteps {
		l.refuse("lifting takes too long: a loop that does not depend on the input runs for too many rounds here")
	}
	switch n := stmt.(type) {
	case *ast.ExprStmt:
		if call, ok := ast.Unparen(n.X).(*ast.CallExpr); ok {
			l.callExpr(call, s)
			return false
		}
		l.eval(n.X, s)
	case *ast.AssignStmt:
		l.assign(n, s)
	case *ast.IncDecStmt:
		op := token.ADD
		if n.Tok == token.DEC {
			op = token.SUB
		}
		l.store(n.X, l.binary(op, l.eval(n.X, s), untyped{one}), s)
	case *ast.DeclStmt:
		l.local(n.Decl.(*ast.GenDecl), s)
	case *ast.BlockStmt:
		l.list(n.List, inner(s))
	case *ast.IfStmt:
		return l.ifStmt(n, s, rest)
	case *ast.ForStmt:
		l.forStmt(n, s, label)
	case *ast.RangeStmt:
		l.rangeStmt(n, s, label)
	case *ast.SwitchStmt:
		l.switchStmt(n, s, label)
	case *ast.LabeledStmt:
		return l.stmt(n.Stmt, s, n.Label.Name, rest)
	case *ast.ReturnStmt:
		l.returnStmt(n, s)
	case *ast.BranchStmt:
		l.branch(n)
	case *ast.EmptyStmt:
	case *ast.GoStmt:
		l.refuse("a goroutine has no place in a static model", "call the function directly", "start it outside of the function that is exported")
	case *ast.SendStmt, *ast.SelectStmt:
		l.refuse("a channel has no place in a static model", "give what it carries as an argument")
	case *ast.DeferStmt:
		l.refuse("defer has no place in a static model", "call the function at the end")
	case *ast.TypeSwitchStmt:
		l.refuse("a type switch has no place in a static model", "write a function for each type")
	default:
		l.refuse(fmt.Sprintf("a %T cannot be lifted", stmt))
	}
	return false
}

func (l *lifter) ifStmt(n *ast.IfStmt, s *scope, rest func()) bool {
	s = inner(s)
	if n.Init != nil {
		l.stmt(n.Init, s, "", nil)
	}
	c := l.eval(n.Cond, s)
	otherwise := func() {
		if n.Else != nil {
			l.stmt(n.Else, s, "", nil)
		}
	}
	if b, ok := knownBool(c); ok {
		if b {
			l.list(n.Body.List, inner(s))
		} else {
			otherwise()
		}
		return false
	}
	cond, ok := c.(*number)
	if !ok || !isBool(c) {
		l.refuse(fmt.Sprintf("the condition is %s: want a bool", l.describe(c)))
	}
	return l.choose(cond, func() { l.list(n.Body.List, inner(s)) }, otherwise, rest)
}

// enter makes the codes of a loop or switch.
func (l *lifter) enter(label string, again bool) target {
	l.labels += 2
	t := target{label: label, leave: l.labels}
	if again {
		t.again = l.labels + 1
	}
	l.frame.loops = append(l.frame.loops, t)
	return t
}

func (l *lifter) exit() { l.frame.loops = l.frame.loops[:len(l.frame.loops)-1] }

func (l *lifter) branch(n *ast.BranchStmt) {
	for i := len(l.frame.loops) - 1; i >= 0; i-- {
		t := l.frame.loops[i]
		if n.Label != nil && n.Label.Name != t.label {
			continue
		}
		switch {
		case n.Tok == token.BREAK:
			l.leave(t.leave)
			return
		case n.Tok == token.CONTINUE && t.again != 0:
			l.leave(t.again)
			return
		}
	}
	l.refuse(fmt.Sprintf("%s cannot be lifted here", n.Tok), "write it with if, for, break and continue")
}

func (l *lifter) forStmt(n *ast.ForStmt, s *scope, label string) {
	s = inner(s)
	if n.Init != nil {
		l.stmt(n.Init, s, "", nil)
	}
	t := l.enter(label, true)
	lp := &loop{l: l, brk: t.leave, cont: t.again,
		cond: func() value {
			if n.Cond == nil {
				return truth(true)
			}
			defer l.line(n)()
			c := l.eval(n.Cond, s)
			if !isBool(c) {
				l.refuse(fmt.Sprintf("the condition is %s: want a bool", l.describe(c)))
			}
			return c
		},
		body: func() { l.list(n.Body.List, inner(s)) },
		post: func() {
			if n.Post != nil {
				l.stmt(n.Post, s, "", nil)
			}
		}}
	lp.repeat()
	l.exit()
}

func (l *lifter) rangeStmt(n *ast.RangeStmt, s *scope, label string) {
	s = inner(s)
	over := l.eval(n.X, s)
	var count value
	var item func(i value) value
	switch x := over.(type) {
	case *sequence:
		count = l.intOfSize(x.n)
		item = func(i value) value { return l.index(x, i) }
	case *array:
		elems := append([]*variable{}, x.elems...)
		count = intOf(len(elems))
		item = func(i value) value { return l.index(&array{elem: x.elem, elems: elems}, i) }
	default:
		if isNumber(over) {
			if d, _ := dtypeOf(over); d != eager.Int64 {
				l.refuse(fmt.Sprintf("range over %s", l.describe(over)))
			}
			count = typed(over)
			break
		}
		if a := knownSlice(over); a != nil {
			count = intOf(len(a.elems))
			item = func(i value) value { return l.index(a, i) }
			break
		}
		if k, ok := over.(known); ok && k.v.Kind() == reflect.Map {
			l.refuse("a map has no place in a static model", "use a slice")
		}
		l.refuse(fmt.Sprintf("range over %s cannot be lifted", l.describe(over)), "range over an int or a slice")
	}
	i := l.variable("i", intOf(0))
	if id, ok := n.Key.(*ast.Ident); ok && id.Name != "_" {
		i.name = id.Name
	}
	t := l.enter(label, true)
	lp := &loop{l: l, brk: t.leave, cont: t.again,
		cond: func() value { defer l.line(n)(); return l.arithmetic(token.LSS, i.val, count) },
		body: func() {
			s := inner(s)
			bind := func(e ast.Expr, x value) {
				if e == nil {
					return
				}
				if n.Tok == token.DEFINE {
					l.define(s, e.(*ast.Ident), x)
				} else {
					l.store(e, x, s)
				}
			}
			bind(n.Key, i.val)
			if n.Value != nil {
				if item == nil {
					l.refuse("range over an int has no second variable")
				}
				bind(n.Value, item(i.val))
			}
			l.list(n.Body.List, inner(s))
		},
		post: func() { l.set(i, l.arithmetic(token.ADD, i.val, intOf(1))) }}
	lp.repeat()
	l.exit()
}

// switchStmt is a chain of ifs.
func (l *lifter) switchStmt(n *ast.SwitchStmt, s *scope, label string) {
	s = inner(s)
	if n.Init != nil {
		l.stmt(n.Init, s, "", nil)
	}
	var tag value = truth(true)
	if n.Tag != nil {
		tag = typed(l.eval(n.Tag, s))
	}
	t := l.enter(label, false)
	var last *ast.CaseClause
	var clauses []*ast.CaseClause
	for _, c := range n.Body.List {
		c := c.(*ast.CaseClause)
		if len(c.Body) > 0 {
			if b, ok := c.Body[len(c.Body)-1].(*ast.BranchStmt); ok && b.Tok == token.FALLTHROUGH {
				l.at = b
				l.refuse("fallthrough cannot be lifted", "list the values in one case")
			}
		}
		if c.List == nil {
			last = c
		} else {
			clauses = append(clauses, c)
		}
	}
	l.cases(clauses, last, tag, s)
	l.exit()
	l.clear(t.leave)
}

func (l *lifter) cases(clauses []*ast.CaseClause, last *ast.CaseClause, tag value, s *scope) {
	if len(clauses) == 0 {
		if last != nil {
			l.list(last.Body, inner(s))
		}
		return
	}
	c := clauses[0]
	back := l.line(c)
	var cond value = truth(false)
	for _, e := range c.List {
		hit := l.equal(token.EQL, tag, l.eval(e, s))
		switch b, ok := knownBool(cond); {
		case ok && !b:
			cond = hit
		case ok:
		default:
			cond = l.arithmetic(token.LOR, cond, hit)
		}
	}
	back()
	body := func() { l.list(c.Body, inner(s)) }
	others := func() { l.cases(clauses[1:], last, tag, s) }
	if b, ok := knownBool(cond); ok {
		if b {
			body()
		} else {
			others()
		}
		return
	}
	l.choose(cond.(*number), body, others, nil)
}

func (l *lifter) returnStmt(n *ast.ReturnStmt, s *scope) {
	f := l.frame
	var xs []value
	if len(n.Results) == 1 && len(f.results) > 1 {
		xs = must[tuple](l, l.evalAny(n.Results[0], s), fmt.Sprintf("%d results", len(f.results)))
	} else {
		for _, e := range n.Results {
			xs = append(xs, l.eval(e, s))
		}
	}
	if len(n.Results) > 0 {
		if len(xs) != len(f.results) {
			l.refuse(fmt.Sprintf("%d results are returned: want %d", len(xs), len(f.results)))
		}
		for i, v := range f.results {
			l.set(v, l.as(xs[i], f.kinds[i]))
		}
	}
	l.leave(1)
}

// local declares variables, constants and types of a function.
func (l *lifter) local(d *ast.GenDecl, s *scope) {
	for _, spec := range d.Specs {
		v, ok := spec.(*ast.ValueSpec)
		if !ok {
			l.refuse("a type is declared inside of the function", "declare it outside")
		}
		var k *kind
		if v.Type != nil {
			k = l.kind(v.Type)
		}
		var xs []value
		switch {
		case len(v.Values) == 1 && len(v.Names) > 1:
			xs = must[tuple](l, l.evalAny(v.Values[0], s), "several values")
		default:
			for _, e := range v.Values {
				xs = append(xs, l.eval(e, s))
			}
		}
		if len(xs) != 0 && len(xs) != len(v.Names) {
			l.refuse("the numbers of names and values differ")
		}
		for i, name := range v.Names {
			var x value
			switch {
			case len(xs) > 0 && k != nil:
				x = l.as(xs[i], k)
			case len(xs) > 0 && d.Tok == token.CONST:
				x = xs[i]
			case len(xs) > 0:
				x = typed(xs[i])
			case d.Tok == token.CONST:
				l.refuse("a constant without a value cannot be lifted")
			default:
				x = l.zero(k)
			}
			if name.Name == "_" {
				continue
			}
			w := l.variable(name.Name, l.copied(x))
			w.kind = k
			s.names[name.Name] = w
		}
	}
}

// define declares a variable by :=.
func (l *lifter) define(s *scope, id *ast.Ident, x value) {
	if id.Name != "_" {
		s.names[id.Name] = l.variable(id.Name, l.copied(typed(x)))
	}
}

// copied is a value as an assignment copies it.
func (l *lifter) copied(x value) value {
	switch y := x.(type) {
	case *object:
		if y.pointer {
			return x
		}
		c := &object{kind: y.kind}
		for _, f := range y.fields {
			w := l.variable(f.name, l.copied(f.val))
			w.kind = f.kind
			c.fields = append(c.fields, w)
		}
		return c
	case *array:
		if !y.fixed {
			return x
		}
		c := &array{elem: y.elem, fixed: true}
		for _, f := range y.elems {
			c.elems = append(c.elems, l.variable(f.name, l.copied(f.val)))
		}
		return c
	}
	return x
}

func (l *lifter) assign(n *ast.AssignStmt, s *scope) {
	if n.Tok != token.ASSIGN && n.Tok != token.DEFINE {
		if len(n.Lhs) != 1 || len(n.Rhs) != 1 {
			l.refuse("this assignment cannot be lifted")
		}
		op := assignOps[n.Tok]
		l.store(n.Lhs[0], l.binary(op, l.eval(n.Lhs[0], s), l.eval(n.Rhs[0], s)), s)
		return
	}
	var xs []value
	if len(n.Lhs) > 1 && len(n.Rhs) == 1 {
		xs = must[tuple](l, l.evalAny(n.Rhs[0], s), fmt.Sprintf("%d values", len(n.Lhs)))
	} else {
		for _, e := range n.Rhs {
			xs = append(xs, l.copied(l.eval(e, s)))
		}
	}
	if len(xs) != len(n.Lhs) {
		l.refuse(fmt.Sprintf("%d values for %d variables", len(xs), len(n.Lhs)))
	}
	for i, e := range n.Lhs {
		if id, ok := e.(*ast.Ident); ok && n.Tok == token.DEFINE && s.names[id.Name] == nil {
			l.define(s, id, xs[i])
			continue
		}
		l.store(e, xs[i], s)
	}
}

var assignOps = map[token.Token]token.Token{
	token.ADD_ASSIGN: token.ADD, token.SUB_ASSIGN: token.SUB, token.MUL_ASSIGN: token.MUL, token.QUO_ASSIGN: token.QUO, token.REM_ASSIGN: token.REM,
	token.AND_ASSIGN: token.AND, token.OR_ASSIGN: token.OR, token.XOR_ASSIGN: token.XOR, token.SHL_ASSIGN: token.SHL, token.SHR_ASSIGN: token.SHR,
	token.AND_NOT_ASSIGN: token.AND_NOT,
}

// store assigns to a variable, an element or a field.
func (l *lifter) store(e ast.Expr, x value, s *scope) {
	e = ast.Unparen(e)
	switch n := e.(type) {
	case *ast.Ident:
		if n.Name == "_" {
			return
		}
		v := s.find(n.Name)
		if v == nil {
			l.refuse(fmt.Sprintf("%s, which is declared outside of the function, is assigned to", n.Name), "return the value instead", "make it a variable of the function")
		}
		l.set(v, l.like(v, x))
		return
	case *ast.SelectorExpr:
		if o, ok := l.eval(n.X, s).(*object); ok {
			v := o.field(n.Sel.Name)
			if v == nil {
				l.refuse(fmt.Sprintf("%s has no field %s", o.kind.name, n.Sel.Name))
			}
			l.set(v, l.like(v, x))
			return
		}
		l.refuse(fmt.Sprintf("the field %s of something outside of the function is assigned to", n.Sel.Name), "return the value instead", "keep the state in a variable of the function")
	case *ast.StarExpr:
		if o, ok := l.eval(n.X, s).(*object); ok {
			if y, ok := x.(*object); ok && y.kind == o.kind {
				for i := range o.fields {
					l.set(o.fields[i], l.copied(y.fields[i].val))
				}
				return
			}
		}
		l.refuse("an assignment through this pointer cannot be lifted")
	case *ast.IndexExpr:
		base, i := l.eval(n.X, s), l.eval(n.Index, s)
		if a, ok := base.(*array); ok {
			if k, ok := l.position(i, len(a.elems)); ok {
				v := a.elems[k]
				l.set(v, l.like(v, x))
				return
			}
			l.storeAt(n.X, base, i, x, s)
			return
		}
		if _, ok := base.(*sequence); ok {
			l.storeAt(n.X, base, i, x, s)
			return
		}
		if k, ok := base.(known); ok && k.v.Kind() == reflect.Map {
			l.refuse("a map has no place in a static model", "use a slice")
		}
		l.refuse(fmt.Sprintf("an element of %s is assigned to", l.describe(base)), "copy the slice in the function first")
	default:
		l.refuse("this cannot be assigned to")
	}
}

// storeAt assigns to an element whose place is known at run time only.
func (l *lifter) storeAt(base ast.Expr, old, i, x value, s *scope) {
	f := l.formOf(old)
	if a, ok := old.(*array); ok {
		var fine bool
		if f, fine = f.sequence(&form{what: anArray, elem: a.elem}); !fine {
			l.refuse(fmt.Sprintf("an element of %s is assigned to, at a place that is known at run time only", l.describe(old)), "give all elements one shape")
		}
	}
	seq := l.asSequence(f, old)
	at := l.number(i, eager.Int64)
	var elem *tensor
	if f.elem != nil {
		n := l.number(x, f.d)
		elem = &tensor{v: n.v, block: n.block}
	} else if elem = l.asTensorOrNil(x); elem == nil {
		l.refuse(fmt.Sprintf("%s is assigned to an element of a slice of tensors", l.describe(x)))
	}
	if !equalDims(elem.dims, seq.dims) || elem.v.DType != f.d {
		l.refuse(fmt.Sprintf("%s is assigned to an element of shape %s", elem.v, shapeOf(seq.dims)), "give all elements one shape")
	}
	count := l.node(Range, 0, eager.Int64, []size{seq.n}, l.sizeValue(seq.n))
	whole := &tensor{v: seq.v, block: seq.block, dims: append([]size{seq.n}, seq.dims...)}
	t := l.trace("an assignment to an element", []*tensor{whole, elem, count, {v: at.v, block: at.block}}, func(xs []*eager.Tensor) []*eager.Tensor {
		here := xs[2].Equal(xs[3])
		for range seq.dims {
			here = here.Unsqueeze(here.Rank())
		}
		if xs[0].DType() == eager.Bool {
			return []*eager.Tensor{here.And(xs[1]).Or(here.Not().And(xs[0]))}
		}
		return []*eager.Tensor{eager.Where(here, xs[1], xs[0])}
	})[0]
	z := &sequence{v: t.v, block: t.block, n: seq.n, dims: seq.dims, elem: f.elem}
	if a, ok := old.(*array); ok { // its elements are variables that others may share
		for k, v := range a.elems {
			l.set(v, l.index(z, intOf(k)))
		}
		return
	}
	l.store(base, z, s)
}

func equalDims(a, b []size) bool {
	for i := range a {
		if i >= len(b) || !a[i].equal(b[i]) {
			return false
		}
	}
	return len(a) == len(b)
}

// like is x as the variable holds it.
func (l *lifter) like(v *variable, x value) value {
	if v.kind != nil {
		return l.copied(l.as(x, v.kind))
	}
	if c, ok := x.(untyped); ok {
		if d, ok := dtypeOf(v.val); ok {
			if n, ok := v.val.(known); ok {
				if y, ok := fromConstant(c.c, n.v.Type()); ok {
					return y
				}
				l.refuse(fmt.Sprintf("%s does not fit into %s", c.c, named(v.name)))
			}
			if _, staged := v.val.(*number); staged {
				y, ok := l.convert(c, map[eager.DType]reflect.Type{eager.Bool: reflect.TypeFor[bool](), eager.Int64: reflect.TypeFor[int](), eager.Float64: reflect.TypeFor[float64](), eager.Float32: reflect.TypeFor[float32]()}[d])
				if ok {
					return y
				}
			}
		}
		return typed(c)
	}
	return l.copied(x)
}
