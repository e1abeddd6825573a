package rtype

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"sort"
	"strings"
	"sync"
	"testing"
	"unsafe"
)

func TestTheLayoutOfTypesIsAsExpected(t *testing.T) {
	if err := Supported(); err != nil {
		t.Fatal(err)
	}
	if got := unsafe.Sizeof(header{}); got != 48 {
		t.Errorf("a header has %d bytes, want 48", got)
	}
}

var text = reflect.TypeFor[func() string]()

func says(f func(v reflect.Value) string) func(reflect.Value, []reflect.Value) []reflect.Value {
	return func(v reflect.Value, _ []reflect.Value) []reflect.Value {
		return []reflect.Value{reflect.ValueOf(f(v))}
	}
}

// celsius is type Celsius float64 with a method String.
func celsius() reflect.Type {
	d := Declare("main", "main.Celsius", true, reflect.TypeFor[float64](), 1, 1)
	m := []Method{{"String", text, says(func(v reflect.Value) string {
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		return fmt.Sprintf("%g°C", v.Float())
	})}}
	d.Complete(reflect.TypeFor[float64](), nil, m, m)
	return d.Type()
}

func TestANamedNumber(t *testing.T) {
	c := celsius()
	x := As(21.5, c)
	if c.Name() != "Celsius" || c.PkgPath() != "main" || c.String() != "main.Celsius" || c.Kind() != reflect.Float64 || c.NumMethod() != 1 {
		t.Errorf("%v: name %q of %q, kind %v, %d methods", c, c.Name(), c.PkgPath(), c.Kind(), c.NumMethod())
	}
	if got := fmt.Sprintf("%v %T %#v", x, x, x); got != "21.5°C main.Celsius 21.5" {
		t.Error(got)
	}
	list := reflect.MakeSlice(reflect.SliceOf(c), 2, 2)
	list.Index(1).SetFloat(3)
	if got := fmt.Sprintf("%v %T", list.Interface(), list.Interface()); got != "[0°C 3°C] []main.Celsius" {
		t.Error(got)
	}
	p := reflect.New(c)
	p.Elem().SetFloat(7)
	if s, ok := p.Interface().(fmt.Stringer); !ok || s.String() != "7°C" || fmt.Sprintf("%T", s) != "*main.Celsius" {
		t.Errorf("%T: %v", p.Interface(), ok)
	}
	if _, ok := x.(float64); ok {
		t.Error("it is a float64")
	}
	if As(x, reflect.TypeFor[float64]()) != any(21.5) {
		t.Error("it does not come back")
	}
	m, _ := c.MethodByName("String")
	if got := m.Func.Call([]reflect.Value{reflect.ValueOf(x)})[0].String(); got != "21.5°C" {
		t.Error(got)
	}
	if got := reflect.ValueOf(x).Method(0).Interface().(func() string)(); got != "21.5°C" {
		t.Error(got)
	}
	keys := map[any]int{x: 1, 21.5: 2}
	if len(keys) != 2 || keys[As(21.5, c)] != 1 {
		t.Errorf("keys are %v", keys)
	}
	if other := celsius(); other == c || As(21.5, other) == x {
		t.Error("a second type of the name is the same")
	}
}

// node is type Node struct { Name string; next *Node; kids []Node; byName map[string]Node; _ int } with methods.
func node() reflect.Type {
	field := func(name string, t reflect.Type, tag reflect.StructTag) reflect.StructField {
		f := reflect.StructField{Name: name, Type: t, Tag: tag}
		if name[0] == '_' || name[0] >= 'a' {
			f.PkgPath = "main"
		}
		return f
	}
	make := func(next, kids, byName reflect.Type) reflect.Type {
		return reflect.StructOf([]reflect.StructField{
			field("Name", reflect.TypeFor[string](), `json:"name"`), field("next", next, ""), field("Kids", kids, ""), field("byName", byName, ""), field("_", reflect.TypeFor[int](), ""),
		})
	}
	d := Declare("main", "main.Node", true, make(reflect.TypeFor[unsafe.Pointer](), reflect.TypeFor[[]byte](), reflect.TypeFor[map[int]int]()), 0, 1)
	n := d.Type()
	d.Complete(make(reflect.PointerTo(n), reflect.SliceOf(n), reflect.MapOf(reflect.TypeFor[string](), n)), nil, nil, []Method{
		{"Rename", reflect.TypeFor[func(string, ...int) int](), func(v reflect.Value, a []reflect.Value) []reflect.Value {
			v.Elem().Field(0).SetString(a[0].String())
			return []reflect.Value{reflect.ValueOf(a[1].Len())}
		}},
	})
	return n
}

