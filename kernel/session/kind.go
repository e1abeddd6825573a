package session

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tapir-go/tapir/kernel/cell"
	"github.com/tapir-go/tapir/kernel/rtype"
)

// kind is a type of a cell at run time. The interpreter has values of it as inner; in an interface they have the type
// real, which has the names and the methods of the declaration, and the same layout in memory.
type kind struct {
	*cell.Type
	s       *Session
	inner   reflect.Type
	real    atomic.Pointer[reflect.Type]
	set     atomic.Pointer[map[string]cell.Method]
	again   atomic.Bool    // a method was declared again: only the runtime knows the one that counts
	methods map[string]any // functions whose first parameter is the value in an interface
}

// kinds are the types of a session by their numbers.
type kinds struct {
	mu     sync.RWMutex
	list   []*kind
	byReal sync.Map   // reflect.Type to *kind; types that a kind had before it got more methods too
	making sync.Mutex // held while types are made
}

func (s *Session) kind(id int) *kind {
	s.kinds.mu.RLock()
	defer s.kinds.mu.RUnlock()
	if id < 1 || id > len(s.kinds.list) {
		return nil
	}
	return s.kinds.list[id-1]
}

// define makes types and methods known before the cell that has them is evaluated.
func (s *Session) define(prog *cell.Program) error {
	inner := make([]reflect.Type, len(prog.Types))
	b := &builder{s: s}
	for i, t := range prog.Types {
		inner[i], _ = b.shape(t.Shape, false)
	}
	if b.missing != nil {
		return b.missing
	}
	s.kinds.mu.Lock()
	defer s.kinds.mu.Unlock()
	for i, t := range prog.Types {
		k := &kind{Type: t, s: s, inner: inner[i], methods: map[string]any{}}
		k.set.Store(&t.Methods)
		if t.ID <= len(s.kinds.list) { // of a cell that the interpreter did not take
			s.kinds.list[t.ID-1] = k
			continue
		}
		s.kinds.list = append(s.kinds.list, k)
	}
	for _, m := range prog.Methods {
		k := s.kinds.list[m.Type.ID-1]
		if m.Changed {
			k.again.Store(true)
		}
		if !sameMethods(*k.set.Load(), m.Methods) {
			k.set.Store(&m.Methods)
			s.renew(k)
		}
	}
	return nil
}

func sameMethods(a, b map[string]cell.Method) bool {
	if len(a) != len(b) {
		return false
	}
	for n, m := range a {
		if o, ok := b[n]; !ok || o.Key != m.Key {
			return false
		}
	}
	return true
}

// renew has the type that a kind has in interfaces made anew, and those of all kinds that depend on it: what compiled code
// once learnt of the methods of a type, it does not learn again. Values with the former types stay values of the kind.
func (s *Session) renew(k *kind) {
	if e := k.Under.Elem; k.Under.Kind == reflect.Pointer && e.Type != nil { // made with what it points to
		k = s.kinds.list[e.Type.ID-1]
	}
	for _, o := range s.kinds.list {
		if o.real.Load() != nil && (o == k || depends(o.Under, k.Type, map[*cell.Type]bool{})) {
			o.real.Store(nil)
		}
	}
}

func depends(s *cell.Shape, t *cell.Type, seen map[*cell.Type]bool) bool {
	if s == nil {
		return false
	}
	if s.Type != nil {
		if s.Type == t {
			return true
		}
		if seen[s.Type] {
			return false
		}
		seen[s.Type] = true
		return depends(s.Type.Under, t, seen)
	}
	parts := append(append([]*cell.Shape{s.Elem, s.Key}, s.In...), s.Out...)
	for _, f := range s.Fields {
		parts = append(parts, f.Shape)
	}
	for _, p := range parts {
		if depends(p, t, seen) {
			return true
		}
	}
	return false
}

