package session

import (
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"reflect"
	"runtime"
	"strconv"
	"time"

	"github.com/traefik/yaegi/interp"
)

func itoa(n int) string { return strconv.Itoa(n) }

// runtimeSymbols is package rt of lowered code.
func (s *Session) runtimeSymbols() interp.Exports {
	v := reflect.ValueOf
	return interp.Exports{"rt/rt": {
		"B": v(s.box), "ID": v(s.boxID), "V": v(s.unbox), "Take": v(s.take), "Boxed": v(s.boxed), "Dyn": v(s.dyn), "Bound": v(bound), "Impl": v(s.impl),
		"Up": v(func(x any) any { return x }), "Error": v(toError), "AsError": v(assertError), "Exact": v(exact),
		"Chain": v(chain), "AssertFail": v(s.assertFail), "Equal": v(s.equal), "Same": v(same),
		"Method": v(s.setMethod), "Var": v(s.setVar), "Mark": v(s.setMark), "Line": v(s.setLine), "Steps": v(s.setSteps),
		"Stop": v(func(p *bool, line *int) { s.stopFlag, s.stepLine = p, line }),
		"At":   v(at), "Check": v(func() { current().check() }), "Enter": v(enter), "Show": v(show),
		"Go": v(spawn), "NewFrame": v(newFrame), "Run": v(runFrame), "Defer": v(deferCall), "Recover": v(recoverFrame),
		"Deferred": v(deferred), "DeferDirect": v(deferDirect), "RecoverAtEnd": v(recoverAtEnd), "Unwind": v((*deferrals).unwind), "CellFrame": v(cellFrame), "Panic": v(raisePanic),
		"Receive": v(receive), "Send": v(send), "Select": v(selectCases), "CaseDefault": v(caseDefault),
		"CaseSend": v(caseSend), "CaseReceive": v(caseReceive), "Case": v((*Case)(nil)), "Frame": v((*deferrals)(nil)),
		"Room": v(room), "Len": v(func(n, each int) int { room(n, each); return n }),
		"Lock": v(lock), "Unlock": v(unlock), "RWLock": v(rwLock), "RWUnlock": v(rwUnlock), "RLock": v(rLock), "RUnlock": v(rUnlock),
		"LockerLock": v(lockerLock), "LockerUnlock": v(lockerUnlock), "Wait": v(wait), "GroupAdd": v(groupAdd), "GroupDone": v(groupDone),
		"GroupGo": v(groupGo), "CondWait": v(condWait), "CondSignal": v(condSignal), "CondBroadcast": v(condBroadcast),
		"Clear": v(func(x any) { reflect.ValueOf(x).Clear() }), "Print": v(s.print), "Println": v(s.println),
		"NegativeShift": v(func() { panic(&RuntimeError{"runtime error: negative shift amount"}) }),
		"IndexFail":     v(indexFail), "Index": v(checkIndex),
		"ArrayLen": v(func(have, want int) {
			if have < want {
				panic(&RuntimeError{fmt.Sprintf("runtime error: cannot convert slice with length %d to array or pointer to array with length %d", have, want)})
			}
		}),
		"ArrayPointer": v(func(s any, n int) any {
			x := reflect.ValueOf(s)
			if x.Len() < n {
				panic(&RuntimeError{fmt.Sprintf("runtime error: cannot convert slice with length %d to array or pointer to array with length %d", x.Len(), n)})
			}
			return x.Convert(reflect.PointerTo(reflect.ArrayOf(n, x.Type().Elem()))).Interface()
		}),
		"Stdout": v(func() *writer { return s.stdout }), "Stderr": v(func() *writer { return s.stderr }), "Stdin": v(func() *stdin { return s.stdin }),
		"StdoutFile": v(func() *os.File { return s.files.file("stdout") }), "StderrFile": v(func() *os.File { return s.files.file("stderr") }),
		"StdinFile": v(func() *os.File { panic(&RuntimeError{"os.Stdin of a cell is no file: hand it on as an io.Reader"}) }),
		"Args":      v(func() []string { return []string{"cell"} }),
	}}
}

func at(cell, line int) {
	if t := current(); t != nil {
		t.at(cell, line)
	}
}

// raisePanic is the builtin panic.
func raisePanic(x any) {
	if x == nil {
		panic(new(runtime.PanicNilError))
	}
	panic(x)
}

