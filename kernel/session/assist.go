package session

import (
	"fmt"
	"reflect"

	"github.com/tapir-go/tapir/kernel/cell"
	"github.com/tapir-go/tapir/kernel/rtype"
)

// Look calls f with what is known about a place of a cell that is being written: the byte offset off of src. With whole
// the identifier there counts as a whole, else as far as it stands before off. f is not called while a cell is being
// compiled; it must not keep the probe.
func (s *Session) Look(src string, off int, whole bool, f func(*cell.Probe)) {
	s.front.Lock()
	defer s.front.Unlock()
	p := s.world.At(src, off, whole)
	defer p.Close()
	f(p)
}

// Doc is the documentation of a name of a package: "" for the package, else Name or Type.Name.
func (s *Session) Doc(path, name string) string {
	if s.opt.Table == nil {
		return ""
	}
	return s.opt.Table.Doc(path, name)
}

// Summary is the value of a variable of the session in a few words; ok is false while a cell runs, which may be changing it.
func (s *Session) Summary(emit string) (text string, ok bool) {
	if !s.running.TryLock() {
		return "", false
	}
	defer s.running.Unlock()
	s.mu.Lock()
	v, ok := s.vars[emit]
	s.mu.Unlock()
	if !ok {
		return "", false
	}
	defer func() {
		if r := recover(); r != nil {
			text, ok = fmt.Sprint("its value does not print: ", r), true
		}
	}()
	return short(summary(v)), true
}

func summary(x variable) string {
	v := x.v
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.Chan:
		if v.IsNil() {
			return "nil"
		}
		if v.Len() > 20 {
			return fmt.Sprintf("%d elements", v.Len())
		}
	}
	if !v.CanInterface() {
		return ""
	}
	if x.kind != nil && v.Kind() != reflect.Interface {
		return bundleText(rtype.As(v.Interface(), x.kind.Real()))
	}
	return bundleText(v.Interface())
}

func bundleText(x any) string {
	t, _ := bundle(x)["text/plain"].(string)
	return t
}

// short cuts a text to a few lines.
func short(s string) string {
	if len(s) > 400 {
		return s[:400] + " ..."
	}
	return s
}
