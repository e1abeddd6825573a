package cell

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/types"
	"maps"
	"slices"
	"strconv"
)

// objects maps the objects of the check to what they are in the session.
type objects struct {
	entity map[types.Object]*entity
	method map[*types.Func]*method
}

func (c *Checked) objects() objects {
	o := objects{map[types.Object]*entity{}, map[*types.Func]*method{}}
	sc := c.pkg.Scope()
	for _, e := range c.w.live {
		if x := sc.Lookup(e.unique); x != nil {
			o.entity[x] = e
		}
		for _, m := range e.methods {
			if f, ok := c.info.Defs[m.fn.Name].(*types.Func); ok {
				o.method[f] = m
			}
		}
	}
	for _, e := range c.order {
		if x := sc.Lookup(e.unique); x != nil {
			o.entity[x] = e
		}
	}
	for _, m := range c.methods {
		if f, ok := c.info.Defs[m.fn.Name].(*types.Func); ok {
			o.method[f] = m
			if id := recvIdent(m.fn); id != nil {
				m.recv = o.entity[c.info.Uses[id]]
			}
		}
	}
	return o
}

// swap finds functions and methods that the cell declares anew with an unchanged signature: whoever calls the old one is
// lowered again, so that it calls the new one. Then the cell is checked once more, with their bodies.
func (c *Checked) swap() {
	obj := c.objects()
	gone := map[*entity]bool{}
	goneM := map[*method]bool{}
	for _, o := range c.hides {
		n := c.new[o.name]
		if n == nil || o.kind != funcEntity || n.kind != funcEntity || o.generic() || n.generic() {
			continue
		}
		x, y := c.pkg.Scope().Lookup(o.unique), c.pkg.Scope().Lookup(n.unique)
		if x != nil && y != nil && types.Identical(x.Type(), y.Type()) {
			gone[o] = true
		}
	}
	for _, m := range c.methods {
		if m.recv == nil {
			continue
		}
		for _, o := range m.recv.methods {
			if o.name == m.name {
				goneM[o] = true
			}
		}
	}
	_ = obj
	if len(gone)+len(goneM) == 0 {
		return
	}
	c.callers(gone, goneM)
	if len(c.relower)+len(c.remeth) == 0 {
		return
	}
	for o := range gone {
		o.rename(o.name)
	}
	live := c.w.live
	c.w.live = slices.DeleteFunc(slices.Clone(live), func(e *entity) bool { return gone[e] })
	c.check()
	c.w.live = live
	if len(c.problems) > 0 { // a body that no longer fits: its function stays as it was
		c.problems = nil
		clear(c.relower)
		clear(c.remeth)
		for o := range gone {
			o.rename(o.hidden())
		}
		c.check()
	}
}

// callers puts whatever calls the functions, directly or not, on the list of what is lowered again.
func (c *Checked) callers(fs map[*entity]bool, ms map[*method]bool) {
	hit := func(uses map[*entity]bool, calls map[*method]bool) bool {
		for u := range uses {
			if fs[u] || c.relower[u] {
				return true
			}
		}
		for m := range calls {
			if ms[m] || c.remeth[m] {
				return true
			}
		}
		return false
	}
	for again := true; again; {
		again = false
		for _, e := range c.w.live {
			if e.kind == funcEntity && !fs[e] && !e.generic() && !c.relower[e] && hit(e.uses, e.calls) {
				c.relower[e], again = true, true
			}
			if e.generic() {
				continue
			}
			for _, m := range e.methods {
				if !ms[m] && !c.remeth[m] && hit(m.uses, m.calls) {
					c.remeth[m], again = true, true
				}
			}
		}
	}
}

// Commit makes the cell's declarations, as prog has them in the interpreter, part of the session.
func (c *Checked) Commit(prog *Program) error {
	w := c.w
	prog.commit()
	obj := c.objects()
	w.sources[c.src.Unit] = c.src
	for name, path := range c.adds {
		w.imports[name] = path
	}
	for _, e := range c.order {
		if slices.Contains(w.live, e) {
			continue // a type that stays the same
		}
		if err := c.settle(e, obj); err != nil {
			return err
		}
	}
	for _, m := range c.methods {
		if m.recv == nil {
			continue
		}
		m.uses, m.calls = c.refer(m.fn, obj)
		m.recv.methods = append(slices.DeleteFunc(m.recv.methods, func(o *method) bool { return o.name == m.name }), m)
	}
	for e := range c.relower {
		e.uses, e.calls = c.refer(e.fn, obj)
	}
	for m := range c.remeth {
		m.uses, m.calls = c.refer(m.fn, obj)
	}
	for _, o := range c.hides {
		if w.current[o.name] == o {
			delete(w.current, o.name)
		}
		if n := c.new[o.name]; n != nil && n.emit == o.emit || n != nil && o.unique == o.name {
			n.idents = append(n.idents, o.idents...) // the new one takes the old one's place
			for _, e := range w.live {
				retarget(e, o, n)
			}
			w.live = slices.DeleteFunc(w.live, func(e *entity) bool { return e == o })
			n.rename(n.unique)
		}
	}
	for _, e := range c.order {
		if !slices.Contains(w.live, e) {
			w.live = append(w.live, e)
		}
		w.current[e.name] = e
		delete(w.imports, e.name)
	}
	return nil
}

