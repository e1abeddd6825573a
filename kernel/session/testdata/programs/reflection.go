// Reflection on own types: fields and tags, methods by name, values made and set, deep copies, and a printer.

package main

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

type kind int

func (k kind) Double() kind { return k * 2 }

type base struct {
	ID int `db:"id,key"`
}

func (b base) Key() string { return fmt.Sprint("#", b.ID) }

type person struct {
	base
	Name   string         `db:"name" check:"min=2"`
	Age    int            `db:"age" check:"min=1,max=150"`
	Email  *string        `db:"email"`
	Kind   kind           `db:"kind"`
	Tags   []string       `check:"max=2"`
	Extra  map[string]any `db:"-"`
	Friend *person
	Notify func(string) error
	secret string
}

func (p person) Greet(greeting string, times int) string {
	return strings.Repeat(greeting+" "+p.Name+"! ", times)
}
func (p *person) Rename(name string) (old string, err error) {
	if name == "" {
		return "", errors.New("empty name")
	}
	old, p.Name = p.Name, name
	return old, nil
}
func (p person) Sum(xs ...int) (n int) {
	for _, x := range xs {
		n += x
	}
	return n + p.Age
}

// columns follows embedded structs and reads tags.
func columns(t reflect.Type) (names []string) {
	for f := range t.Fields() {
		if f.Anonymous {
			names = append(names, columns(f.Type)...)
			continue
		}
		tag, ok := f.Tag.Lookup("db")
		name, option, _ := strings.Cut(tag, ",")
		if !ok || name == "-" || !f.IsExported() {
			continue
		}
		if option != "" {
			name += "!"
		}
		names = append(names, name)
	}
	return names
}

func validate(v any) (problems []string) {
	rv := reflect.Indirect(reflect.ValueOf(v))
	for i := range rv.NumField() {
		f := rv.Type().Field(i)
		for rule := range strings.SplitSeq(f.Tag.Get("check"), ",") {
			var name string
			var limit int
			if n, _ := fmt.Sscanf(strings.Replace(rule, "=", " ", 1), "%s %d", &name, &limit); n < 2 {
				continue
			}
			size := 0
			switch fv := rv.Field(i); fv.Kind() {
			case reflect.String, reflect.Slice:
				size = fv.Len()
			case reflect.Int:
				size = int(fv.Int())
			}
			if name == "min" && size < limit || name == "max" && size > limit {
				problems = append(problems, f.Name+" "+rule)
			}
		}
	}
	return problems
}

// clone copies whatever can be reached, also around cycles.
func clone[T any](v T) T {
	seen := map[uintptr]reflect.Value{}
	var copyOf func(reflect.Value) reflect.Value
	copyOf = func(v reflect.Value) reflect.Value {
		switch v.Kind() {
		case reflect.Pointer:
			if v.IsNil() {
				return v
			}
			if c, ok := seen[v.Pointer()]; ok {
				return c
			}
			c := reflect.New(v.Type().Elem())
			seen[v.Pointer()] = c
			c.Elem().Set(copyOf(v.Elem()))
			return c
		case reflect.Slice:
			c := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
			for i := range v.Len() {
				c.Index(i).Set(copyOf(v.Index(i)))
			}
			return c
		case reflect.Map:
			c := reflect.MakeMap(v.Type())
			for it := v.MapRange(); it.Next(); {
				c.SetMapIndex(it.Key(), copyOf(it.Value()))
			}
			return c
		case reflect.Interface:
			if v.IsNil() {
				return v
			}
			return copyOf(v.Elem())
		case reflect.Struct:
			c := reflect.New(v.Type()).Elem()
			c.Set(v)
			for i := range v.NumField() {
				if c.Field(i).CanSet() {
					c.Field(i).Set(copyOf(v.Field(i)))
				}
			}
			return c
		}
		return v
	}
	return copyOf(reflect.ValueOf(v)).Interface().(T)
}

// call finds a method by name and converts the arguments.
func call(v any, name string, args ...any) (out []any, err error) {
	m := reflect.ValueOf(v).MethodByName(name)
	if !m.IsValid() {
		return nil, fmt.Errorf("%T has no method %s", v, name)
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: %v", name, r)
		}
	}()
	var in []reflect.Value
	for _, a := range args {
		in = append(in, reflect.ValueOf(a))
	}
	for _, o := range m.Call(in) {
		out = append(out, o.Interface())
	}
	return out, nil
}

