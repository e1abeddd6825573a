package cell

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"sort"
	"strconv"
	"strings"
)

// Program is a lowered cell: the text of one file for the interpreter, and what the session must know to run it.
//
// What a cell declares and what it does are texts of their own: the interpreter keeps a text as long as anything that it
// declares, and functions that only run once are to go.
type Program struct {
	Decls   Text         // declares what stays; its init tells the runtime about it
	Run     Text         // the steps; its init hands them to the runtime; empty if they are in Decls, since they make literals
	Steps   []Step       // in the order in which they are handed over
	Structs []*Structure // struct types that the interpreter must have, as package ty
	Types   []*Type      // types that the runtime must know, new with this cell
	Methods []MethodSet  // the methods of types that have some or other ones from now on
	Funcs   []*Func      // functions that were lowered
	commit  func()
}

// Step is one thing that a cell does when it runs.
type Step struct {
	Line  int
	Show  bool // it shows the value of the last expression
	Names []string
}

// Text is a file for the interpreter.
type Text struct {
	File    string // the name that the interpreter's positions carry
	Source  string
	Imports []PackageName // compiled packages that it uses; those of Run are not in its source
	Lines   []Place       // for each line, from 1, the place that it comes from
}

// PackageName is what a text calls a package.
type PackageName struct{ Path, Name string }

// StepFile is the file of the steps of all cells.
const StepFile = "steps.go"

// StepMark is the interpreter's variable that has the line that the running step is at.
const StepMark = "line_step"

// Place is a line of a unit, inside of a function.
type Place struct{ Func, Unit, Line int }

// Func is a function, method, literal or step that was lowered.
type Func struct {
	ID   int
	Name string // as people know it; "" for a step of a cell
	Unit int
	Cell int
	Line int
	Mark string // the interpreter's variable that holds the line that it is at

	Emit  string         // its name in the text; "" for a literal
	Calls map[string]int // the line of its calls of each function, by name in the text, "" for those that are not known; 0 if there are several
}

// CallOf is the line where the function calls another one, 0 if that is not known.
func (f *Func) CallOf(emit string) int {
	if line, ok := f.Calls[emit]; ok {
		return line
	}
	return f.Calls[""]
}

// pkgInfo is a package that is lowered from its syntax.
type pkgInfo struct {
	types *types.Package
	info  *types.Info
	funcs map[*types.Func]*ast.FuncDecl
	fset  *token.FileSet
	twin  bool // source of a compiled package, for its generic functions
	gotos map[types.Object]bool
}

// lowerer lowers one cell.
type lowerer struct {
	w       *World
	c       *Checked
	main    *pkgInfo
	src     map[*types.Package]*pkgInfo
	obj     objects
	suffix  string // makes names of this unit its own
	vars    bytes.Buffer
	funcs   bytes.Buffer
	inits   bytes.Buffer
	steps   bytes.Buffer // the functions of the steps
	queue   []func()
	imports map[string]string
	tmp     int
	at      int // the line that is being lowered
	keys    map[types.Type]string
	recur   map[string]bool   // types that are made of themselves, by key
	locals  map[string]string // emitted names of types declared in functions
	vname   map[types.Object]string
	prog    *Program

	insts, named, helps map[string]string // new entries of the world's
	calls               map[string]*dispatch
	found               map[string][]call
	descs               []*Type
	byKey               map[string]*Type
	held                map[*entity]bool            // variables that are so from now on
	known, boxed        map[*Type]bool              // types that are so from now on
	texts               map[*Type]map[string]string // how their methods are called
	infos               []*Func
	registers           []func() // write the methods of new types
}

// unsupported stops the lowering of a cell at a construct that cannot be run.
type unsupported struct {
	pos  token.Pos
	fset *token.FileSet
	text string
	hint string
}

