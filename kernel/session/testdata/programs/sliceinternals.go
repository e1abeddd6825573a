// Slices from inside: sharing, capacity, append, copy, and the builtins that work on them.

package main

import (
	"fmt"
	"slices"
)

type stack[T any] []T

func (s *stack[T]) push(v ...T) { *s = append(*s, v...) }
func (s *stack[T]) pop() (v T, ok bool) {
	if len(*s) == 0 {
		return v, false
	}
	v = (*s)[len(*s)-1]
	*s = (*s)[:len(*s)-1]
	return v, true
}

func grow(s []int) []int { s = append(s, 100); s[0] = -1; return s }

func remove(s []string, i int) []string { return append(s[:i], s[i+1:]...) }

func insert(s []string, i int, v ...string) []string {
	return append(s[:i:i], append(v, s[i:]...)...)
}

func filter(s []int, keep func(int) bool) []int {
	kept := s[:0]
	for _, v := range s {
		if keep(v) {
			kept = append(kept, v)
		}
	}
	clear(s[len(kept):])
	return kept
}

func chunks(s []int, n int) (all [][]int) {
	for n < len(s) {
		s, all = s[n:], append(all, s[:n:n])
	}
	return append(all, s)
}

func rotate(s []int, k int) {
	slices.Reverse(s[:k])
	slices.Reverse(s[k:])
	slices.Reverse(s)
}

func variadic(prefix string, xs ...int) string {
	if len(xs) > 0 {
		xs[0]++
	}
	return fmt.Sprint(prefix, len(xs), cap(xs), xs, xs == nil)
}

func permutations(s []int, visit func([]int)) {
	var walk func(int)
	walk = func(k int) {
		if k == len(s) {
			visit(s)
			return
		}
		for i := k; i < len(s); i++ {
			s[k], s[i] = s[i], s[k]
			walk(k + 1)
			s[k], s[i] = s[i], s[k]
		}
	}
	walk(0)
}

func main() {
	base := []int{0, 1, 2, 3, 4, 5, 6, 7}
	mid := base[2:5]
	fmt.Println(mid, len(mid), cap(mid), mid[:6], len(base[8:]))
	mid = append(mid, 50) // overwrites base[5]
	capped := base[2:5:5]
	capped = append(capped, 60) // must move
	capped[0] = 20
	fmt.Println(base, mid, capped)

	full := []int{1, 2, 3}
	roomy := make([]int, 3, 10)
	g1, g2 := grow(full), grow(roomy)
	fmt.Println(full, roomy, g1, g2, roomy[:4])

	words := []string{"a", "b", "c", "d", "e"}
	fmt.Println(remove(slices.Clone(words), 1), insert(words, 2, "x", "y"), words, remove(words, 0), words)

	evens := filter(base, func(x int) bool { return x%2 == 0 })
	fmt.Println(evens, base)
	fmt.Println(chunks([]int{1, 2, 3, 4, 5, 6, 7}, 3), chunks(nil, 2))
	r := []int{1, 2, 3, 4, 5}
	rotate(r, 2)
	fmt.Println(r)

	// copy counts, overlaps rightly, and takes strings.
	c := []int{1, 2, 3, 4, 5}
	n := copy(c[1:], c)
	fmt.Println(n, c, copy(c, []int{9, 9}), c)
	bytes := make([]byte, 4)
	fmt.Println(copy(bytes, "abcdef"), string(bytes), string(append(bytes, "gh"...)))

	fmt.Println(variadic("none "), variadic("some ", 1, 2), variadic("spread ", c...), c[0], variadic("empty ", []int{}...))
	fmt.Println(min(3, 1, 2), max(2.5, 1), min("b", "a"), max(c[0], c[1], c[2]))

	var nothing []int
	empty := []int{}
	fmt.Println(nothing == nil, empty == nil, len(nothing), cap(nothing), append(nothing, nothing...) == nil, append(nothing, 1))
	for range nothing {
		fmt.Println("never")
	}
	fmt.Println(nothing[:0] == nil, nothing[0:], len(append([]int(nil), empty...)))

	matrix := make([][]int, 3)
	for i := range matrix {
		matrix[i] = make([]int, i+1)
		for j := range matrix[i] {
			matrix[i][j] = i * j
		}
	}
	row := matrix[2]
	row[0] = 7
	matrix = append(matrix, row[:2], nil)
	fmt.Println(matrix, len(matrix[3]), matrix[4] == nil)

	var s stack[string]
	s.push("x", "y")
	s.push("z")
	for v, ok := s.pop(); ok; v, ok = s.pop() {
		fmt.Print(v, " ")
	}
	fmt.Println(len(s), cap(s) >= 3)

	count, last := 0, ""
	permutations([]int{1, 2, 3, 4}, func(p []int) {
		if count++; count%8 == 0 {
			last += fmt.Sprint(p)
		}
	})
	fmt.Println(count, last)

	// An array seen through slices, slices of slices in structs, and literals with keys.
	arr := [6]int{5: 1}
	view := arr[1:4]
	view[2], view = 8, view[1:]
	fmt.Println(arr, view, cap(view), []int{3: 1, 2, 0: 9}, [][2]int{{1}, 2: {2, 3}})
	i := 0
	i, view[i] = 1, 77 // the index is evaluated first
	fmt.Println(i, view, arr)
	view[0], view[1] = view[1], view[0]
	fmt.Println(view, *(&arr[3]), slices.Max(arr[:]))
	m := map[string][]int{}
	m["a"] = append(m["a"], 1, 2)
	m["a"][0]++
	clear(m["a"][1:])
	fmt.Println(m, len(m["b"]))
	clear(m)
	fmt.Println(m)
}
