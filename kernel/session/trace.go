package session

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	"github.com/tapir-go/tapir/kernel/cell"
)

// traceWriter takes what the interpreter tells about functions that a panic unwinds: one line each, innermost first, on
// the goroutine that panics.
type traceWriter struct{ s *Session }

// Write notes a line.
func (w traceWriter) Write(p []byte) (int, error) {
	if t := current(); t != nil && len(t.trace) < 200 {
		t.trace = append(t.trace, string(bytes.TrimSpace(p)))
	}
	return len(p), nil
}

var traceLine = regexp.MustCompile(`^(unit\d+\.go|steps\.go):(\d+)(?::\d+)?: panic: `)

// frames are the functions of cells that were running when t panicked.
func (s *Session) frames(t *task) (out []Frame) {
	last := 0
	for _, l := range t.trace {
		m := traceLine.FindStringSubmatch(l)
		if m == nil {
			continue
		}
		n, _ := strconv.Atoi(m[2])
		p := s.place(m[1], n)
		if p.Func == 0 || p.Func == last {
			continue
		}
		last = p.Func
		f := s.funcs[p.Func]
		if f.info == nil || f.info.Unit == 0 {
			continue
		}
		line := f.info.Line
		if f.line != nil && *f.line > 0 {
			line = *f.line
		}
		cellNo, text := s.world.Line(f.info.Unit, line)
		if cellNo == 0 {
			cellNo = f.info.Cell
		}
		out = append(out, Frame{Func: f.info.Name, Cell: cellNo, Line: line, Source: text})
	}
	return out
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
	f := &Failure{Name: "panic"}
	v := plainPanic(r)
	f.Name, f.Text, f.Hint = describe(v)
	f.Frames = s.frames(t)
	if len(f.Frames) > 0 {
		fr := f.Frames[0]
		f.Cell, f.Line, f.Detail = fr.Cell, fr.Line, fr.Source
	} else {
		w := t.where.Load()
		f.Cell, f.Line = int(w>>32), int(uint32(w))
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

func runtimeHint(text string) string {
	switch {
	case strings.Contains(text, "nil map"):
		return "make the map first: m = make(map[K]V)"
	case strings.Contains(text, "nil pointer"):
		return "something here is nil: a pointer, an interface or a function that was never set"
	}
	return ""
}

func exitFailure(code int) *Failure {
	return &Failure{Name: "exit", Text: fmt.Sprintf("exit status %d", code)}
}
