package rtype

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"unsafe"
)

// What follows is how internal/abi of Go 1.26 lays out types.

type header struct {
	size, ptrBytes    uintptr
	hash              uint32
	flags             uint8
	align, fieldAlign uint8
	kind              uint8
	equal             func(unsafe.Pointer, unsafe.Pointer) bool
	gcData            *byte
	str               int32
	ptrToThis         int32
}

const (
	hasUncommon   = 1 << 0
	extraStar     = 1 << 1
	isNamed       = 1 << 2
	regularMemory = 1 << 3
	directIface   = 1 << 5
)

type uncommon struct {
	pkgPath        int32
	mcount, xcount uint16
	moff           uint32
	_              uint32
}

type method struct{ name, typ, ifn, tfn int32 }

type (
	pointerType struct {
		header
		elem *header
	}
	sliceType struct {
		header
		elem *header
	}
	arrayType struct {
		header
		elem, slice *header
		n           uintptr
	}
	chanType struct {
		header
		elem *header
		dir  int
	}
	mapType struct {
		header
		key, elem, group             *header
		hasher                       func(unsafe.Pointer, uintptr) uintptr
		groupSize, slotSize, elemOff uintptr
		flags                        uint32
	}
	funcType struct {
		header
		in, out uint16 // the types follow
	}
	interfaceType struct {
		header
		pkgPath *byte
		methods []struct{ name, typ int32 }
	}
	field struct {
		name   *byte
		typ    *header
		offset uintptr
	}
	structType struct {
		header
		pkgPath *byte
		fields  []field
	}
)

// bases are the layouts of the kinds that have more than a header.
var bases = map[reflect.Kind]reflect.Type{
	reflect.Pointer: reflect.TypeFor[pointerType](), reflect.Slice: reflect.TypeFor[sliceType](), reflect.Array: reflect.TypeFor[arrayType](),
	reflect.Chan: reflect.TypeFor[chanType](), reflect.Map: reflect.TypeFor[mapType](), reflect.Func: reflect.TypeFor[funcType](),
	reflect.Interface: reflect.TypeFor[interfaceType](), reflect.Struct: reflect.TypeFor[structType](),
}

func base(k reflect.Kind) reflect.Type {
	if t := bases[k]; t != nil {
		return t
	}
	return reflect.TypeFor[header]()
}

// of is the layout behind a type.
func of(t reflect.Type) *header {
	return (*header)((*[2]unsafe.Pointer)(unsafe.Pointer(&t))[1])
}

// typeOf is the type behind a layout.
func typeOf(h *header) reflect.Type {
	var x any
	(*[2]unsafe.Pointer)(unsafe.Pointer(&x))[0] = unsafe.Pointer(h)
	return reflect.TypeOf(x)
}

// The types by which Supported knows that the layout is the expected one.
type (
	probe struct {
		A int `probe:"a"`
		B *probe
	}
	probes map[string]*probe
)

func (probe) First() int          { return 1 }
func (*probe) Second(string) bool { return true }
func (probes) Third()             {}

// Supported tells why types cannot be made by this program, if they cannot.
func Supported() error {
	if stubs() == 0 {
		return fmt.Errorf("rtype: no methods of types of cells on %s: only amd64 and arm64 have stubs", runtime.GOARCH)
	}
	wrong := errors.New("rtype: " + runtime.Version() + " lays out types in another way than this package knows: build with Go 1.26")
	t := reflect.TypeFor[probe]()
	s := (*structType)(unsafe.Pointer(of(t)))
	if s.size != 16 || s.ptrBytes != 16 || s.align != 8 || reflect.Kind(s.kind) != reflect.Struct || s.flags&(hasUncommon|isNamed) != hasUncommon|isNamed || s.equal == nil {
		return wrong
	}
	if len(s.fields) != 2 || s.fields[0].typ != of(reflect.TypeFor[int]()) || s.fields[1].offset != 8 || s.fields[1].typ != of(reflect.TypeFor[*probe]()) {
		return wrong
	}
	if p := (*pointerType)(unsafe.Pointer(of(reflect.TypeFor[*probe]()))); p.elem != &s.header || p.flags&directIface == 0 {
		return wrong
	}
	if m := (*mapType)(unsafe.Pointer(of(reflect.TypeFor[probes]()))); m.elem != of(reflect.TypeFor[*probe]()) || m.key != of(reflect.TypeFor[string]()) || m.hasher == nil || m.groupSize != m.group.size {
		return wrong
	}
	u := (*uncommon)(unsafe.Add(unsafe.Pointer(s), unsafe.Sizeof(*s)))
	v := (*uncommon)(unsafe.Add(unsafe.Pointer(of(reflect.TypeFor[probes]())), unsafe.Sizeof(mapType{})))
	if u.mcount != 1 || u.xcount != 1 || v.mcount != 1 || t.NumMethod() != 1 {
		return wrong
	}
	if typeOf(&s.header) != t {
		return wrong
	}
	if unsafe.Sizeof(assertionError{}) != unsafe.Sizeof(runtime.TypeAssertionError{}) {
		return wrong
	}
	return nil
}