func TestAStructThatIsMadeOfItself(t *testing.T) {
	n := node()
	if n.NumField() != 5 || n.Field(1).Type != reflect.PointerTo(n) || n.Field(2).Type.Elem() != n || n.Field(1).PkgPath != "main" || n.Field(0).Tag.Get("json") != "name" {
		t.Errorf("fields %v", n)
	}
	v := reflect.New(n)
	renamer, ok := v.Interface().(interface{ Rename(string, ...int) int })
	if !ok || renamer.Rename("root", 1, 2, 3) != 3 || v.Elem().Field(0).String() != "root" {
		t.Errorf("Rename: %v, %+v", ok, v.Elem().Interface())
	}
	if _, ok := v.Elem().Interface().(interface{ Rename(string, ...int) int }); ok {
		t.Error("a value has the method of pointers")
	}
	kids := reflect.MakeSlice(reflect.SliceOf(n), 1, 1)
	v.Elem().Field(2).Set(kids)
	b, err := json.Marshal(v.Interface())
	if err != nil || string(b) != `{"name":"root","Kids":[{"name":"","Kids":null}]}` {
		t.Errorf("%s, %v", b, err)
	}
	back := reflect.New(n)
	if err := json.Unmarshal(b, back.Interface()); err != nil || back.Elem().Field(2).Len() != 1 {
		t.Errorf("%+v, %v", back.Elem().Interface(), err)
	}
	if got := fmt.Sprintf("%+v", v.Elem().Interface()); got != "{Name:root next:<nil> Kids:[{Name: next:<nil> Kids:[] byName:map[] _:0}] byName:map[] _:0}" {
		t.Error(got)
	}
}

// pair is type Pair struct { A, _, B int }.
func TestBlankFieldsDoNotCount(t *testing.T) {
	i := reflect.TypeFor[int]()
	s := reflect.StructOf([]reflect.StructField{{Name: "A", Type: i}, {Name: "_", PkgPath: "main", Type: i}, {Name: "B", Type: i}})
	d := Declare("main", "main.Pair", true, s, 0, 0)
	d.Complete(s, nil, nil, nil)
	x, y := [3]int{1, 2, 3}, [3]int{1, 9, 3}
	a, b := reflect.NewAt(d.Type(), unsafe.Pointer(&x)).Elem().Interface(), reflect.NewAt(d.Type(), unsafe.Pointer(&y)).Elem().Interface()
	if a != b || len(map[any]bool{a: true, b: true}) != 1 {
		t.Error("blank fields are compared")
	}
}

func TestMethodsOfWhatAnInterfaceHoldsDirectly(t *testing.T) {
	f := reflect.TypeFor[func() string]()
	d := Declare("main", "main.F", true, f, 1, 1)
	call := says(func(v reflect.Value) string {
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		return v.Call(nil)[0].String()
	})
	d.Complete(f, nil, []Method{{"Error", text, call}}, []Method{{"Error", text, call}})
	x := As(func() string { return "by function" }, d.Type())
	err, ok := x.(error)
	if !ok || err.Error() != "by function" {
		t.Errorf("%T %v", x, ok)
	}
	p := reflect.New(d.Type())
	p.Elem().Set(reflect.ValueOf(x))
	if err, ok := p.Interface().(error); !ok || err.Error() != "by function" {
		t.Errorf("%T %v", p.Interface(), ok)
	}
	target := reflect.New(d.Type())
	if !errors.As(fmt.Errorf("around: %w", err), target.Interface()) || target.Elem().IsNil() {
		t.Error("errors.As does not find it")
	}
}

func TestANilPointerToAValueWithMethods(t *testing.T) {
	c := celsius()
	d := Declare("main", "main.Big", true, reflect.TypeFor[[3]int](), 1, 1)
	m := []Method{{"String", text, says(func(reflect.Value) string { return "big" })}}
	d.Complete(reflect.TypeFor[[3]int](), nil, m, m)
	for _, typ := range []reflect.Type{c, d.Type()} {
		func() {
			defer func() {
				if e, ok := recover().(runtime.Error); !ok || !strings.Contains(e.Error(), "nil pointer") {
					t.Errorf("%v: %v", typ, e)
				}
			}()
			_ = reflect.Zero(reflect.PointerTo(typ)).Interface().(fmt.Stringer).String()
		}()
	}
}

