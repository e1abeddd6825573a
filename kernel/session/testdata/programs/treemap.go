// A generic ordered map: an AVL tree with iterators, ranges, ranks, and comparison chosen by the user.

package main

import (
	"cmp"
	"fmt"
	"iter"
	"strings"
)

// A TreeMap keeps its keys in the order of a comparison.
type TreeMap[K, V any] struct {
	root    *node[K, V]
	compare func(a, b K) int
}

type node[K, V any] struct {
	key          K
	value        V
	left, right  *node[K, V]
	height, size int
}

func New[K cmp.Ordered, V any]() *TreeMap[K, V] { return NewFunc[K, V](cmp.Compare[K]) }

func NewFunc[K, V any](compare func(a, b K) int) *TreeMap[K, V] {
	return &TreeMap[K, V]{compare: compare}
}

// Collect fills a map from any sequence of pairs.
func Collect[K cmp.Ordered, V any](seq iter.Seq2[K, V]) *TreeMap[K, V] {
	m := New[K, V]()
	for k, v := range seq {
		m.Set(k, v)
	}
	return m
}

func (n *node[K, V]) update() *node[K, V] {
	h := func(n *node[K, V]) (int, int) {
		if n == nil {
			return 0, 0
		}
		return n.height, n.size
	}
	lh, ls := h(n.left)
	rh, rs := h(n.right)
	n.height, n.size = max(lh, rh)+1, ls+rs+1
	return n
}

func (n *node[K, V]) balance() int {
	b := 0
	if n.left != nil {
		b += n.left.height
	}
	if n.right != nil {
		b -= n.right.height
	}
	return b
}

func (n *node[K, V]) rotateRight() *node[K, V] {
	l := n.left
	n.left, l.right = l.right, n
	n.update()
	return l.update()
}

func (n *node[K, V]) rotateLeft() *node[K, V] {
	r := n.right
	n.right, r.left = r.left, n
	n.update()
	return r.update()
}

func (n *node[K, V]) fix() *node[K, V] {
	n.update()
	switch b := n.balance(); {
	case b > 1:
		if n.left.balance() < 0 {
			n.left = n.left.rotateLeft()
		}
		return n.rotateRight()
	case b < -1:
		if n.right.balance() > 0 {
			n.right = n.right.rotateRight()
		}
		return n.rotateLeft()
	}
	return n
}

func (m *TreeMap[K, V]) Set(key K, value V) { m.root = m.set(m.root, key, value) }

func (m *TreeMap[K, V]) set(n *node[K, V], key K, value V) *node[K, V] {
	if n == nil {
		return (&node[K, V]{key: key, value: value}).update()
	}
	switch c := m.compare(key, n.key); {
	case c < 0:
		n.left = m.set(n.left, key, value)
	case c > 0:
		n.right = m.set(n.right, key, value)
	default:
		n.value = value
	}
	return n.fix()
}

func (m *TreeMap[K, V]) Get(key K) (v V, ok bool) {
	for n := m.root; n != nil; {
		switch c := m.compare(key, n.key); {
		case c < 0:
			n = n.left
		case c > 0:
			n = n.right
		default:
			return n.value, true
		}
	}
	return v, false
}

func (m *TreeMap[K, V]) Delete(key K) (removed bool) {
	var remove func(n *node[K, V], key K) *node[K, V]
	remove = func(n *node[K, V], key K) *node[K, V] {
		if n == nil {
			return nil
		}
		switch c := m.compare(key, n.key); {
		case c < 0:
			n.left = remove(n.left, key)
		case c > 0:
			n.right = remove(n.right, key)
		default:
			removed = true
			if n.left == nil {
				return n.right
			}
			if n.right == nil {
				return n.left
			}
			next := n.right
			for next.left != nil {
				next = next.left
			}
			n.key, n.value = next.key, next.value
			n.right = remove(n.right, next.key)
		}
		return n.fix()
	}
	m.root = remove(m.root, key)
	return removed
}

