package session

import (
	"bytes"
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"

	"github.com/tapir-go/tapir/kernel/cell"
)

// Format prints a value of a type of a cell as fmt prints values of compiled types: with the methods of its type, and of
// the types inside of it.
func (b Box) Format(s fmt.State, verb rune) {
	p := &printer{s: s, verb: verb, plus: s.Flag('+'), sharp: s.Flag('#')}
	p.value(reflect.ValueOf(b.V), b.T, 0)
	text := p.buf.String()
	if w, ok := s.Width(); ok && !p.leaf && verb == 'v' {
		if n := w - len([]rune(text)); n > 0 {
			pad := strings.Repeat(" ", n)
			if s.Flag('-') {
				text += pad
			} else {
				text = pad + text
			}
		}
	}
	_, _ = s.Write([]byte(text))
}

type printer struct {
	s           fmt.State
	verb        rune
	plus, sharp bool
	leaf        bool // what was printed is a single plain value, which fmt has padded
	buf         bytes.Buffer
}

// methods prints x by a method of its type, if one applies.
func (p *printer) methods(x Box) bool {
	if f, ok := x.T.method("Format").(func(any, fmt.State, rune)); ok {
		f(x, p, p.verb)
		return true
	}
	if p.sharp && p.verb == 'v' {
		if f, ok := x.T.method("GoString").(func(any) string); ok {
			p.buf.WriteString(f(x))
			return true
		}
		return false
	}
	if !strings.ContainsRune("vsxXq", p.verb) {
		return false
	}
	for _, name := range []string{"Error", "String"} {
		f, ok := x.T.method(name).(func(any) string)
		if !ok {
			continue
		}
		if nilPointer(x.V) {
			p.buf.WriteString("<nil>")
			return true
		}
		p.leaf = true
		fmt.Fprintf(&p.buf, p.format(), f(x))
		return true
	}
	return false
}

// format is the directive that is being printed, for a value inside.
func (p *printer) format() string {
	if p.s == nil {
		return "%v"
	}
	return fmt.FormatString(p.s, p.verb)
}

// Write, Width, Precision and Flag make the printer a fmt.State for Format methods of cells.
func (p *printer) Write(b []byte) (int, error) { return p.buf.Write(b) }

// Width is that of the directive.
func (p *printer) Width() (int, bool) { return p.s.Width() }

// Precision is that of the directive.
func (p *printer) Precision() (int, bool) { return p.s.Precision() }

// Flag is that of the directive.
func (p *printer) Flag(c int) bool { return p.s.Flag(c) }

func (p *printer) value(v reflect.Value, t *kind, depth int) {
	if v.IsValid() && v.Kind() == reflect.Interface {
		v = v.Elem()
		if v.IsValid() && v.CanInterface() {
			x := up(v.Interface())
			if b, ok := x.(Box); ok {
				p.value(reflect.ValueOf(b.V), b.T, depth)
				return
			}
		}
		t = nil
	}
	if !v.IsValid() {
		p.buf.WriteString("<nil>")
		return
	}
	if t == nil {
		p.plain(v, depth)
		return
	}
	if v.CanInterface() && p.methods(Box{t, v.Interface()}) {
		return
	}
	if t.Wrapped && v.Kind() == reflect.Struct {
		v = v.Field(0)
	}
	name := ""
	if p.sharp && p.verb == 'v' {
		name = t.Name
	}
	switch v.Kind() {
	case reflect.Struct:
		p.structValue(v, t, name, depth)
	case reflect.Pointer:
		p.pointer(v, t, depth)
	case reflect.Slice, reflect.Array:
		p.slice(v, t, name, depth)
	case reflect.Map:
		p.mapValue(v, t, name, depth)
	default:
		if name != "" && t.Named && v.Kind() == reflect.Func {
			p.buf.WriteString("(" + name + ")")
		}
		p.plain(v, depth)
	}
}

func (k *kind) part(id *cell.Type) *kind {
	if id == nil {
		return nil
	}
	return k.s.kind(id.ID)
}

// plain prints a value of a compiled type.
func (p *printer) plain(v reflect.Value, depth int) {
	if !v.CanInterface() {
		fmt.Fprintf(&p.buf, p.format(), v)
		return
	}
	if depth == 0 {
		p.leaf = true
	}
	fmt.Fprintf(&p.buf, p.format(), v.Interface())
}

func (p *printer) structValue(v reflect.Value, t *kind, name string, depth int) {
	p.buf.WriteString(name + "{")
	for i := range v.NumField() {
		if i > 0 {
			if p.sharp {
				p.buf.WriteString(", ")
			} else {
				p.buf.WriteByte(' ')
			}
		}
		var ft *kind
		if i < len(t.Fields) {
			if p.plus || p.sharp {
				p.buf.WriteString(t.Fields[i].Name + ":")
			}
			ft = t.part(t.Fields[i].Type)
		}
		p.value(v.Field(i), ft, depth+1)
	}
	p.buf.WriteByte('}')
}

