package cell

import (
	"errors"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Checked is a cell that type-checks together with what the session has declared.
type Checked struct {
	w    *World
	src  *Source
	pkg  *types.Package
	info *types.Info

	decls   []ast.Decl         // the cell's declarations, in the form that is checked
	steps   []*step            // what runs, in order
	new     map[string]*entity // what the cell declares
	order   []*entity          // the same, in order
	methods []*method          // methods of any type that the cell declares
	hides   []*entity          // entities that the cell replaces
	imports map[string]string  // import path by local name
	adds    map[string]string  // imports that the cell declares
	program bool               // the cell is a whole program, with a package clause
	relower map[*entity]bool
	remeth  map[*method]bool
	ops     *operators

	problems []Problem
}

// step is one thing that the cell does when it runs.
type step struct {
	item  *Item
	line  int
	stmt  ast.Stmt       // a statement; nil for variables
	spec  *ast.ValueSpec // variables that are declared, with their values
	reuse []*ast.Ident   // for each name of spec: the variable of the cell that is assigned instead, or nil
	show  ast.Expr       // the last expression, whose value is shown
	init  *ast.FuncDecl  // a func init
}

func newChecked(w *World, src *Source) *Checked {
	c := &Checked{w: w, src: src, new: map[string]*entity{}, imports: map[string]string{}, adds: map[string]string{}, relower: map[*entity]bool{}, remeth: map[*method]bool{}}
	c.ops = &operators{c: c, made: map[ast.Node]bool{}, assigns: map[*ast.AssignStmt]bool{}}
	return c
}

// Check type-checks a cell. The problems are all that were found; then nothing has changed.
func (w *World) Check(src *Source) (*Checked, []Problem) {
	c := newChecked(w, src)
	c.collect()
	if len(c.problems) > 0 {
		return nil, Sort(c.problems)
	}
	c.keepSame()
	for _, e := range c.order {
		c.hide(e.name, e)
	}
	for name := range c.imports {
		c.hide(name, nil)
	}
	ok := false
	defer func() {
		if !ok {
			c.restore()
		}
	}()
	for names := 0; ; {
		c.problems = nil
		c.try()
		if names < 8 && c.earlier() {
			names++
		} else if !c.ops.pass() {
			break
		}
	}
	c.ops.tell()
	c.problems = append(append(c.problems, c.ops.refused...), c.ops.mistakes()...)
	if len(c.problems) > 0 {
		return nil, Sort(c.problems)
	}
	c.swap()
	ok = true
	return c, nil
}

// hide gives the session's entity of a name another name, unless it is e.
func (c *Checked) hide(name string, e *entity) {
	if o := c.w.current[name]; o != nil && o != e {
		o.rename(o.hidden())
		c.hides = append(c.hides, o)
	}
}

// restore takes back the renaming of entities that the cell would have replaced.
func (c *Checked) restore() {
	for _, e := range c.hides {
		e.rename(e.name)
	}
}

func (c *Checked) fail(pos token.Pos, text string) *Problem {
	p := c.w.fset.Position(pos)
	c.problems = append(c.problems, c.src.problemAt(p.Line, p.Column, text))
	return &c.problems[len(c.problems)-1]
}

// collect sorts the items of the cell into declarations and steps.
func (c *Checked) collect() {
	last := -1
	for i, it := range c.src.Items {
		if it.Kind != Package {
			last = i
		}
	}
	for i := range c.src.Items {
		it := &c.src.Items[i]
		switch it.Kind {
		case Package:
			c.program = true
		case Import:
			c.importDecl(it.Decl.(*ast.GenDecl))
		case Decl:
			c.decl(it, it.Decl)
		case Var:
			c.varDecl(it, it.Decl.(*ast.GenDecl))
		case Stmt:
			c.statement(it, i == last)
		}
	}
	if c.program && c.new["main"] != nil && c.new["main"].kind == funcEntity {
		m := &ast.ExprStmt{X: &ast.CallExpr{Fun: ast.NewIdent("main")}}
		c.addStmt(&step{line: c.new["main"].line, stmt: m})
	}
}

func (c *Checked) importDecl(d *ast.GenDecl) {
	for _, s := range d.Specs {
		s := s.(*ast.ImportSpec)
		path, err := strconv.Unquote(s.Path.Value)
		if err != nil {
			c.fail(s.Path.Pos(), "import path "+s.Path.Value+" is not a string")
			continue
		}
		if !c.w.imp.has(path) {
			p := c.fail(s.Path.Pos(), "no package "+path+" here: cells import the standard library and the packages of this program")
			var paths []string
			if c.w.imp.lib != nil {
				paths = slices.Collect(maps.Keys(c.w.imp.lib.Packages()))
			}
			if n := closest(path, paths); n != "" {
				p.Hint = "did you mean " + strconv.Quote(n) + "?"
			}
			continue
		}
		name := ""
		if s.Name != nil {
			name = s.Name.Name
		}
		switch name {
		case "_":
			continue
		case ".":
			c.fail(s.Pos(), "a cell cannot import with a dot").Hint = "import " + s.Path.Value + " and write its name"
			continue
		case "":
			p, err := c.w.imp.Import(path)
			if err != nil {
				c.fail(s.Path.Pos(), err.Error())
				continue
			}
			name = p.Name()
		}
		c.imports[name] = path
		c.adds[name] = path
	}
}

func (c *Checked) declare(id *ast.Ident, kind entityKind) *entity {
	e := &entity{name: id.Name, kind: kind, unit: c.src.Unit, cell: c.src.Cell, line: c.line(id.Pos()), unique: id.Name}
	if id.Name == "_" {
		return e
	}
	if o := c.new[id.Name]; o != nil {
		p := c.fail(id.Pos(), id.Name+" is declared twice in this cell")
		p.Hint = "the first time in line " + strconv.Itoa(o.line)
		return e
	}
	c.new[id.Name] = e
	c.order = append(c.order, e)
	return e
}

func (c *Checked) line(pos token.Pos) int { return c.w.fset.Position(pos).Line }

func (c *Checked) decl(it *Item, d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		c.funcDecl(it, d)
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				e := c.declare(s.Name, typeEntity)
				e.spec, e.text = s, c.text(s.Pos(), s.End())
				e.doc = docText(d.Doc, s.Doc)
			case *ast.ValueSpec:
				for _, n := range s.Names {
					e := c.declare(n, constEntity)
					e.text = c.text(d.Pos(), d.End())
					e.doc = docText(d.Doc, s.Doc)
				}
			}
		}
		c.decls = append(c.decls, d)
	}
}