// box is a value of a type of a cell in an interface.
func (s *Session) box(id int, v any) any {
	k := s.kind(id)
	real := k.Real()
	if v == nil {
		return reflect.Zero(real).Interface()
	}
	if reflect.TypeOf(v) != k.inner {
		r := reflect.ValueOf(v)
		if !r.CanConvert(k.inner) {
			panic(fmt.Sprintf("internal error: a value of type %T for %s, which is %v", v, k.Name, k.inner))
		}
		v = r.Convert(k.inner).Interface()
	}
	return rtype.As(v, real)
}

// kindOf is the type of a cell that a value in an interface has, nil if it has a compiled one.
func (s *Session) kindOf(x any) *kind {
	t := reflect.TypeOf(x)
	if k, ok := s.kinds.byReal.Load(t); ok {
		return k.(*kind)
	}
	if t == nil || t.Name() != "" || t.Kind() == reflect.Pointer && t.Elem().Name() != "" && t.Elem().PkgPath() != "main" {
		return nil
	}
	if !s.mentions(t, 0) {
		return nil
	}
	// A type that compiled code put together of types of cells.
	s.kinds.mu.RLock()
	list := s.kinds.list
	s.kinds.mu.RUnlock()
	for _, k := range list {
		k.Real()
	}
	if k, ok := s.kinds.byReal.Load(t); ok {
		return k.(*kind)
	}
	return nil
}

// mentions tells whether a type without a name is made of types of cells.
func (s *Session) mentions(t reflect.Type, depth int) bool {
	if _, ok := s.kinds.byReal.Load(t); ok {
		return true
	}
	if t.Name() != "" || depth > 10 {
		return false
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Chan:
		return s.mentions(t.Elem(), depth+1)
	case reflect.Map:
		return s.mentions(t.Key(), depth+1) || s.mentions(t.Elem(), depth+1)
	case reflect.Func:
		for i := range t.NumIn() {
			if s.mentions(t.In(i), depth+1) {
				return true
			}
		}
		for i := range t.NumOut() {
			if s.mentions(t.Out(i), depth+1) {
				return true
			}
		}
	case reflect.Struct:
		return true // anonymous structs of cells are types of their own
	}
	return false
}

// boxID is the number of the type of a value in an interface, 0 if it is not of a cell.
func (s *Session) boxID(x any) int {
	if k := s.kindOf(x); k != nil {
		return k.ID
	}
	return 0
}

func (s *Session) boxed(x any) bool { return s.kindOf(x) != nil }

// unbox is a value in an interface as the interpreter has it.
func (s *Session) unbox(x any) any { return rtype.As(x, s.kindOf(x).inner) }

// take is a value in an interface as the interpreter has it, and the number of its type, 0 if that is not of a cell or its
// methods are to be looked up.
func (s *Session) take(x any) (any, int) {
	k := s.kindOf(x)
	if k == nil || k.again.Load() {
		return nil, 0
	}
	return rtype.As(x, k.inner), k.ID
}

func (s *Session) setMethod(id int, name string, f any) {
	k := s.kind(id)
	s.kinds.mu.Lock()
	defer s.kinds.mu.Unlock()
	k.methods[name] = f
}

func (k *kind) method(name string) any {
	k.s.kinds.mu.RLock()
	defer k.s.kinds.mu.RUnlock()
	return k.methods[name]
}

// dyn is the function behind a method of a value of a type of a cell.
func (s *Session) dyn(x any, name string) any {
	k := s.kindOf(x)
	if f := k.method(name); f != nil {
		return f
	}
	panic(&RuntimeError{"runtime error: " + k.Name + " has no method " + name})
}

// bound is a method of a compiled value in an interface of a cell.
func bound(x any, name string) any {
	if x == nil {
		panic(&RuntimeError{nilText})
	}
	m := reflect.ValueOf(x).MethodByName(name)
	if !m.IsValid() {
		panic(&RuntimeError{fmt.Sprintf("runtime error: %T has no method %s", x, name)})
	}
	return m.Interface()
}

// impl tells whether a value has the methods of an interface of a cell; 0 stands for the one without.
func (s *Session) impl(x any, id int) bool {
	return x != nil && (id == 0 || s.missing(x, s.kind(id)) == "")
}

