package cell

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
)

// Reader reads the cells of a notebook in order and tells what they say, without lowering or running them. It is for
// whoever writes a notebook down in another form: as a program.
type Reader struct {
	w        *World
	entities map[*entity]*Version
	methods  map[*method]*Version
}

// NewReader is a reader that has read nothing yet.
func NewReader(lib Library) *Reader {
	return &Reader{w: NewWorld(lib), entities: map[*entity]*Version{}, methods: map[*method]*Version{}}
}

// VersionKind says what a version is.
type VersionKind int

// The kinds of versions.
const (
	TypeVersion VersionKind = iota
	FuncVersion
	VarVersion
	ConstVersion
	MethodVersion
)

// Version is one meaning of a name: each cell that declares the name anew makes another.
type Version struct {
	Name    string
	Kind    VersionKind
	Cell    int
	Recv    *Version  // of methods: the type
	Takes   *Version  // the version whose place it takes: of the same variable, or the function or method that is called from now on
	Generic bool      // it has type parameters, or is a method of a type that has
	Func    *FuncText // of functions and methods
	Type    Excerpt   // of variables: the type; of functions and methods: the signature without names
	Zero    string    // of variables: the zero value, "{}" where that is the type followed by {}
}

// Excerpt is a piece of source and what its names mean.
type Excerpt struct {
	Source string
	Refs   []Ref // in order
}

// Ref is an identifier that means a version, a package or a label.
type Ref struct {
	Off, End int
	Version  *Version
	Path     string // of a package
	Label    int    // labels of a cell are numbered from 1
}

// Span is a part of a source, from the offset of its first byte to the one behind its last.
type Span struct{ Off, End int }

// FuncText is where the parts of a function's declaration are in its cell.
type FuncText struct {
	Name      Span
	Recv      []Param // none or one
	Params    []Param
	ParamsEnd int // the offset behind the list of parameters
	Results   bool
	Body      Span
}

// Param is one field of a list of parameters.
type Param struct {
	Names    []string // none if the field has none
	Type     Span     // without the dots of a variadic parameter
	Variadic bool
}

// Reading is what a cell says.
type Reading struct {
	*Source
	Refs     []Ref      // of the whole cell
	Actions  []Action   // what it does when it runs, in order
	Declares []*Version // in order
	Program  bool       // it has a package clause
	Blank    []string   // packages that are imported for their effects alone
	Builtins map[string]bool
	Repeats  []Span // specs of types that an earlier cell declared just so

	versions map[types.Object]*Version
}

// Action is one thing that a cell does when it runs.
type Action struct {
	Item   int  // index of its item; -1 for the call of a program's main
	Init   bool // it is the call of a func init
	Body   Span // of the statement, or of the spec of variables
	Vars   []Variable
	Define int // offset of :=; -1 if there is none
	Type   Span
	Values Span // empty if there are none
	Pure   bool // the values are the same whenever they are evaluated
	Show   []Shown
	Defers bool   // it defers a call to the end of the cell
	Exits  []Span // calls that end the cell and not the notebook: os.Exit(0) and runtime.Goexit()
}

// Variable is a name that an action sets.
type Variable struct {
	Version *Version // nil for _
	At      Span
	Again   bool // the cell declared it before: it is only set
}

// Shown is one value that the last expression of a cell shows.
type Shown struct {
	Type types.Type
	Text Excerpt // the type as source
}

// Read reads the next cell. A cell with problems leaves no trace. One with operators that are not of Go is read as its plain text.
func (r *Reader) Read(number int, text string) (*Reading, []Problem) {
	c, problems := r.check(number, text)
	if len(problems) > 0 {
		return nil, problems
	}
	if plain := c.Plain(); plain != text {
		c.Abandon()
		if c, problems = r.check(number, plain); len(problems) > 0 {
			return nil, problems
		}
	}
	src := c.src
	l := &lowerer{w: r.w, c: c, obj: c.objects(), suffix: "__" + strconv.Itoa(src.Unit)}
	if c.ordered() {
		c.steps = l.byDependency(c.steps)
	}
	l.name()
	reading := r.reading(c, l.obj)
	if len(c.problems) > 0 {
		c.Abandon()
		return nil, c.problems
	}
	if err := c.Commit(&Program{commit: func() {}}); err != nil {
		c.Abandon()
		return nil, []Problem{{Cell: number, Text: err.Error()}}
	}
	c.Finish(len(c.steps))
	return reading, nil
}

func (r *Reader) check(number int, text string) (*Checked, []Problem) {
	src, problems := r.w.Cut(number, text)
	if len(problems) > 0 {
		return nil, problems
	}
	return r.w.Check(src)
}

// Of is the version that an object of the cell's check means; nil if no cell declared it.
func (d *Reading) Of(o types.Object) *Version { return d.versions[o] }

// Fault is an error in a file.
type Fault struct {
	At   token.Position
	Text string
}

// Faults type-checks the files of a package, given by their names.
func (r *Reader) Faults(files map[string]string) (faults []Fault) {
	fset := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, err := parser.ParseFile(fset, name, files[name], parser.SkipObjectResolution)
		if err != nil {
			return []Fault{{At: token.Position{Filename: name}, Text: err.Error()}}
		}
		parsed = append(parsed, f)
	}
	conf := types.Config{
		Importer: r.w.imp, GoVersion: "go1.26", Sizes: types.SizesFor("gc", "amd64"),
		Error: func(err error) {
			var e types.Error
			if errors.As(err, &e) {
				faults = append(faults, Fault{fset.Position(e.Pos), e.Msg})
			}
		},
	}
	_, _ = conf.Check("main", fset, parsed, nil)
	return faults
}

// PackageName is the name of the package of an import path, "" if there is none.
func (r *Reader) PackageName(path string) string {
	p, err := r.w.imp.Import(path)
	if err != nil {
		return ""
	}
	return p.Name()
}
