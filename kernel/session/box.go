package session

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/tapir-go/tapir/kernel/cell"
)

// Box is a value of a type of a cell in an interface: the interpreter alone would forget the type.
type Box struct {
	T *kind
	V any
}

// kind is a type of a cell at run time.
type kind struct {
	*cell.Type
	s       *Session
	methods map[string]any // functions whose first parameter is the Box
}

// kinds are the types of a session by their numbers.
type kinds struct {
	mu   sync.RWMutex
	list []*kind
	wrap map[string]reflect.Type // wrapper types of interfaces, by path and name
}

func (s *Session) kind(id int) *kind {
	s.kinds.mu.RLock()
	defer s.kinds.mu.RUnlock()
	if id < 1 || id > len(s.kinds.list) {
		return nil
	}
	return s.kinds.list[id-1]
}

// define makes types known before the cell that has them is evaluated.
func (s *Session) define(ts []*cell.Type) {
	s.kinds.mu.Lock()
	defer s.kinds.mu.Unlock()
	for _, t := range ts {
		k := &kind{Type: t, s: s, methods: map[string]any{}}
		if t.ID <= len(s.kinds.list) { // of a cell that the interpreter did not take
			s.kinds.list[t.ID-1] = k
			continue
		}
		s.kinds.list = append(s.kinds.list, k)
	}
}

func (s *Session) box(id int, v any) any { return Box{s.kind(id), v} }

func boxID(x any) int {
	if b, ok := x.(Box); ok {
		return b.T.ID
	}
	return 0
}

func boxed(x any) bool {
	_, ok := x.(Box)
	return ok
}

func unbox(x any) any { return x.(Box).V }

// Cell is the name of the type, as %T prints it, and the value as the interpreter has it: for packages that look into
// values by reflection, as eager/nn does to find the layers that a layer is made of.
func (b Box) Cell() (typeName string, value any) { return b.T.Name, b.V }

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

