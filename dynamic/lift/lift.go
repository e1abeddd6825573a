package lift

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/tapir-go/tapir/dynamic"
	"github.com/tapir-go/tapir/eager"
)

// Source is where a function's text is, and what it captures.
type Source struct {
	File string // for messages
	Cell int    // the cell that the text is of; 0: none
	Text string // a Go file, or the declarations of one without the package clause; its line directives may name cells as cell3
	Func string // the function, or Type.Method
	// Values are variables that the text uses but does not declare, or declares outside of functions: parameters, modules.
	// Their numbers at the time of the export become part of the program.
	Values map[string]any
}

// Input is an argument of the function: a tensor like those that it will get, and the names of the axes whose sizes are
// free. Axes of one name have one size. Axes may be shorter than the shape; "" is an axis of that size always.
type Input struct {
	X    *eager.Tensor
	Axes []string
}

// Refusal is why a function cannot be a static model.
type Refusal struct {
	Where eager.Place
	What  string   // what cannot be
	Seen  string   // the value there when it was looked at, if there is one
	Ways  []string // out
}

// Error is the line, what is wrong, the value seen and the ways out.
func (r *Refusal) Error() string {
	s := fmt.Sprintf("lift: %s: %s", r.Where, r.What)
	if r.Seen != "" {
		s += "; the value seen is " + r.Seen
	}
	if len(r.Ways) > 0 {
		s += "\nways out: " + strings.Join(r.Ways, "; ")
	}
	return s
}

// lifter carries out a function, with values of the program in place of what is not known before it runs.
type lifter struct {
	src    Source
	fset   *token.FileSet
	lines  int // put before the text
	before int // bytes put before the text
	funcs  map[string]*ast.FuncDecl
	types  map[string]*ast.TypeSpec
	decls  map[string]ast.Expr // of package-level constants and variables
	decl   map[string]ast.Expr // their types
	consts map[string]bool
	pkgs   map[string]string // imported, by name

	prog     *Program
	named    map[string]int
	taken    map[string]bool
	leaves   map[*eager.Tensor]*Value
	numbers  map[string]*Value // constants by kind and value
	blocks   []*Block
	journals []*journal
	joined   map[*Block]*Block // what was carried out aside, and where it went
	born     int
	symbols  []*symbol
	prime    int
	products map[string]*symbol
	axes     map[string]*symbol
	frame    *frame
	at       ast.Node // being carried out
	steps    int
	nodes    int
	depth    int
	labels   int
	lifting  int             // loops whose bodies are carried out to see what they change
	dead     *Refusal        // a path that was left out so far
	looking  map[string]bool // package-level variables being computed
	kinds    map[string]*kind
	pointers map[*variable]*object
}

// frame is a call of a function of the source.
type frame struct {
	code    *variable // how the function is being left: exits
	results []*variable
	kinds   []*kind
	loops   []target
}

// target is a loop or switch that break and continue may leave.
type target struct {
	label        string
	leave, again int // codes of break and continue; again is 0 for a switch
}

// Lift makes a program of src. The error is a *Refusal that names the line when something cannot be made static.
func Lift(src Source, in []Input) (p *Program, err error) {
	l := &lifter{src: src, fset: token.NewFileSet(), funcs: map[string]*ast.FuncDecl{}, types: map[string]*ast.TypeSpec{},
		decls: map[string]ast.Expr{}, decl: map[string]ast.Expr{}, consts: map[string]bool{}, pkgs: map[string]string{},
		named: map[string]int{}, taken: map[string]bool{}, leaves: map[*eager.Tensor]*Value{}, numbers: map[string]*Value{}, products: map[string]*symbol{},
		axes: map[string]*symbol{}, joined: map[*Block]*Block{}, looking: map[string]bool{}, kinds: map[string]*kind{}, pointers: map[*variable]*object{}}
	defer func() {
		if r := recover(); r != nil {
			refusal, ok := r.(*Refusal)
			if !ok {
				panic(r)
			}
			p, err = nil, refusal
		}
	}()
	l.parse()
	l.run(in)
	return l.prog, nil
}

