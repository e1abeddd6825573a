package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
)

// entityKind says what a name stands for.
type entityKind int

const (
	typeEntity entityKind = iota
	funcEntity
	varEntity
	constEntity
)

// entity is one version of a name that a cell declared.
type entity struct {
	name   string // as the cell wrote it
	kind   entityKind
	unit   int
	cell   int
	line   int
	unique string // its name in the package that is checked: the name, or one of its own once it is replaced
	emit   string // its name in the interpreter
	doc    string
	text   string // the source of the declaration

	spec    *ast.TypeSpec // of types
	fn      *ast.FuncDecl // of functions
	value   ast.Expr      // of constants: the value
	typ     ast.Expr      // of variables and constants: the type; nil if compiled
	fixed   types.Type    // of variables and constants: a type that no cell declares
	methods []*method     // of types
	held    bool          // of variables: functions refer to it, or its address was taken

	idents []*ast.Ident // the identifiers in live declarations that mean this entity
	uses   map[*entity]bool
	calls  map[*method]bool
}

// method is a method of a type that a cell declared.
type method struct {
	name  string
	recv  *entity
	unit  int
	cell  int
	line  int
	emit  string
	doc   string
	text  string
	fn    *ast.FuncDecl
	uses  map[*entity]bool
	calls map[*method]bool
}

// rename gives the entity another name in the package that is checked.
func (e *entity) rename(unique string) {
	e.unique = unique
	if e.spec != nil {
		e.spec.Name.Name = unique
	}
	if e.fn != nil {
		e.fn.Name.Name = unique
	}
	for _, id := range e.idents {
		id.Name = unique
	}
}

// hidden is the name that the entity has once another one took its place.
func (e *entity) hidden() string { return e.name + old + strconv.Itoa(e.unit) }

// old stands between the name and the unit of a replaced entity; no one types it.
const old = "ꞏ"

// generic tells whether the entity has type parameters.
func (e *entity) generic() bool {
	return e.spec != nil && e.spec.TypeParams != nil || e.fn != nil && e.fn.Type.TypeParams != nil
}

// World is all that the cells of a session have declared so far.
type World struct {
	fset      *token.FileSet
	imp       *importer
	current   map[string]*entity // by name
	live      []*entity          // in order of declaration, replaced ones too where something refers to them
	byEmit    map[string]*entity
	imports   map[string]string // import path by local name, from import declarations of earlier cells
	alias     map[string]string // the local name of each package in the package that is checked
	units     int
	names     map[string]string // what texts call compiled packages, by path
	nameTaken map[string]bool
	sources   map[int]*Source // of units that declared something

	insts map[string]string // instances of generic functions and methods that were lowered: key to name
	named map[string]string // struct types that were lowered: key to name
	descs map[string]*Type  // types that are known at run time, by key
	byID  []*Type
	calls map[string]*dispatch // by name and signature of the method
	found map[string][]call    // the same
	helps map[string]string    // helper functions: text to name
	funcs int                  // number of functions that were lowered
	twins map[string]*pkgInfo
}

// NewWorld is a session in which nothing is declared.
func NewWorld(lib Library) *World {
	return &World{
		fset: token.NewFileSet(), imp: newImporter(lib), current: map[string]*entity{}, byEmit: map[string]*entity{},
		names: map[string]string{}, nameTaken: map[string]bool{"rt": true, "ty": true}, imports: map[string]string{}, alias: map[string]string{}, sources: map[int]*Source{},
		insts: map[string]string{}, named: map[string]string{}, descs: map[string]*Type{}, calls: map[string]*dispatch{}, found: map[string][]call{},
		helps: map[string]string{}, twins: map[string]*pkgInfo{},
	}
}

// Cut parses a cell as the next unit of the session.
func (w *World) Cut(cell int, text string) (*Source, []Problem) {
	w.units++
	return Cut(w.fset, w.units, cell, text)
}

// aliasOf is the local name of a package in the package that is checked.
func (w *World) aliasOf(path string) string {
	a := w.alias[path]
	if a == "" {
		a = "p" + old + strconv.Itoa(len(w.alias)+1)
		w.alias[path] = a
	}
	return a
}

// pathOf is the import path behind such a name.
func (w *World) pathOf(alias string) string {
	for p, a := range w.alias {
		if a == alias {
			return p
		}
	}
	return ""
}

// Line is a line of the source of a unit, and the cell it belongs to.
func (w *World) Line(unit, line int) (cell int, text string) {
	s := w.sources[unit]
	if s == nil {
		return 0, ""
	}
	return s.Cell, Line(s.Text, line)
}
