package cell

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"sort"
	"strconv"
)

// read makes one Reading.
type read struct {
	*Reading
	r      *Reader
	c      *Checked
	obj    objects
	labels map[types.Object]int
}

func (r *Reader) reading(c *Checked, obj objects) *Reading {
	d := &read{Reading: &Reading{Source: c.src, Program: c.program, Builtins: map[string]bool{}, versions: map[types.Object]*Version{}}, r: r, c: c, obj: obj, labels: map[types.Object]int{}}
	d.declared()
	for _, it := range c.src.Items {
		switch it.Kind {
		case Decl, Var:
			d.refs(it.Decl)
			if f, ok := it.Decl.(*ast.FuncDecl); ok {
				d.function(f)
			}
		case Stmt:
			d.refs(it.Stmt)
		case Import:
			for _, s := range it.Decl.(*ast.GenDecl).Specs {
				if s := s.(*ast.ImportSpec); s.Name != nil && s.Name.Name == "_" {
					path, _ := strconv.Unquote(s.Path.Value)
					d.Blank = append(d.Blank, path)
				}
			}
		}
		d.repeats(it)
	}
	sort.Slice(d.Refs, func(i, j int) bool { return d.Refs[i].Off < d.Refs[j].Off })
	d.Refs = slices.Compact(d.Refs)
	for _, s := range c.steps {
		d.Actions = append(d.Actions, d.action(s))
	}
	return d.Reading
}

// declared makes versions of what the cell declares.
func (d *read) declared() {
	c, r := d.c, d.r
	for o, e := range d.obj.entity {
		if v := r.entities[e]; v != nil {
			d.versions[o] = v
		}
	}
	for o, m := range d.obj.method {
		if v := r.methods[m]; v != nil {
			d.versions[o] = v
		}
	}
	for _, e := range c.order {
		o := c.pkg.Scope().Lookup(e.unique)
		if r.entities[e] != nil || o == nil {
			continue
		}
		v := &Version{Name: e.name, Kind: VersionKind(e.kind), Cell: c.src.Cell, Generic: e.generic()}
		r.entities[e], d.versions[o] = v, v
		d.Declares = append(d.Declares, v)
	}
	for _, m := range c.methods {
		f, ok := c.info.Defs[m.fn.Name].(*types.Func)
		if !ok || m.recv == nil {
			continue
		}
		v := &Version{Name: m.name, Kind: MethodVersion, Cell: c.src.Cell, Recv: r.entities[m.recv], Generic: m.recv.generic()}
		v.Type = d.typeText(unnamed(f.Signature()))
		r.methods[m], d.versions[f] = v, v
		d.Declares = append(d.Declares, v)
		for _, old := range m.recv.methods {
			if o := r.methods[old]; old.name == m.name && o.Type.equal(v.Type) {
				v.Takes = o
			}
		}
	}
	for _, e := range c.order {
		v, o := r.entities[e], c.pkg.Scope().Lookup(e.unique)
		if o == nil || v.Cell != c.src.Cell {
			continue
		}
		switch e.kind {
		case varEntity:
			v.Type = d.typeText(o.Type())
			v.Zero = zeroText(o.Type())
		case funcEntity:
			v.Type = d.typeText(unnamed(o.Type().(*types.Signature)))
		}
		for _, old := range c.hides {
			if old.name != e.name || old.kind != e.kind {
				continue
			}
			same := e.kind == varEntity && old.emit == e.emit
			called := e.kind == funcEntity && old.unique == old.name // what called the old one calls this one
			if same || called {
				v.Takes = r.entities[old]
			}
		}
	}
}

// unnamed is a signature without the names of its parameters, and without a receiver.
func unnamed(s *types.Signature) types.Type {
	tuple := func(t *types.Tuple) *types.Tuple {
		var vs []*types.Var
		for v := range t.Variables() {
			vs = append(vs, types.NewParam(token.NoPos, v.Pkg(), "", v.Type()))
		}
		return types.NewTuple(vs...)
	}
	return types.NewSignatureType(nil, nil, nil, tuple(s.Params()), tuple(s.Results()), s.Variadic())
}

func (t Excerpt) equal(u Excerpt) bool { return t.Source == u.Source && slices.Equal(t.Refs, u.Refs) }

// typeText is a type as source.
func (d *read) typeText(t types.Type) Excerpt {
	x, err := d.c.typeExpr(t)
	if err != nil {
		d.c.problems = append(d.c.problems, d.c.src.problemAt(1, 1, err.Error()))
		return Excerpt{}
	}
	text := Excerpt{Source: types.ExprString(x)}
	if x, err = parser.ParseExpr(text.Source); err != nil {
		return text
	}
	byName := map[string]*Version{}
	for o, v := range d.versions {
		if v.Kind == TypeVersion {
			byName[o.Name()] = v
		}
	}
	var look func(n ast.Node) bool
	look = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			ast.Inspect(n.Type, look)
			return false
		case *ast.SelectorExpr:
			id := n.X.(*ast.Ident)
			text.Refs = append(text.Refs, Ref{Off: int(id.Pos()) - 1, End: int(id.End()) - 1, Path: d.c.w.pathOf(id.Name)})
			return false
		case *ast.Ident:
			if v := byName[n.Name]; v != nil {
				text.Refs = append(text.Refs, Ref{Off: int(n.Pos()) - 1, End: int(n.End()) - 1, Version: v})
			} else if types.Universe.Lookup(n.Name) != nil {
				d.Builtins[n.Name] = true
			}
		}
		return true
	}
	ast.Inspect(x, look)
	return text
}

