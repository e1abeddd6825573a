package cell

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
)

func (c *emitter) constantInt(v constant.Value) string { return constant.ToInt(v).ExactString() }

// funcName is the name of a package-level function in the interpreter, for given type arguments.
func (c *emitter) funcName(pos token.Pos, f *types.Func, args []types.Type) string {
	f = f.Origin()
	p := c.l.src[f.Pkg()]
	if p == nil {
		if len(args) > 0 {
			t := c.l.twinFunc(c, pos, f)
			return c.funcName(pos, t, args)
		}
		return c.l.importName(f.Pkg().Path()) + "." + f.Name()
	}
	if len(args) == 0 {
		if e := c.l.obj.entity[f]; e != nil {
			return e.emit
		}
	}
	key := f.Pkg().Path() + "." + f.Name()
	if e := c.l.obj.entity[f]; e != nil {
		key = e.emit
	}
	env := map[*types.TypeParam]types.Type{}
	key += "["
	for i, a := range args {
		a = c.subst(a)
		key += c.key(a) + ","
		env[f.Signature().TypeParams().At(i)] = a
	}
	return c.instance(key+"]", f, env, f.Name())
}

// instance is the name of an instance of a generic function or method; it is lowered if it is new.
func (c *emitter) instance(key string, f *types.Func, env map[*types.TypeParam]types.Type, people string) string {
	l := c.l
	if n := l.insts[key]; n != "" {
		return n
	}
	if n := l.w.insts[key]; n != "" {
		return n
	}
	p := l.src[f.Pkg()]
	d := p.funcs[f]
	if d == nil || d.Body == nil {
		c.stop(token.NoPos, "no source of "+f.FullName(), "")
	}
	n := l.global(ident(key))
	l.insts[key] = n
	x := l.context(p, env, n)
	l.queue = append(l.queue, func() { x.function(d, f.Signature(), n, people) })
	return n
}

// methodFunc is the plain function behind a method of a type that is lowered.
func (c *emitter) methodFunc(t *types.Named, m *types.Func) string {
	m = m.Origin()
	if t.TypeArgs().Len() == 0 {
		if x := c.l.obj.method[m]; x != nil {
			if x.emit == "" {
				c.stop(m.Pos(), "internal error: method "+m.FullName(), "")
			}
			return x.emit
		}
	}
	env := map[*types.TypeParam]types.Type{}
	s := m.Signature()
	for i := range s.RecvTypeParams().Len() {
		env[s.RecvTypeParams().At(i)] = c.subst(t.TypeArgs().At(i))
	}
	return c.instance(c.methodKey(t, m), m, env, t.Obj().Name()+"."+m.Name())
}

func (c *emitter) methodKey(t *types.Named, m *types.Func) string {
	k := c.key(t) + "." + m.Name()
	if x := c.l.obj.method[m]; x != nil {
		k += fmt.Sprint("@", x.unit)
	}
	return k
}

// methodCall is the text of a call of method m of x, whose type is t, found along index.
func (c *emitter) methodCall(x string, t types.Type, m *types.Func, index []int, args []string) string {
	x, t = c.fieldPath(x, t, index[:len(index)-1])
	t = types.Unalias(t)
	if c.erased(t) {
		return c.dispatcher(m) + "(" + strings.Join(append([]string{x}, args...), ", ") + ")"
	}
	base, isPtr := t, false
	if p, ok := t.(*types.Pointer); ok {
		base, isPtr = types.Unalias(p.Elem()), true
	}
	n, ok := base.(*types.Named)
	if ok && isInterface(n) && n.Obj().Pkg() != nil {
		if f := waits[n.Obj().Pkg().Path()+"."+n.Obj().Name()+"."+m.Name()]; f != "" {
			return c.l.rt(f) + "(" + x + ")"
		}
	}
	if ok && !isInterface(n) && n.Obj().Pkg() != nil {
		if c.l.src[n.Obj().Pkg()] == nil && n.TypeArgs().Len() > 0 {
			n, m = c.l.twinMethod(c, n, m)
		}
		if c.l.src[n.Obj().Pkg()] != nil {
			_, wantPtr := types.Unalias(m.Origin().Signature().Recv().Type()).(*types.Pointer)
			switch {
			case wantPtr && !isPtr:
				x = "&" + x
			case !wantPtr && isPtr:
				x = "*" + x
			}
			return c.methodFunc(n, m) + "(" + strings.Join(append([]string{x}, args...), ", ") + ")"
		}
		if f := waits[n.Obj().Pkg().Path()+"."+n.Obj().Name()+"."+m.Name()]; f != "" {
			if !isPtr {
				x = "&" + x
			}
			return c.l.rt(f) + "(" + strings.Join(append([]string{x}, args...), ", ") + ")"
		}
	}
	if strings.HasPrefix(x, "*") || strings.HasPrefix(x, "&") {
		x = "(" + x + ")"
	}
	return x + "." + m.Name() + "(" + strings.Join(args, ", ") + ")"
}

