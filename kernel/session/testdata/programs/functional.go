// Functions of functions: map, filter, fold, compose, curry, memoize, partition, group, and lazy lists.

package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

func Map[A, B any](xs []A, f func(A) B) []B {
	out := make([]B, len(xs))
	for i, x := range xs {
		out[i] = f(x)
	}
	return out
}

func Filter[A any](xs []A, keep func(A) bool) (out []A) {
	for _, x := range xs {
		if keep(x) {
			out = append(out, x)
		}
	}
	return out
}

func Fold[A, B any](xs []A, start B, f func(B, A) B) B {
	for _, x := range xs {
		start = f(start, x)
	}
	return start
}

func FoldRight[A, B any](xs []A, start B, f func(A, B) B) B {
	if len(xs) == 0 {
		return start
	}
	return f(xs[0], FoldRight(xs[1:], start, f))
}

func FlatMap[A, B any](xs []A, f func(A) []B) []B {
	return Fold(xs, nil, func(out []B, x A) []B { return append(out, f(x)...) })
}

func Zip[A, B, C any](as []A, bs []B, f func(A, B) C) []C {
	out := make([]C, min(len(as), len(bs)))
	for i := range out {
		out[i] = f(as[i], bs[i])
	}
	return out
}

func Compose[A, B, C any](f func(A) B, g func(B) C) func(A) C {
	return func(a A) C { return g(f(a)) }
}

func Chain[A any](fs ...func(A) A) func(A) A {
	return Fold(fs, func(a A) A { return a }, Compose[A, A, A])
}

func Curry[A, B, C any](f func(A, B) C) func(A) func(B) C {
	return func(a A) func(B) C { return func(b B) C { return f(a, b) } }
}

func Flip[A, B, C any](f func(A, B) C) func(B, A) C { return func(b B, a A) C { return f(a, b) } }

func Not[A any](f func(A) bool) func(A) bool { return func(a A) bool { return !f(a) } }

func Partition[A any](xs []A, f func(A) bool) (yes, no []A) {
	return Filter(xs, f), Filter(xs, Not(f))
}

func GroupBy[A any, K comparable](xs []A, key func(A) K) map[K][]A {
	return Fold(xs, map[K][]A{}, func(m map[K][]A, x A) map[K][]A {
		m[key(x)] = append(m[key(x)], x)
		return m
	})
}

// Memoize gives the function its own memoized form to call.
func Memoize[K comparable, V any](f func(self func(K) V, k K) V) (memo func(K) V, misses *int) {
	cache := map[K]V{}
	misses = new(int)
	memo = func(k K) V {
		if v, ok := cache[k]; ok {
			return v
		}
		*misses++
		v := f(memo, k)
		cache[k] = v
		return v
	}
	return memo, misses
}

// Church numerals: a number is how often a function is applied.
type Church func(func(int) int) func(int) int

func church(n int) Church {
	return func(f func(int) int) func(int) int {
		return func(x int) int {
			for range n {
				x = f(x)
			}
			return x
		}
	}
}

func (c Church) plus(d Church) Church {
	return func(f func(int) int) func(int) int { return Compose(d(f), c(f)) }
}
func (c Church) times(d Church) Church {
	return func(f func(int) int) func(int) int { return c(d(f)) }
}
func (c Church) int() int { return c(func(x int) int { return x + 1 })(0) }

// A Lazy list computes its tail when it is asked for.
type Lazy[T any] struct {
	head T
	tail func() *Lazy[T]
}

func Iterate[T any](x T, f func(T) T) *Lazy[T] {
	return &Lazy[T]{x, func() *Lazy[T] { return Iterate(f(x), f) }}
}

func (l *Lazy[T]) Where(keep func(T) bool) *Lazy[T] {
	for !keep(l.head) {
		l = l.tail()
	}
	return &Lazy[T]{l.head, func() *Lazy[T] { return l.tail().Where(keep) }}
}

func (l *Lazy[T]) Take(n int) (out []T) {
	for ; len(out) < n; l = l.tail() {
		out = append(out, l.head)
	}
	return out
}

