package session

import (
	"reflect"

	"github.com/tapir-go/tapir/kernel/rtype"
)

// Origin is the Go text of a function, or of Type.Method, that cells declared, with all that it uses, and the values of the
// session's variables among that. Line directives in the text name cells as cell3. Cells may call it while they run.
func (s *Session) Origin(name string) (text string, values map[string]any, ok bool) {
	s.front.Lock()
	o, ok := s.world.Origin(name)
	s.front.Unlock()
	if !ok {
		return "", nil, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	values = map[string]any{}
	for name, emit := range o.Variables {
		v, ok := s.vars[emit]
		if !ok || !v.v.CanInterface() {
			continue
		}
		x := v.v.Interface()
		if v.kind != nil && v.v.Kind() != reflect.Interface {
			x = rtype.As(x, v.kind.Real())
		}
		values[name] = x
	}
	return o.Text, values, true
}