// waits are methods of compiled types that wait, or that end waits: the runtime's own can be interrupted.
var waits = map[string]string{
	"sync.Mutex.Lock": "Lock", "sync.Mutex.Unlock": "Unlock",
	"sync.RWMutex.Lock": "RWLock", "sync.RWMutex.Unlock": "RWUnlock", "sync.RWMutex.RLock": "RLock", "sync.RWMutex.RUnlock": "RUnlock",
	"sync.Locker.Lock": "LockerLock", "sync.Locker.Unlock": "LockerUnlock",
	"sync.WaitGroup.Wait": "Wait", "sync.WaitGroup.Add": "GroupAdd", "sync.WaitGroup.Done": "GroupDone", "sync.WaitGroup.Go": "GroupGo",
	"sync.Cond.Wait": "CondWait", "sync.Cond.Signal": "CondSignal", "sync.Cond.Broadcast": "CondBroadcast",
}

// found looks a method selection up again, with the types of this instance.
func (c *emitter) found(e *ast.SelectorExpr) (recv types.Type, m *types.Func, index []int, ok bool) {
	sel := c.p.info.Selections[e]
	if sel == nil || sel.Kind() != types.MethodVal {
		return nil, nil, nil, false
	}
	recv = c.subst(sel.Recv())
	obj, index, _ := types.LookupFieldOrMethod(recv, true, sel.Obj().Pkg(), sel.Obj().Name())
	m, ok = obj.(*types.Func)
	return recv, m, index, ok
}

// params makes names for the parameters of a signature: their declaration, and the arguments that pass them on.
func (c *emitter) params(s *types.Signature) (decl string, args []string) {
	n := s.Params().Len()
	for i := range n {
		a := fmt.Sprintf("a%d", i)
		if s.Variadic() && i == n-1 {
			a += "..."
		}
		args = append(args, a)
	}
	return c.sig(s, func(v *types.Var, result bool, i int) string {
		if result {
			return ""
		}
		return fmt.Sprintf("a%d", i)
	}), args
}

func returns(s *types.Signature) string {
	if s.Results().Len() > 0 {
		return "return "
	}
	return ""
}

// methodExpr is T.Method as a function.
func (c *emitter) methodExpr(e *ast.SelectorExpr, recv types.Type, m *types.Func, index []int) string {
	s := c.typeOf(e).Underlying().(*types.Signature)
	decl, args := c.params(s)
	return "func" + decl + " { " + returns(s) + c.methodCall("a0", recv, m, index, args[1:]) + " }"
}

// methodValue is x.Method as a function: x is evaluated now. It is written out
// for compiled types as well: yaegi takes the method of a variable for a method
// expression, whose first parameter is the receiver, when it is an argument.
func (c *emitter) methodValue(e *ast.SelectorExpr, recv types.Type, m *types.Func, index []int) string {
	c.holdFor(m, e.X)
	bind, bt, rest := c.bound(e, recv, m, index)
	s := c.subst(m.Signature()).(*types.Signature)
	decl, args := c.params(s)
	r := c.l.fresh("r")
	check := ""
	if isInterface(bt) {
		check = fmt.Sprintf("if %s == nil { %s() }; ", r, c.l.rt("NilFail"))
	}
	call := c.methodCall(r, bt, m, rest, args)
	return fmt.Sprintf("func(%s %s) func%s { %sreturn func%s { %s%s } }(%s)", r, c.typ(bt), c.sig(s, nil), check, decl, returns(s), call, bind)
}