// missing is the first method of an interface of a cell that a value lacks, "" if it has them all.
func (s *Session) missing(x any, want *kind) string {
	k, t := s.kindOf(x), reflect.TypeOf(x)
	methods := *want.set.Load()
	for _, name := range slices.Sorted(maps.Keys(methods)) {
		m := methods[name]
		if k != nil {
			if (*k.set.Load())[name].Key != m.Key {
				return name
			}
			continue
		}
		have, ok := t.MethodByName(name)
		if !ok || !s.signature(have.Type, m.Sig) {
			return name
		}
	}
	return ""
}

// signature tells whether the type of a method of a compiled type, which begins with the receiver, is that of a shape.
func (s *Session) signature(have reflect.Type, want *cell.Shape) bool {
	if have.NumIn() != len(want.In)+1 || have.NumOut() != len(want.Out) || have.IsVariadic() != want.Variadic {
		return false
	}
	same := func(t reflect.Type, p *cell.Shape) bool {
		if p.Type != nil {
			return t == s.kind(p.Type.ID).Real()
		}
		b := &builder{s: s}
		u, _ := b.shape(p, false)
		return b.missing == nil && t == u
	}
	for i, p := range want.In {
		if !same(have.In(i+1), p) {
			return false
		}
	}
	for i, p := range want.Out {
		if !same(have.Out(i), p) {
			return false
		}
	}
	return true
}

// assertFail panics as a failed assertion does: x, of the interface type from, is not a want, which has a number if it is of
// a cell, and methods if it is an interface.
func (s *Session) assertFail(x any, from, want string, id int, methods string) {
	if x == nil {
		if methods != "" {
			from = ""
		}
		panic(rtype.AssertionError(from, "", want, ""))
	}
	have := fmt.Sprintf("%T", x)
	if methods != "" {
		lacks := ""
		if id != 0 {
			lacks = s.missing(x, s.kind(id))
		}
		for _, m := range strings.Fields(methods) {
			if _, ok := reflect.TypeOf(x).MethodByName(m); !ok && lacks == "" {
				lacks = m
			}
		}
		panic(rtype.AssertionError(from, have, want, lacks))
	}
	panic(rtype.AssertionError(from, have, want, ""))
}

// exact tells whether x has the type of z itself.
func exact(x, z any) bool { return reflect.TypeOf(x) == reflect.TypeOf(z) }

// toError makes an error of a value whose type has the method.
func toError(x any) error { return x.(error) }

// assertError is x.(error) with two values.
func assertError(x any) (error, bool) {
	e, ok := x.(error)
	return e, ok
}

// chain calls f with err and each error that it wraps until f gives true.
func chain(err error, f func(error) bool) bool {
	for err != nil {
		if f(err) {
			return true
		}
		switch x := err.(type) {
		case interface{ Unwrap() error }:
			err = x.Unwrap()
		case interface{ Unwrap() []error }:
			for _, e := range x.Unwrap() {
				if chain(e, f) {
					return true
				}
			}
			return false
		default:
			return false
		}
	}
	return false
}

// equal is == of two interface values.
func (s *Session) equal(a, b any) bool {
	if ta, tb := reflect.TypeOf(a), reflect.TypeOf(b); ta != tb && ta != nil && tb != nil {
		if k := s.kindOf(a); k != nil && k == s.kindOf(b) { // one of them is older than a method of the type
			return rtype.As(a, *k.real.Load()) == rtype.As(b, *k.real.Load())
		}
	}
	return a == b
}

// same is == of two values of one struct or array type of the interpreter.
func same(a, b any) bool { return sameValue(reflect.ValueOf(a), reflect.ValueOf(b)) }

func sameValue(a, b reflect.Value) bool {
	switch a.Kind() {
	case reflect.Struct:
		for i := range a.NumField() {
			if n := a.Type().Field(i).Name; !strings.HasPrefix(n, "Blank") && n != "_" && !sameValue(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Array:
		for i := range a.Len() {
			if !sameValue(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	}
	return a.Equal(b)
}