// docText is the text of comments, without the line directive that Cut puts before an item.
func docText(groups ...*ast.CommentGroup) string {
	var text string
	for _, g := range groups {
		if g == nil {
			continue
		}
		own := &ast.CommentGroup{List: slices.DeleteFunc(slices.Clone(g.List), func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "/*line unit") })}
		text += own.Text()
	}
	return text
}

// text is the source between two positions of the cell.
func (c *Checked) text(from, to token.Pos) string {
	a, b := c.offset(from), c.offset(to)
	if a < 0 || b < a || b > len(c.src.Text) {
		return ""
	}
	return c.src.Text[a:b]
}

func (c *Checked) offset(p token.Pos) int {
	pos := c.w.fset.Position(p)
	off := 0
	for l := 1; l < pos.Line; l++ {
		i := strings.IndexByte(c.src.Text[off:], '\n')
		if i < 0 {
			return -1
		}
		off += i + 1
	}
	return off + pos.Column - 1
}

func (c *Checked) funcDecl(it *Item, d *ast.FuncDecl) {
	c.decls = append(c.decls, d)
	if d.Body == nil {
		c.fail(d.Pos(), "func "+d.Name.Name+" has no body")
		return
	}
	if d.Recv == nil {
		if d.Name.Name == "init" && d.Type.Params.NumFields() == 0 && d.Type.Results.NumFields() == 0 {
			c.steps = append(c.steps, &step{item: it, line: c.line(d.Pos()), init: d})
			d.Name = &ast.Ident{NamePos: d.Name.NamePos, Name: "_"}
			return
		}
		e := c.declare(d.Name, funcEntity)
		e.fn, e.text, e.doc = d, c.text(d.Pos(), d.End()), docText(d.Doc)
		return
	}
	if recvIdent(d) == nil || d.Name.Name == "_" {
		return // go/types says what is wrong; a method without a name cannot be called
	}
	c.methods = append(c.methods, &method{name: d.Name.Name, unit: c.src.Unit, cell: c.src.Cell, line: c.line(d.Pos()), fn: d, doc: docText(d.Doc), text: c.text(d.Pos(), d.End())})
}

