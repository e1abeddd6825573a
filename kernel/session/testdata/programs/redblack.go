// A red-black tree that leans left: insertion, deletion, its rules checked, and tested against a sorted slice.

package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// Set is what the tree and its slow twin share.
type Set[T cmp.Ordered] interface {
	Add(T) bool
	Has(T) bool
	Remove(T) bool
	Each(func(T) bool)
}

const red, black = true, false

type rbNode[T cmp.Ordered] struct {
	value       T
	left, right *rbNode[T]
	color       bool
}

type RedBlack[T cmp.Ordered] struct {
	root    *rbNode[T]
	changed bool
}

func isRed[T cmp.Ordered](n *rbNode[T]) bool { return n != nil && n.color == red }

func (n *rbNode[T]) rotateLeft() *rbNode[T] {
	r := n.right
	n.right, r.left = r.left, n
	r.color, n.color = n.color, red
	return r
}

func (n *rbNode[T]) rotateRight() *rbNode[T] {
	l := n.left
	n.left, l.right = l.right, n
	l.color, n.color = n.color, red
	return l
}

func (n *rbNode[T]) flip() {
	n.color, n.left.color, n.right.color = !n.color, !n.left.color, !n.right.color
}

func (n *rbNode[T]) fix() *rbNode[T] {
	if isRed(n.right) && !isRed(n.left) {
		n = n.rotateLeft()
	}
	if isRed(n.left) && isRed(n.left.left) {
		n = n.rotateRight()
	}
	if isRed(n.left) && isRed(n.right) {
		n.flip()
	}
	return n
}

func (t *RedBlack[T]) Add(v T) bool {
	t.changed = false
	t.root = t.add(t.root, v)
	t.root.color = black
	return t.changed
}

func (t *RedBlack[T]) add(n *rbNode[T], v T) *rbNode[T] {
	if n == nil {
		t.changed = true
		return &rbNode[T]{value: v, color: red}
	}
	switch {
	case v < n.value:
		n.left = t.add(n.left, v)
	case v > n.value:
		n.right = t.add(n.right, v)
	}
	return n.fix()
}

func (n *rbNode[T]) moveRedLeft() *rbNode[T] {
	n.flip()
	if isRed(n.right.left) {
		n.right = n.right.rotateRight()
		n = n.rotateLeft()
		n.flip()
	}
	return n
}

func (n *rbNode[T]) moveRedRight() *rbNode[T] {
	n.flip()
	if isRed(n.left.left) {
		n = n.rotateRight()
		n.flip()
	}
	return n
}

func (n *rbNode[T]) removeMin() *rbNode[T] {
	if n.left == nil {
		return nil
	}
	if !isRed(n.left) && !isRed(n.left.left) {
		n = n.moveRedLeft()
	}
	n.left = n.left.removeMin()
	return n.fix()
}

func (t *RedBlack[T]) Remove(v T) bool {
	if !t.Has(v) {
		return false
	}
	t.root = t.root.remove(v)
	if t.root != nil {
		t.root.color = black
	}
	return true
}

func (n *rbNode[T]) remove(v T) *rbNode[T] {
	if v < n.value {
		if !isRed(n.left) && !isRed(n.left.left) {
			n = n.moveRedLeft()
		}
		n.left = n.left.remove(v)
		return n.fix()
	}
	if isRed(n.left) {
		n = n.rotateRight()
	}
	if v == n.value && n.right == nil {
		return nil
	}
	if !isRed(n.right) && !isRed(n.right.left) {
		n = n.moveRedRight()
	}
	if v == n.value {
		least := n.right
		for least.left != nil {
			least = least.left
		}
		n.value = least.value
		n.right = n.right.removeMin()
	} else {
		n.right = n.right.remove(v)
	}
	return n.fix()
}

func (t *RedBlack[T]) Has(v T) bool {
	n := t.root
	for n != nil && n.value != v {
		if v < n.value {
			n = n.left
		} else {
			n = n.right
		}
	}
	return n != nil
}