// Lower makes the text for the interpreter. A problem is a construct that cannot be run, or a fault of ours.
func (c *Checked) Lower() (prog *Program, problems []Problem) {
	w := c.w
	l := &lowerer{
		w: w, c: c, obj: c.objects(), suffix: "__" + strconv.Itoa(c.src.Unit), src: map[*types.Package]*pkgInfo{},
		imports: map[string]string{}, keys: map[types.Type]string{}, recur: map[string]bool{}, locals: map[string]string{}, vname: map[types.Object]string{},
		insts: map[string]string{}, named: map[string]string{}, calls: map[string]*dispatch{}, found: map[string][]call{}, helps: map[string]string{}, byKey: map[string]*Type{},
		held: map[*entity]bool{}, known: map[*Type]bool{}, boxed: map[*Type]bool{}, texts: map[*Type]map[string]string{},
	}
	l.prog = &Program{}
	l.main = l.add(c.pkg, c.info, w.fset, c.funcDecls())
	for _, t := range w.twins {
		l.src[t.types] = t
	}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case unsupported:
			pos := r.fset.Position(r.pos)
			prog = nil
			line, col := pos.Line, pos.Column
			if unitOf(pos.Filename) != c.src.Unit {
				line, col = 1, 1
			}
			p := c.src.problemAt(line, col, r.text)
			p.Hint = r.hint
			problems = []Problem{p}
		default: // a fault of ours must not end the process
			prog = nil
			p := c.src.problemAt(l.at, 1, fmt.Sprint("internal error of the front end: ", r))
			p.Hint = "write it another way"
			problems = []Problem{p}
		}
	}()
	l.name()
	l.run()
	return l.prog, nil
}

// Done notes in the session what was lowered, once the interpreter has taken it.
func (p *Program) done(l *lowerer) {
	w := l.w
	for k, v := range l.insts {
		w.insts[k] = v
	}
	for k, v := range l.named {
		w.named[k] = v
	}
	for k, v := range l.calls {
		w.calls[k] = v
	}
	for k, v := range l.found {
		w.found[k] = append(w.found[k], v...)
	}
	for k, v := range l.helps {
		w.helps[k] = v
	}
	for _, d := range l.descs {
		w.descs[d.Key] = d
		w.byID = append(w.byID, d)
	}
	for e := range l.held {
		e.held = true
	}
	for d := range l.known {
		d.known = true
	}
	for d := range l.boxed {
		d.boxed = true
	}
	for d, calls := range l.texts {
		d.calls = calls
	}
	w.funcs += len(l.infos)
}

var errNoPackage = errors.New("no such package")

func (l *lowerer) add(p *types.Package, info *types.Info, fset *token.FileSet, decls []*ast.FuncDecl) *pkgInfo {
	pk := &pkgInfo{types: p, info: info, fset: fset, funcs: map[*types.Func]*ast.FuncDecl{}, gotos: map[types.Object]bool{}}
	for _, d := range decls {
		if f, ok := info.Defs[d.Name].(*types.Func); ok {
			pk.funcs[f] = d
		}
		if d.Body != nil {
			ast.Inspect(d.Body, func(n ast.Node) bool {
				if b, ok := n.(*ast.BranchStmt); ok && b.Tok == token.GOTO {
					pk.gotos[info.Uses[b.Label]] = true
				}
				return true
			})
		}
	}
	l.src[p] = pk
	return pk
}

// funcDecls are all function declarations whose bodies were checked.
func (c *Checked) funcDecls() (ds []*ast.FuncDecl) {
	for _, d := range c.decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			ds = append(ds, f)
		}
	}
	for _, e := range c.w.live {
		if e.fn != nil && (e.generic() || c.relower[e]) {
			ds = append(ds, e.fn)
		}
		for _, m := range e.methods {
			if e.generic() || c.remeth[m] {
				ds = append(ds, m.fn)
			}
		}
	}
	return ds
}

// name gives what the cell declares its names in the interpreter.
func (l *lowerer) name() {
	c := l.c
	for _, e := range c.order {
		if e.emit != "" {
			continue
		}
		e.emit = ident(e.name) + l.suffix
		if e.kind != varEntity {
			continue
		}
		for _, o := range c.hides {
			if o.name != e.name || o.kind != varEntity {
				continue
			}
			x, y := c.pkg.Scope().Lookup(o.unique), c.pkg.Scope().Lookup(e.unique)
			if x != nil && y != nil && types.Identical(x.Type(), y.Type()) {
				e.emit = o.emit // the variable stays, its value changes
			}
		}
	}
	for e := range c.relower {
		e.emit = ident(e.name) + l.suffix
	}
	for _, m := range c.methods {
		if m.recv != nil {
			m.emit = m.recv.emit + "__" + m.name + l.suffix
		}
	}
	for m := range c.remeth {
		m.emit = m.recv.emit + "__" + m.name + l.suffix
	}
}