// bound is what x.Method has to keep of x until the method is called: its text, its type, and the path from there. A method of
// a value keeps the value of now, also where x is a pointer.
func (c *emitter) bound(e *ast.SelectorExpr, recv types.Type, m *types.Func, index []int) (text string, t types.Type, rest []int) {
	last := c.visible(recv, index)
	text, t = c.fieldPath(c.operand(e.X), recv, index[:last])
	if isInterface(t) {
		return text, t, index[last:]
	}
	p, isPtr := types.Unalias(t).(*types.Pointer)
	_, wantPtr := types.Unalias(m.Origin().Signature().Recv().Type()).(*types.Pointer)
	switch {
	case wantPtr && !isPtr:
		return "&" + text, types.NewPointer(t), index[last:]
	case !wantPtr && isPtr && last == len(index)-1:
		return "*" + text, p.Elem(), index[last:]
	}
	return text, t, index[last:]
}

// visible is the number of fields of a method's path up to the first type whose next field only its own package can name.
func (c *emitter) visible(t types.Type, index []int) int {
	for k, i := range index[:len(index)-1] {
		if p, ok := types.Unalias(t).Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		f := t.Underlying().(*types.Struct).Field(i)
		if n, ok := types.Unalias(t).(*types.Named); ok && !f.Exported() && n.Obj().Pkg() != nil && c.l.src[n.Obj().Pkg()] == nil {
			return k
		}
		t = c.subst(f.Type())
	}
	return len(index) - 1
}

// call is the text of a call, a conversion or a builtin.
func (c *emitter) call(e *ast.CallExpr) string {
	ftv := c.tv(e.Fun)
	if ftv.IsType() {
		return c.convert(e.Args[0], c.subst(ftv.Type))
	}
	if len(e.Args) == 1 && c.froze[e.Args[0]] == "" {
		if tp, ok := c.typeOf(e.Args[0]).(*types.Tuple); ok && tp.Len() > 1 {
			return c.spread(e, tp)
		}
	}
	if ftv.IsBuiltin() {
		return c.builtin(e)
	}
	s, ok := c.typeOf(e.Fun).Underlying().(*types.Signature)
	if !ok {
		c.stop(e.Pos(), "internal error: call of "+c.typeOf(e.Fun).String(), "")
	}
	if t, ok := c.special(e, s); ok {
		return t
	}
	args := c.args(e, s)
	if se, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr); ok && c.froze[e.Fun] == "" {
		if recv, m, index, ok := c.found(se); ok {
			c.holdFor(m, se.X)
			return c.returned(c.methodCall(c.operand(se.X), recv, m, index, args), e)
		}
	}
	fun := c.named(e.Fun)
	if fun == "" {
		fun = c.under(c.expr(e.Fun), c.typeOf(e.Fun))
	}
	switch ast.Unparen(e.Fun).(type) {
	case *ast.StarExpr, *ast.UnaryExpr:
		fun = "(" + fun + ")"
	}
	return c.returned(c.back(fun+"("+strings.Join(args, ", ")+")", e, s), e)
}

// named is the name of the function that an expression names, "" if it names none.
func (c *emitter) named(e ast.Expr) string {
	if c.froze[e] != "" {
		return ""
	}
	var id *ast.Ident
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		id = x
	case *ast.SelectorExpr:
		if c.p.info.Selections[x] != nil {
			return ""
		}
		id = x.Sel
	case *ast.IndexExpr:
		return c.named(x.X)
	case *ast.IndexListExpr:
		return c.named(x.X)
	default:
		return ""
	}
	f, ok := c.p.info.Uses[id].(*types.Func)
	if !ok {
		return ""
	}
	var args []types.Type
	if in, ok := c.p.info.Instances[id]; ok {
		args = typeList(in.TypeArgs)
	}
	return c.funcName(id.Pos(), f, args)
}

