// Trees over ranges: segment trees with lazy updates, Fenwick trees, sparse tables, intervals, and a rope.

package main

import (
	"cmp"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
)

// A Monoid combines values; the combination must be associative.
type Monoid[T any] struct {
	zero    T
	combine func(a, b T) T
}

// Segments answers questions about ranges of any monoid.
type Segments[T any] struct {
	Monoid[T]
	n    int
	tree []T
}

func NewSegments[T any](m Monoid[T], values []T) *Segments[T] {
	s := &Segments[T]{m, len(values), make([]T, 2*len(values))}
	copy(s.tree[s.n:], values)
	for i := s.n - 1; i > 0; i-- {
		s.tree[i] = s.combine(s.tree[2*i], s.tree[2*i+1])
	}
	return s
}

func (s *Segments[T]) Set(i int, v T) {
	i += s.n
	s.tree[i] = v
	for i /= 2; i > 0; i /= 2 {
		s.tree[i] = s.combine(s.tree[2*i], s.tree[2*i+1])
	}
}

// Query combines the values from lo up to, but without, hi, in their order.
func (s *Segments[T]) Query(lo, hi int) T {
	left, right := s.zero, s.zero
	for lo, hi = lo+s.n, hi+s.n; lo < hi; lo, hi = lo/2, hi/2 {
		if lo&1 == 1 {
			left = s.combine(left, s.tree[lo])
			lo++
		}
		if hi&1 == 1 {
			hi--
			right = s.combine(s.tree[hi], right)
		}
	}
	return s.combine(left, right)
}

// lazy adds to whole ranges and asks for the largest value.
type lazy struct {
	lo, hi      int
	most, add   int
	left, right *lazy
}

func newLazy(values []int, lo int) *lazy {
	t := &lazy{lo: lo, hi: lo + len(values), most: values[0]}
	if len(values) > 1 {
		mid := len(values) / 2
		t.left, t.right = newLazy(values[:mid], lo), newLazy(values[mid:], lo+mid)
		t.most = max(t.left.most, t.right.most)
	}
	return t
}

func (t *lazy) Add(lo, hi, by int) {
	if hi <= t.lo || t.hi <= lo {
		return
	}
	if lo <= t.lo && t.hi <= hi {
		t.most += by
		t.add += by
		return
	}
	t.left.Add(lo, hi, by)
	t.right.Add(lo, hi, by)
	t.most = max(t.left.most, t.right.most) + t.add
}

func (t *lazy) Max(lo, hi int) (int, bool) {
	if hi <= t.lo || t.hi <= lo {
		return 0, false
	}
	if lo <= t.lo && t.hi <= hi {
		return t.most, true
	}
	a, okA := t.left.Max(lo, hi)
	b, okB := t.right.Max(lo, hi)
	switch {
	case !okA:
		a = b
	case okB:
		a = max(a, b)
	}
	return a + t.add, okA || okB
}

type Fenwick []int

func (f Fenwick) Add(i, by int) {
	for i++; i <= len(f); i += i & -i {
		f[i-1] += by
	}
}

func (f Fenwick) Sum(n int) (sum int) {
	for ; n > 0; n &= n - 1 {
		sum += f[n-1]
	}
	return sum
}

// inversions counts the pairs that stand in the wrong order.
func inversions(xs []int) (count int) {
	sorted := slices.Sorted(slices.Values(xs))
	f := make(Fenwick, len(xs))
	for seen, x := range xs {
		rank, _ := slices.BinarySearch(sorted, x+1)
		count += seen - f.Sum(rank)
		f.Add(rank-1, 1)
	}
	return count
}

type sparse [][]int

func newSparse(xs []int) sparse {
	s := sparse{xs}
	for w := 1; 2*w <= len(xs); w *= 2 {
		last := s[len(s)-1]
		var next []int
		for i := 0; i+w < len(last); i++ {
			next = append(next, min(last[i], last[i+w]))
		}
		s = append(s, next)
	}
	return s
}

func (s sparse) Min(lo, hi int) int {
	k := bits.Len(uint(hi-lo)) - 1
	return min(s[k][lo], s[k][hi-1<<k])
}

type interval struct {
	lo, hi int
	name   string
}

// intervals is a search tree by lo in which each node knows the furthest hi.
type intervals struct {
	interval
	far         int
	left, right *intervals
}

func build(all []interval) *intervals {
	if len(all) == 0 {
		return nil
	}
	mid := len(all) / 2
	t := &intervals{interval: all[mid], left: build(all[:mid]), right: build(all[mid+1:])}
	t.far = t.hi
	for _, c := range []*intervals{t.left, t.right} {
		if c != nil {
			t.far = max(t.far, c.far)
		}
	}
	return t
}

