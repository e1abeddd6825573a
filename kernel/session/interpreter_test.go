package session

import (
	"reflect"
	"testing"
	"unsafe"

	"github.com/tapir-go/tapir/kernel/cell"
)

func TestTheInterpreterIsAsExpected(t *testing.T) {
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, kind := range map[string]reflect.Kind{"roots": reflect.Slice, "universe": reflect.Pointer, "scopes": reflect.Map} {
		if _, ok := s.inside(name, kind); !ok {
			t.Errorf("the interpreter has no field %s of kind %s", name, kind)
		}
	}
	u, _ := s.inside("universe", reflect.Pointer)
	if c := u.Elem().FieldByName("child"); !c.IsValid() || c.Kind() != reflect.Slice {
		t.Error("a scope of the interpreter has no list child")
	}
}

func TestStructTypesAreLaidOutAsExpected(t *testing.T) {
	st := reflect.StructOf([]reflect.StructField{
		{Name: "A", Type: reflect.TypeFor[int]()}, {Name: "B", Type: reflect.TypeFor[*standIn]()}, {Name: "C", Type: reflect.TypeFor[[]standIn]()},
	})
	fields := (*rtStruct)(typePointer(st)).fields
	if len(fields) != 3 {
		t.Fatalf("%d fields, want 3", len(fields))
	}
	for i, f := range fields {
		if f.typ != typePointer(st.Field(i).Type) {
			t.Errorf("field %d is not where it is expected", i)
		}
	}
	setFieldType(st, 1, reflect.PointerTo(st))
	setFieldType(st, 2, reflect.SliceOf(st))
	v := reflect.New(st)
	v.Elem().Field(1).Set(v)
	v.Elem().Field(2).Set(reflect.MakeSlice(reflect.SliceOf(st), 2, 2))
	v.Elem().Field(2).Index(1).Field(0).SetInt(7)
	if st.Field(1).Type != reflect.PointerTo(st) || v.Elem().Field(1).Elem().Field(2).Index(1).Field(0).Int() != 7 {
		t.Error("a struct type that refers to itself does not hold itself")
	}
	if unsafe.Sizeof(rtType{}) == 0 {
		t.Error("no layout")
	}
}

func TestStructTypesThatReferToEachOther(t *testing.T) {
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	named := func(n string) *cell.Shape { return &cell.Shape{Name: n} }
	to := func(k reflect.Kind, e *cell.Shape) *cell.Shape { return &cell.Shape{Kind: k, Elem: e} }
	integer := &cell.Shape{Kind: reflect.Int}
	err = s.build([]*cell.Structure{
		{Name: "A", Fields: []cell.StructField{{Name: "B", Shape: to(reflect.Pointer, named("B"))}, {Name: "Bs", Shape: &cell.Shape{Kind: reflect.Map, Key: integer, Elem: named("B")}}}},
		{Name: "B", Fields: []cell.StructField{{Name: "A", Shape: named("A")}, {Name: "F", Shape: &cell.Shape{Kind: reflect.Func, In: []*cell.Shape{to(reflect.Pointer, named("A"))}, Out: []*cell.Shape{named("B")}}}}},
		{Name: "C", Fields: []cell.StructField{{Name: "B", Shape: to(reflect.Pointer, named("B"))}, {Name: "Bs", Shape: &cell.Shape{Kind: reflect.Map, Key: integer, Elem: named("B")}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	a, b, c := s.structs["A"], s.structs["B"], s.structs["C"]
	if a == c {
		t.Error("types of different names are one type")
	}
	if a.Field(0).Type != reflect.PointerTo(b) || a.Field(1).Type != reflect.MapOf(reflect.TypeFor[int](), b) || b.Field(0).Type != a {
		t.Errorf("A is %v, B is %v", a, b)
	}
	if want := reflect.FuncOf([]reflect.Type{reflect.PointerTo(a)}, []reflect.Type{b}, false); b.Field(1).Type != want {
		t.Errorf("B.F is %v", b.Field(1).Type)
	}
	if err := s.build([]*cell.Structure{{Name: "D", Fields: []cell.StructField{{Name: "X", Shape: &cell.Shape{Path: "no/such", Name: "T"}}}}}); err == nil {
		t.Error("a field of a type that does not exist is taken")
	}
}
