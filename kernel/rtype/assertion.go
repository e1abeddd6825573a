package rtype

import (
	"reflect"
	"runtime"
	"sync"
	"unsafe"
)

// assertionError is the layout of runtime.TypeAssertionError.
type assertionError struct {
	iface, concrete, asserted *header
	missing                   string
}

// AssertionError is what a failed type assertion panics with. A value of type have, "" if it is nil, in an interface of type
// from, "" if that has no name, is not a want; missing is the method that it lacks, "" where want is no interface. The
// types are told by their texts.
func AssertionError(from, have, want, missing string) *runtime.TypeAssertionError {
	e := &assertionError{label(from), label(have), label(want), missing}
	return (*runtime.TypeAssertionError)(unsafe.Pointer(e))
}

var labels sync.Map // by texts: types that are good for nothing but to be named

func label(text string) *header {
	if text == "" {
		return nil
	}
	h, ok := labels.Load(text)
	if !ok {
		d := Declare("", text, false, reflect.TypeFor[struct{}](), 0, 0)
		h, _ = labels.LoadOrStore(text, d.t)
	}
	return h.(*header)
}