// recvIdent is the name of the receiver's type.
func recvIdent(d *ast.FuncDecl) *ast.Ident {
	if len(d.Recv.List) != 1 {
		return nil
	}
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.ParenExpr:
			t = x.X
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x
		default:
			return nil
		}
	}
}

func (c *Checked) varDecl(it *Item, d *ast.GenDecl) {
	for _, s := range d.Specs {
		s := s.(*ast.ValueSpec)
		for _, n := range s.Names {
			e := c.declare(n, varEntity)
			e.text = c.text(s.Pos(), s.End())
			e.doc = docText(d.Doc, s.Doc)
		}
		c.steps = append(c.steps, &step{item: it, line: c.line(s.Pos()), spec: s})
		c.decls = append(c.decls, &ast.GenDecl{Tok: token.VAR, TokPos: s.Pos(), Specs: []ast.Spec{s}})
	}
}

// statement makes a step of a statement; x := e declares variables of the session.
func (c *Checked) statement(it *Item, last bool) {
	line := c.line(it.Stmt.Pos())
	if r := freeReturn(it.Stmt); r != nil {
		p := c.fail(r.Pos(), "return outside of a function")
		p.Hint = "to show a value, write it as the last line; to leave early, put the lines into a function"
		return
	}
	switch s := it.Stmt.(type) {
	case *ast.EmptyStmt:
		return
	case *ast.AssignStmt:
		if s.Tok == token.DEFINE {
			c.define(it, s)
			return
		}
	case *ast.DeclStmt:
		c.decl(it, s.Decl)
		return
	case *ast.ExprStmt:
		if last {
			c.addStmt(&step{item: it, line: line, stmt: s, show: s.X})
			return
		}
	}
	c.addStmt(&step{item: it, line: line, stmt: it.Stmt})
}

// freeReturn is a return statement that belongs to no function, nil if there is none.
func freeReturn(s ast.Stmt) (found *ast.ReturnStmt) {
	ast.Inspect(s, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			if found == nil {
				found = n
			}
		}
		return found == nil
	})
	return found
}

// addStmt adds a step; for the check the statement is the body of a function.
func (c *Checked) addStmt(s *step) {
	c.steps = append(c.steps, s)
	c.addBody(s.stmt)
}

func (c *Checked) addBody(s ast.Stmt) {
	c.decls = append(c.decls, &ast.FuncDecl{
		Name: &ast.Ident{NamePos: s.Pos(), Name: "_"},
		Type: &ast.FuncType{Func: s.Pos(), Params: &ast.FieldList{}},
		Body: &ast.BlockStmt{Lbrace: s.Pos(), List: []ast.Stmt{s}, Rbrace: s.End()},
	})
}