func sieve(l *Lazy[int]) *Lazy[int] {
	p := l.head
	return &Lazy[int]{p, func() *Lazy[int] {
		return sieve(l.tail().Where(func(n int) bool { return n%p != 0 }))
	}}
}

// fixed is a fixed-point combinator: recursion without a name.
type recursive[A, B any] func(recursive[A, B]) func(A) B

func fixed[A, B any](f func(func(A) B) func(A) B) func(A) B {
	g := recursive[A, B](func(r recursive[A, B]) func(A) B {
		return f(func(a A) B { return r(r)(a) })
	})
	return g(g)
}

func main() {
	words := strings.Fields("Functions are values and values are what functions take")
	lengths := Map(words, func(s string) int { return len(s) })
	fmt.Println(lengths, Filter(lengths, func(n int) bool { return n > 4 }), Fold(lengths, 0, func(a, b int) int { return a + b }))
	fmt.Println(Fold([]int{1, 2, 3}, "0", func(s string, n int) string { return "(" + s + "-" + strconv.Itoa(n) + ")" }),
		FoldRight([]int{1, 2, 3}, "0", func(n int, s string) string { return "(" + strconv.Itoa(n) + "-" + s + ")" }))
	fmt.Println(FlatMap([]int{3, 1, 2}, func(n int) []string { return slices.Repeat([]string{strconv.Itoa(n)}, n) }))
	fmt.Println(Zip(words, lengths, func(w string, n int) string { return fmt.Sprint(w[:1], n) }))

	shout := Chain(strings.TrimSpace, strings.ToUpper, func(s string) string { return s + "!" })
	fmt.Printf("%q %q\n", shout("  hi "), Chain[string]()("same"))
	count := Compose(strings.Fields, func(s []string) int { return len(s) })
	fmt.Println(count("a b  c"), Compose(strconv.Itoa, strconv.Quote)(42))
	add, sub := func(a, b int) int { return a + b }, func(a, b int) int { return a - b }
	fmt.Println(Map([]int{1, 2, 3}, Curry(add)(10)), Curry(sub)(10)(3), Flip(sub)(10, 3))
	prefix := Curry(Flip(strings.TrimPrefix))
	fmt.Println(prefix("un")("undo"))

	long, short := Partition(words, func(s string) bool { return len(s) > 5 })
	fmt.Println(long, short)
	groups := GroupBy(words, func(s string) int { return len(s) })
	for _, n := range slices.Sorted(maps.Keys(groups)) {
		fmt.Print(n, groups[n], " ")
	}
	fmt.Println()

	fib, misses := Memoize(func(self func(int) int, n int) int {
		if n < 2 {
			return n
		}
		return self(n-1) + self(n-2)
	})
	fmt.Println(fib(50), *misses, fib(30), *misses)
	type pair struct{ a, b string }
	distance, misses := Memoize(func(self func(pair) int, p pair) int {
		if p.a == "" || p.b == "" {
			return len(p.a) + len(p.b)
		}
		if p.a[0] == p.b[0] {
			return self(pair{p.a[1:], p.b[1:]})
		}
		return 1 + min(self(pair{p.a[1:], p.b}), self(pair{p.a, p.b[1:]}), self(pair{p.a[1:], p.b[1:]}))
	})
	fmt.Println(distance(pair{"kitten", "sitting"}), *misses)

	three, four := church(3), church(4)
	fmt.Println(three.plus(four).int(), three.times(four).int(), three.times(four).plus(three).int(), church(0).int())
	fmt.Println(Iterate(1, func(n int) int { return n * 3 }).Take(6), sieve(Iterate(2, func(n int) int { return n + 1 })).Take(12))
	collatz := Iterate(27, func(n int) int {
		if n%2 == 0 {
			return n / 2
		}
		return 3*n + 1
	})
	fmt.Println(collatz.Where(func(n int) bool { return n > 1000 }).Take(4))
	factorial := fixed(func(self func(int) int) func(int) int {
		return func(n int) int {
			if n == 0 {
				return 1
			}
			return n * self(n-1)
		}
	})
	fmt.Println(factorial(10))
	var compositions []func(int) int
	for i := range 3 {
		compositions = append(compositions, func(x int) int { return x*10 + i })
	}
	fmt.Println(Chain(compositions...)(7))
}
