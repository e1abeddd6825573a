package session

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/tapir-go/tapir/kernel/cell"
)

// traceWriter takes what the interpreter tells about functions that a panic unwinds: one line each, innermost first, on
// the goroutine that panics.
type traceWriter struct{ s *Session }

// Write notes a line.
func (w traceWriter) Write(p []byte) (int, error) {
	t := current()
	if t != nil && len(t.trace) < 1<<12 {
		t.trace = append(t.trace, string(bytes.TrimSpace(p)))
	}
	w.s.surrender(t)
	return len(p), nil
}

var traceLine = regexp.MustCompile(`^(unit\d+\.go|steps\.go):(\d+)(?::\d+)?: panic: (.*)\(`)

// activation is a line of a trace: one running function of the text. A function of a cell may be several of them, literals
// within each other, of which the outermost has the shortest name.
type activation struct {
	cell.Place
	name string
}

// frames are the functions of cells that were running when t panicked.
func (s *Session) frames(t *task) (out []Frame) {
	s.front.Lock()
	defer s.front.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []activation
	for _, l := range t.trace {
		if m := traceLine.FindStringSubmatch(l); m != nil {
			n, _ := strconv.Atoi(m[2])
			if p := s.place(m[1], n); p.Func != 0 && s.funcs[p.Func] != nil {
				all = append(all, activation{p, m[3]})
			}
		}
	}
	seen := map[int]bool{}
	inner := ""
	for len(all) > 0 {
		id := all[0].Func
		n, shortest := 0, len(all[0].name)
		for n < len(all) && all[n].Func == id {
			shortest = min(shortest, len(all[n].name))
			n++
		}
		for _, a := range all[:n] {
			if len(a.name) != shortest {
				continue
			}
			if fr, ok := s.frame(id); ok {
				switch f := s.funcs[id].info; {
				case f.Mark == cell.StepMark && !t.main: // its mark is that of the cell that runs now
					fr = s.at(fr, f, a.Line)
				case seen[id]: // the mark is that of the latest activation
					fr = s.at(fr, f, f.CallOf(inner))
				}
				out = append(out, fr)
			}
			seen[id] = true
			inner = s.funcs[id].info.Emit
		}
		all = all[n:]
	}
	return out
}

// at is a frame at another line, 0 if that is not known. Front and mu are held.
func (s *Session) at(fr Frame, f *cell.Func, line int) Frame {
	fr.Line, fr.Source = line, ""
	if line > 0 {
		_, fr.Source = s.world.Line(f.Unit, line)
	}
	return fr
}

// frame is a function of a cell, where it is now. Front and mu are held.
func (s *Session) frame(id int) (Frame, bool) {
	f := s.funcs[id]
	if f == nil || f.info.Unit == 0 {
		return Frame{}, false
	}
	line := f.info.Line
	if f.line != nil && *f.line > 0 {
		line = *f.line
	}
	cellNo, text := s.world.Line(f.info.Unit, line)
	if cellNo == 0 {
		cellNo = f.info.Cell
	}
	return Frame{Func: f.info.Name, Cell: cellNo, Line: line, Source: text}, true
}

// cycle are the functions, each once, that a recursion went through.
func (s *Session) cycle(ids []int) (out []Frame) {
	s.front.Lock()
	defer s.front.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, id := range ids {
		if !slices.Contains(ids[:i], id) {
			if fr, ok := s.frame(id); ok {
				out = append(out, fr)
			}
		}
	}
	return out
}

// top is where the goroutine of a cell is at the top level, or where the goroutine was started.
func (s *Session) top(t *task) (cell, line int, source string) {
	s.front.Lock()
	defer s.front.Unlock()
	cell, line = t.place()
	if n, text := s.world.Line(t.run.unit, line); n == cell {
		source = text
	}
	return cell, line, source
}

