package rtype

import (
	"go/token"
	"hash/fnv"
	"reflect"
	"sort"
	"strconv"
	"sync"
	"unsafe"
)

// Method is an exported method of a type: what it is called, its type without the receiver, and what it does.
type Method struct {
	Name string
	Type reflect.Type
	Call func(recv reflect.Value, args []reflect.Value) []reflect.Value
}

// Type is a type that is being made. It can be used as a part of other types once it is declared, and its values once it
// is complete.
type Type struct {
	t, ptr         *header
	u, ptrU        *uncommon
	params         []*header
	methods, ptrMs []method
	pkg            string
}

var (
	keepMu sync.Mutex
	keep   []*header // the runtime refers to types in places that the collector does not look at
	count  uint32
)

// Declare begins a type called text, as %T prints it, of a package. layout is a type of the kind and memory layout that its
// underlying type will have. value and pointer are the numbers of exported methods of the type and of pointers to it.
// A type that is not named is one of its own all the same.
func Declare(pkg, text string, named bool, layout reflect.Type, value, pointer int) *Type {
	k := layout.Kind()
	n := 0
	if k == reflect.Func {
		n = layout.NumIn() + layout.NumOut()
	}
	d := &Type{pkg: pkg}
	d.t, d.u, d.params, d.methods = allocate(k, n, value)
	d.copyFrom(layout)
	d.identify(d.t, text, named)
	d.ptr, d.ptrU, _, d.ptrMs = allocate(reflect.Pointer, 0, pointer)
	p := (*pointerType)(unsafe.Pointer(d.ptr))
	*p = *(*pointerType)(unsafe.Pointer(of(reflect.TypeFor[*struct{}]())))
	p.elem = d.t
	d.identify(d.ptr, "*"+text, false)
	d.t.ptrToThis = addReflectOff(unsafe.Pointer(d.ptr))
	keepMu.Lock()
	keep = append(keep, d.t, d.ptr)
	keepMu.Unlock()
	return d
}

// Type is the type as reflect has it.
func (d *Type) Type() reflect.Type { return typeOf(d.t) }

// allocate makes room for a type of a kind, with that many parameters and results of a function, and methods.
func allocate(k reflect.Kind, params, methods int) (*header, *uncommon, []*header, []method) {
	t := reflect.StructOf([]reflect.StructField{
		{Name: "S", Type: base(k)},
		{Name: "U", Type: reflect.TypeFor[uncommon]()},
		{Name: "P", Type: reflect.ArrayOf(params, reflect.TypeFor[*header]())},
		{Name: "M", Type: reflect.ArrayOf(methods, reflect.TypeFor[method]())},
		{Name: "End", Type: reflect.TypeFor[method]()}, // keeps the address of an empty list inside
	})
	p := reflect.New(t).UnsafePointer()
	u := (*uncommon)(unsafe.Add(p, t.Field(1).Offset))
	u.moff = uint32(t.Field(3).Offset - t.Field(1).Offset)
	ps := unsafe.Slice((**header)(unsafe.Add(p, t.Field(2).Offset)), params)
	ms := unsafe.Slice((*method)(unsafe.Add(p, t.Field(3).Offset)), methods)
	return (*header)(p), u, ps, ms
}

// copyFrom takes over what a type of the same kind is made of.
func (d *Type) copyFrom(t reflect.Type) {
	from, to := unsafe.Pointer(of(t)), unsafe.Pointer(d.t)
	switch t.Kind() {
	case reflect.Pointer:
		*(*pointerType)(to) = *(*pointerType)(from)
	case reflect.Slice:
		*(*sliceType)(to) = *(*sliceType)(from)
	case reflect.Array:
		*(*arrayType)(to) = *(*arrayType)(from)
	case reflect.Chan:
		*(*chanType)(to) = *(*chanType)(from)
	case reflect.Map:
		*(*mapType)(to) = *(*mapType)(from)
	case reflect.Func:
		*(*funcType)(to) = *(*funcType)(from)
		for i := range t.NumIn() {
			d.params[i] = of(t.In(i))
		}
		for i := range t.NumOut() {
			d.params[t.NumIn()+i] = of(t.Out(i))
		}
	case reflect.Interface:
		*(*interfaceType)(to) = *(*interfaceType)(from)
	case reflect.Struct:
		*(*structType)(to) = *(*structType)(from)
	default:
		*d.t = *of(t)
	}
}