// TestManyTypesAndTheCollector makes types and calls their methods from several goroutines while the collector runs, with
// arguments in registers and on the stack.
func TestManyTypesAndTheCollector(t *testing.T) {
	many := reflect.TypeFor[func(a, b, c, d, e, f, g, h, i, j int, k *int, s []string, x float64) (string, *int, float64)]()
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for n := range 20 {
				s := reflect.StructOf([]reflect.StructField{{Name: "A", Type: reflect.TypeFor[*int]()}, {Name: "B", Type: reflect.TypeFor[string]()}})
				d := Declare("main", fmt.Sprintf("main.T%d_%d", g, n), true, s, 1, 1)
				call := func(v reflect.Value, a []reflect.Value) []reflect.Value {
					if n%5 == 0 {
						runtime.GC()
					}
					if v.Kind() == reflect.Pointer {
						v = v.Elem()
					}
					return []reflect.Value{reflect.ValueOf(v.Field(1).String() + a[11].Index(1).String() + fmt.Sprint(a[9])), a[10], a[12]}
				}
				m := []Method{{"Many", many, call}}
				d.Complete(s, nil, m, m)
				v := reflect.New(d.Type())
				v.Elem().Field(0).Set(reflect.ValueOf(new(int)))
				v.Elem().Field(1).SetString("own ")
				seven := 7
				for _, x := range []any{v.Interface(), v.Elem().Interface()} {
					i, ok := x.(interface {
						Many(a, b, c, d, e, f, g, h, i, j int, k *int, s []string, x float64) (string, *int, float64)
					})
					if !ok {
						t.Errorf("%T has no method", x)
						return
					}
					s, p, f := i.Many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, &seven, []string{"no", "yes"}, 2.5)
					if s != "own yes10" || p != &seven || f != 2.5 {
						t.Errorf("%T: %q %v %v", x, s, p, f)
					}
				}
			}
		}()
	}
	wg.Wait()
}

func TestSortOfASliceType(t *testing.T) {
	l := reflect.TypeFor[[]int]()
	d := Declare("main", "main.Down", true, l, 3, 3)
	at := func(v reflect.Value) []int { return As(v.Interface(), l).([]int) }
	ms := []Method{
		{"Len", reflect.TypeFor[func() int](), func(v reflect.Value, _ []reflect.Value) []reflect.Value {
			return []reflect.Value{reflect.ValueOf(len(at(v)))}
		}},
		{"Swap", reflect.TypeFor[func(int, int)](), func(v reflect.Value, a []reflect.Value) []reflect.Value {
			s, i, j := at(v), a[0].Int(), a[1].Int()
			s[i], s[j] = s[j], s[i]
			return nil
		}},
		{"Less", reflect.TypeFor[func(int, int) bool](), func(v reflect.Value, a []reflect.Value) []reflect.Value {
			s := at(v)
			return []reflect.Value{reflect.ValueOf(s[a[0].Int()] > s[a[1].Int()])}
		}},
	}
	d.Complete(l, nil, ms, ms)
	xs := []int{3, 9, 1, 4}
	sort.Sort(As(xs, d.Type()).(sort.Interface))
	if fmt.Sprint(xs) != "[9 4 3 1]" {
		t.Error(xs)
	}
}

func TestStubsAreWhereTheyAreExpected(t *testing.T) {
	before := Free()
	celsius()
	if used := before - Free(); used != 2 {
		t.Errorf("a type with one method takes %d stubs, want 2", used)
	}
	// The last stub works as the first does: every slot has the same size.
	slotMu.Lock()
	old := used
	used = slots - 1
	slotMu.Unlock()
	f := reflect.TypeFor[func() string]()
	d := Declare("main", "main.Last", true, f, 0, 1)
	d.Complete(f, nil, nil, []Method{{"String", text, says(func(reflect.Value) string { return "last" })}})
	if got := fmt.Sprint(reflect.New(d.Type()).Interface()); got != "last" {
		t.Error(got)
	}
	func() {
		defer func() {
			if r := recover(); r == nil {
				t.Error("there is no end of stubs")
			}
		}()
		celsius()
	}()
	slotMu.Lock()
	used = old
	slotMu.Unlock()
}

func TestInterfacesOfTheirOwn(t *testing.T) {
	a := reflect.TypeFor[any]()
	d := Declare("main", "main.Shape", true, a, 0, 0)
	d.Complete(a, nil, nil, nil)
	l := reflect.MakeSlice(reflect.SliceOf(d.Type()), 1, 1)
	l.Index(0).Set(reflect.ValueOf(As(21.5, celsius())))
	if got := fmt.Sprintf("%v %T", l.Interface(), l.Interface()); got != "[21.5°C] []main.Shape" {
		t.Error(got)
	}
	if _, ok := l.Interface().([]any); ok {
		t.Error("a list of shapes is a list of anything")
	}
}

func BenchmarkMethodThroughAnInterface(b *testing.B) {
	x := As(21.5, celsius()).(fmt.Stringer)
	for b.Loop() {
		_ = x.String()
	}
}