func (s *Session) place(file string, line int) cell.Place {
	ls := s.lines[file]
	if line < len(ls) {
		return ls[line]
	}
	return cell.Place{}
}

// failure makes a Failure of what t panicked with.
func (s *Session) failure(t *task, r any) *Failure {
	f := &Failure{}
	if exit, ok := r.(exitPanic); ok {
		f.Name, f.Text = exit.name, exit.text
	} else if _, ok := r.(stopPanic); ok {
		f.Name, f.Text, f.Hint = "interrupted", errInterrupted.Error(), t.waiting()
	} else {
		f.Name, f.Text, f.Hint = describe(plainPanic(r))
	}
	f.Frames = s.frames(t)
	if len(f.Frames) > 0 {
		fr := f.Frames[0]
		f.Cell, f.Line, f.Detail = fr.Cell, fr.Line, fr.Source
	} else {
		f.Cell, f.Line, f.Detail = s.top(t)
	}
	t.trace = nil
	return f
}

// describe is the name, text and hint of the value of a panic. A value with fields Op, Text and Hint is an error of an
// operation.
func describe(v any) (name, text, hint string) {
	if name, text, hint, ok := operation(v); ok {
		return name, text, hint
	}
	if err, ok := v.(error); ok {
		var inner interface{ error }
		if errors.As(err, &inner) {
			if name, text, hint, ok := operation(inner); ok {
				return name, text, hint
			}
		}
		if _, ok := v.(runtime.Error); ok {
			return "panic", err.Error(), runtimeHint(err.Error())
		}
		return "panic", err.Error(), ""
	}
	if text, ok := v.(string); ok && strings.HasPrefix(text, "sync: ") {
		return "panic", text, runtimeHint(text)
	}
	return "panic", fmt.Sprint(v), ""
}

// operation recognises an error of the engine, or of whatever else is shaped like one.
func operation(v any) (op, text, hint string, ok bool) {
	r := reflect.ValueOf(v)
	if r.Kind() == reflect.Pointer && !r.IsNil() {
		r = r.Elem()
	}
	if r.Kind() != reflect.Struct {
		return "", "", "", false
	}
	get := func(name string) (string, bool) {
		f := r.FieldByName(name)
		if f.IsValid() && f.Kind() == reflect.String {
			return f.String(), true
		}
		return "", false
	}
	op, a := get("Op")
	text, b := get("Text")
	hint, c := get("Hint")
	return op, text, hint, a && b && c
}

var bounds = regexp.MustCompile(`index out of range \[-?\d+\] with length (\d+)`)

// runtimeHints are for those who meet a panic of the runtime or of package sync for the first time.
var runtimeHints = []struct{ in, hint string }{
	{"nil map", "make the map first: m = make(map[K]V)"},
	{"nil pointer", "something here is nil: a pointer, an interface or a function that was never set"},
	{"send on closed channel", "who sends closes the channel, after the last value"},
	{"close of closed channel", "a channel is closed once, by who sends"},
	{"close of nil channel", "make the channel first: ch = make(chan T)"},
	{"divide by zero", "what stands to the right of / or % is 0"},
	{"interface conversion", "v, ok := x.(T) tells whether the type is right, and does not panic"},
	{"unhashable type", "keys of a map are compared with ==: slices, maps and functions cannot be any"},
	{"comparing uncomparable", "slices, maps and functions cannot be compared with =="},
	{"out of memory", "compute or read it in parts that fit"},
	{"unlocked", "each Unlock needs a Lock before it"},
	{"negative WaitGroup counter", "each Done needs an Add(1) before it"},
}

func runtimeHint(text string) string {
	if m := bounds.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[1])
		switch n {
		case 0:
			return "it is empty: it has no element"
		case 1:
			return "its only index is 0"
		}
		return "indices go from 0 to " + strconv.Itoa(n-1)
	}
	for _, h := range runtimeHints {
		if strings.Contains(text, h.in) {
			return h.hint
		}
	}
	return ""
}
