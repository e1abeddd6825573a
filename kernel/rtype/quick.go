package rtype

import (
	"reflect"
	"unsafe"
)

// Quick makes reflect.PointerTo, and so reflect.New, quick for a struct type that reflect.StructOf has made, for pointers to
// it and for slices of it: types that the compiler did not make are looked up in a table else.
func Quick(t reflect.Type) {
	p := reflect.PointerTo(t)
	for _, t := range []reflect.Type{t, p, reflect.SliceOf(t)} {
		if h := of(t); h.ptrToThis == 0 {
			h.ptrToThis = addReflectOff(unsafe.Pointer(of(reflect.PointerTo(t))))
		}
	}
}