// dyn is the function behind a method of a boxed value.
func dyn(x any, name string) any {
	b := x.(Box)
	if f := b.T.method(name); f != nil {
		return f
	}
	panic(&RuntimeError{"runtime error: " + b.T.Name + " has no method " + name})
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

// impl tells whether a value has methods, given as lines of a name and a signature.
func impl(x any, methods string) bool {
	if x == nil {
		return false
	}
	if methods == "" {
		return true
	}
	b, ok := x.(Box)
	for _, m := range strings.Split(methods, "\n") {
		name, sig, _ := strings.Cut(m, " ")
		if ok {
			if b.T.Methods[name] != sig {
				return false
			}
			continue
		}
		if _, has := reflect.TypeOf(x).MethodByName(name); !has {
			return false
		}
	}
	return true
}

// wrapper is implemented by what stands for a value of a cell in a compiled interface.
type wrapper interface{ unwrapBox() Box }

// up is a value of a compiled interface in an interface of a cell.
func up(x any) any {
	if x == nil {
		return nil
	}
	if w, ok := x.(wrapper); ok {
		return w.unwrapBox()
	}
	if v := reflect.ValueOf(x); v.Kind() == reflect.Pointer && v.Elem().IsValid() && v.Elem().Kind() == reflect.Struct && v.Elem().NumField() > 0 {
		if f := v.Elem().Type().Field(0); f.Name == "IValue" {
			if b, ok := v.Elem().Field(0).Interface().(Box); ok {
				return b
			}
		}
	}
	return x
}

// wrap is a boxed value in an interface of a compiled package: a struct with a function for each method.
func (s *Session) wrap(path, name string, x any) any {
	b := x.(Box)
	if nilPointer(b.V) && path == "" {
		return nil
	}
	t := s.wrapperType(path, name)
	if t == nil {
		panic(&RuntimeError{"runtime error: " + b.T.Name + " cannot stand in for " + path + "." + name})
	}
	p := reflect.New(t)
	p.Elem().Field(0).Set(reflect.ValueOf(x))
	for i := 1; i < t.NumField(); i++ {
		f := b.T.method(t.Field(i).Name[1:])
		if f == nil {
			panic(&RuntimeError{"runtime error: " + b.T.Name + " has no method " + t.Field(i).Name[1:]})
		}
		p.Elem().Field(i).Set(bind(reflect.ValueOf(f), x, t.Field(i).Type))
	}
	return p.Interface()
}

func nilPointer(v any) bool {
	r := reflect.ValueOf(v)
	return r.Kind() == reflect.Pointer && r.IsNil()
}

// bind makes a function of type t of one whose first parameter is x.
func bind(f reflect.Value, x any, t reflect.Type) reflect.Value {
	recv := reflect.ValueOf(x)
	return reflect.MakeFunc(t, func(in []reflect.Value) []reflect.Value {
		args := make([]reflect.Value, 0, len(in)+1)
		args = append(args, recv)
		args = append(args, in...)
		var out []reflect.Value
		if t.IsVariadic() {
			out = f.CallSlice(args)
		} else {
			out = f.Call(args)
		}
		for i := range out {
			if want := t.Out(i); out[i].Type() != want && out[i].Type().ConvertibleTo(want) {
				out[i] = out[i].Convert(want)
			}
		}
		return out
	})
}

// wrapperType is the struct type that stands for values of cells in an interface.
func (s *Session) wrapperType(path, name string) reflect.Type {
	key := path + "." + name
	s.kinds.mu.RLock()
	t, ok := s.kinds.wrap[key]
	s.kinds.mu.RUnlock()
	if ok {
		return t
	}
	if s.opt.Table != nil {
		if v, ok := s.opt.Table.Symbols(path)["_"+name]; ok {
			t = v.Type().Elem()
		}
	}
	s.kinds.mu.Lock()
	defer s.kinds.mu.Unlock()
	if s.kinds.wrap == nil {
		s.kinds.wrap = map[string]reflect.Type{}
	}
	s.kinds.wrap[key] = t
	return t
}

// implement is x in an interface of a compiled package, nil if it lacks a method.
func (s *Session) implement(path, name string, x any) any {
	b, ok := x.(Box)
	if !ok {
		return x
	}
	t := s.wrapperType(path, name)
	if t == nil {
		return nil
	}
	for i := 1; i < t.NumField(); i++ {
		if b.T.method(t.Field(i).Name[1:]) == nil {
			return nil
		}
	}
	return s.wrap(path, name, x)
}

// boxError is a value of a type of a cell as an error. What errors.Is, As and Unwrap look for, it has if the type does.
type boxError struct{ b Box }

func (e *boxError) unwrapBox() Box { return e.b }

// Error calls the method of the cell.
func (e *boxError) Error() string {
	if f, ok := e.b.T.method("Error").(func(any) string); ok {
		return f(e.b)
	}
	return fmt.Sprint(e.b.V)
}

// Unwrap calls the method of the cell, if there is one.
func (e *boxError) Unwrap() error {
	if f, ok := e.b.T.method("Unwrap").(func(any) error); ok {
		return f(e.b)
	}
	return nil
}

// Is calls the method of the cell, if there is one; equal values of one type are one error.
func (e *boxError) Is(target error) bool {
	if t, ok := target.(*boxError); ok && t.b.T == e.b.T && comparable_(e.b.V) && equal(e.b, t.b) {
		return true
	}
	if f, ok := e.b.T.method("Is").(func(any, error) bool); ok {
		return f(e.b, target)
	}
	return false
}

// Format prints the error as its type does.
func (e *boxError) Format(s fmt.State, verb rune) { e.b.Format(s, verb) }

// joinedError is a boxError whose Unwrap gives several errors.
type joinedError struct{ boxError }

// Unwrap calls the method of the cell.
func (e *joinedError) Unwrap() []error {
	if f, ok := e.b.T.method("Unwrap").(func(any) []error); ok {
		return f(e.b)
	}
	return nil
}

func comparable_(v any) bool { return v == nil || reflect.TypeOf(v).Comparable() }

// asError makes an error of a boxed value.
func toError(x any) error {
	b := x.(Box)
	if _, ok := b.T.method("Unwrap").(func(any) []error); ok {
		return &joinedError{boxError{b}}
	}
	return &boxError{b}
}

// asErrors makes errors of the boxed values that are, for fmt.Errorf to wrap.
func asErrors(xs []any) []any {
	out := xs
	for i, x := range xs {
		if e, ok := assertError(x); ok && boxed(x) {
			if &out[0] == &xs[0] {
				out = append([]any(nil), xs...)
			}
			out[i] = e
		}
	}
	return out
}

// assertError is x.(error) with two values.
func assertError(x any) (error, bool) {
	if b, ok := x.(Box); ok {
		if b.T.method("Error") == nil {
			return nil, false
		}
		return toError(b), true
	}
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

// assertFail panics as a failed assertion does.
func assertFail(x any, want string) {
	have := "nil"
	if x != nil {
		have = typeName(x)
	}
	panic(&RuntimeError{"interface conversion: interface is " + have + ", not " + want})
}

// typeName is what %T prints.
func typeName(x any) string {
	if b, ok := x.(Box); ok {
		return b.T.Name
	}
	if w, ok := x.(wrapper); ok {
		return w.unwrapBox().T.Name
	}
	return fmt.Sprintf("%T", x)
}

// equal is == of two interface values.
func equal(a, b any) bool {
	a, b = up(a), up(b)
	x, ok := a.(Box)
	y, ok2 := b.(Box)
	switch {
	case ok != ok2:
		return false
	case ok:
		return x.T == y.T && same(x.V, y.V)
	case a == nil || b == nil:
		return a == nil && b == nil
	}
	return same(a, b)
}

// same is == of two values of one type.
func same(a, b any) bool { return sameValue(reflect.ValueOf(a), reflect.ValueOf(b)) }

func sameValue(a, b reflect.Value) bool {
	for a.IsValid() && a.Kind() == reflect.Interface {
		a = a.Elem()
	}
	for b.IsValid() && b.Kind() == reflect.Interface {
		b = b.Elem()
	}
	if !a.IsValid() || !b.IsValid() {
		return a.IsValid() == b.IsValid()
	}
	if a.Type() != b.Type() {
		return false
	}
	switch a.Kind() {
	case reflect.Struct:
		if a.CanInterface() && a.Type() == reflect.TypeFor[Box]() {
			return equal(a.Interface(), b.Interface())
		}
		for i := range a.NumField() {
			if n := a.Type().Field(i).Name; !strings.HasPrefix(n, "Xblank") && n != "_" && !sameValue(a.Field(i), b.Field(i)) {
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
	if !a.Comparable() {
		panic(&RuntimeError{"runtime error: comparing uncomparable type " + a.Type().String()})
	}
	return a.Equal(b)
}

// out is a value for a compiled function that wants the plain value; methods that such functions look for come along.
func out(x any) any {
	b, ok := x.(Box)
	if !ok {
		return x
	}
	if f, ok := b.T.method("MIME").(func(any) map[string]any); ok {
		return richBox{b, f}
	}
	if f, ok := b.T.method("MarshalJSON").(func(any) ([]byte, error)); ok {
		return jsonBox{b, f}
	}
	return b.V
}

func outAll(xs []any) []any {
	r := make([]any, len(xs))
	for i, x := range xs {
		r[i] = out(x)
	}
	return r
}

// MarshalJSON writes the value as it is.
func (b Box) MarshalJSON() ([]byte, error) {
	if f, ok := b.T.method("MarshalJSON").(func(any) ([]byte, error)); ok {
		return f(b)
	}
	return json.Marshal(b.V)
}

type richBox struct {
	Box
	mime func(any) map[string]any
}

// MIME calls the method of the cell.
func (r richBox) MIME() map[string]any { return r.mime(r.Box) }

type jsonBox struct {
	b Box
	f func(any) ([]byte, error)
}

// MarshalJSON calls the method of the cell.
func (j jsonBox) MarshalJSON() ([]byte, error) { return j.f(j.b) }