func (t *intervals) overlapping(lo, hi int, visit func(interval)) {
	if t == nil || t.far < lo {
		return
	}
	t.left.overlapping(lo, hi, visit)
	if t.lo <= hi && lo <= t.hi {
		visit(t.interval)
	}
	if t.lo <= hi {
		t.right.overlapping(lo, hi, visit)
	}
}

// A rope is a long text in pieces.
type rope struct {
	left, right *rope
	text        string
	size        int
}

func leaf(s string) *rope { return &rope{text: s, size: len(s)} }

func concat(a, b *rope) *rope {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	return &rope{left: a, right: b, size: a.size + b.size}
}

func (r *rope) split(at int) (a, b *rope) {
	switch {
	case at <= 0:
		return nil, r
	case at >= r.size:
		return r, nil
	case r.left == nil:
		return leaf(r.text[:at]), leaf(r.text[at:])
	case at < r.left.size:
		a, b = r.left.split(at)
		return a, concat(b, r.right)
	}
	a, b = r.right.split(at - r.left.size)
	return concat(r.left, a), b
}

func (r *rope) insert(at int, s string) *rope {
	a, b := r.split(at)
	return concat(concat(a, leaf(s)), b)
}

func (r *rope) remove(lo, hi int) *rope {
	a, rest := r.split(lo)
	_, b := rest.split(hi - lo)
	return concat(a, b)
}

func (r *rope) String() string {
	if r == nil {
		return ""
	}
	return r.left.String() + r.text + r.right.String()
}

func main() {
	xs := []int{5, 3, 8, 6, 2, 7, 4, 1}
	sums := NewSegments(Monoid[int]{0, func(a, b int) int { return a + b }}, xs)
	words := NewSegments(Monoid[string]{"", func(a, b string) string { return a + b }}, strings.Split("segment", ""))
	fmt.Println(sums.Query(0, 8), sums.Query(2, 5), sums.Query(3, 3), words.Query(1, 6), words.Query(0, 7))
	sums.Set(2, 100)
	words.Set(0, "frag")
	fmt.Println(sums.Query(0, 8), sums.Query(2, 5), words.Query(0, 7))
	type lineFunc struct{ a, b int } // x -> a*x + b, combined by composition
	lines := NewSegments(Monoid[lineFunc]{lineFunc{1, 0}, func(f, g lineFunc) lineFunc { return lineFunc{f.a * g.a, g.a*f.b + g.b} }}, []lineFunc{{2, 1}, {1, 5}, {3, 0}})
	fmt.Println(lines.Query(0, 3), lines.Query(1, 2))

	t := newLazy(xs, 0)
	t.Add(0, 4, 10)
	t.Add(3, 6, -5)
	for _, r := range [][2]int{{0, 8}, {4, 8}, {3, 4}, {7, 8}, {5, 5}} {
		fmt.Print(r, " ")
		fmt.Print(t.Max(r[0], r[1]))
		fmt.Print("; ")
	}
	fmt.Println()
	fmt.Println(inversions(xs), inversions([]int{1, 2, 3}), inversions([]int{3, 2, 1}), inversions([]int{2, 2, 1}))
	sp := newSparse(xs)
	fmt.Println(sp.Min(0, 8), sp.Min(0, 3), sp.Min(5, 6), len(sp))

	r := rand.New(rand.NewPCG(8, 8))
	agree := true
	for range 60 {
		lo, hi := r.IntN(8), r.IntN(8)+1
		if lo >= hi {
			continue
		}
		agree = agree && sp.Min(lo, hi) == slices.Min(xs[lo:hi])
	}
	fmt.Println("agrees:", agree)
	tree := build([]interval{{1, 3, "a"}, {2, 9, "b"}, {4, 5, "c"}, {6, 7, "d"}, {8, 12, "e"}, {13, 14, "f"}})
	for _, q := range [][2]int{{5, 6}, {10, 10}, {0, 1}, {13, 20}, {15, 16}} {
		var names []string
		tree.overlapping(q[0], q[1], func(i interval) { names = append(names, i.name) })
		fmt.Print(q, names, " ")
	}
	fmt.Println()

	text := concat(leaf("the quick "), concat(leaf("brown "), leaf("fox")))
	text = text.insert(4, "very ").insert(text.size+5, " jumps").insert(0, ">")
	fmt.Printf("%s|%d\n", text, text.size)
	text = text.remove(1, 10)
	a, b := text.split(6)
	fmt.Printf("%s|%s|%s|%v|%d\n", text, a, b, concat(nil, nil) == nil, text.size)
}
