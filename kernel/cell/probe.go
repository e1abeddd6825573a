package cell

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"maps"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Probe is what is known about a place in a cell that is being written.
type Probe struct {
	w    *World
	c    *Checked
	Word string // the identifier at the place, as far as it is written
	From int    // byte offset of its beginning
	To   int    // and of its end
	path []ast.Node

	files []*Source
}

// Close gives back what the probe took.
func (p *Probe) Close() {
	for _, s := range p.files {
		for _, f := range s.files {
			p.w.fset.RemoveFile(f)
		}
	}
}

// here takes the place of the identifier that is being written.
const here = old + "here"

// At looks at the byte offset off of a cell that need not be complete or right. Nothing changes in the session.
// With whole the identifier at off stays as it is, else only what stands before off counts.
func (w *World) At(text string, off int, whole bool) *Probe {
	off = max(0, min(off, len(text)))
	p := &Probe{w: w, From: off, To: off}
	for p.From > 0 {
		r, n := utf8.DecodeLastRuneInString(text[:p.From])
		if !isLetter(r) {
			break
		}
		p.From -= n
	}
	for p.To < len(text) {
		r, n := utf8.DecodeRuneInString(text[p.To:])
		if !isLetter(r) {
			break
		}
		p.To += n
	}
	p.Word = text[p.From:off]
	name := here
	if whole {
		p.Word = text[p.From:p.To]
		name = p.Word
	}
	if name == "" {
		name = here
	}
	before, after := text[:p.From]+name, text[p.To:]
	if !p.try(before+after, name, p.From) {
		p.try(before+closers(before), name, p.From)
	}
	return p
}

func isLetter(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r)
}

// closers are the brackets that end what text leaves open.
func closers(text string) string {
	var open []string
	fs := token.NewFileSet()
	file := fs.AddFile("", -1, len(text))
	var sc scanner.Scanner
	sc.Init(file, []byte(text), func(token.Position, string) {}, 0)
	for {
		_, t, _ := sc.Scan()
		switch t {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			open = append(open, closing[t].String())
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		case token.EOF:
			s := ""
			for i := len(open) - 1; i >= 0; i-- {
				if open[i] == "}" {
					s += "\n"
				}
				s += open[i]
			}
			return s
		}
	}
}

// try checks a text and looks for the node at an offset of it.
func (p *Probe) try(text, name string, off int) bool {
	w := p.w
	src := &Source{Unit: 1 << 30, Text: text, fset: w.fset}
	p.files = append(p.files, src)
	chunks, _ := split(src)
	for _, ch := range chunks {
		it, problems := src.parse(ch)
		if len(problems) == 0 {
			src.Items = append(src.Items, it)
			continue
		}
		if ch.from <= off && off < ch.end {
			if it, ok := src.partly(ch); ok {
				src.Items = append(src.Items, it)
				continue
			}
			return false
		}
	}
	c := newChecked(w, src)
	c.collect()
	c.keepSame()
	for _, e := range c.order {
		c.hide(e.name, e)
	}
	for name := range c.imports {
		c.hide(name, nil)
	}
	defer c.restore()
	for c.try(); c.ops.pass(); c.try() {
	}
	p.c = c
	line, col := src.lineCol(off)
	p.path = nil
	for _, d := range c.decls {
		p.find(d, name, line, col)
	}
	for _, it := range src.Items {
		if it.Kind == Import && p.path == nil {
			p.find(it.Decl, name, line, col)
		}
	}
	return len(p.path) > 0
}

// partly gives what the parser made of an item that is not right.
func (s *Source) partly(c chunk) (it Item, ok bool) {
	if c.kind != Stmt {
		return it, false
	}
	it = Item{Kind: Stmt, Off: c.off, End: c.end}
	head := "package p; func _() {\n"
	f, _ := parser.ParseFile(s.fset, fileName(s.Unit), head+lineDirective(s, c.off)+s.Text[c.off:c.end]+"\n}\n", parser.SkipObjectResolution|parser.AllErrors)
	if f != nil {
		s.files = append(s.files, s.fset.File(f.FileStart))
	}
	if f == nil || len(f.Decls) != 1 {
		return it, false
	}
	d, ok := f.Decls[0].(*ast.FuncDecl)
	if !ok || d.Body == nil || len(d.Body.List) == 0 {
		return it, false
	}
	it.Stmt = d.Body
	return it, true
}