// parse reads the text and files its declarations.
func (l *lifter) parse() {
	const clause = "package p\n"
	text := l.src.Text
	if !hasPackage(text) {
		text, l.lines, l.before = clause+text, 1, len(clause)
	}
	f, err := parser.ParseFile(l.fset, l.src.File, text, parser.SkipObjectResolution)
	if err != nil {
		line := 1
		var list scanner.ErrorList
		if errors.As(err, &list) && len(list) > 0 {
			line, err = max(1, list[0].Pos.Line-l.lines), errors.New(list[0].Msg)
		}
		panic(&Refusal{Where: eager.Place{Cell: l.src.Cell, File: l.src.File, Line: line}, What: "the text is not Go: " + err.Error()})
	}
	for _, imp := range f.Imports {
		path := strings.Trim(imp.Path.Value, `"`)
		name := path[strings.LastIndexByte(path, '/')+1:]
		if imp.Name != nil {
			name = imp.Name.Name
		}
		l.pkgs[name] = path
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			l.funcs[declName(d)] = d
		case *ast.GenDecl:
			l.declare(d)
		}
	}
}

// hasPackage says whether the first token of a text is the package clause.
func hasPackage(text string) bool {
	f, _ := parser.ParseFile(token.NewFileSet(), "", text, parser.PackageClauseOnly)
	return f != nil && f.Package.IsValid()
}

// implied are packages that a text may use without an import, as cells do.
var implied = map[string]string{
	"eager": eagerPath, "math": "math", "fmt": "fmt", "os": "os", "io": "io", "log": "log", "time": "time", "rand": "math/rand",
	"sort": "sort", "strings": "strings", "strconv": "strconv", "slices": "slices", "sync": "sync", "http": "net/http",
}

const eagerPath = "github.com/tapir-go/tapir/eager"

func (l *lifter) declare(d *ast.GenDecl) {
	for _, s := range d.Specs {
		switch s := s.(type) {
		case *ast.TypeSpec:
			l.types[s.Name.Name] = s
		case *ast.ValueSpec:
			for i, name := range s.Names {
				l.consts[name.Name] = d.Tok == token.CONST
				l.decls[name.Name] = nil
				l.decl[name.Name] = s.Type
				if len(s.Values) == len(s.Names) {
					l.decls[name.Name] = s.Values[i]
				}
			}
		}
	}
}

// declName is Func or Type.Method.
func declName(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) != 1 {
		return d.Name.Name
	}
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
			continue
		case *ast.ParenExpr:
			t = x.X
			continue
		case *ast.IndexExpr:
			t = x.X
			continue
		case *ast.Ident:
			return x.Name + "." + d.Name.Name
		}
		return d.Name.Name
	}
}

// run lifts the function.
func (l *lifter) run(in []Input) {
	d := l.funcs[l.src.Func]
	if d == nil || d.Body == nil {
		panic(&Refusal{Where: eager.Place{Cell: l.src.Cell, File: l.src.File, Line: 1}, What: fmt.Sprintf("the text has no function %s", l.src.Func)})
	}
	l.at = d.Name
	l.prog = &Program{Name: l.src.Func, Body: &Block{}, inputs: in}
	l.blocks = []*Block{l.prog.Body}
	f := &closure{name: l.src.Func, typ: d.Type, body: d.Body, recv: d.Recv}
	args := make([]value, len(in))
	names := l.params(d.Type)
	list := len(names) == 1 && len(in) != 1 || len(names) == 1 && isSlice(d.Type.Params.List[0].Type)
	if d.Recv != nil {
		name := l.src.Func[:strings.IndexByte(l.src.Func, '.')]
		v, ok := l.src.Values[name]
		if !ok {
			l.refuse(fmt.Sprintf("the receiver is not known: give it in Values as %q", name))
		}
		f.bound = l.captured(v)
	}
	for i, x := range in {
		name := fmt.Sprintf("x%d", i)
		if !list && i < len(names) {
			name = names[i]
		} else if x.X != nil && x.X.Name() != "" {
			name = x.X.Name()
		}
		args[i] = l.input(name, x)
	}
	if list {
		a := &array{}
		for _, x := range args {
			a.elems = append(a.elems, l.variable("", x))
		}
		args = []value{a}
	}
	out := l.call(f, args)
	l.at = d.Name
	for i, v := range l.outputs(out, d) {
		t := l.asTensor(v)
		if t == nil {
			l.refuse(fmt.Sprintf("result %d is %s: want tensors, numbers or a slice of tensors", i, l.describe(v)))
		}
		l.prog.Body.Out = append(l.prog.Body.Out, t.v)
	}
	l.finish()
}

// outputs are the results of the function one by one.
func (l *lifter) outputs(out value, d *ast.FuncDecl) []value {
	switch x := out.(type) {
	case tuple:
		return x
	case nil:
		l.refuse("the function has no result")
	case *array:
		var vs []value
		for _, e := range x.elems {
			vs = append(vs, e.val)
		}
		return vs
	}
	return []value{out}
}

