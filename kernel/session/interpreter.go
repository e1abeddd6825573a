package session

import (
	"reflect"
	"unsafe"

	"github.com/traefik/yaegi/interp"
)

// What is here reaches into the interpreter, which is frozen at v0.16.1 and has no other way. Each part does nothing where
// the interpreter is not as expected; TestTheInterpreterIsAsExpected tells.

// inside is a field of the interpreter that it does not export.
func (s *Session) inside(name string, kind reflect.Kind) (reflect.Value, bool) {
	f, ok := reflect.TypeFor[interp.Interpreter]().FieldByName(name)
	if !ok || f.Type.Kind() != kind {
		return reflect.Value{}, false
	}
	return reflect.NewAt(f.Type, unsafe.Add(unsafe.Pointer(s.in), f.Offset)).Elem(), true
}

// forget takes from the interpreter what would keep the syntax trees of all that it was ever given: the list of the trees,
// which its debugger reads, and the scopes inside of the package's, which nothing reads. What is declared keeps its tree.
func (s *Session) forget() {
	if roots, ok := s.inside("roots", reflect.Slice); ok {
		roots.SetZero()
	}
	if u, ok := s.inside("universe", reflect.Pointer); ok {
		childless(u)
	}
	if m, ok := s.inside("scopes", reflect.Map); ok {
		for _, k := range m.MapKeys() {
			childless(m.MapIndex(k))
		}
	}
}

func childless(scope reflect.Value) {
	if scope.Kind() != reflect.Pointer || scope.IsNil() || scope.Elem().Kind() != reflect.Struct {
		return
	}
	if c := scope.Elem().FieldByName("child"); c.IsValid() && c.Kind() == reflect.Slice {
		reflect.NewAt(c.Type(), c.Addr().UnsafePointer()).Elem().SetZero()
	}
}