// find notes the path to the identifier of a name at a line and column.
func (p *Probe) find(root ast.Node, name string, line, col int) {
	var path []ast.Node
	ast.Inspect(root, func(n ast.Node) bool {
		if n == nil {
			path = path[:len(path)-1]
			return true
		}
		path = append(path, n)
		if id, ok := n.(*ast.Ident); ok && p.path == nil && id.Name == name && id.Pos().IsValid() {
			if q := p.w.fset.Position(id.Pos()); q.Line == line && q.Column == col && unitOf(q.Filename) == 1<<30 {
				p.path = append([]ast.Node(nil), path...)
			}
		}
		return true
	})
}

func (p *Probe) parent(i int) ast.Node {
	if n := len(p.path) - 1 - i; n >= 0 {
		return p.path[n]
	}
	return nil
}

// Name is something that can be written at a place.
type Name struct {
	Name   string
	Kind   string // "function", "type", "variable", "constant", "module", "keyword", "field", "method"
	Detail string // its signature or type
}

// Names are what can stand at the place.
func (p *Probe) Names() []Name {
	id, _ := p.parent(0).(*ast.Ident)
	if s, ok := p.parent(1).(*ast.SelectorExpr); ok && s.Sel == id {
		return p.members(s.X)
	}
	seen := map[string]bool{}
	var out []Name
	add := func(n Name) {
		if !seen[n.Name] && n.Name != "_" && !strings.Contains(n.Name, old) {
			seen[n.Name] = true
			out = append(out, n)
		}
	}
	if p.c != nil && id != nil {
		p.fields(add)
		for s := p.innermost(id.Pos()); s != nil && s != p.c.pkg.Scope() && s != types.Universe; s = s.Parent() {
			for _, n := range s.Names() {
				if o := s.Lookup(n); o.Pos() < id.Pos() {
					add(p.describe(o))
				}
			}
		}
		for _, n := range p.c.pkg.Scope().Names() {
			if o := p.c.pkg.Scope().Lookup(n); o.Name() != here {
				add(p.describe(o))
			}
		}
	} else {
		for n, e := range p.w.current {
			add(Name{Name: n, Kind: [...]string{"type", "function", "variable", "constant"}[e.kind]})
		}
	}
	for n := range p.w.imports {
		add(Name{Name: n, Kind: "module"})
	}
	for _, n := range types.Universe.Names() {
		add(p.describe(types.Universe.Lookup(n)))
	}
	for t := token.BREAK; t <= token.VAR; t++ {
		add(Name{Name: t.String(), Kind: "keyword"})
	}
	if p.w.imp.lib != nil {
		for path, n := range p.w.imp.lib.Packages() {
			add(Name{Name: n, Kind: "module", Detail: path})
		}
	}
	return out
}

// fields are those of the struct whose literal the place is in.
func (p *Probe) fields(add func(Name)) {
	for i := 1; i < 3; i++ {
		cl, ok := p.parent(i).(*ast.CompositeLit)
		if !ok {
			continue
		}
		t := p.c.info.Types[cl].Type
		if t == nil {
			return
		}
		if pt, ok := t.Underlying().(*types.Pointer); ok {
			t = pt.Elem()
		}
		if st, ok := t.Underlying().(*types.Struct); ok {
			for f := range st.Fields() {
				if f.Exported() || f.Pkg() == p.c.pkg {
					add(Name{Name: f.Name(), Kind: "field", Detail: p.typeText(f.Type())})
				}
			}
		}
	}
}