func (t *RedBlack[T]) Each(yield func(T) bool) {
	var walk func(*rbNode[T]) bool
	walk = func(n *rbNode[T]) bool {
		return n == nil || walk(n.left) && yield(n.value) && walk(n.right)
	}
	walk(t.root)
}

// blackHeight is the same on all paths, or -1.
func (n *rbNode[T]) blackHeight() int {
	if n == nil {
		return 1
	}
	l, r := n.left.blackHeight(), n.right.blackHeight()
	if l != r || l < 0 || isRed(n.right) || isRed(n) && isRed(n.left) {
		return -1
	}
	if n.color == black {
		l++
	}
	return l
}

// sortedSlice is the slow and clear form of the same.
type sortedSlice[T cmp.Ordered] []T

func (s *sortedSlice[T]) Add(v T) bool {
	at, has := slices.BinarySearch(*s, v)
	if !has {
		*s = slices.Insert(*s, at, v)
	}
	return !has
}

func (s *sortedSlice[T]) Has(v T) bool { return slices.Contains(*s, v) }

func (s *sortedSlice[T]) Remove(v T) bool {
	at, has := slices.BinarySearch(*s, v)
	if has {
		*s = slices.Delete(*s, at, at+1)
	}
	return has
}

func (s *sortedSlice[T]) Each(yield func(T) bool) { slices.Values(*s)(yield) }

// compare runs the same random operations on both and counts where they differ.
func compare(r *rand.Rand, operations, span int) {
	tree, slow := &RedBlack[int]{}, &sortedSlice[int]{}
	differences, unbalanced := 0, 0
	sets := [2]Set[int]{tree, slow}
	for range operations {
		v, add := r.IntN(span), r.IntN(3) > 0
		var answers [2][2]bool
		for i, s := range sets {
			if add {
				answers[i][0] = s.Add(v)
			} else {
				answers[i][0] = s.Remove(v)
			}
			answers[i][1] = s.Has(v + 1)
		}
		if answers[0] != answers[1] {
			differences++
		}
		if tree.root.blackHeight() < 0 {
			unbalanced++
		}
	}
	same := slices.Equal(slices.Collect(tree.Each), *slow)
	fmt.Println(operations, "operations:", differences, "differences,", unbalanced, "unbalanced, same", same, len(*slow), tree.root.height())
}

func (n *rbNode[T]) height() int {
	if n == nil {
		return 0
	}
	return 1 + max(n.left.height(), n.right.height())
}

func (n *rbNode[T]) String() string {
	if n == nil {
		return "."
	}
	mark := ""
	if n.color == red {
		mark = "'"
	}
	if n.left == nil && n.right == nil {
		return fmt.Sprint(n.value, mark)
	}
	return fmt.Sprintf("(%v %v%s %v)", n.left, n.value, mark, n.right)
}

func main() {
	r := rand.New(rand.NewPCG(5, 5))
	compare(r, 60, 10)
	compare(r, 150, 40)
	compare(r, 100, 1000)

	words := &RedBlack[string]{}
	for i, w := range strings.Fields("S E A R C H E X A M P L E") {
		if !words.Add(w) {
			fmt.Print(w, " again at ", i, "; ")
		}
	}
	fmt.Println(words.root.blackHeight())
	fmt.Println(words.root)
	words.Each(func(w string) bool { fmt.Print(w, " "); return w < "L" })
	fmt.Println()
	for _, w := range strings.Fields("A M Z S") {
		fmt.Println(words.Remove(w), words.root.blackHeight(), words.Has(w), words.root)
	}
	for n := 1; n <= 64; n *= 4 {
		up := &RedBlack[int]{}
		for i := range n {
			up.Add(i)
		}
		fmt.Print(n, ":", up.root.height(), up.root.value, " ")
		for i := range n {
			up.Remove(i)
		}
		fmt.Print(up.root == nil, " ")
	}
	fmt.Println()
	for _, s := range []Set[float64]{&RedBlack[float64]{}, &sortedSlice[float64]{}} {
		fmt.Printf("%T %t %t %t %t\n", s, s.Add(1.5), s.Add(1.5), s.Remove(1.5), s.Remove(1.5))
	}
}
