// Iterators: sequences made, mapped, zipped, windowed, pulled, and left early with their cleanup run.

package main

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

func Count(from int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := from; yield(i); i++ {
		}
	}
}

func Map[A, B any](seq iter.Seq[A], f func(A) B) iter.Seq[B] {
	return func(yield func(B) bool) {
		seq(func(a A) bool { return yield(f(a)) })
	}
}

func Filter[A any](seq iter.Seq[A], keep func(A) bool) iter.Seq[A] {
	return func(yield func(A) bool) {
		for a := range seq {
			if keep(a) && !yield(a) {
				return
			}
		}
	}
}

func Take[A any](seq iter.Seq[A], n int) iter.Seq[A] {
	return func(yield func(A) bool) {
		if n <= 0 {
			return
		}
		taken := 0
		for a := range seq {
			if taken++; !yield(a) || taken == n {
				return
			}
		}
	}
}

func TakeWhile[A any](seq iter.Seq[A], ok func(A) bool) iter.Seq[A] {
	return func(yield func(A) bool) {
		for a := range seq {
			if !ok(a) || !yield(a) {
				return
			}
		}
	}
}

// Zip needs to hold one sequence back while it asks the other: it pulls.
func Zip[A, B any](as iter.Seq[A], bs iter.Seq[B]) iter.Seq2[A, B] {
	return func(yield func(A, B) bool) {
		next, stop := iter.Pull(bs)
		defer stop()
		for a := range as {
			b, ok := next()
			if !ok || !yield(a, b) {
				return
			}
		}
	}
}

func Chain[A any](seqs ...iter.Seq[A]) iter.Seq[A] {
	return func(yield func(A) bool) {
		for _, seq := range seqs {
			for a := range seq {
				if !yield(a) {
					return
				}
			}
		}
	}
}

func Windows[A any](seq iter.Seq[A], n int) iter.Seq[[]A] {
	return func(yield func([]A) bool) {
		var window []A
		for a := range seq {
			if window = append(window, a); len(window) < n {
				continue
			}
			if !yield(slices.Clone(window)) {
				return
			}
			window = window[1:]
		}
	}
}

func Scan[A, B any](seq iter.Seq[A], start B, f func(B, A) B) iter.Seq[B] {
	return func(yield func(B) bool) {
		for a := range seq {
			if start = f(start, a); !yield(start) {
				return
			}
		}
	}
}

// Merge keeps the order of two ordered sequences.
func Merge(as, bs iter.Seq[int]) iter.Seq[int] {
	return func(yield func(int) bool) {
		nextA, stopA := iter.Pull(as)
		defer stopA()
		nextB, stopB := iter.Pull(bs)
		defer stopB()
		a, okA := nextA()
		b, okB := nextB()
		for okA || okB {
			if okA && (!okB || a <= b) {
				if !yield(a) {
					return
				}
				a, okA = nextA()
				continue
			}
			if !yield(b) {
				return
			}
			b, okB = nextB()
		}
	}
}

// lines tells when it is opened and closed.
func lines(text string, log *[]string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		*log = append(*log, "open")
		defer func() { *log = append(*log, "close") }()
		for i, line := range strings.Split(text, "\n") {
			if !yield(i+1, line) {
				return
			}
		}
		*log = append(*log, "complete")
	}
}

func fibonacci(yield func(int) bool) {
	for a, b := 0, 1; yield(a); a, b = b, a+b {
	}
}

type tree struct {
	left, right *tree
	value       string
}

func (t *tree) All() iter.Seq[string] {
	return func(yield func(string) bool) { t.push(yield) }
}

func (t *tree) push(yield func(string) bool) bool {
	return t == nil || t.left.push(yield) && yield(t.value) && t.right.push(yield)
}

func insert(t *tree, values ...string) *tree {
	for _, v := range values {
		switch {
		case t == nil:
			t = &tree{value: v}
		case v < t.value:
			t.left = insert(t.left, v)
		default:
			t.right = insert(t.right, v)
		}
	}
	return t
}

