package rtype

import (
	"reflect"
	"sync"
	"unsafe"
)

// slots is the number of stubs.
const slots = 65536

// table holds, for each stub, the function that it jumps to. Stubs read it.
var table [slots]unsafe.Pointer

var (
	slotMu sync.Mutex
	used   int
)

// Free is the number of methods that can still be made.
func Free() int {
	slotMu.Lock()
	defer slotMu.Unlock()
	return slots - used
}

// stub gives a function an address by which the runtime can call it as a method.
func stub(f reflect.Value) int32 {
	x := f.Interface()
	slotMu.Lock()
	defer slotMu.Unlock()
	if used == slots {
		panic("this process has made all the methods that it can: restart the kernel")
	}
	table[used] = (*[2]unsafe.Pointer)(unsafe.Pointer(&x))[1]
	p := stubs() + uintptr(used*stride)
	used++
	return addReflectOff(*(*unsafe.Pointer)(unsafe.Pointer(&p)))
}

var word = reflect.TypeFor[unsafe.Pointer]()

// function makes a function whose first parameter is the receiver as recv has it, and whose others are those of m.
func function(m Method, first reflect.Type, recv func(reflect.Value) reflect.Value) reflect.Value {
	in := []reflect.Type{first}
	for i := range m.Type.NumIn() {
		in = append(in, m.Type.In(i))
	}
	var out []reflect.Type
	for i := range m.Type.NumOut() {
		out = append(out, m.Type.Out(i))
	}
	return reflect.MakeFunc(reflect.FuncOf(in, out, m.Type.IsVariadic()), func(args []reflect.Value) []reflect.Value {
		return m.Call(recv(args[0]), args[1:])
	})
}

// valueStub is for calls through interfaces: the receiver is a word that is the value or points to it.
func (d *Type) valueStub(m Method) int32 {
	t := d.Type()
	direct := d.t.flags&directIface != 0
	return stub(function(m, word, func(w reflect.Value) reflect.Value {
		p := w.UnsafePointer()
		if direct {
			return reflect.NewAt(t, unsafe.Pointer(&p)).Elem()
		}
		if p == nil {
			panic(nilReceiver(t.String() + "." + m.Name))
		}
		return reflect.NewAt(t, p).Elem()
	}))
}

// plainStub is for calls of the method as a function, whose first argument is the value.
func (d *Type) plainStub(m Method) int32 {
	return stub(function(m, d.Type(), func(v reflect.Value) reflect.Value { return v }))
}

func (d *Type) pointerStub(m Method) int32 {
	t := d.Type()
	return stub(function(m, word, func(w reflect.Value) reflect.Value { return reflect.NewAt(t, w.UnsafePointer()) }))
}

// nilReceiver is the run-time error of a method of a value that is called with a nil pointer.
type nilReceiver string

// RuntimeError makes it a runtime.Error.
func (n nilReceiver) RuntimeError() {}

// Error says what Go says.
func (n nilReceiver) Error() string {
	return "value method " + string(n) + " called using nil pointer"
}