// back makes of what a compiled function gave what the cell expects: a value of a generic type is its literal type.
func (c *emitter) back(text string, e *ast.CallExpr, s *types.Signature) string {
	if !c.compiledCall(e) || s.Results().Len() != 1 {
		return text
	}
	if n, ok := types.Unalias(s.Results().At(0).Type()).(*types.Named); ok && n.TypeArgs().Len() > 0 {
		return paren(c.typ(n)) + "(" + text + ")"
	}
	return text
}

// callee is the function that is called, if the call names one.
func (c *emitter) callee(e *ast.CallExpr) *types.Func {
	var id *ast.Ident
	switch f := ast.Unparen(e.Fun).(type) {
	case *ast.Ident:
		id = f
	case *ast.SelectorExpr:
		id = f.Sel
	default:
		return nil
	}
	f, _ := c.p.info.Uses[id].(*types.Func)
	return f
}

// compiledCall tells a call of a function or method of a compiled package.
func (c *emitter) compiledCall(e *ast.CallExpr) bool {
	f := c.callee(e)
	return f != nil && f.Pkg() != nil && c.l.src[f.Pkg()] == nil && f.Signature().TypeParams().Len() == 0
}

func (c *emitter) args(e *ast.CallExpr, s *types.Signature) (out []string) {
	last := s.Params().Len() - 1
	for i, a := range e.Args {
		var pt types.Type
		if s.Variadic() && i >= last {
			pt = c.subst(s.Params().At(last).Type())
			if e.Ellipsis == token.NoPos {
				pt = pt.Underlying().(*types.Slice).Elem()
			}
		} else {
			pt = c.subst(s.Params().At(i).Type())
		}
		t := ""
		if _, lit := ast.Unparen(a).(*ast.FuncLit); lit && c.compiledCall(e) {
			at := c.typeOf(a)
			c.handing = true
			t = c.convText(c.closure(c.expr(a), c.typ(at)), at, pt)
			c.handing = false
		} else if c.tv(a).IsNil() && isInterface(pt) && c.compiledCall(e) {
			t = c.none(pt)
		} else {
			t = c.conv(a, pt)
		}
		if e.Ellipsis != token.NoPos && i == len(e.Args)-1 {
			t += "..."
		}
		out = append(out, t)
	}
	return out
}

// closure makes a literal that a compiled function is given keep the variables of now: the interpreter hands over a
// literal that looks its variables up when it is called.
func (c *emitter) closure(lit, ts string) string {
	return c.helper("closure", "(f "+ts+") "+ts+" { return f }") + "(" + lit + ")"
}

// convert is the conversion T(a).
func (c *emitter) convert(a ast.Expr, t types.Type) string {
	st, ts := c.typeOf(a), c.typ(t)
	if v := c.tv(a).Value; v != nil {
		if isInterface(t) {
			return paren(ts) + "(" + c.conv(a, t) + ")"
		}
		if b, ok := t.Underlying().(*types.Basic); ok && (b.Info()&types.IsString == 0 || v.Kind() == constant.String) {
			return c.constant(t, v)
		}
	}
	if c.tv(a).IsNil() {
		if c.recursive(t) {
			return ts + "{}"
		}
		return paren(ts) + "(nil)"
	}
	if isInterface(t) {
		if !isInterface(st) && c.mentions(st) && !c.erased(t) { // the interpreter finds no methods of an assertion
			return c.helper("of", "(x "+ts+") "+ts+" { return x }") + "(" + c.conv(a, t) + ")"
		}
		return paren(ts) + "(" + c.conv(a, t) + ")"
	}
	x := c.expr(a)
	if c.typ(st) == ts && c.tv(a).Value == nil {
		return "(" + x + ")"
	}
	if c.recursive(t) || c.recursive(st) {
		return c.convText(x, st, t)
	}
	if _, ok := st.Underlying().(*types.Slice); ok {
		if p, ok := t.Underlying().(*types.Pointer); ok { // to a pointer to an array
			return c.l.rt("ArrayPointer") + "(" + x + ", " + fmt.Sprint(p.Elem().Underlying().(*types.Array).Len()) + ").(" + ts + ")"
		}
	}
	if sl, ok := st.Underlying().(*types.Slice); ok { // to an array
		if ar, ok := t.Underlying().(*types.Array); ok {
			n := c.helper("array", fmt.Sprintf("(s []%s) [%d]%s { var a [%d]%s; %s(len(s), %d); copy(a[:], s); return a }", c.typ(sl.Elem()), ar.Len(), c.typ(sl.Elem()), ar.Len(), c.typ(sl.Elem()), c.l.rt("ArrayLen"), ar.Len()))
			return n + "(" + x + ")"
		}
	}
	return paren(ts) + "(" + x + ")"
}

