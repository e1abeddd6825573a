package session

import (
	"context"
	"fmt"
	"go/token"
	"log"
	"reflect"
	"sync"
	"sync/atomic"

	"github.com/tapir-go/tapir/kernel/cell"
	"github.com/tapir-go/tapir/kernel/rtype"
	"github.com/traefik/yaegi/interp"
)

// Screen is where the output of a session goes. Calls are in program order and may come from any goroutine.
type Screen interface {
	// Stream shows text that was written to name, "stdout" or "stderr".
	Stream(cell int, name string, text []byte)
	// Display shows a bundle from MIME type to string, []byte or what encoding/json takes. With update the
	// bundle replaces those shown before under the same id; an id of "" is none.
	Display(cell int, bundle map[string]any, id string, update bool)
	// Clear takes away the output of the cell, with wait only when new output comes.
	Clear(cell int, wait bool)
}

// Table is what cells may import: kernel/symbols has the one that is generated.
type Table interface {
	// Packages gives the name of each package that a cell may import, by import path.
	Packages() map[string]string
	// Symbols are the values, types and interface wrappers of a package, in the interpreter's form.
	Symbols(path string) map[string]reflect.Value
	// Export is the export data of a package as gcexportdata reads it; nil when there is none.
	Export(path string) []byte
	// Source is the Go source, by file name, of a package that is evaluated from source because its
	// functions are generic; nil for the others.
	Source(path string) map[string]string
	// Doc is the documentation of a name of a package, or of the package for the name "".
	// A method or field is named as Type.Name.
	Doc(path, name string) string
}

// Options are what a session is made with.
type Options struct {
	Screen      Screen                                                                  // where output goes
	Input       func(ctx context.Context, prompt string, password bool) (string, error) // nil: reading stdin is an error
	Table       Table                                                                   // what cells may import
	OnInterrupt func(on bool)                                                           // told when an interrupt begins, and when its cell has ended
	OnEnd       func()                                                                  // called when the statements of a cell have ended, while its output is still taken; nil: nothing
}

// Result is what a cell left: the value of its last expression, or why it failed.
type Result struct {
	Value   map[string]any // MIME bundle of the last expression, nil if there is none
	Failure *Failure       // nil when the cell went well
}

// Session evaluates the cells of one notebook, one after the other.
type Session struct {
	opt    Options
	stdout *writer
	stderr *writer
	stdin  *stdin
	log    *log.Logger // of package log in cells
	files  *files
	kinds  kinds

	running     sync.Mutex // held while a cell runs
	front       sync.Mutex // held while world is used
	world       *cell.World
	in          *interp.Interpreter
	structs     map[string]reflect.Type // struct types of cells, by their names in the interpreter
	used        map[string]bool         // packages whose symbols the interpreter has
	stepImports map[string]bool         // packages that the file of steps imports
	stepFile    *token.File             // of the steps that were evaluated last
	stepLine    *int                    // the line that the running step is at; a variable of the interpreter
	steps       []func()                // of the cell that was evaluated last

	mu       sync.Mutex
	cell     int // that runs, or ran last
	run      *run
	old      []*run
	stopping int
	stopFlag *bool
	loading  atomic.Pointer[goroutine] // which the interpreter takes a cell in
	funcs    map[int]*function
	lines    map[string][]cell.Place
	vars     map[string]variable
}

// function is a function of a cell, and where the interpreter keeps the line that it is at.
type function struct {
	info *cell.Func
	line *int
}

// variable is one of the session; its kind is nil unless a cell declared its type.
type variable struct {
	v    reflect.Value
	kind *kind
}

// New makes a session. It is cheap: symbols are loaded when a cell needs them.
func New(o Options) (*Session, error) {
	if err := rtype.Supported(); err != nil {
		return nil, err
	}
	s := &Session{opt: o, used: map[string]bool{}, stepImports: map[string]bool{}, structs: map[string]reflect.Type{}, funcs: map[int]*function{}, lines: map[string][]cell.Place{}, vars: map[string]variable{}}
	s.stdout, s.stderr, s.stdin, s.files = &writer{s, "stdout"}, &writer{s, "stderr"}, &stdin{s: s}, &files{s: s}
	var lib cell.Library
	if o.Table != nil {
		lib = o.Table
	}
	s.world = cell.NewWorld(lib)
	s.in = interp.New(interp.Options{Stdin: s.stdin, Stdout: s.stdout, Stderr: traceWriter{s}, Unrestricted: true})
	for _, symbols := range []interp.Exports{s.runtimeSymbols(), languageSymbols()} {
		if err := s.in.Use(symbols); err != nil {
			return nil, fmt.Errorf("session: %w", err)
		}
	}
	if _, err := s.in.Eval("//line unit0.go:1\npackage main\nimport \"rt\"\nvar stop__ bool\nvar " + cell.StepMark + " int\nfunc init() { rt.Stop(&stop__, &" + cell.StepMark + ") }"); err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	captureLog()
	return s, nil
}

// Close ends what the session has open beside its cells.
func (s *Session) Close() { s.files.close() }

// Where is the cell and line that the calling goroutine is at; 0, 0 when it is of no cell.
func (s *Session) Where() (cell, line int) {
	t := current()
	if t == nil || t.run.s != s {
		return 0, 0
	}
	return t.place()
}

// Stopping tells whether the cell of the calling goroutine is to stop. Deferred calls that run for that reason are not.
func (s *Session) Stopping() bool {
	t := current()
	return t != nil && t.run.s == s && t.run.stopped.Load() && (t.cleaning == 0 || t.graceLeft() <= 0)
}

// Display shows a bundle as output of the running cell.
func (s *Session) Display(bundle map[string]any, id string, update bool) {
	s.files.flush()
	if s.opt.Screen != nil {
		s.opt.Screen.Display(s.cellOfCaller(), bundle, id, update)
	}
}

// Clear takes away the output of the running cell, with wait only when new output comes.
func (s *Session) Clear(wait bool) {
	s.files.flush()
	if s.opt.Screen != nil {
		s.opt.Screen.Clear(s.cellOfCaller(), wait)
	}
}

func (s *Session) current() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cell
}

// IsComplete tells whether src can be run: "complete"; "incomplete" with the indent of the next line; "invalid".
func IsComplete(src string) (status, indent string) { return cell.Complete(src) }

// what package rt of lowered code calls while a cell is evaluated

func (s *Session) setSteps(fs ...func()) { s.steps = fs }

func (s *Session) setMark(id int, p *int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.funcs[id]; f != nil {
		f.line = p
	}
}

// setLine notes the line that a function is at, where the race detector does not let cells do it.
func (s *Session) setLine(id, line int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.funcs[id]; f != nil {
		f.line = &line
	}
}

func (s *Session) setVar(name string, p any, id int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.vars[name] = variable{reflect.ValueOf(p).Elem(), s.kind(id)}
}