// sameFringe compares two trees leaf by leaf, whatever their shapes.
func sameFringe(a, b *tree) bool {
	next, stop := iter.Pull(b.All())
	defer stop()
	for v := range a.All() {
		if w, ok := next(); !ok || v != w {
			return false
		}
	}
	_, more := next()
	return !more
}

func find(seq iter.Seq2[int, string], want string) (line int) {
	defer func() { line *= 10 }()
	for i, s := range seq {
		if strings.Contains(s, want) {
			return i
		}
	}
	return -1
}

func main() {
	squares := Map(Count(1), func(n int) int { return n * n })
	odd := Filter(squares, func(n int) bool { return n%2 == 1 })
	fmt.Println(slices.Collect(Take(odd, 6)), slices.Collect(Take(odd, 0)))
	fmt.Println(slices.Collect(TakeWhile(fibonacci, func(n int) bool { return n < 100 })))
	for n, word := range Zip(Count(10), slices.Values([]string{"ten", "eleven", "twelve"})) {
		fmt.Print(n, "=", word, " ")
	}
	fmt.Println()
	fmt.Println(slices.Collect(Windows(Take(Count(1), 5), 3)), slices.Collect(Windows(Take(Count(1), 2), 3)) == nil)
	fmt.Println(slices.Collect(Scan(slices.Values([]int{3, 1, 4, 1, 5}), 0, func(sum, n int) int { return sum + n })))
	fmt.Println(slices.Collect(Scan(slices.Values([]rune("abc")), "", func(s string, r rune) string { return s + string(r) })))
	multiples := func(n int) iter.Seq[int] { return Map(Count(1), func(i int) int { return i * n }) }
	fmt.Println(slices.Collect(Take(Merge(multiples(3), multiples(5)), 9)))
	fmt.Println(slices.Collect(Chain(slices.Values([]string{"a"}), insert(nil, "m", "c", "x", "d").All(), maps.Keys(map[string]int{"z": 1}))))

	var log []string
	text := "one\ntwo\nthree"
	fmt.Println(find(lines(text, &log), "tw"), log)
	log = nil
	fmt.Println(find(lines(text, &log), "nine"), log)
	log = nil
outer:
	for i, a := range lines(text, &log) {
		for j, b := range lines(a, &log) {
			if i == 2 {
				continue outer
			}
			if i == 3 {
				break outer
			}
			log = append(log, fmt.Sprint(i, j, b))
		}
	}
	fmt.Println(log)

	// A panic goes through the iterator and runs its defers.
	log = nil
	func() {
		defer func() { fmt.Println("recovered", recover(), log) }()
		for range lines(text, &log) {
			panic("in the body")
		}
	}()

	// Deferred calls in the body belong to the function around it.
	func() {
		for n := range Take(Count(1), 3) {
			defer fmt.Print("deferred ", n, "; ")
		}
		fmt.Print("body done; ")
	}()
	fmt.Println()

	next, stop := iter.Pull2(maps.All(map[string]int{"only": 1}))
	k, v, ok := next()
	fmt.Print(k, v, ok, " ")
	k, v, ok = next()
	fmt.Printf("%q %d %t\n", k, v, ok)
	stop()
	nextLine, stopLine := iter.Pull2(lines(text, &log))
	log = nil
	i, s, _ := nextLine()
	stopLine()
	_, _, more := nextLine()
	fmt.Println(i, s, more, log)

	a := insert(nil, "d", "b", "a", "c", "e")
	b := insert(nil, "a", "b", "c", "d", "e")
	fmt.Println(sameFringe(a, b), sameFringe(a, insert(nil, "a", "b")), sameFringe(nil, nil), sameFringe(insert(nil, "x"), nil))
	for range fibonacci {
		break
	}
	sum := 0
	for i := range 5 {
		for j := range Take(Count(i), 2) {
			if j == 3 {
				continue
			}
			sum += j
		}
	}
	fmt.Println(sum, slices.Sorted(maps.Values(maps.Collect(slices.All([]string{"y", "x"})))))
}
