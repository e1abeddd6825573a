// Sorting by hand and by package: own algorithms counted, sort.Interface, several keys, stability, natural order.

package main

import (
	"cmp"
	"container/heap"
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"unicode"
)

// counter is a list that counts what is done to it.
type counter struct {
	xs              []int
	compared, moved int
}

func (c *counter) Len() int           { return len(c.xs) }
func (c *counter) Less(i, j int) bool { c.compared++; return c.xs[i] < c.xs[j] }
func (c *counter) Swap(i, j int)      { c.moved++; c.xs[i], c.xs[j] = c.xs[j], c.xs[i] }

func insertion(s sort.Interface) {
	for i := 1; i < s.Len(); i++ {
		for j := i; j > 0 && s.Less(j, j-1); j-- {
			s.Swap(j, j-1)
		}
	}
}

func selection(s sort.Interface) {
	for i := range s.Len() {
		least := i
		for j := i + 1; j < s.Len(); j++ {
			if s.Less(j, least) {
				least = j
			}
		}
		s.Swap(i, least)
	}
}

func shell(s sort.Interface) {
	for gap := s.Len() / 2; gap > 0; gap /= 2 {
		for i := gap; i < s.Len(); i++ {
			for j := i; j >= gap && s.Less(j, j-gap); j -= gap {
				s.Swap(j, j-gap)
			}
		}
	}
}

func heapSort(s sort.Interface) {
	down := func(root, n int) {
		for {
			child := 2*root + 1
			if child >= n {
				return
			}
			if child+1 < n && s.Less(child, child+1) {
				child++
			}
			if !s.Less(root, child) {
				return
			}
			s.Swap(root, child)
			root = child
		}
	}
	for i := s.Len()/2 - 1; i >= 0; i-- {
		down(i, s.Len())
	}
	for n := s.Len() - 1; n > 0; n-- {
		s.Swap(0, n)
		down(0, n)
	}
}

func quick(s sort.Interface) {
	var part func(lo, hi int)
	part = func(lo, hi int) {
		if hi-lo < 2 {
			return
		}
		s.Swap(lo, (lo+hi)/2)
		store := lo
		for i := lo + 1; i < hi; i++ {
			if s.Less(i, lo) {
				store++
				s.Swap(i, store)
			}
		}
		s.Swap(lo, store)
		part(lo, store)
		part(store+1, hi)
	}
	part(0, s.Len())
}

func radix(xs []int) []int {
	out := slices.Clone(xs)
	for shift := 0; shift < 12; shift += 4 {
		var buckets [16][]int
		for _, x := range out {
			d := x >> shift & 15
			buckets[d] = append(buckets[d], x)
		}
		out = slices.Concat(buckets[:]...)
	}
	return out
}

type planet struct {
	name   string
	mass   float64
	moons  int
	inside bool
}

// by sorts planets by any order, as the documentation of sort shows it.
type by func(a, b *planet) bool

type planetSorter struct {
	planets []planet
	by      by
}

func (s planetSorter) Len() int           { return len(s.planets) }
func (s planetSorter) Less(i, j int) bool { return s.by(&s.planets[i], &s.planets[j]) }
func (s planetSorter) Swap(i, j int)      { s.planets[i], s.planets[j] = s.planets[j], s.planets[i] }

func (b by) Sort(ps []planet) { sort.Sort(planetSorter{ps, b}) }
func (b by) Then(next by) by {
	return func(x, y *planet) bool {
		if b(x, y) || b(y, x) {
			return b(x, y)
		}
		return next(x, y)
	}
}

func names(ps []planet) string {
	var out []string
	for _, p := range ps {
		out = append(out, p.name)
	}
	return strings.Join(out, " ")
}