func (p *printer) pointer(v reflect.Value, t *kind, depth int) {
	e := t.part(t.Elem)
	if depth == 0 && !v.IsNil() && e != nil {
		switch x := v.Elem(); x.Kind() {
		case reflect.Struct, reflect.Slice, reflect.Array, reflect.Map:
			p.buf.WriteByte('&')
			p.value(x, e, depth+1)
			return
		}
	}
	switch {
	case v.IsNil() && p.verb == 'v' && !p.sharp:
		p.buf.WriteString("<nil>")
	case p.sharp && p.verb == 'v':
		if v.IsNil() {
			p.buf.WriteString("(" + t.Name + ")(nil)")
		} else {
			p.buf.WriteString("(" + t.Name + ")(0x" + strconv.FormatUint(uint64(v.Pointer()), 16) + ")")
		}
	default:
		p.buf.WriteString("0x" + strconv.FormatUint(uint64(v.Pointer()), 16))
	}
}

func (p *printer) slice(v reflect.Value, t *kind, name string, depth int) {
	e := t.part(t.Elem)
	if v.Type().Elem().Kind() == reflect.Uint8 && e == nil && strings.ContainsRune("sxXq", p.verb) {
		p.plain(v, depth)
		return
	}
	open, sep, end := "[", " ", "]"
	if p.sharp && p.verb == 'v' {
		if v.Kind() == reflect.Slice && v.IsNil() {
			p.buf.WriteString(name + "(nil)")
			return
		}
		open, sep, end = name+"{", ", ", "}"
	}
	p.buf.WriteString(open)
	for i := range v.Len() {
		if i > 0 {
			p.buf.WriteString(sep)
		}
		p.value(v.Index(i), e, depth+1)
	}
	p.buf.WriteString(end)
}

func (p *printer) mapValue(v reflect.Value, t *kind, name string, depth int) {
	open, sep, end := "map[", " ", "]"
	if p.sharp && p.verb == 'v' {
		if v.IsNil() {
			p.buf.WriteString(name + "(nil)")
			return
		}
		open, sep, end = name+"{", ", ", "}"
	}
	p.buf.WriteString(open)
	keys := v.MapKeys()
	sort.SliceStable(keys, func(i, j int) bool { return less(keys[i], keys[j]) })
	for i, k := range keys {
		if i > 0 {
			p.buf.WriteString(sep)
		}
		p.value(k, t.part(t.Index), depth+1)
		p.buf.WriteByte(':')
		p.value(v.MapIndex(k), t.part(t.Elem), depth+1)
	}
	p.buf.WriteString(end)
}

// less orders the keys of a map as fmt does.
func less(a, b reflect.Value) bool {
	for a.Kind() == reflect.Interface && !a.IsNil() {
		a = a.Elem()
	}
	for b.Kind() == reflect.Interface && !b.IsNil() {
		b = b.Elem()
	}
	if a.Kind() != b.Kind() {
		return a.Kind() < b.Kind()
	}
	switch a.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return a.Int() < b.Int()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return a.Uint() < b.Uint()
	case reflect.Float32, reflect.Float64:
		return a.Float() < b.Float() || a.Float() != a.Float() && b.Float() == b.Float()
	case reflect.String:
		return a.String() < b.String()
	case reflect.Bool:
		return !a.Bool() && b.Bool()
	case reflect.Struct:
		for i := range a.NumField() {
			if less(a.Field(i), b.Field(i)) {
				return true
			}
			if less(b.Field(i), a.Field(i)) {
				return false
			}
		}
	case reflect.Array:
		for i := range a.Len() {
			if less(a.Index(i), b.Index(i)) {
				return true
			}
			if less(b.Index(i), a.Index(i)) {
				return false
			}
		}
	case reflect.Pointer, reflect.Chan:
		return a.Pointer() < b.Pointer()
	}
	return false
}

// retype writes %T of values of cells as the name of their type, since fmt would print that of the Box.
func retype(format string, args []any) (string, []any) {
	if !strings.Contains(format, "T") {
		return format, args
	}
	var b strings.Builder
	out := args
	arg := 0
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b.WriteByte(format[i])
			continue
		}
		j := i + 1
		for j < len(format) && strings.IndexByte("+-# 0123456789.*", format[j]) >= 0 {
			if format[j] == '*' {
				arg++
			}
			j++
		}
		if j >= len(format) {
			b.WriteString(format[i:])
			break
		}
		switch verb := format[j]; {
		case verb == '[':
			return format, args // explicit indexes are left to fmt
		case verb == '%':
			arg--
		case verb == 'T' && arg < len(args):
			if needsName(args[arg]) {
				if &out[0] == &args[0] {
					out = append([]any(nil), args...)
				}
				out[arg] = typeName(args[arg])
				b.WriteString(format[i:j] + "s")
				arg++
				i = j
				continue
			}
		}
		arg++
		b.WriteString(format[i : j+1])
		i = j
	}
	return b.String(), out
}

func needsName(x any) bool {
	switch x.(type) {
	case Box, wrapper:
		return true
	}
	return false
}