// spread is f(g()) with g of several results.
func (c *emitter) spread(e *ast.CallExpr, tp *types.Tuple) string {
	sub := *e
	sub.Args = nil
	c.p.info.Types[&sub] = c.tv(e)
	var ts []string
	for i := range tp.Len() {
		t := c.l.fresh("m")
		ts = append(ts, t)
		sub.Args = append(sub.Args, c.frozen(t, tp.At(i).Type()))
	}
	ret, rt := "", ""
	if ty := c.tv(e).Type; ty != nil && !c.tv(e).IsVoid() {
		if tu, ok := ty.(*types.Tuple); !ok || tu.Len() > 0 {
			ret, rt = "return ", " "+c.typ(ty)
		}
	}
	first := ""
	if f := ast.Unparen(e.Fun); c.acts(f) { // what is called is found out before the arguments
		if se, ok := f.(*ast.SelectorExpr); ok {
			f = se.X
		}
		t := c.l.fresh("f")
		first = t + " := " + c.expr(f) + "; "
		c.freeze(f, t, c.typeOf(f))
		defer delete(c.froze, f)
	}
	note := ""
	if c.again > 0 {
		note = fmt.Sprintf("%s(%d, %d); ", c.l.rt("At"), c.info.Cell, c.again)
	}
	return "func()" + rt + " { " + first + strings.Join(ts, ", ") + " := " + c.expr(e.Args[0]) + "; " + note + ret + c.call(&sub) + " }()"
}

// frozen is an expression that stands for a variable of the text.
func (c *emitter) frozen(name string, t types.Type) ast.Expr {
	id := ast.NewIdent(name)
	c.freeze(id, name, t)
	return id
}

func (c *emitter) freeze(e ast.Expr, name string, t types.Type) {
	if c.froze == nil {
		c.froze = map[ast.Expr]string{}
	}
	c.froze[e] = name
	if _, ok := c.p.info.Types[e]; !ok {
		c.p.info.Types[e] = types.TypeAndValue{Type: t}
	}
}

// helper is the name of a function of the text that is written once a session.
func (c *emitter) helper(base, text string) string {
	l := c.l
	if n := l.helps[text]; n != "" {
		return n
	}
	if n := l.w.helps[text]; n != "" {
		return n
	}
	n := l.global(base)
	l.helps[text] = n
	fmt.Fprintf(&l.funcs, "func %s%s\n", n, text)
	return n
}

// special writes calls that mean something of their own in a cell.
func (c *emitter) special(e *ast.CallExpr, s *types.Signature) (string, bool) {
	f := c.callee(e)
	if f == nil || f.Pkg() == nil || c.l.src[f.Pkg()] != nil {
		return "", false
	}
	switch f.FullName() {
	case "(*os.File).Read":
		if se, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr); ok && c.isStdin(se.X) {
			return c.l.rt("Stdin") + "().Read(" + strings.Join(c.args(e, s), ", ") + ")", true
		}
	case "errors.As":
		pt, ok := c.typeOf(e.Args[1]).Underlying().(*types.Pointer)
		if !ok || !c.erased(pt.Elem()) {
			return "", false
		}
		t := pt.Elem()
		err := types.Universe.Lookup("error").Type()
		ts := c.typ(t)
		n := c.helper("errorsAs", fmt.Sprintf("(err error, target *%s) bool { found := false; %s(err, func(e error) bool { v, ok := %s; if ok { *target = v; found = true }; return ok }); return found }", ts, c.l.rt("Chain"), c.assert("e", err, t, false)))
		return n + "(" + c.conv(e.Args[0], err) + ", " + c.expr(e.Args[1]) + ")", true
	}
	return "", false
}