func main() {
	mail := "ann@example.org"
	ann := person{base: base{7}, Name: "Ann", Age: 31, Email: &mail, Kind: 3, Tags: []string{"x", "y"}, Extra: map[string]any{"n": []int{1, 2}}, secret: "s"}
	ann.Friend = &ann
	t := reflect.TypeOf(ann)
	fmt.Println(t, t.Name(), t.Kind(), t.NumField(), t.NumMethod(), reflect.PointerTo(t).NumMethod(), t.PkgPath())
	fmt.Println(columns(t))
	for _, name := range []string{"Name", "ID", "secret", "Friend", "Kind", "Nope"} {
		f, ok := t.FieldByName(name)
		if !ok {
			fmt.Println("no", name)
			continue
		}
		fmt.Print(f.Name, " ", f.Type, " ", f.Type.Kind(), " ", f.Index, " ", f.IsExported(), "; ")
	}
	for m := range reflect.TypeFor[*person]().Methods() {
		fmt.Print(m.Name, " ", m.Type.NumIn(), m.Type.NumOut(), m.Type.IsVariadic(), "; ")
	}
	fmt.Println()
	fmt.Println(validate(ann), validate(&person{Name: "A", Age: 200, Tags: []string{"1", "2", "3"}}))

	for _, c := range []struct {
		name string
		args []any
	}{{"Greet", []any{"hello", 2}}, {"Rename", []any{"Anna"}}, {"Rename", []any{""}}, {"Sum", []any{1, 2}}, {"Key", nil}, {"Missing", nil}, {"Greet", []any{1, 2}}, {"Greet", []any{"x"}}} {
		fmt.Println(call(&ann, c.name, c.args...))
	}
	fmt.Println(call(kind(21), "Double"))

	v := reflect.ValueOf(&ann).Elem()
	v.FieldByName("Age").SetInt(32)
	v.FieldByName("Tags").Set(reflect.Append(v.FieldByName("Tags"), reflect.ValueOf("z")))
	v.FieldByName("Kind").Set(reflect.ValueOf(5).Convert(reflect.TypeFor[kind]()))
	v.Field(0).Field(0).SetInt(8)
	fmt.Println(ann.Age, ann.Tags, ann.Kind, ann.ID, v.FieldByName("secret").CanSet(), reflect.ValueOf(ann).Field(1).CanSet())
	for _, f := range []func(){
		func() { v.FieldByName("Age").SetString("x") },
		func() { v.FieldByName("secret").SetString("x") },
		func() { reflect.ValueOf(ann).Field(2).SetInt(1) },
		func() { reflect.ValueOf(nil).Type() },
		func() { v.FieldByName("Name").Set(reflect.ValueOf(3)) },
		func() { reflect.ValueOf([]int{1}).Index(1) },
	} {
		func() {
			defer func() { fmt.Println(recover()) }()
			f()
		}()
	}

	twin := clone(&ann)
	twin.Tags[0], *twin.Email, twin.Extra["n"].([]int)[0] = "changed", "other", 99
	fmt.Println(ann.Tags, *ann.Email, ann.Extra, twin.Friend == twin, twin.secret)
	fmt.Println(reflect.DeepEqual(clone(map[string][]kind{"a": {1}}), map[string][]kind{"a": {1}}), reflect.DeepEqual(ann, *twin), reflect.DeepEqual([]int(nil), []int{}))

	swap := func(in []reflect.Value) []reflect.Value { slices.Reverse(in); return in }
	var swapInts func(int, string) (string, int)
	reflect.ValueOf(&swapInts).Elem().Set(reflect.MakeFunc(reflect.TypeOf(swapInts), swap))
	fmt.Println(swapInts(1, "one"))
	made := reflect.New(reflect.StructOf([]reflect.StructField{{Name: "A", Type: reflect.TypeFor[int](), Tag: `json:"a"`}})).Elem()
	made.Field(0).SetInt(4)
	fmt.Println(made, made.Type(), reflect.MapOf(reflect.TypeFor[string](), t), reflect.SliceOf(reflect.TypeFor[kind]()), reflect.ArrayOf(3, reflect.TypeFor[error]()))
	stringer := reflect.TypeFor[fmt.Stringer]()
	fmt.Println(stringer.Kind(), t.Implements(stringer), reflect.TypeFor[kind]().ConvertibleTo(reflect.TypeFor[float64]()), reflect.TypeFor[int]().AssignableTo(reflect.TypeFor[kind]()), t.Comparable(), reflect.Zero(reflect.TypeFor[base]()), reflect.ValueOf(base{}).IsZero())
	ch := reflect.MakeChan(reflect.TypeFor[chan kind](), 1)
	ch.Send(reflect.ValueOf(kind(9)))
	got, ok := ch.Recv()
	fmt.Println(got, ok, got.Type(), ch.Cap(), reflect.ValueOf(strings.ToUpper).Call([]reflect.Value{reflect.ValueOf("up")})[0])
}