func (p *Probe) innermost(pos token.Pos) (best *types.Scope) {
	for _, s := range p.c.info.Scopes {
		if s.Contains(pos) && (best == nil || best.Contains(s.Pos()) && s.End() <= best.End()) {
			best = s
		}
	}
	return best
}

// members are what can follow x and a dot.
func (p *Probe) members(x ast.Expr) (out []Name) {
	if id, ok := x.(*ast.Ident); ok {
		if pn, ok := p.c.info.Uses[id].(*types.PkgName); ok {
			return p.packageNames(pn.Imported())
		}
		if p.c.info.Uses[id] == nil && p.c.info.Defs[id] == nil {
			if path := p.c.packagePath(id.Name, nil); path != "" {
				if pkg, err := p.w.imp.Import(path); err == nil {
					return p.packageNames(pkg)
				}
			}
		}
	}
	t := p.c.info.Types[x].Type
	if t == nil {
		return nil
	}
	pt := t
	if _, ok := t.Underlying().(*types.Pointer); !ok && !types.IsInterface(t) {
		pt = types.NewPointer(t)
	}
	seen := map[string]bool{}
	ours := func(o types.Object) bool { return (o.Exported() || o.Pkg() == p.c.pkg) && !seen[o.Name()] }
	eachField(t, 0, func(o types.Object) {
		if ours(o) {
			seen[o.Name()] = true
			out = append(out, Name{Name: o.Name(), Kind: "field", Detail: p.typeText(o.Type())})
		}
	})
	for s := range types.NewMethodSet(pt).Methods() {
		if o := s.Obj(); ours(o) {
			seen[o.Name()] = true
			out = append(out, Name{Name: o.Name(), Kind: "method", Detail: p.signature(o.Name(), s.Type())})
		}
	}
	return out
}

func (p *Probe) packageNames(pkg *types.Package) (out []Name) {
	for _, n := range pkg.Scope().Names() {
		if o := pkg.Scope().Lookup(n); o.Exported() {
			out = append(out, p.describe(o))
		}
	}
	return out
}

func (p *Probe) describe(o types.Object) Name {
	n := Name{Name: o.Name()}
	switch o := o.(type) {
	case *types.TypeName:
		n.Kind = "type"
	case *types.Func:
		n.Kind, n.Detail = "function", p.signature(o.Name(), o.Type())
	case *types.Builtin:
		n.Kind = "function"
	case *types.Const, *types.Nil:
		n.Kind, n.Detail = "constant", p.typeText(o.Type())
	case *types.PkgName:
		n.Kind, n.Detail = "module", o.Imported().Path()
	default:
		n.Kind, n.Detail = "variable", p.typeText(o.Type())
	}
	return n
}

func (p *Probe) qualify(pkg *types.Package) string {
	if p.c != nil && pkg == p.c.pkg {
		return ""
	}
	return pkg.Name()
}

func (p *Probe) typeText(t types.Type) string {
	if t == nil {
		return ""
	}
	return reOld.ReplaceAllString(types.TypeString(t, p.qualify), "$1")
}

func (p *Probe) signature(name string, t types.Type) string {
	return name + strings.TrimPrefix(p.typeText(t), "func")
}

// Found is what stands at a place.
type Found struct {
	Title   string // the declaration, in Go
	Doc     string // documentation of names that cells declare
	Path    string // import path of the package that declares it, "" for names of cells
	Symbol  string // its name in the package: Name, Type.Name, or "" for the package itself
	Source  string // the source of names that cells declare
	Cell    int    // the cell that declares it
	Emit    string // the interpreter's name of a variable of the session
	Members []Name // of packages and types: what they have
}