// zeroText is the zero value of a type: "{}" stands for the type followed by {}.
func zeroText(t types.Type) string {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch {
		case u.Info()&types.IsNumeric != 0:
			return "0"
		case u.Info()&types.IsString != 0:
			return `""`
		case u.Info()&types.IsBoolean != 0:
			return "false"
		}
	case *types.Struct, *types.Array:
		return "{}"
	}
	return "nil"
}

// offset is the offset of a position in the cell, whatever line directives the cell has.
func (d *read) offset(p token.Pos) int {
	f := d.c.w.fset.File(p)
	return f.Offset(p) + d.c.src.shifts[f]
}

// span is where a node is.
func (d *read) span(n ast.Node) Span { return Span{d.offset(n.Pos()), d.end(n)} }

// end is the offset behind a node. An identifier may have been renamed: then its length in the source is another one.
func (d *read) end(n ast.Node) int {
	switch n := n.(type) {
	case *ast.Ident:
		return d.identEnd(d.offset(n.Pos()))
	case *ast.SelectorExpr:
		return d.end(n.Sel)
	case *ast.StarExpr:
		return d.end(n.X)
	case *ast.UnaryExpr:
		return d.end(n.X)
	case *ast.BinaryExpr:
		return d.end(n.Y)
	case *ast.ArrayType:
		return d.end(n.Elt)
	case *ast.MapType:
		return d.end(n.Value)
	case *ast.ChanType:
		return d.end(n.Value)
	case *ast.TypeSpec:
		return d.end(n.Type)
	case *ast.ExprStmt:
		return d.end(n.X)
	case *ast.FuncType:
		if n.Results != nil && !n.Results.Closing.IsValid() {
			return d.end(n.Results.List[0].Type)
		}
	}
	return d.offset(n.End()-1) + 1
}

// identEnd is the end of the identifier at an offset.
func (d *read) identEnd(off int) int {
	end := off
	for i, r := range d.Text[off:] {
		if !isLetter(r) {
			break
		}
		end = off + i + len(string(r))
	}
	return end
}

// refs notes what the identifiers of a node mean.
func (d *read) refs(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || !id.Pos().IsValid() {
			return true
		}
		o := d.c.info.Uses[id]
		if o == nil {
			o = d.c.info.Defs[id]
		}
		off := d.offset(id.Pos())
		ref := Ref{Off: off, End: d.identEnd(off)}
		switch x := o.(type) {
		case nil:
			return true
		case *types.PkgName:
			ref.Path = x.Imported().Path()
		case *types.Label:
			if d.labels[x] == 0 {
				d.labels[x] = len(d.labels) + 1
			}
			ref.Label = d.labels[x]
		case *types.Func:
			ref.Version = d.versions[x.Origin()]
		case *types.Var:
			ref.Version = d.versions[x]
			if x.Embedded() && x.IsField() { // its name is that of its type
				if n := named(x.Type()); n != nil {
					ref.Version = d.versions[n]
				}
			}
		default:
			ref.Version = d.versions[o]
			if o.Parent() == types.Universe {
				d.Builtins[o.Name()] = true
			}
		}
		if ref.Path != "" || ref.Label > 0 || ref.Version != nil {
			d.Refs = append(d.Refs, ref)
		}
		return true
	})
}

// named is the declaration of a type or of what it points to.
func named(t types.Type) types.Object {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	switch t := t.(type) {
	case *types.Alias:
		return t.Obj()
	case *types.Named:
		return t.Obj()
	}
	return nil
}

// function notes where the parts of a function's declaration are.
func (d *read) function(f *ast.FuncDecl) {
	v := d.versions[d.c.info.Defs[f.Name]]
	if v == nil {
		return
	}
	v.Func = &FuncText{Name: Span{d.offset(f.Name.Pos()), d.identEnd(d.offset(f.Name.Pos()))}, Results: f.Type.Results.NumFields() > 0}
	if f.Recv != nil {
		v.Func.Recv = d.params(f.Recv)
	}
	v.Func.Params = d.params(f.Type.Params)
	v.Func.ParamsEnd = d.offset(f.Type.Params.Closing) + 1
	v.Func.Body = d.span(f.Body)
}

func (d *read) params(l *ast.FieldList) (ps []Param) {
	for _, f := range l.List {
		p := Param{}
		for _, n := range f.Names {
			p.Names = append(p.Names, n.Name)
		}
		t := f.Type
		if e, ok := t.(*ast.Ellipsis); ok {
			t, p.Variadic = e.Elt, true
		}
		p.Type = d.span(t)
		ps = append(ps, p)
	}
	return ps
}

// repeats notes the types that the cell declares just as an earlier one did.
func (d *read) repeats(it Item) {
	g, ok := it.Decl.(*ast.GenDecl)
	if !ok || g.Tok != token.TYPE {
		return
	}
	for _, s := range g.Specs {
		s := s.(*ast.TypeSpec)
		if e := d.c.new[s.Name.Name]; e != nil && e.spec != s {
			d.Repeats = append(d.Repeats, d.span(s))
		}
	}
}