func (m *TreeMap[K, V]) Len() int {
	if m.root == nil {
		return 0
	}
	return m.root.size
}

// At returns the pair with a given rank.
func (m *TreeMap[K, V]) At(i int) (K, V) {
	n := m.root
	for {
		before := 0
		if n.left != nil {
			before = n.left.size
		}
		switch {
		case i < before:
			n = n.left
		case i > before:
			i -= before + 1
			n = n.right
		default:
			return n.key, n.value
		}
	}
}

func (n *node[K, V]) walk(yield func(K, V) bool) bool {
	return n == nil || n.left.walk(yield) && yield(n.key, n.value) && n.right.walk(yield)
}

func (m *TreeMap[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) { m.root.walk(yield) }
}

func (m *TreeMap[K, V]) Keys() iter.Seq[K] {
	return func(yield func(K) bool) {
		for k := range m.All() {
			if !yield(k) {
				return
			}
		}
	}
}

// Between goes over the keys from lo up to, but without, hi.
func (m *TreeMap[K, V]) Between(lo, hi K) iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for k, v := range m.All() {
			if m.compare(k, lo) < 0 {
				continue
			}
			if m.compare(k, hi) >= 0 || !yield(k, v) {
				return
			}
		}
	}
}

// Map makes a map with other values; it needs a type parameter more, so it is a function.
func Map[K, V, W any](m *TreeMap[K, V], f func(K, V) W) *TreeMap[K, W] {
	out := NewFunc[K, W](m.compare)
	for k, v := range m.All() {
		out.Set(k, f(k, v))
	}
	return out
}

func (m *TreeMap[K, V]) String() string {
	var b strings.Builder
	b.WriteByte('{')
	for k, v := range m.All() {
		if b.Len() > 1 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%v: %v", k, v)
	}
	return b.String() + "}"
}

func (n *node[K, V]) valid() bool {
	return n == nil || max(n.balance(), -n.balance()) < 2 && n.left.valid() && n.right.valid()
}

type version struct{ major, minor int }

func main() {
	m := New[string, int]()
	for i, w := range strings.Fields("the quick brown fox jumps over the lazy dog again and again") {
		m.Set(w, i)
	}
	fmt.Println(m, m.Len())
	fmt.Println(m.Get("fox"))
	fmt.Println(m.Get("cat"))
	fmt.Println(m.Delete("fox"), m.Delete("fox"), m.Len())
	fmt.Println(m.At(0))
	fmt.Println(m.At(m.Len() - 1))
	for k, v := range m.Between("b", "p") {
		fmt.Print(k, "=", v, " ")
	}
	fmt.Println()
	for k := range m.Keys() {
		if k > "c" {
			break
		}
		fmt.Print(k, " ")
	}
	fmt.Println()

	big := New[int, int]()
	for i := range 200 {
		big.Set(i*37%200, i)
	}
	fmt.Println(big.Len(), big.root.height <= 10, big.root.valid())
	for i := 0; i < 200; i += 3 {
		big.Delete(i)
	}
	key, value := big.At(50)
	fmt.Println(big.Len(), key, value, big.root.valid())

	versions := NewFunc[version, string](func(a, b version) int {
		return cmp.Or(-cmp.Compare(a.major, b.major), -cmp.Compare(a.minor, b.minor))
	})
	for _, v := range []version{{1, 2}, {2, 0}, {1, 10}, {0, 9}} {
		versions.Set(v, fmt.Sprintf("v%d.%d", v.major, v.minor))
	}
	fmt.Println(versions)
	fmt.Println(Map(versions, func(v version, s string) int { return len(s) * v.major }))
	folded := NewFunc[string, bool](func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	folded.Set("Go", false)
	folded.Set("GO", true)
	fmt.Println(folded, folded.Len())
	copied := Collect(Map(m, func(k string, _ int) string { return strings.ToUpper(k[:1]) }).All())
	fmt.Printf("%v %T %v\n", copied, copied, New[float64, error]())
}
