package session

import (
	"fmt"
	"reflect"
	"regexp"
	"runtime"
	"strings"

	"github.com/tapir-go/tapir/kernel/rtype"
)

// RuntimeError is a run-time error of a cell in the words of Go.
type RuntimeError struct{ text string }

// Error is the text as Go has it.
func (e *RuntimeError) Error() string { return e.text }

// RuntimeError marks it as a runtime.Error.
func (e *RuntimeError) RuntimeError() {}

var _ runtime.Error = (*RuntimeError)(nil)

// plainPanic is what a program compiled by Go would have panicked with: the interpreter reports some faults as texts.
func plainPanic(r any) any {
	switch x := r.(type) {
	case *RuntimeError:
		return x
	case runtime.Error:
		if x.Error() == "runtime: allocation size out of range" {
			return &RuntimeError{"runtime error: makeslice: len out of range"}
		}
		if t, ok := strings.CutPrefix(x.Error(), "hash of unhashable type: "); ok { // of a map that is empty
			return &RuntimeError{"runtime error: hash of unhashable type " + t}
		}
		return x
	case string:
		if t := faultText(x); t != "" && !calledByCell() {
			return fault(t)
		}
	case reflect.Value:
		if x.IsValid() && x.CanInterface() {
			return plainPanic(x.Interface())
		}
	case *reflect.ValueError:
		if calledByCell() {
			return r
		}
		if t := faultText(x.Error()); t != "runtime error: "+x.Error() {
			return fault(t)
		}
	case error:
		if strings.HasPrefix(fmt.Sprintf("%T", r), "*interp.") {
			if t := faultText(x.Error()); t != "" {
				return fault(t)
			}
		}
	}
	return r
}

// faults are the interpreter's and reflect's words, and Go's.
var faults = []struct{ have, want string }{
	{"slice index out of range", "runtime error: index out of range"},
	{"array index out of range", "runtime error: index out of range"},
	{"string index out of range", "runtime error: index out of range"},
	{"index out of bounds", "runtime error: slice bounds out of range"},
	{"slice index out of bounds", "runtime error: slice bounds out of range"},
	{"string slice index out of bounds", "runtime error: slice bounds out of range"},
	{"assignment to entry in nil map", "assignment to entry in nil map"},
	{"negative len", "runtime error: makeslice: len out of range"},
	{"negative cap", "runtime error: makeslice: cap out of range"},
	{"len > cap", "runtime error: makeslice: cap out of range"},
	{"makeslice", "runtime error: makeslice: len out of range"},
	{"slice overflow", "runtime error: growslice: len out of range"},
	{"MakeChan", "makechan: size out of range"},
	{"zero Value", nilText},
	{"nil pointer", nilText},
	{"nil interface value", nilText},
	{"nil function", nilText},
	{"unaddressable", nilText},
	{"close of nil channel", "close of nil channel"},
}

const nilText = "runtime error: invalid memory address or nil pointer dereference"

// fault is the error that has a text.
func fault(text string) runtime.Error {
	if m := conversion.FindStringSubmatch(text); m != nil {
		return rtype.AssertionError(m[1], m[2], m[3], "")
	}
	return &RuntimeError{text}
}

var conversion = regexp.MustCompile(`^interface conversion: (.+) is (?:nil|(.+)), not (.+)$`)

// faultText puts a text of the interpreter into Go's words; "" if it is not the report of a fault.
func faultText(s string) string {
	if i := strings.Index(s, "interface conversion: "); i >= 0 {
		return s[i:]
	}
	if !strings.HasPrefix(s, "reflect") && !strings.HasPrefix(s, "assignment to entry") && !strings.Contains(s, "nil is not") {
		return ""
	}
	if strings.HasPrefix(s, "reflect: function created by MakeFunc") {
		return "" // of a cell that uses reflect itself
	}
	for _, f := range faults {
		if strings.Contains(s, f.have) {
			return f.want
		}
	}
	if strings.Contains(s, "nil is not") {
		return "interface conversion: interface is nil"
	}
	return "runtime error: " + s
}