func (l *lowerer) fresh(base string) string {
	l.tmp++
	return base + "_" + strconv.Itoa(l.tmp)
}

// global is a name for a new top-level declaration.
func (l *lowerer) global(base string) string {
	l.tmp++
	return base + "_" + strconv.Itoa(l.tmp) + l.suffix
}

// ident makes a word of a text.
func ident(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			b.WriteRune(r)
		} else if n := b.Len(); n > 0 && b.String()[n-1] != '_' {
			b.WriteByte('_')
		}
	}
	s = strings.Trim(b.String(), "_")
	if len(s) > 40 {
		s = s[:40]
	}
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		s = "x" + s
	}
	return s
}

// rt is the name of a part of the runtime.
func (l *lowerer) rt(name string) string {
	l.imports["rt"] = "rt"
	return "rt." + name
}

// importName is what the text calls a compiled package.
func (l *lowerer) importName(path string) string {
	if n, ok := l.imports[path]; ok {
		return n
	}
	base := path[strings.LastIndex(path, "/")+1:]
	if p, err := l.w.imp.Import(path); err == nil {
		base = p.Name()
	}
	n := l.w.names[path]
	if n == "" {
		n = base
		for i := 2; l.w.nameTaken[n]; i++ {
			n = base + "_" + strconv.Itoa(i)
		}
		l.w.names[path], l.w.nameTaken[n] = n, true
	}
	l.imports[path] = n
	return n
}

func (l *lowerer) drain() {
	for len(l.queue) > 0 {
		q := l.queue
		l.queue = nil
		for _, f := range q {
			f()
		}
	}
}

// run lowers the declarations and steps of the cell and puts the text together.
func (l *lowerer) run() {
	c := l.c
	l.imports["rt"] = "rt"
	top := l.context(l.main, nil, "")
	for _, e := range c.order {
		l.entity(top, e)
	}
	for e := range c.relower {
		l.entity(top, e)
	}
	for _, m := range c.methods {
		l.method(m)
	}
	for m := range c.remeth {
		l.method(m)
	}
	var names []string
	steps := c.steps
	if c.ordered() {
		steps = l.byDependency(steps)
		c.steps = steps
	}
	for _, s := range steps {
		if s.init != nil {
			names = append(names, l.initFunc(s.init))
			continue
		}
		names = append(names, l.stepFunc(s))
	}
	l.drain()
	l.register()
	l.assemble(names)
}

func (l *lowerer) entity(top *emitter, e *entity) {
	o := l.c.pkg.Scope().Lookup(e.unique)
	if o == nil {
		return
	}
	switch e.kind {
	case funcEntity:
		if f := o.(*types.Func); !e.generic() {
			d := e.fn
			x := l.context(l.main, nil, e.emit)
			l.queue = append(l.queue, func() { x.function(d, f.Signature(), e.emit, e.name) })
		}
	case varEntity:
		l.nameable(o.Pos(), o.Type())
		fresh := true
		for _, h := range l.c.hides {
			fresh = fresh && h.emit != e.emit
		}
		if fresh {
			fmt.Fprintf(&l.vars, "var %s %s\n", e.emit, top.typ(o.Type()))
			id := 0
			if d := top.desc(o.Type()); d != nil {
				id = d.ID
			}
			fmt.Fprintf(&l.inits, "%s(%q, &%s, %d)\n", l.rt("Var"), e.emit, e.emit, id)
		}
	}
}

// nameable stops at a type that no declaration can name.
func (l *lowerer) nameable(pos token.Pos, t types.Type) {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := t.(*types.Named); ok && n.Obj().Pkg() != nil && n.Obj().Pkg() != l.c.pkg && !n.Obj().Exported() {
		panic(unsupported{pos: pos, fset: l.w.fset, text: "a variable of the session cannot have the type " + t.String() + ", which its package does not export", hint: "use the value inside of a function or a block"})
	}
}

func (l *lowerer) method(m *method) {
	f, ok := l.c.info.Defs[m.fn.Name].(*types.Func)
	if !ok || m.recv == nil || m.recv.generic() {
		return
	}
	x := l.context(l.main, nil, m.emit)
	l.queue = append(l.queue, func() { x.function(m.fn, f.Signature(), m.emit, m.recv.name+"."+m.name) })
	if n, ok := l.c.pkg.Scope().Lookup(m.recv.unique).Type().(*types.Named); ok {
		l.again(n)
	}
}

