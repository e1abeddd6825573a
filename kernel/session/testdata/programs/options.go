// Option and Result: values that may be missing or have failed, as generic types with methods.

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// An Option holds a value or nothing.
type Option[T any] struct {
	value T
	ok    bool
}

func Some[T any](v T) Option[T] { return Option[T]{v, true} }
func None[T any]() Option[T]    { return Option[T]{} }

func (o Option[T]) Get() (T, bool) { return o.value, o.ok }
func (o Option[T]) IsSome() bool   { return o.ok }
func (o Option[T]) Or(other T) T {
	if o.ok {
		return o.value
	}
	return other
}

func (o Option[T]) OrElse(f func() Option[T]) Option[T] {
	if o.ok {
		return o
	}
	return f()
}

func (o Option[T]) Filter(keep func(T) bool) Option[T] {
	if o.ok && keep(o.value) {
		return o
	}
	return None[T]()
}

func (o Option[T]) Must() T {
	if !o.ok {
		panic(fmt.Sprintf("no %T", o.value))
	}
	return o.value
}

// All yields the value, if there is one.
func (o Option[T]) All(yield func(T) bool) {
	if o.ok {
		yield(o.value)
	}
}

func (o Option[T]) String() string {
	if !o.ok {
		return "None"
	}
	return fmt.Sprintf("Some(%v)", o.value)
}

func (o Option[T]) MarshalJSON() ([]byte, error) {
	if !o.ok {
		return []byte("null"), nil
	}
	return json.Marshal(o.value)
}

func (o *Option[T]) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*o = None[T]()
		return nil
	}
	o.ok = true
	return json.Unmarshal(data, &o.value)
}

func Map[A, B any](o Option[A], f func(A) B) Option[B] {
	if v, ok := o.Get(); ok {
		return Some(f(v))
	}
	return None[B]()
}

func Then[A, B any](o Option[A], f func(A) Option[B]) Option[B] {
	if !o.ok {
		return None[B]()
	}
	return f(o.value)
}

// A Result holds a value or an error.
type Result[T any] struct {
	value T
	err   error
}

func Try[T any](v T, err error) Result[T] { return Result[T]{v, err} }

func Fail[T any](err error) Result[T] { return Result[T]{err: err} }

func (r Result[T]) Unpack() (T, error) { return r.value, r.err }

func (r Result[T]) Wrap(format string, args ...any) Result[T] {
	if r.err == nil {
		return r
	}
	return Fail[T](fmt.Errorf(format+": %w", append(args, r.err)...))
}

func (r Result[T]) Option() Option[T] {
	if r.err != nil {
		return None[T]()
	}
	return Some(r.value)
}

func (r Result[T]) String() string {
	if r.err != nil {
		return "Err(" + r.err.Error() + ")"
	}
	return fmt.Sprintf("Ok(%v)", r.value)
}

func Bind[A, B any](r Result[A], f func(A) (B, error)) Result[B] {
	if r.err != nil {
		return Fail[B](r.err)
	}
	return Try(f(r.value))
}

// Sequence turns a slice of results into the result of a slice; the first error wins.
func Sequence[T any](rs ...Result[T]) Result[[]T] {
	out := make([]T, 0, len(rs))
	for i, r := range rs {
		if r.err != nil {
			return Fail[[]T](fmt.Errorf("item %d: %w", i, r.err))
		}
		out = append(out, r.value)
	}
	return Try(out, nil)
}

// Either is one of two types.
type Either[L, R any] struct {
	left  *L
	right *R
}

func Left[L, R any](v L) Either[L, R]  { return Either[L, R]{left: &v} }
func Right[L, R any](v R) Either[L, R] { return Either[L, R]{right: &v} }

func Fold[L, R, T any](e Either[L, R], onLeft func(L) T, onRight func(R) T) T {
	if e.left != nil {
		return onLeft(*e.left)
	}
	return onRight(*e.right)
}

type person struct {
	Name  string
	Boss  Option[string]
	Age   Option[int]
	Child Option[Option[bool]]
}

var people = map[string]person{
	"ann": {"Ann", Some("bob"), Some(31), None[Option[bool]]()},
	"bob": {Name: "Bob", Boss: Some("cy"), Age: Some(0)},
	"cy":  {Name: "Cy"},
}

func find(name string) Option[person] {
	if p, ok := people[name]; ok {
		return Some(p)
	}
	return None[person]()
}

func bossOf(p person) Option[person] { return Then(p.Boss, find) }

var errNegative = errors.New("negative")

func root(n int) (int, error) {
	if n < 0 {
		return 0, errNegative
	}
	r := 0
	for (r+1)*(r+1) <= n {
		r++
	}
	return r, nil
}

func main() {
	fmt.Println(Some(3), None[int](), Some("x"), Some([]int{1}), Some(Some(1.5)))
	fmt.Println(Some(3).Or(9), None[int]().Or(9), None[string]().OrElse(func() Option[string] { return Some("other") }))
	fmt.Println(Some(4).Filter(func(n int) bool { return n > 5 }), Map(Some(4), strconv.Itoa).Must()+"!", Map(None[int](), strconv.Itoa))
	for _, name := range []string{"ann", "bob", "cy", "dan"} {
		boss := Then(find(name), bossOf)
		chief := Then(boss, bossOf)
		fmt.Println(name, Map(boss, func(p person) string { return p.Name }), Map(chief, func(p person) string { return strings.ToUpper(p.Name) }).Or("nobody"))
	}
	for v := range Some("once").All {
		fmt.Print(v, " ")
	}
	for range None[string]().All {
		fmt.Print("never")
	}
	fmt.Println(Some(1) == Some(1), Some(1) == None[int](), None[string]() == Option[string]{})

	out, err := json.Marshal(people["ann"])
	fmt.Println(string(out), err)
	var p person
	err = json.Unmarshal([]byte(`{"Name":"Zed","Boss":null,"Age":7,"Child":true}`), &p)
	fmt.Println(p, err, p.Child.Must().Must())
	fmt.Println(json.Unmarshal([]byte(`{"Age":"old"}`), &p))

	for _, text := range []string{"49", "-4", "x", "50"} {
		r := Bind(Try(strconv.Atoi(text)), root).Wrap("root of %q", text)
		fmt.Println(r, errors.Is(r.err, errNegative), r.Option())
	}
	fmt.Println(Sequence(Try(1, nil), Try(2, nil)), Sequence(Try(1, nil), Fail[int](errNegative), Try(strconv.Atoi("y"))), Sequence[bool]())
	n, err := Try(root(81)).Unpack()
	fmt.Println(n, err)

	for _, e := range []Either[int, string]{Left[int, string](5), Right[int]("five")} {
		fmt.Print(Fold(e, func(n int) string { return fmt.Sprint("number ", n) }, func(s string) string { return "text " + s }), "; ")
	}
	fmt.Println()
	func() {
		defer func() { fmt.Println("recovered:", recover()) }()
		None[map[string]int]().Must()
	}()
	fmt.Printf("%v %+v %T %T\n", Some('x'), struct{ O Option[bool] }{Some(true)}, Some(1), Fail[person](nil))
}
