package session

import (
	"fmt"
	"strings"
)

// Failure is why a cell failed, whatever the cause.
type Failure struct {
	Name         string  // "compile error", "panic", "interrupted", or the operation that refused, such as "MatMul"
	Text         string  // what is wrong
	Hint         string  // how to mend it, if known
	Cell         int     // where it happened; 0 if not known
	Line, Column int     // from 1; 0 if not known
	Frames       []Frame // the user's functions that were running, innermost first
	Detail       string  // the line of source, with a caret where the column is known

	More []*Failure // of a cell that does not compile: what else is wrong with it
}

// Frame is one of the user's functions, or the top level of a cell, that was running when a cell failed.
type Frame struct {
	Func       string // name of the function, "" for the top level
	Cell, Line int
	Source     string // the line of source
}

// Error is the failure in one line.
func (f *Failure) Error() string {
	if f.Cell == 0 {
		return f.Name + ": " + f.Text
	}
	return fmt.Sprintf("cell %d, line %d: %s: %s", f.Cell, f.Line, f.Name, f.Text)
}

const (
	red   = "\x1b[31m"
	green = "\x1b[32m"
	cyan  = "\x1b[36m"
	reset = "\x1b[0m"
)

// Traceback is the failure as lines for people, coloured with ANSI sequences as Jupyter shows them.
func (f *Failure) Traceback() []string {
	var out []string
	add := func(s string) { out = append(out, s) }
	if f.Cell > 0 {
		place := fmt.Sprintf("cell %d", f.Cell)
		if f.Line > 0 {
			place += fmt.Sprintf(", line %d", f.Line)
		}
		src, rest, _ := strings.Cut(f.Detail, "\n")
		if src == "" {
			add(green + place + reset)
		} else {
			add(green + place + reset + ":  " + src)
		}
		if rest != "" {
			add(strings.Repeat(" ", len(place)+3) + rest)
		}
	}
	for i, line := range strings.Split(strings.TrimRight(f.Text, "\n"), "\n") {
		if i == 0 {
			line = red + f.Name + reset + ": " + line
		}
		add(line)
	}
	if f.Hint != "" {
		add(cyan + "hint" + reset + ": " + f.Hint)
	}
	out = append(out, f.calls()...)
	for _, m := range f.More {
		out = append(out, m.Traceback()...)
	}
	return out
}

// most is how many functions a traceback shows, besides those that are alike.
const most = 12

// calls are the functions that were running, as lines.
func (f *Failure) calls() (out []string) {
	if len(f.Frames) == 1 && f.Frames[0].Cell == f.Cell && f.Frames[0].Line == f.Line {
		return nil
	}
	for i := 0; i < len(f.Frames); {
		n := 1
		for i+n < len(f.Frames) && f.Frames[i+n] == f.Frames[i] {
			n++
		}
		line := f.Frames[i].String()
		if n > 1 {
			line += fmt.Sprintf("  (%d times)", n)
		}
		out = append(out, line)
		i += n
	}
	if len(out) > most {
		gap := fmt.Sprintf("  ... %d more calls ...", len(out)-most)
		out = append(append(out[:most-3:most-3], gap), out[len(out)-3:]...)
	}
	return out
}

// String is the frame as a line of a traceback.
func (fr Frame) String() string {
	s := fmt.Sprintf("  cell %d", fr.Cell)
	if fr.Line > 0 {
		s += fmt.Sprintf(", line %d", fr.Line)
	}
	if fr.Func != "" {
		s += ", in " + fr.Func
	}
	if fr.Source != "" {
		s += ":  " + strings.TrimSpace(fr.Source)
	}
	return s
}