// identify gives a type its name and what else tells it from those that look like it.
func (d *Type) identify(h *header, text string, named bool) {
	keepMu.Lock()
	count++
	id := count
	keepMu.Unlock()
	f := fnv.New32a()
	_, _ = f.Write([]byte(text + strconv.Itoa(int(id))))
	h.hash = f.Sum32()
	h.flags = h.flags&^(extraStar|isNamed) | hasUncommon
	if named {
		h.flags |= isNamed
	}
	h.str = nameOff(text, true)
	h.ptrToThis = 0
	u := d.u
	if h == d.ptr {
		u = d.ptrU
	}
	if named {
		u.pkgPath = nameOff(d.pkg, false)
	}
}

// Complete ends a type: underlying is what it is made of, embedded tells which fields of a struct are embedded, and
// methods are those of the type and of pointers to it, as many as were declared.
func (d *Type) Complete(underlying reflect.Type, embedded []bool, value, pointer []Method) {
	old := *d.t
	d.copyFrom(underlying)
	if d.t.size != old.size || d.t.ptrBytes != old.ptrBytes {
		panic("internal error: " + underlying.String() + " has another layout than " + typeOf(d.t).String() + " was declared with")
	}
	d.t.hash, d.t.str, d.t.ptrToThis = old.hash, old.str, old.ptrToThis
	d.t.flags = d.t.flags&^(extraStar|isNamed) | hasUncommon | old.flags&isNamed
	if underlying.Kind() == reflect.Struct {
		d.fields(embedded)
	}
	byName := map[string]int32{}
	for _, m := range sorted(value) {
		inner := d.valueStub(m)
		byName[m.Name] = inner
		d.methods[d.u.mcount] = method{nameOff(m.Name, true), addReflectOff(unsafe.Pointer(of(m.Type))), inner, d.plainStub(m)}
		d.u.mcount++
	}
	d.u.xcount = d.u.mcount
	for _, m := range sorted(pointer) {
		f, ok := byName[m.Name]
		if !ok || d.t.flags&directIface != 0 { // else the word of a value in an interface is the pointer to it
			f = d.pointerStub(m)
		}
		d.ptrMs[d.ptrU.mcount] = method{nameOff(m.Name, true), addReflectOff(unsafe.Pointer(of(m.Type))), f, f}
		d.ptrU.mcount++
	}
	d.ptrU.xcount = d.ptrU.mcount
}

func sorted(ms []Method) []Method {
	ms = append([]Method(nil), ms...)
	sort.Slice(ms, func(i, j int) bool { return ms[i].Name < ms[j].Name })
	return ms
}

// fields makes the fields of a struct its own, marks the embedded ones and leaves blank ones out of ==.
func (d *Type) fields(embedded []bool) {
	s := (*structType)(unsafe.Pointer(d.t))
	s.fields = append([]field(nil), s.fields...)
	t := d.Type()
	var compared []field
	for i := range s.fields {
		f := t.Field(i)
		if i < len(embedded) && embedded[i] {
			s.fields[i].name = name(f.Name, string(f.Tag), token.IsExported(f.Name), true)
		}
		if f.Name != "_" {
			compared = append(compared, s.fields[i])
		}
	}
	if s.equal == nil {
		return
	}
	s.equal = func(p, q unsafe.Pointer) bool {
		for _, f := range compared {
			if !f.typ.equal(unsafe.Add(p, f.offset), unsafe.Add(q, f.offset)) {
				return false
			}
		}
		return true
	}
}

// At reads or writes memory that holds a value of type from as one of type to: both have the same layout.
func At(v reflect.Value, to reflect.Type) reflect.Value {
	if v.Type() == to {
		return v
	}
	if v.CanAddr() {
		return reflect.NewAt(to, v.Addr().UnsafePointer()).Elem()
	}
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	return reflect.NewAt(to, p.UnsafePointer()).Elem()
}

// As is the value in x as one of type t, which has the layout of the type of x.
func As(x any, t reflect.Type) any {
	(*[2]unsafe.Pointer)(unsafe.Pointer(&x))[0] = unsafe.Pointer(of(t))
	return x
}
