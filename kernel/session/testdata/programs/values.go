// Arrays and structs are values: copied, compared, and used as keys of maps.

package main

import (
	"fmt"
	"sort"
)

type cell struct{ row, col int }

type board [3][3]byte

func (b board) with(at cell, mark byte) board {
	b[at.row][at.col] = mark // b is a copy
	return b
}

func (b *board) set(at cell, mark byte) { b[at.row][at.col] = mark }

func (b board) String() string {
	s := ""
	for i, row := range b {
		if i > 0 {
			s += "/"
		}
		for _, m := range row {
			if m == 0 {
				m = '.'
			}
			s += string(m)
		}
	}
	return s
}

// turned is the board turned by a quarter.
func (b board) turned() (t board) {
	for r, row := range b {
		for c, m := range row {
			t[c][2-r] = m
		}
	}
	return t
}

// canonical is the smallest of the four turns, so that turned boards are the same key.
func (b board) canonical() board {
	best := b
	for range 3 {
		b = b.turned()
		if b.String() < best.String() {
			best = b
		}
	}
	return best
}

type person struct {
	name string
	born struct{ year, month int }
	tags [2]string
}

type key struct {
	any
	n int
}

func change(a [3]int) [3]int { a[0] = 100; return a }
func changeAt(a *[3]int)     { a[0] = 100 }
func changeSlice(a []int)    { a[0] = 200 }
func sumOf(a [3]int) (s int) { return a[0] + a[1] + a[2] }
func swap(a, b cell) [2]cell { return [...]cell{b, a} }
func origin() (c cell)       { return }
func largest(m map[cell]int) (best cell) {
	keys := make([]cell, 0, len(m))
	for c := range m {
		keys = append(keys, c)
	}
	sort.Slice(keys, func(i, j int) bool {
		if m[keys[i]] != m[keys[j]] {
			return m[keys[i]] > m[keys[j]]
		}
		return keys[i].row < keys[j].row
	})
	return keys[0]
}

func main() {
	a := [3]int{1, 2, 3}
	b := a
	b[1] = 20
	fmt.Println(a, b, a == b, a == [3]int{1, 2, 3}, a != [...]int{2: 3, 0: 1, 1: 2})
	fmt.Println(change(a), a, sumOf(a))
	changeAt(&a)
	fmt.Println(a)
	changeSlice(a[:])
	fmt.Println(a, len(a), cap(a[1:2]))
	p := &a
	for i := range p {
		p[i]++
	}
	p[0] -= 1
	fmt.Println(a, *p == a, p == &a, len(p))
	c := [3]int(a[:])
	d := (*[2]int)(a[1:])
	d[0] = -1
	fmt.Println(c, a, *d)

	sparse := [...]string{2: "two", 5: "five", "six"}
	fmt.Printf("%d %q\n", len(sparse), sparse)
	grid := [2][3]int{{1}, {2, 3}}
	other := grid
	other[0][2] = 9
	fmt.Println(grid, other, grid == other, grid[1] == other[1])

	start := board{}
	x := start.with(cell{0, 0}, 'X').with(cell{0, 1}, 'O')
	y := start.with(cell{2, 2}, 'X').with(cell{2, 1}, 'O')
	fmt.Println(start, x, y, x == y, x.canonical() == y.canonical())
	counts := map[board]int{}
	for r := range 3 {
		for c := range 3 {
			counts[start.with(cell{r, c}, 'X').canonical()]++
		}
	}
	fmt.Println(len(counts), counts[start.with(cell{1, 1}, 'X')], counts[start.with(cell{0, 0}, 'X').canonical()])
	x.set(cell{1, 1}, 'X')
	fmt.Println(x)

	ann := person{name: "Ann", tags: [2]string{"a", "b"}}
	ann.born.year = 1990
	twin := ann
	fmt.Println(ann == twin, twin)
	twin.born.month = 5
	fmt.Println(ann == twin, ann.born, twin.born, ann.born == struct{ year, month int }{1990, 0})
	seen := map[person]string{ann: "first"}
	seen[twin] = "second"
	ann.born.month = 5
	fmt.Println(seen[ann], len(seen))

	heat := map[cell]int{{0, 0}: 5, {1, 2}: 9, {3, 3}: 9}
	heat[cell{row: 1, col: 2}]++
	heat[origin()] += 2
	fmt.Println(heat, largest(heat), heat[cell{7, 7}], swap(cell{1, 2}, cell{3, 4}))

	// Interfaces in keys compare by type and value; what cannot be compared panics.
	mixed := map[any]string{1: "int", "1": "string", 1.0: "float", [2]int{1, 1}: "array", cell{1, 1}: "cell", nil: "nil", true: "bool"}
	fmt.Println(mixed[1], mixed["1"], mixed[1.0], mixed[[2]int{1, 1}], mixed[cell{1, 1}], mixed[nil], mixed[int8(1)] == "")
	keys := map[key]int{{1, 1}: 11, {"1", 1}: 12}
	fmt.Println(keys[key{1, 1}], keys[key{"1", 1}], keys[key{nil, 1}])
	func() {
		defer func() { fmt.Println(recover()) }()
		mixed[[]int{1}] = "slice"
	}()
	func() {
		defer func() { fmt.Println(recover()) }()
		var f, g any = func() {}, func() {}
		fmt.Println(f == g)
	}()
	table := map[string][2]int{"a": {1, 2}}
	v := table["a"]
	v[0] = 50
	fmt.Println(table, v)
	people := []person{ann, twin}
	for _, who := range people {
		who.name = "lost"
	}
	for i := range people {
		people[i].name += "!"
	}
	fmt.Println(people[0].name, people[1].name)
}
