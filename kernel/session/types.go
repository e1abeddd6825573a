package session

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/tapir-go/tapir/kernel/cell"
	"github.com/tapir-go/tapir/kernel/rtype"
	"github.com/traefik/yaegi/interp"
)

// typePackage is the package of the interpreter that has the struct types of cells.
const typePackage = "ty"

// builder makes the struct types of a cell. Types that refer to each other are made with stand-ins of the same layout in
// the fields concerned, which are put right when all are there.
type builder struct {
	s       *Session
	defs    map[string]*cell.Structure
	built   map[string]reflect.Type
	fix     []func()
	missing error
}

// build makes the struct types of a cell and gives them to the interpreter.
func (s *Session) build(defs []*cell.Structure) error {
	if len(defs) == 0 {
		return nil
	}
	b := &builder{s: s, defs: map[string]*cell.Structure{}, built: map[string]reflect.Type{}}
	for _, d := range defs {
		b.defs[d.Name] = d
	}
	symbols := map[string]reflect.Value{}
	for _, d := range defs {
		t := b.structure(d.Name)
		if b.missing != nil {
			return b.missing
		}
		symbols[d.Name] = reflect.Zero(reflect.PointerTo(t))
	}
	for _, f := range b.fix {
		f()
	}
	for n, t := range b.built {
		rtype.Quick(t)
		s.structs[n] = t
	}
	return s.in.Use(interp.Exports{typePackage + "//" + typePackage: symbols})
}

func (b *builder) known(name string) reflect.Type {
	if t := b.s.structs[name]; t != nil {
		return t
	}
	return b.built[name]
}

// structure makes a struct type. The tag of its first field makes it a type of its own.
func (b *builder) structure(name string) reflect.Type {
	if t := b.known(name); t != nil {
		return t
	}
	d := b.defs[name]
	if d == nil {
		b.missing = fmt.Errorf("internal error: no struct type %s", name)
		return reflect.TypeFor[struct{}]()
	}
	var fields []reflect.StructField
	open := map[int]*cell.Shape{}
	for i, f := range d.Fields {
		t, whole := b.shape(f.Shape, false)
		if !whole {
			open[i] = f.Shape
		}
		field := reflect.StructField{Name: f.Name, Type: t}
		if i == 0 {
			field.Tag = reflect.StructTag(fmt.Sprintf("tapir:%q", name))
		}
		fields = append(fields, field)
	}
	t := reflect.StructOf(fields)
	b.built[name] = t
	for i, s := range open {
		b.fix = append(b.fix, func() {
			real, _ := b.shape(s, true)
			setFieldType(t, i, real)
		})
	}
	return t
}

// shape makes a type of a shape; it is not whole if it has stand-ins for struct types that are being made. indirect
// tells that the shape is behind a pointer of some kind.
func (b *builder) shape(s *cell.Shape, indirect bool) (t reflect.Type, whole bool) {
	switch s.Kind {
	case reflect.Invalid:
		return b.named(s, indirect)
	case reflect.Interface:
		return reflect.TypeFor[any](), true
	case reflect.Struct:
		return reflect.TypeFor[struct{}](), true
	case reflect.Pointer:
		e, ok := b.shape(s.Elem, true)
		return reflect.PointerTo(e), ok
	case reflect.Slice:
		e, ok := b.shape(s.Elem, true)
		return reflect.SliceOf(e), ok
	case reflect.Array:
		e, ok := b.shape(s.Elem, indirect)
		return reflect.ArrayOf(s.Len, e), ok
	case reflect.Chan:
		e, ok := b.shape(s.Elem, true)
		return reflect.ChanOf(s.Dir, e), ok
	case reflect.Map:
		k, ok := b.shape(s.Key, true)
		e, ok2 := b.shape(s.Elem, true)
		if !ok || !ok2 {
			return reflect.TypeFor[map[int]int](), false
		}
		return reflect.MapOf(k, e), true
	case reflect.Func:
		whole = true
		var in, out []reflect.Type
		for _, p := range s.In {
			t, ok := b.shape(p, true)
			in, whole = append(in, t), whole && ok
		}
		for _, p := range s.Out {
			t, ok := b.shape(p, true)
			out, whole = append(out, t), whole && ok
		}
		return reflect.FuncOf(in, out, s.Variadic), whole
	}
	return basic[s.Kind], true
}

func (b *builder) named(s *cell.Shape, indirect bool) (reflect.Type, bool) {
	switch {
	case s.Path == "" && s.Name == "error":
		return reflect.TypeFor[error](), true
	case s.Path != "":
		if b.s.opt.Table != nil {
			if v, ok := b.s.opt.Table.Symbols(s.Path)[s.Name]; ok {
				return v.Type().Elem(), true
			}
		}
		b.missing = fmt.Errorf("no type %s in package %s", s.Name, s.Path)
		return reflect.TypeFor[struct{}](), true
	}
	if t := b.known(s.Name); t != nil {
		return t, true
	}
	if indirect && b.defs[s.Name] != nil {
		return reflect.TypeFor[standIn](), false
	}
	return b.structure(s.Name), true
}

// standIn is in the place of a struct type that is being made.
type standIn struct{}

var basic = map[reflect.Kind]reflect.Type{
	reflect.Bool: reflect.TypeFor[bool](), reflect.Int: reflect.TypeFor[int](), reflect.Int8: reflect.TypeFor[int8](),
	reflect.Int16: reflect.TypeFor[int16](), reflect.Int32: reflect.TypeFor[int32](), reflect.Int64: reflect.TypeFor[int64](),
	reflect.Uint: reflect.TypeFor[uint](), reflect.Uint8: reflect.TypeFor[uint8](), reflect.Uint16: reflect.TypeFor[uint16](),
	reflect.Uint32: reflect.TypeFor[uint32](), reflect.Uint64: reflect.TypeFor[uint64](), reflect.Uintptr: reflect.TypeFor[uintptr](),
	reflect.Float32: reflect.TypeFor[float32](), reflect.Float64: reflect.TypeFor[float64](), reflect.Complex64: reflect.TypeFor[complex64](),
	reflect.Complex128: reflect.TypeFor[complex128](), reflect.String: reflect.TypeFor[string](), reflect.UnsafePointer: reflect.TypeFor[unsafe.Pointer](),
}

// What follows is how the Go runtime lays out a struct type; TestStructTypesAreLaidOutAsExpected holds it to that.

type rtType struct {
	_ [2]uintptr // size, pointer bytes
	_ uint32     // hash
	_ [4]uint8   // flags, alignments, kind
	_ func(unsafe.Pointer, unsafe.Pointer) bool
	_ *byte
	_ [2]int32
}

type rtField struct {
	_   *byte
	typ unsafe.Pointer
	_   uintptr
}

type rtStruct struct {
	rtType
	_      *byte
	fields []rtField
}

func typePointer(t reflect.Type) unsafe.Pointer {
	return (*[2]unsafe.Pointer)(unsafe.Pointer(&t))[1]
}

// setFieldType gives field i of a struct type that was made at run time another type of the same layout.
func setFieldType(t reflect.Type, i int, real reflect.Type) {
	(*rtStruct)(typePointer(t)).fields[i].typ = typePointer(real)
}