func isSlice(e ast.Expr) bool { _, ok := e.(*ast.ArrayType); return ok }

// params are the names of a function's parameters.
func (l *lifter) params(t *ast.FuncType) (names []string) {
	for _, f := range t.Params.List {
		if len(f.Names) == 0 {
			names = append(names, "_")
		}
		for _, n := range f.Names {
			names = append(names, n.Name)
		}
	}
	return names
}

// input makes an input of the program.
func (l *lifter) input(name string, x Input) *tensor {
	if x.X == nil {
		l.refuse("an input is nil")
	}
	if len(x.Axes) > x.X.Rank() {
		l.refuse(fmt.Sprintf("input %s has %d axes, %d are named", name, x.X.Rank(), len(x.Axes)))
	}
	v := l.value(name, x.X.DType(), nil)
	t := &tensor{v: v}
	for a, n := range x.X.Shape() {
		s := whole(n)
		if a < len(x.Axes) && x.Axes[a] != "" {
			sym := l.axes[x.Axes[a]]
			if sym == nil {
				sym = l.symbol(x.Axes[a])
				l.axes[x.Axes[a]] = sym
			}
			sym.from = append(sym.from, source{v, nil, a})
			s = size{terms: []term{{sym, 1}}}
		}
		t.dims = append(t.dims, s)
	}
	v.Shape, v.Axes = shapeOf(t.dims), axesOf(t.dims)
	l.prog.Inputs = append(l.prog.Inputs, v)
	l.prog.Body.In = append(l.prog.Body.In, v)
	return t
}

func shapeOf(dims []size) dynamic.Shape {
	s := make(dynamic.Shape, len(dims))
	for i, d := range dims {
		s[i] = dynamic.Free
		if d.isConst() {
			s[i] = d.k
		}
	}
	return s
}

// axesOf are the names of those sizes that are an axis's.
func axesOf(dims []size) []string {
	names := make([]string, len(dims))
	for i, d := range dims {
		if len(d.terms) == 1 && d.k == 0 && d.terms[0].c == 1 {
			names[i] = d.terms[0].s.name
		}
	}
	return names
}

// value makes a value with a name of its own.
func (l *lifter) value(name string, d eager.DType, dims []size) *Value {
	if name == "" || name == "_" {
		name = "t"
	}
	base := name
	for l.taken[name] || name == "t" {
		l.named[base]++
		name = fmt.Sprintf("%s_%d", base, l.named[base])
	}
	l.taken[name] = true
	return &Value{Name: name, DType: d, Shape: shapeOf(dims), Axes: axesOf(dims)}
}

// place is where the source is being carried out.
func (l *lifter) place() eager.Place { return l.placeOf(l.at) }

func (l *lifter) placeOf(n ast.Node) eager.Place {
	w := eager.Place{Cell: l.src.Cell, File: l.src.File}
	if n == nil || !n.Pos().IsValid() {
		return w
	}
	at := l.fset.Position(n.Pos())
	if at.Filename == l.src.File {
		w.Line = at.Line - l.lines
		return w
	}
	w.File, w.Line = at.Filename, at.Line // as a line directive has it
	if k, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(at.Filename), "cell")); err == nil {
		w.Cell = k
	}
	return w
}

// refuse ends the lifting at the line that is carried out.
func (l *lifter) refuse(what string, ways ...string) {
	panic(&Refusal{Where: l.place(), What: what, Ways: ways})
}

// must is x as a T, or a refusal that says what it is instead.
func must[T any](l *lifter, x value, want string) T {
	y, ok := x.(T)
	if !ok {
		l.refuse(fmt.Sprintf("%s: want %s", l.describe(x), want))
	}
	return y
}

// maxNodes is what a program may have; unrolling and inlining stop there.
const maxNodes = 20000

// add puts a node into the block that is being written.
func (l *lifter) add(n *Node) {
	l.nodes++
	if l.nodes > maxNodes {
		l.refuse(fmt.Sprintf("the function becomes more than %d nodes here", maxNodes), "make its loops depend on a size or on an input, so that they stay loops", "make them shorter")
	}
	n.Where = l.place()
	b := l.block()
	b.Nodes = append(b.Nodes, n)
}

// node adds a node of the program's own kinds with one result.
func (l *lifter) node(k Kind, axis int, d eager.DType, dims []size, in ...*Value) *tensor {
	out := l.value("", d, dims)
	l.add(&Node{Kind: k, Axis: axis, In: in, Out: []*Value{out}})
	return &tensor{v: out, block: l.block(), dims: dims}
}