func retarget(e, from, to *entity) {
	if e.uses[from] {
		delete(e.uses, from)
		e.uses[to] = true
	}
	for _, m := range e.methods {
		if m.uses[from] {
			delete(m.uses, from)
			m.uses[to] = true
		}
	}
}

// settle gives an entity the form in which later checks see it.
func (c *Checked) settle(e *entity, obj objects) error {
	e.uses, e.calls = map[*entity]bool{}, map[*method]bool{}
	o := c.pkg.Scope().Lookup(e.unique)
	switch e.kind {
	case typeEntity:
		e.uses, e.calls = c.refer(e.spec, obj)
	case funcEntity:
		e.uses, e.calls = c.refer(e.fn, obj)
	case constEntity, varEntity:
		t := o.Type()
		if e.kind == varEntity && !c.ours(t, map[types.Type]bool{}) {
			e.fixed = t
			return nil
		}
		if b, ok := t.(*types.Basic); !ok || b.Info()&types.IsUntyped == 0 {
			x, err := c.typeExpr(t)
			if err != nil {
				return fmt.Errorf("%s: %w", e.name, err)
			}
			e.typ = x
			c.named(x, e)
		}
		if k, ok := o.(*types.Const); ok {
			x, err := constExpr(k.Val(), t)
			if err != nil {
				return fmt.Errorf("%s: %w", e.name, err)
			}
			e.value = x
		}
	}
	return nil
}

// ours tells whether a type mentions one that a cell declared.
func (c *Checked) ours(t types.Type, seen map[types.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t := t.(type) {
	case *types.Alias:
		return c.ours(types.Unalias(t), seen)
	case *types.Named:
		if t.Obj().Pkg() == c.pkg {
			return true
		}
		for a := range t.TypeArgs().Types() {
			if c.ours(a, seen) {
				return true
			}
		}
	case *types.Pointer:
		return c.ours(t.Elem(), seen)
	case *types.Slice:
		return c.ours(t.Elem(), seen)
	case *types.Array:
		return c.ours(t.Elem(), seen)
	case *types.Chan:
		return c.ours(t.Elem(), seen)
	case *types.Map:
		return c.ours(t.Key(), seen) || c.ours(t.Elem(), seen)
	case *types.Tuple:
		for v := range t.Variables() {
			if c.ours(v.Type(), seen) {
				return true
			}
		}
	case *types.Signature:
		return c.ours(t.Params(), seen) || c.ours(t.Results(), seen)
	case *types.Struct:
		for f := range t.Fields() {
			if f.Pkg() == c.pkg || c.ours(f.Type(), seen) {
				return true
			}
		}
	case *types.Interface:
		for m := range t.Methods() {
			if m.Pkg() == c.pkg || c.ours(m.Type(), seen) {
				return true
			}
		}
	}
	return false
}

// typeExpr is a type as an expression in the package that is checked.
func (c *Checked) typeExpr(t types.Type) (ast.Expr, error) {
	text := types.TypeString(t, func(p *types.Package) string {
		if p == c.pkg {
			return ""
		}
		return c.w.aliasOf(p.Path())
	})
	x, err := parser.ParseExprFrom(c.w.fset, "", text, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("internal error: type %s: %w", text, err)
	}
	return x, nil
}

// named notes which entities the identifiers of a type expression mean.
func (c *Checked) named(x ast.Expr, e *entity) {
	byName := map[string]*entity{}
	for _, l := range c.w.live {
		byName[l.unique] = l
	}
	for _, n := range c.order {
		byName[n.unique] = n
	}
	ast.Inspect(x, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			ast.Inspect(n.Type, func(n ast.Node) bool { return c.nameIdent(n, byName, e) })
			return false
		case *ast.SelectorExpr:
			return false
		}
		return c.nameIdent(n, byName, e)
	})
}

func (c *Checked) nameIdent(n ast.Node, byName map[string]*entity, e *entity) bool {
	switch n := n.(type) {
	case *ast.SelectorExpr:
		return false
	case *ast.Ident:
		if t := byName[n.Name]; t != nil && t.kind == typeEntity {
			t.idents = append(t.idents, n)
			e.uses[t] = true
		}
	}
	return true
}