func (c *Checked) define(it *Item, s *ast.AssignStmt) {
	spec := &ast.ValueSpec{Values: s.Rhs}
	st := &step{item: it, line: c.line(s.Pos()), spec: spec}
	fresh := false
	for _, x := range s.Lhs {
		id, ok := x.(*ast.Ident)
		if !ok {
			c.fail(x.Pos(), "left of := can only be names").Hint = "use = to assign"
			return
		}
		if e := c.new[id.Name]; e != nil && e.kind == varEntity && id.Name != "_" {
			tmp := &ast.Ident{NamePos: id.Pos(), Name: "value" + old + strconv.Itoa(len(c.steps)) + "of" + id.Name}
			spec.Names = append(spec.Names, tmp)
			st.reuse = append(st.reuse, id)
			c.addBody(&ast.AssignStmt{Lhs: []ast.Expr{id}, TokPos: s.TokPos, Tok: token.ASSIGN, Rhs: []ast.Expr{&ast.Ident{NamePos: id.Pos(), Name: tmp.Name}}})
			continue
		}
		spec.Names = append(spec.Names, id)
		st.reuse = append(st.reuse, nil)
		if id.Name != "_" {
			fresh = true
			e := c.declare(id, varEntity)
			e.text = c.text(s.Pos(), s.End())
		}
	}
	if !fresh {
		c.fail(s.TokPos, "no new variables on left side of :=").Hint = "use = to assign"
		return
	}
	c.steps = append(c.steps, st)
	c.decls = append(c.decls, &ast.GenDecl{Tok: token.VAR, TokPos: s.Pos(), Specs: []ast.Spec{spec}})
}

// keepSame takes out of the cell the types that it declares just as an earlier cell did: they stay the same type.
func (c *Checked) keepSame() {
	same := map[string]bool{}
	for _, e := range c.order {
		o := c.w.current[e.name]
		if e.kind == typeEntity && o != nil && o.kind == typeEntity && o.text == e.text {
			same[e.name] = true
		}
	}
	for again := true; again; {
		again = false
		for name := range same {
			for u := range c.w.current[name].uses {
				n := c.new[u.name]
				if c.w.current[u.name] != u || n != nil && n.kind == typeEntity && !same[u.name] || n != nil && n.kind == constEntity {
					delete(same, name)
					again = true
				}
			}
		}
	}
	if len(same) == 0 {
		return
	}
	var order []*entity
	for _, e := range c.order {
		if same[e.name] {
			e = c.w.current[e.name]
			c.new[e.name] = e
		}
		order = append(order, e)
	}
	c.order = order
	for i, d := range c.decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		n := *g
		n.Specs = slices.DeleteFunc(slices.Clone(g.Specs), func(s ast.Spec) bool { return same[s.(*ast.TypeSpec).Name.Name] })
		c.decls[i] = &n
	}
}

// check type-checks the session's declarations and the cell as one package.
func (c *Checked) check() {
	c.try()
	c.ops.tell()
}

// try is check without the problems that calls may mend.
func (c *Checked) try() {
	w := c.w
	c.pkg = types.NewPackage("main", "main")
	c.info = newInfo()
	c.ops.held = nil
	session := c.sessionFile()
	cell := c.cellFile()
	var found []types.Error
	conf := types.Config{
		Importer:  w.imp,
		GoVersion: "go1.26",
		Sizes:     types.SizesFor("gc", "amd64"),
		Error: func(err error) {
			var te types.Error
			if errors.As(err, &te) {
				found = append(found, te)
			}
		},
	}
	_ = types.NewChecker(&conf, w.fset, c.pkg, c.info).Files([]*ast.File{session, cell})
	for _, e := range found { // when all is known that hints are made of
		if strings.Contains(e.Msg, "unknown type") && len(found) > 1 {
			continue // another error makes it
		}
		if !c.ops.hold(e) {
			c.typeError(e)
		}
	}
}

func newInfo() *types.Info {
	return &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
		Instances: map[*ast.Ident]types.Instance{}, Scopes: map[ast.Node]*types.Scope{},
	}
}