// overlay has what takes the place of symbols of the standard library in cells.
func (s *Session) overlay(path string) map[string]reflect.Value {
	v := reflect.ValueOf
	switch path {
	case "fmt":
		return map[string]reflect.Value{
			"Print":   v(func(a ...any) (int, error) { return fmt.Fprint(s.stdout, a...) }),
			"Println": v(func(a ...any) (int, error) { return fmt.Fprintln(s.stdout, a...) }),
			"Printf":  v(func(f string, a ...any) (int, error) { return fmt.Fprintf(s.stdout, f, a...) }),
			"Scan":    v(func(a ...any) (int, error) { return fmt.Fscan(s.stdin, a...) }),
			"Scanln":  v(func(a ...any) (int, error) { return fmt.Fscanln(s.stdin, a...) }),
			"Scanf":   v(func(f string, a ...any) (int, error) { return fmt.Fscanf(s.stdin, f, a...) }),
		}
	case "strings":
		return map[string]reflect.Value{"Repeat": v(repeat)}
	case "bytes":
		return map[string]reflect.Value{"Repeat": v(repeatBytes)}
	case "syscall":
		return map[string]reflect.Value{"Exit": v(exit)}
	case "runtime":
		return map[string]reflect.Value{"Breakpoint": v(breakpoint)}
	case "runtime/debug":
		return map[string]reflect.Value{"SetMaxStack": v(func(int) int { return 1_000_000_000 })} // of the whole process
	case "os":
		return map[string]reflect.Value{"Exit": v(exit)}
	case "time":
		return map[string]reflect.Value{"Sleep": v(sleep), "AfterFunc": v(func(d time.Duration, f func()) *time.Timer { return afterFunc(d, f) })}
	case "log":
		return s.logSymbols()
	case "log/slog":
		return map[string]reflect.Value{"SetDefault": v(s.setDefaultLogger)}
	}
	return waitSymbols(path)
}

// logger is what package log writes to in cells.
func (s *Session) logger() *log.Logger {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.log == nil {
		s.log = log.New(s.stderr, "", log.LstdFlags)
	}
	return s.log
}

// setDefaultLogger is slog.SetDefault, which has the logger of the process write to the handler: that of cells does too.
func (s *Session) setDefaultLogger(l *slog.Logger) {
	before := log.Writer()
	slog.SetDefault(l)
	if log.Writer() != before {
		s.logger().SetOutput(log.Writer())
		s.logger().SetFlags(log.Flags())
	}
}

func (s *Session) logSymbols() map[string]reflect.Value {
	v := reflect.ValueOf
	l := s.logger()
	fatal := func(print func()) {
		print()
		exit(1)
	}
	return map[string]reflect.Value{
		"Default": v(func() *log.Logger { return l }), "Writer": v(l.Writer), "Flags": v(l.Flags),
		// slog writes to the logger of the process
		"SetOutput": v(func(w io.Writer) { l.SetOutput(w); log.SetOutput(w) }), "SetFlags": v(func(f int) { l.SetFlags(f); log.SetFlags(f) }),
		"Prefix": v(l.Prefix), "SetPrefix": v(func(p string) { l.SetPrefix(p); log.SetPrefix(p) }), "Output": v(l.Output),
		"Print": v(l.Print), "Printf": v(l.Printf), "Println": v(l.Println),
		"Panic": v(l.Panic), "Panicf": v(l.Panicf), "Panicln": v(l.Panicln),
		"Fatal":   v(func(a ...any) { fatal(func() { l.Print(a...) }) }),
		"Fatalf":  v(func(f string, a ...any) { fatal(func() { l.Printf(f, a...) }) }),
		"Fatalln": v(func(a ...any) { fatal(func() { l.Println(a...) }) }),
	}
}

func (s *Session) print(xs ...any) {
	for _, x := range xs {
		_, _ = s.stderr.WriteString(builtinText(x))
	}
}

func (s *Session) println(xs ...any) {
	text := ""
	for i, x := range xs {
		if i > 0 {
			text += " "
		}
		text += builtinText(x)
	}
	_, _ = s.stderr.WriteString(text + "\n")
}

// builtinText is a value as the builtin println writes it.
func builtinText(x any) string {
	switch x := x.(type) {
	case nil:
		return "(0x0,0x0)" // of an interface
	case float32:
		return builtinText(float64(x))
	case float64:
		switch {
		case x != x:
			return "NaN"
		case x > 1.7976931348623157e308:
			return "+Inf"
		case x < -1.7976931348623157e308:
			return "-Inf"
		}
		return strconv.FormatFloat(x, 'g', -1, 64)
	case complex64:
		return builtinText(complex128(x))
	case complex128:
		im := builtinText(imag(x))
		if im[0] != '-' && im[0] != '+' {
			im = "+" + im
		}
		return "(" + builtinText(real(x)) + im + "i)"
	case uintptr:
		return strconv.FormatUint(uint64(x), 10)
	}
	v := reflect.ValueOf(x)
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return fmt.Sprintf("0x%x", v.Pointer())
	case reflect.Slice:
		return fmt.Sprintf("[%d/%d]0x%x", v.Len(), v.Cap(), v.Pointer())
	case reflect.Struct, reflect.Interface:
		return "(" + v.Type().String() + ")"
	}
	return fmt.Sprint(x)
}