func (l *lowerer) initFunc(d *ast.FuncDecl) string {
	n := l.global("init")
	x := l.context(l.main, nil, n)
	l.queue = append(l.queue, func() { x.function(d, types.NewSignatureType(nil, nil, nil, nil, nil, false), n, "init") })
	l.prog.Steps = append(l.prog.Steps, Step{Line: l.c.line(d.Pos())})
	return n
}

// stepFunc lowers a step as a function of its own.
func (l *lowerer) stepFunc(s *step) string {
	n := "step_" + strconv.Itoa(len(l.prog.Steps)+1)
	x := l.context(l.main, nil, n+l.suffix)
	x.top = true
	st := Step{Line: s.line}
	if s.spec != nil {
		for _, id := range s.spec.Names {
			st.Names = append(st.Names, id.Name)
		}
	}
	x.enter("", s.line, l.c.src.Unit)
	x.info.Mark = StepMark
	x.fn = &fnState{sig: types.NewSignatureType(nil, nil, nil, nil, nil, false)}
	switch {
	case s.spec != nil:
		x.mark(s.line, x.needs(nil, s.spec.Values...))
		for _, v := range s.spec.Values {
			x.bounds(v)
		}
		x.sessionVars(s)
	case s.show != nil:
		x.mark(s.line, x.needs(nil, s.show))
		x.bounds(s.show)
		st.Show = x.show(s.show)
	default:
		x.stmt(s.stmt)
	}
	x.leave(&l.steps, n, "()")
	l.prog.Steps = append(l.prog.Steps, st)
	return n
}

// byDependency orders the steps that set variables as go/types found them to depend on each other.
func (l *lowerer) byDependency(steps []*step) []*step {
	at := map[types.Object]*step{}
	for _, s := range steps {
		if s.spec != nil {
			for _, n := range s.spec.Names {
				if o := l.c.info.Defs[n]; o != nil {
					at[o] = s
				}
			}
		}
	}
	done := map[*step]bool{}
	var out []*step
	add := func(s *step) {
		if s != nil && !done[s] {
			done[s] = true
			out = append(out, s)
		}
	}
	for _, s := range steps {
		if s.spec != nil && len(s.spec.Values) == 0 {
			add(s)
		}
	}
	for _, in := range l.c.info.InitOrder {
		for _, v := range in.Lhs {
			add(at[v])
		}
	}
	for _, s := range steps {
		add(s)
	}
	return out
}

// assemble puts the texts together and finds out which line of them comes from where.
func (l *lowerer) assemble(steps []string) {
	hand := fmt.Sprintf("%s(%s)\n", l.rt("Steps"), strings.Join(steps, ", "))
	run := l.steps.String()
	if strings.Count(run, "func") > len(steps) { // literals may live on
		l.funcs.WriteString(run)
		l.inits.WriteString(hand)
		run, hand = "", ""
	}
	body := l.vars.String() + l.funcs.String()
	inits := l.inits.String()
	if body != "" || inits != "" {
		text := body + "func init() {\n" + inits + "}\n"
		d := &l.prog.Decls
		d.File = fileName(l.c.src.Unit) + ".go"
		d.Imports = l.used(text)
		var b strings.Builder
		fmt.Fprintf(&b, "//line %s:1\npackage main\n", d.File)
		for _, p := range d.Imports {
			fmt.Fprintf(&b, "import %s %q\n", p.Name, p.Path)
		}
		d.Source, d.Lines = l.finish(b.String() + text)
	}
	if hand != "" {
		text := run + "func init() { " + strings.TrimSpace(hand) + " }\n"
		r := &l.prog.Run
		r.File = StepFile
		r.Imports = l.used(text)
		r.Source, r.Lines = l.finish("//line " + StepFile + ":1\npackage main\n" + text)
	}
	l.prog.Types = l.descs
	l.prog.Funcs = l.infos
	l.prog.commit = func() { l.prog.done(l) }
}

// used are the packages that a text mentions.
func (l *lowerer) used(text string) (out []PackageName) {
	for path, n := range l.imports {
		if strings.Contains(text, n+".") {
			out = append(out, PackageName{path, n})
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Path < out[j].Path })
	return out
}
