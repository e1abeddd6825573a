// Constraints: type sets, approximations, methods in constraints, pointers to parameters, and aliases.

package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

type Integer interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

type Float interface{ ~float32 | ~float64 }

type Number interface{ Integer | Float }

func Sum[T Number](xs ...T) (total T) {
	for _, x := range xs {
		total += x
	}
	return total
}

func Mean[T Number](xs []T) float64 { return float64(Sum(xs...)) / float64(len(xs)) }

func Abs[T ~int | ~float64](x T) T {
	if x < 0 {
		return -x
	}
	return x
}

// Bits finds out how wide a type is by what it can hold.
func Bits[T Integer]() (n int) {
	for x := T(1); x != 0; x <<= 1 {
		n++
	}
	return n
}

func Largest[T Integer]() T {
	var zero T
	if top := ^zero; top > 0 {
		return top
	}
	return T(uint64(1)<<(Bits[T]()-1) - 1)
}

// Convert goes between any two kinds of number.
func Convert[To, From Number](x From) To { return To(x) }

// StringLike has both an underlying type and a method.
type StringLike interface {
	~string
	Len() int
}

type word string

func (w word) Len() int { return len([]rune(w)) }

func Longest[S StringLike](ws ...S) (best S) {
	for _, w := range ws {
		if w.Len() > best.Len() {
			best = w
		}
	}
	return best + S("!")
}

// Comparable types that know their order, as a constraint on themselves.
type Lesser[T any] interface{ Less(T) bool }

func SortBy[T Lesser[T]](xs []T) []T {
	out := slices.Clone(xs)
	slices.SortFunc(out, func(a, b T) int {
		switch {
		case a.Less(b):
			return -1
		case b.Less(a):
			return 1
		}
		return 0
	})
	return out
}

type money struct{ francs, cents int }

func (m money) Less(o money) bool {
	return m.francs < o.francs || m.francs == o.francs && m.cents < o.cents
}

// Setter is a pointer to T that can be set: PT is inferred from T.
type Setter[T any] interface {
	*T
	Set(string) error
}

func ParseAll[T any, PT Setter[T]](texts ...string) ([]T, error) {
	out := make([]T, len(texts))
	for i, s := range texts {
		if err := PT(&out[i]).Set(s); err != nil {
			return out[:i], fmt.Errorf("item %d: %w", i, err)
		}
	}
	return out, nil
}

type percent float64

func (p *percent) Set(s string) error {
	_, err := fmt.Sscanf(s, "%g%%", (*float64)(p))
	return err
}

type onOff bool

func (o *onOff) Set(s string) error {
	if s != "on" && s != "off" {
		return fmt.Errorf("%q is neither on nor off", s)
	}
	*o = s == "on"
	return nil
}

// Core types: anything that is a slice or a map underneath keeps its own type.
func Reversed[S ~[]E, E any](s S) S {
	out := make(S, 0, len(s))
	for i := len(s) - 1; i >= 0; i-- {
		out = append(out, s[i])
	}
	return out
}

func Invert[M ~map[K]V, K, V comparable](m M) map[V]K {
	out := make(map[V]K, len(m))
	for k, v := range m {
		out[v] = k
	}
	return out
}

func Send[C ~chan<- T | ~chan T, T any](c C, vs ...T) int {
	for _, v := range vs {
		c <- v
	}
	return cap(c)
}

func Call[F ~func(A) B, A, B any](f F, args ...A) (out []B) {
	for _, a := range args {
		out = append(out, f(a))
	}
	return out
}

// Bytes takes texts in both forms.
func Vowels[T ~string | ~[]byte](s T) (n int) {
	for i := range len(s) {
		if strings.IndexByte("aeiou", s[i]) >= 0 {
			n++
		}
	}
	return n
}

type playlist []string

func (p playlist) String() string { return strings.Join(p, ">") }

type meters float64
type id uint8

// Generic aliases.
type Pair[A, B any] struct {
	First  A
	Second B
}
type Twin[T any] = Pair[T, T]
type Index[T any] = map[string]Twin[T]
type Vec[T Number] = []T

func Swap[A, B any](p Pair[A, B]) Pair[B, A] { return Pair[B, A]{p.Second, p.First} }

func Clamp[T cmp.Ordered](x, lo, hi T) T { return max(lo, min(x, hi)) }

func Zero[T any]() (z T) { return }

func IsZero[T comparable](x T) bool { return x == Zero[T]() }

func main() {
	fmt.Println(Sum(1, 2, 3), Sum(1.5, 2), Sum[id](200, 100), Sum[meters](), Sum([]int8{100, 100}...))
	fmt.Println(Mean([]int{1, 2, 4}), Mean([]meters{1.5, 2.5}), Abs(-3), Abs(meters(-2.5)))
	fmt.Println(Bits[int8](), Bits[uint16](), Bits[id](), Bits[int64](), Largest[int8](), Largest[uint8](), Largest[int32](), Largest[uint64](), Largest[id]())
	fmt.Println(Convert[int](3.99), Convert[uint8](300), Convert[float32](1<<24+1), Convert[id](-1), Convert[meters](7))
	fmt.Println(Longest(word("ab"), "日本語", "xy"), Longest[word]())
	fmt.Println(SortBy([]money{{3, 50}, {1, 99}, {3, 5}}))
	fmt.Println(ParseAll[percent]("12%", "99.5%"))
	fmt.Println(ParseAll[onOff]("on", "off", "maybe", "on"))

	p := playlist{"a", "b", "c"}
	fmt.Println(Reversed(p), Reversed([]int{1, 2, 3}), Invert(map[string]id{"x": 1, "y": 2}))
	c := make(chan string, 3)
	fmt.Println(Send(c, "one", "two"), len(c), Send((chan<- string)(c), "three"), <-c, <-c, <-c)
	fmt.Println(Call(math.Sqrt, 4, 9), Call(strings.ToUpper, "go"), Call(func(n id) bool { return n > 2 }, 1, 3))
	fmt.Println(Vowels("education"), Vowels([]byte("rhythm")), Vowels(word("aio")))

	t := Twin[int]{1, 2}
	var index Index[string] = map[string]Pair[string, string]{"k": {"a", "b"}}
	fmt.Println(Swap(t), Swap(Pair[string, bool]{"x", true}), index, Vec[float64]{1, 2})
	fmt.Printf("%T %T %T %T\n", t, index, Vec[id]{}, Swap[int8, error])
	fmt.Println(Clamp(5, 1, 3), Clamp("m", "n", "z"), Clamp(-0.5, -1, 1), IsZero(""), IsZero(money{}), IsZero(any(nil)), IsZero([2]int{0, 1}), Zero[*int]() == nil)
	sums := map[string]func(...int) int{"sum": Sum[int]}
	fmt.Println(sums["sum"](4, 5), slices.MaxFunc([]money{{1, 0}, {2, 0}}, func(a, b money) int { return cmp.Compare(a.francs, b.francs) }))
}
