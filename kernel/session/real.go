package session

import (
	"go/token"
	"reflect"
	"unsafe"

	"github.com/tapir-go/tapir/kernel/cell"
	"github.com/tapir-go/tapir/kernel/rtype"
)

// Real is the type that values of the kind have in interfaces: it is made when the first one goes there.
func (k *kind) Real() reflect.Type {
	if t := k.real.Load(); t != nil {
		return *t
	}
	k.s.kinds.making.Lock()
	defer k.s.kinds.making.Unlock()
	m := &maker{s: k.s, made: map[*kind]reflect.Type{}}
	t := m.kind(k)
	for len(m.open) > 0 {
		open := m.open
		m.open = nil
		for _, complete := range open {
			complete()
		}
	}
	for k, t := range m.made {
		k.s.kinds.byReal.Store(t, k)
		k.real.Store(&t)
	}
	return t
}

// maker makes types for interfaces, in two steps, since they may refer to each other: all are declared, with names and
// layouts, before any is complete.
type maker struct {
	s    *Session
	made map[*kind]reflect.Type
	open []func()
}

func (m *maker) kind(k *kind) reflect.Type {
	if t := k.real.Load(); t != nil {
		return *t
	}
	if t := m.made[k]; t != nil {
		return t
	}
	if !own(k.Type) {
		t := m.open_(k.Under)
		m.made[k] = t
		return t
	}
	p := m.pointer(k)
	value, pointer := exported(k), map[string]cell.Method(nil)
	if k.Under.Kind == reflect.Interface { // values with its methods are looked for by kind
		value = nil
	} else if p != nil {
		pointer = exported(p)
	}
	d := rtype.Declare(k.Package, k.Name, k.Package != "", m.layout(k.Under, true), len(value), len(pointer))
	m.made[k] = d.Type()
	m.open = append(m.open, func() {
		under := m.open_(k.Under)
		var embedded []bool
		for _, f := range k.Under.Fields {
			embedded = append(embedded, f.Embedded)
		}
		d.Complete(under, embedded, m.methods(k, value), m.methods(p, pointer))
	})
	return d.Type()
}

// own tells a type that reflect cannot make: it has a name, or methods, or embedded fields.
func own(t *cell.Type) bool {
	if t.Package != "" || t.Under.Kind == reflect.Interface && t.Name != "interface {}" {
		return true
	}
	for _, f := range t.Under.Fields {
		if f.Embedded {
			return true
		}
	}
	return false
}

// pointer is the kind of pointers to values of a kind, nil if the session has none.
func (m *maker) pointer(k *kind) *kind {
	m.s.kinds.mu.RLock()
	defer m.s.kinds.mu.RUnlock()
	for _, p := range m.s.kinds.list {
		if p.Package == "" && p.Under.Kind == reflect.Pointer && p.Under.Elem.Type == k.Type {
			return p
		}
	}
	return nil
}

func exported(k *kind) map[string]cell.Method {
	r := map[string]cell.Method{}
	for n, m := range *k.set.Load() {
		if token.IsExported(n) {
			r[n] = m
		}
	}
	return r
}

func (m *maker) methods(k *kind, ms map[string]cell.Method) (r []rtype.Method) {
	for n, x := range ms {
		t := m.open_(x.Sig)
		r = append(r, rtype.Method{Name: n, Type: t, Call: func(recv reflect.Value, args []reflect.Value) []reflect.Value {
			return k.call(n, t, recv, args)
		}})
	}
	return r
}

// call calls the function behind a method for compiled code.
func (k *kind) call(name string, t reflect.Type, recv reflect.Value, args []reflect.Value) []reflect.Value {
	k.s.cross()
	f := reflect.ValueOf(k.method(name))
	in := make([]reflect.Value, 0, len(args)+1)
	in = append(in, recv)
	for i, a := range args {
		in = append(in, rtype.At(a, f.Type().In(i+1)))
	}
	var out []reflect.Value
	if t.IsVariadic() {
		out = f.CallSlice(in)
	} else {
		out = f.Call(in)
	}
	for i, o := range out {
		out[i] = rtype.At(o, t.Out(i))
	}
	return out
}

// part is a type that stands in another one.
func (m *maker) part(s *cell.Shape) reflect.Type {
	if s.Type != nil {
		return m.kind(m.s.kind(s.Type.ID))
	}
	return m.open_(s)
}

// open_ is the type of a shape whose parts are whole types.
func (m *maker) open_(s *cell.Shape) reflect.Type {
	if s.Type != nil {
		return m.part(s)
	}
	switch s.Kind {
	case reflect.Pointer:
		return reflect.PointerTo(m.part(s.Elem))
	case reflect.Slice:
		return reflect.SliceOf(m.part(s.Elem))
	case reflect.Array:
		return reflect.ArrayOf(s.Len, m.part(s.Elem))
	case reflect.Chan:
		return reflect.ChanOf(s.Dir, m.part(s.Elem))
	case reflect.Map:
		return reflect.MapOf(m.part(s.Key), m.part(s.Elem))
	case reflect.Func:
		var in, out []reflect.Type
		for _, p := range s.In {
			in = append(in, m.part(p))
		}
		for _, p := range s.Out {
			out = append(out, m.part(p))
		}
		return reflect.FuncOf(in, out, s.Variadic)
	case reflect.Struct:
		return m.structure(s, m.part)
	}
	b := &builder{s: m.s}
	t, _ := b.shape(s, false)
	if b.missing != nil {
		panic("internal error: " + b.missing.Error())
	}
	return t
}

func (m *maker) structure(s *cell.Shape, part func(*cell.Shape) reflect.Type) reflect.Type {
	var fields []reflect.StructField
	for _, f := range s.Fields {
		x := reflect.StructField{Name: f.Name, Type: part(f.Shape), Tag: reflect.StructTag(f.Tag)}
		if !f.Exported {
			x.PkgPath = "main"
		}
		fields = append(fields, x)
	}
	return reflect.StructOf(fields)
}

// layout is a type of the kind and the memory layout of a shape, which does not need the types that it points to. At the
// top the parts of functions are counted.
func (m *maker) layout(s *cell.Shape, top bool) reflect.Type {
	if s.Type != nil {
		if own(s.Type) {
			return m.kind(m.s.kind(s.Type.ID))
		}
		return m.layout(s.Type.Under, top)
	}
	switch s.Kind {
	case reflect.Pointer:
		if top {
			return reflect.TypeFor[*byte]()
		}
		return reflect.TypeFor[unsafe.Pointer]()
	case reflect.Slice:
		return reflect.TypeFor[[]byte]()
	case reflect.Array:
		return reflect.ArrayOf(s.Len, m.layout(s.Elem, false))
	case reflect.Chan:
		return reflect.TypeFor[chan int]()
	case reflect.Map:
		return reflect.TypeFor[map[int]int]()
	case reflect.Func:
		ints := func(n int) (r []reflect.Type) {
			for range n {
				r = append(r, reflect.TypeFor[int]())
			}
			return r
		}
		return reflect.FuncOf(ints(len(s.In)), ints(len(s.Out)), false)
	case reflect.Struct:
		return m.structure(s, func(s *cell.Shape) reflect.Type { return m.layout(s, false) })
	}
	return m.open_(s)
}