// refer notes what the identifiers of a declaration mean, and gives packages their names of the session.
func (c *Checked) refer(n ast.Node, obj objects) (uses map[*entity]bool, calls map[*method]bool) {
	uses, calls = map[*entity]bool{}, map[*method]bool{}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			switch o := c.info.Uses[n].(type) {
			case *types.PkgName:
				n.Name = c.w.aliasOf(o.Imported().Path())
			case nil:
			default:
				if e := obj.entity[o]; e != nil {
					if !slices.Contains(e.idents, n) {
						e.idents = append(e.idents, n)
					}
					uses[e] = true
				}
			}
		case *ast.SelectorExpr:
			if s := c.info.Selections[n]; s != nil {
				if f, ok := s.Obj().(*types.Func); ok {
					if m := obj.method[f.Origin()]; m != nil {
						calls[m] = true
					}
				}
			}
		}
		return true
	})
	return uses, calls
}

// constExpr is a constant as an expression.
func constExpr(v constant.Value, t types.Type) (ast.Expr, error) {
	text := ""
	switch v.Kind() {
	case constant.Bool:
		text = v.String()
	case constant.String:
		text = strconv.Quote(constant.StringVal(v))
	case constant.Int:
		text = v.ExactString()
		if b, ok := t.(*types.Basic); ok {
			switch b.Kind() {
			case types.UntypedRune:
				text = "'\\x00' + " + text
			case types.UntypedFloat:
				text += ".0"
			case types.UntypedComplex:
				text += " + 0i"
			}
		}
	case constant.Float:
		text = ratio(v)
	case constant.Complex:
		text = ratio(constant.Real(v)) + " + (" + ratio(constant.Imag(v)) + ")*1i"
	default:
		return nil, fmt.Errorf("internal error: constant %s", v)
	}
	return parser.ParseExpr(text)
}

func ratio(v constant.Value) string {
	num, den := constant.Num(v), constant.Denom(v)
	if num.Kind() != constant.Int || den.Kind() != constant.Int {
		return v.ExactString()
	}
	return num.ExactString() + ".0 / " + den.ExactString()
}

// Finish ends the cell: variables of steps that did not run are as before it, and what nothing refers to is forgotten.
// It gives the interpreter's names of the variables whose values can go: those that only statements of cells know.
func (c *Checked) Finish(ran int) (dropped []string) {
	w := c.w
	for _, s := range c.steps[min(ran, len(c.steps)):] {
		if s.spec == nil {
			continue
		}
		for i, n := range s.spec.Names {
			if s.reuse != nil && s.reuse[i] != nil {
				continue
			}
			c.undo(n.Name)
		}
	}
	marked := map[*entity]bool{}
	var mark func(e *entity)
	mark = func(e *entity) {
		if marked[e] {
			return
		}
		marked[e] = true
		for u := range e.uses {
			mark(u)
		}
		for m := range e.calls {
			mark(m.recv)
		}
		for _, m := range e.methods {
			for u := range m.uses {
				mark(u)
			}
		}
	}
	for _, e := range w.current {
		mark(e)
	}
	w.live = slices.DeleteFunc(w.live, func(e *entity) bool {
		if marked[e] {
			return false
		}
		if e.kind == varEntity && !e.held {
			dropped = append(dropped, e.emit)
		}
		return true
	})
	used := map[int]bool{}
	for _, e := range w.live {
		used[e.unit] = true
		for _, m := range e.methods {
			used[m.unit] = true
		}
	}
	if !used[c.src.Unit] {
		for _, f := range c.src.files {
			w.fset.RemoveFile(f)
		}
	}
	maps.DeleteFunc(w.sources, func(u int, s *Source) bool { return !used[u] && u != c.src.Unit && u < c.src.Unit-64 })
	return dropped
}

// undo gives a name back to what it meant before the cell.
func (c *Checked) undo(name string) {
	w := c.w
	e := c.new[name]
	if e == nil || w.current[name] != e {
		return
	}
	for _, o := range c.hides {
		if o.name == name && o.emit == e.emit {
			return // the same variable, with its old value
		}
	}
	delete(w.current, name)
	e.rename(e.hidden())
	for _, o := range c.hides {
		if o.name == name && slices.Contains(w.live, o) {
			o.rename(name)
			w.current[name] = o
		}
	}
}

// Abandon ends a cell that was checked but cannot run: nothing has changed.
func (c *Checked) Abandon() {
	for _, o := range c.hides {
		o.rename(o.name)
	}
}
