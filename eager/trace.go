package eager

import (
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
)

// Event is one thing that a traced function did: an op that ran, or a decision. Exactly one of Op and Decision is set.
type Event struct {
	Op       *Op
	At       any // the attributes of this call; see Op.Attrs
	In       []*Tensor
	Out      *Tensor
	Where    Place
	Decision *Decision
}

// Place is a place in a program: a line of a cell, or of a file when Cell is 0.
type Place struct {
	Cell, Line int
	File       string
}

// String is "cell 3, line 7" or "main.go:7", and "" for the zero Place.
func (w Place) String() string {
	switch {
	case w.Cell != 0:
		return fmt.Sprintf("cell %d, line %d", w.Cell, w.Line)
	case w.File != "":
		return fmt.Sprintf("%s:%d", w.File[strings.LastIndexByte(w.File, '/')+1:], w.Line)
	}
	return ""
}

// Decision is a number that left the tensors and became a value of the Go program: what the program does next may depend on it,
// and a recorded graph cannot see how.
type Decision struct {
	Kind  string // the method that read: Item Bool At Values Float32s Ints ...; Assign when a tensor was changed in place
	X     *Tensor
	Value string // what was read, shortened
	Where Place
}

type trace struct{ events []Event }

func (t *trace) add(op *Op, at any, in []*Tensor, out *Tensor) {
	t.events = append(t.events, Event{Op: op, At: at, In: append([]*Tensor(nil), in...), Out: out, Where: here()})
}

// Trace runs f and returns what this goroutine did in it, in order: every op, also those inside NoGrad and gradients, and every
// decision. The events keep their tensors alive. A trace around this one sees the same.
func Trace(f func()) []Event {
	m := changed()
	outer := m.trace
	m.trace = &trace{}
	with(m, f)
	if outer != nil {
		outer.events = append(outer.events, m.trace.events...)
	}
	return m.trace.events
}

var locator atomic.Pointer[func() (cell, line int)]

// SetLocator gives the engine a function that knows the running cell and line; cell 0 means outside any cell. It is called only
// while tracing.
func SetLocator(f func() (cell, line int)) {
	if f == nil {
		locator.Store(nil)
		return
	}
	locator.Store(&f)
}

// here is the cell and line that runs, or the first caller outside this module's engine.
func here() Place {
	if f := locator.Load(); f != nil {
		if cell, line := (*f)(); cell != 0 {
			return Place{Cell: cell, Line: line}
		}
	}
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		if !strings.HasPrefix(f.Function, engine) || strings.HasSuffix(f.File, "_test.go") {
			return Place{File: f.File, Line: f.Line}
		}
		if !more {
			return Place{}
		}
	}
}

const engine = "github.com/tapir-go/tapir/eager"

// decide notes a decision when this goroutine is traced.
func decide(kind string, x *Tensor, value any) {
	m := modes.Get()
	if m == nil || m.trace == nil {
		return
	}
	text := fmt.Sprint(value)
	if len(text) > 80 {
		text = text[:77] + "..."
	}
	w := here()
	m.trace.events = append(m.trace.events, Event{Where: w, Decision: &Decision{kind, x, text, w}})
}