// natural compares file2 before file10.
func natural(a, b string) int {
	for a != "" && b != "" {
		if unicode.IsDigit(rune(a[0])) && unicode.IsDigit(rune(b[0])) {
			na, nb := digits(a), digits(b)
			x, y := strings.TrimLeft(a[:na], "0"), strings.TrimLeft(b[:nb], "0")
			if c := cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(x, y)); c != 0 {
				return c
			}
			a, b = a[na:], b[nb:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func digits(s string) int {
	n := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsDigit(r) })
	if n < 0 {
		return len(s)
	}
	return n
}

// runs is a heap of sorted lists for merging them all at once.
type runs [][]int

func (r runs) Len() int           { return len(r) }
func (r runs) Less(i, j int) bool { return r[i][0] < r[j][0] }
func (r runs) Swap(i, j int)      { r[i], r[j] = r[j], r[i] }
func (r *runs) Push(x any)        { *r = append(*r, x.([]int)) }
func (r *runs) Pop() (last any) {
	last, *r = (*r)[len(*r)-1], (*r)[:len(*r)-1]
	return
}

func merge(lists ...[]int) (out []int) {
	r := runs(slices.DeleteFunc(lists, func(l []int) bool { return len(l) == 0 }))
	for heap.Init(&r); len(r) > 0; {
		out = append(out, r[0][0])
		if r[0] = r[0][1:]; len(r[0]) == 0 {
			heap.Remove(&r, 0)
		} else {
			heap.Fix(&r, 0)
		}
	}
	return out
}

func main() {
	r := rand.New(rand.NewPCG(3, 1))
	xs := r.Perm(60)
	for _, a := range []struct {
		name string
		sort func(sort.Interface)
	}{{"insertion", insertion}, {"selection", selection}, {"shell", shell}, {"heap", heapSort}, {"quick", quick}} {
		c := &counter{xs: slices.Clone(xs)}
		a.sort(c)
		fmt.Printf("%-9s %t %4d comparisons %4d swaps\n", a.name, sort.IsSorted(c), c.compared, c.moved)
	}
	c := &counter{xs: slices.Clone(xs)}
	sort.Sort(sort.Reverse(c))
	fmt.Println(c.xs[:5], slices.IsSorted(radix(xs)), merge([]int{1, 4, 9}, nil, []int{2, 3, 10}, []int{0}), merge() == nil)

	planets := []planet{{"Mercury", 0.06, 0, true}, {"Venus", 0.82, 0, true}, {"Earth", 1, 1, true}, {"Mars", 0.11, 2, true}, {"Jupiter", 318, 95, false}, {"Saturn", 95, 146, false}, {"Uranus", 15, 28, false}, {"Neptune", 17, 16, false}}
	mass := by(func(a, b *planet) bool { return a.mass < b.mass })
	moons := by(func(a, b *planet) bool { return a.moons < b.moons })
	outside := by(func(a, b *planet) bool { return !a.inside && b.inside })
	mass.Sort(planets)
	fmt.Println(names(planets))
	outside.Then(moons).Then(by(func(a, b *planet) bool { return a.name > b.name })).Sort(planets)
	fmt.Println(names(planets))
	sort.SliceStable(planets, func(i, j int) bool { return len(planets[i].name) < len(planets[j].name) })
	fmt.Println(names(planets))
	at := sort.Search(len(planets), func(i int) bool { return len(planets[i].name) >= 6 })
	found, ok := sort.Find(len(planets), func(i int) int { return cmp.Compare(7, len(planets[i].name)) })
	fmt.Println(at, found, ok, sort.SearchInts([]int{1, 3, 5}, 4), sort.SearchStrings([]string{"a", "c"}, "z"))

	files := strings.Fields("img12.png img10.png IMG2.png img2.png img1.png img002.png img")
	byNature := slices.SortedStableFunc(slices.Values(files), natural)
	sort.Strings(files)
	fmt.Println(byNature)
	fmt.Println(files, sort.StringsAreSorted(files))
	words := sort.StringSlice{"go", "is", "fun"}
	sort.Stable(sort.Reverse(words))
	floats := sort.Float64Slice{2.5, -1, 0}
	floats.Sort()
	ints := sort.IntSlice(xs[:4])
	ints.Sort()
	fmt.Println(words, floats, ints.Search(ints[2]), sort.IntsAreSorted(xs))
	// Sorting places instead of things.
	order := []int{0, 1, 2, 3}
	letters := []string{"d", "a", "c", "b"}
	slices.SortFunc(order, func(i, j int) int { return strings.Compare(letters[i], letters[j]) })
	fmt.Println(order)
}
