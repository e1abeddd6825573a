package session

import (
	"reflect"
	"runtime"
	"strings"
)

// ours is how names of functions of this package begin.
var ours = reflect.TypeFor[RuntimeError]().PkgPath() + "."

// calledByCell tells whether the panic that unwinds the calling goroutine comes from compiled code that a cell called, and
// not from a use of reflect that the interpreter makes for itself. The interpreter calls compiled functions by
// reflect.Value.Call, so that comes between the panic and the interpreter or what of this package it called.
func calledByCell() bool {
	pcs := make([]uintptr, 1<<12)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	raised, called, inner := false, false, ""
	for {
		f, more := frames.Next()
		switch {
		case f.Function == "runtime.gopanic": // what recovers a panic may raise it again: the first is the last here
			raised, called, inner = true, false, ""
		case strings.HasPrefix(f.Function, "github.com/traefik/yaegi/") || strings.HasPrefix(f.Function, ours):
			raised = false
		case raised:
			called = called || f.Function == "reflect.Value.call" && inner != "" && inner != "reflect.Value.assignTo" // which call itself uses
			inner = f.Function
		}
		if !more {
			return called
		}
	}
}