// Object describes what the identifier at the place means; not ok if that is not known. Inside of the parentheses of a call
// it is the function.
func (p *Probe) Object() (f Found, ok bool) {
	if p.c == nil {
		return f, false
	}
	id, _ := p.parent(0).(*ast.Ident)
	if id == nil {
		return f, false
	}
	o := p.c.info.ObjectOf(id)
	if o == nil && p.c.info.Uses[id] == nil {
		if s, isSel := p.parent(1).(*ast.SelectorExpr); !isSel || s.Sel != id {
			if path := p.c.packagePath(id.Name, nil); path != "" {
				if pkg, err := p.w.imp.Import(path); err == nil {
					return p.packageFound(pkg), true
				}
			}
		}
		return f, false
	}
	if pn, isPkg := o.(*types.PkgName); isPkg {
		return p.packageFound(pn.Imported()), true
	}
	f.Title = reOld.ReplaceAllString(types.ObjectString(o, p.qualify), "$1")
	if k, isConst := o.(*types.Const); isConst {
		f.Title += " = " + k.Val().String()
	}
	f.Symbol = o.Name()
	if o.Pkg() != nil && o.Pkg() != p.c.pkg {
		f.Path = o.Pkg().Path()
	}
	if s, isSel := p.parent(1).(*ast.SelectorExpr); isSel && s.Sel == id {
		if sel := p.c.info.Selections[s]; sel != nil {
			f.Symbol = p.owner(sel) + "." + o.Name()
		}
	}
	p.ours(o, &f)
	if tn, isType := o.(*types.TypeName); isType {
		f.Members = p.typeMembers(tn)
	}
	return f, true
}

// owner is the name of the type that declares what a selection finds.
func (p *Probe) owner(sel *types.Selection) string {
	t := sel.Recv()
	if fn, ok := sel.Obj().(*types.Func); ok && fn.Signature().Recv() != nil {
		t = fn.Signature().Recv().Type()
	} else {
		for _, i := range sel.Index()[:len(sel.Index())-1] {
			if pt, ok := t.Underlying().(*types.Pointer); ok {
				t = pt.Elem()
			}
			t = t.Underlying().(*types.Struct).Field(i).Type()
		}
	}
	if pt, ok := types.Unalias(t).(*types.Pointer); ok {
		t = pt.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return n.Obj().Name()
	}
	return ""
}

// ours adds what the session knows about a name that a cell declared.
func (p *Probe) ours(o types.Object, f *Found) {
	if o.Pkg() != p.c.pkg {
		return
	}
	for _, e := range append(append([]*entity(nil), p.w.live...), p.c.order...) {
		if p.c.pkg.Scope().Lookup(e.unique) == o {
			f.Doc, f.Source, f.Cell = e.doc, e.text, e.cell
			if e.kind == varEntity {
				f.Emit = e.emit
			}
		}
		for _, m := range e.methods {
			if p.c.info.Defs[m.fn.Name] == o {
				f.Doc, f.Source, f.Cell = m.doc, m.text, m.cell
			}
		}
	}
}

func (p *Probe) packageFound(pkg *types.Package) Found {
	return Found{Title: "package " + pkg.Name() + " // import \"" + pkg.Path() + "\"", Path: pkg.Path(), Members: p.packageNames(pkg)}
}

func (p *Probe) typeMembers(tn *types.TypeName) (out []Name) {
	t := tn.Type()
	if !types.IsInterface(t) {
		t = types.NewPointer(t)
	}
	for s := range types.NewMethodSet(t).Methods() {
		if o := s.Obj(); o.Exported() || o.Pkg() == p.c.pkg {
			out = append(out, Name{Name: o.Name(), Kind: "method", Detail: p.signature(o.Name(), s.Type())})
		}
	}
	return out
}

// Variables are the variables of the session, with their types, in order of their names.
func (w *World) Variables() (out []Name) {
	for _, n := range sortedNames(w.current) {
		if e := w.current[n]; e.kind == varEntity {
			out = append(out, Name{Name: n, Kind: "variable", Detail: e.emit})
		}
	}
	return out
}

func sortedNames(m map[string]*entity) []string {
	var ns []string
	for n := range maps.Keys(m) {
		ns = append(ns, n)
	}
	sort.Strings(ns)
	return ns
}
