package session

import (
	"context"
	"reflect"
	"sync"
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
}

// Result is what a cell left: the value of its last expression, or why it failed.
type Result struct {
	Value   map[string]any // MIME bundle of the last expression, nil if there is none
	Failure *Failure       // nil when the cell went well
}

// Session evaluates the cells of one notebook, one after the other.
type Session struct {
	opt Options
	run sync.Mutex // held while a cell runs

	mu   sync.Mutex
	cell int
	raw  rawState
}

// New makes a session. It is cheap: symbols are loaded when a cell needs them.
func New(o Options) (*Session, error) {
	s := &Session{opt: o}
	s.startRaw()
	return s, nil
}

// Run evaluates a cell. When ctx ends the cell is interrupted; Run returns when the cell's goroutine has ended.
// Cells run one at a time.
func (s *Session) Run(ctx context.Context, cell int, src string) Result {
	s.run.Lock()
	defer s.run.Unlock()
	s.mu.Lock()
	s.cell = cell
	s.mu.Unlock()
	return s.runRaw(ctx, cell, src)
}

// Eval evaluates an expression, as user_expressions of the protocol want it, and gives its MIME bundle.
func (s *Session) Eval(ctx context.Context, expr string) (map[string]any, *Failure) {
	r := s.Run(ctx, s.current(), expr)
	return r.Value, r.Failure
}

// Where is the cell and line that the calling goroutine is at; 0, 0 when no cell has called it.
func (s *Session) Where() (cell, line int) { return s.current(), 1 }

// Display shows a bundle as output of the running cell.
func (s *Session) Display(bundle map[string]any, id string, update bool) {
	s.opt.Screen.Display(s.current(), bundle, id, update)
}

// Clear takes away the output of the running cell, with wait only when new output comes.
func (s *Session) Clear(wait bool) { s.opt.Screen.Clear(s.current(), wait) }

func (s *Session) current() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cell
}
