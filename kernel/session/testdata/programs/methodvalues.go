// Method values and method expressions: methods as functions, bound and unbound.

package main

import (
	"fmt"
	"slices"
	"strings"
)

type point struct{ X, Y int }

func (p point) Add(q point) point       { return point{p.X + q.X, p.Y + q.Y} }
func (p point) Scale(k int) point       { return point{p.X * k, p.Y * k} }
func (p *point) Move(dx, dy int)        { p.X += dx; p.Y += dy }
func (p point) String() string          { return fmt.Sprintf("(%d,%d)", p.X, p.Y) }
func (p point) Sum(more ...point) point { return sum(append([]point{p}, more...)) }

func sum(points []point) (total point) {
	for _, p := range points {
		total = total.Add(p)
	}
	return total
}

// A mapper is a function that has methods itself.
type mapper func(int) int

func (m mapper) Then(next mapper) mapper { return func(x int) int { return next(m(x)) } }
func (m mapper) Times(n int) mapper {
	if n == 0 {
		return func(x int) int { return x }
	}
	return m.Then(m.Times(n - 1))
}
func (m mapper) Over(xs ...int) []int {
	ys := make([]int, len(xs))
	for i, x := range xs {
		ys[i] = m(x)
	}
	return ys
}

type counter int

func (c *counter) Inc() int { *c++; return int(*c) }
func (c counter) Peek() int { return int(c) }

type shape interface {
	Area() float64
	Name() string
}

type square float64

func (s square) Area() float64 { return float64(s * s) }
func (square) Name() string    { return "square" }

type named struct {
	shape
	label string
}

func (n named) Name() string { return n.label + " " + n.shape.Name() }

func fold(f func(point, point) point, points ...point) point {
	result := points[0]
	for _, p := range points[1:] {
		result = f(result, p)
	}
	return result
}

func main() {
	// A method value keeps a copy of its receiver, as it was when the value was made.
	p := point{1, 2}
	add := p.Add
	p = point{100, 200}
	fmt.Println("bound to the old p:", add(point{10, 10}))
	move := p.Move
	move(1, 1)
	move(1, 1)
	fmt.Println("bound to the address of p:", p)

	// A method expression takes the receiver first.
	fmt.Println(point.Add(point{1, 1}, point{2, 2}), (*point).Scale(&p, 2))
	(*point).Move(&p, -2, -2)
	fmt.Println(p, fold(point.Add, point{1, 0}, point{0, 1}, point{5, 5}))
	fmt.Printf("%T\n%T\n", func(f func(*point, int, int)) any { return f }((*point).Move), point.String)
	all := point.Sum
	fmt.Println(all(point{1, 1}), all(point{1, 1}, point{2, 2}), p.Sum([]point{{1, 1}, {2, 2}}...))

	// Functions with methods.
	inc := mapper(func(x int) int { return x + 1 })
	dbl := mapper(func(x int) int { return x * 2 })
	fmt.Println(inc.Then(dbl).Over(1, 2, 3), dbl.Then(inc).Over(1, 2, 3), dbl.Times(5)(1), inc.Times(0)(9))
	over := mapper.Over
	fmt.Println(over(dbl, 7, 8), mapper.Then(inc, inc)(0))

	// A pointer receiver that is bound shares its variable.
	var c counter
	next, peek := c.Inc, c.Peek
	next()
	next()
	fmt.Println("counter:", c, peek(), c.Peek(), counter.Peek(c))
	steps := []func() int{c.Inc, c.Peek, c.Inc, c.Peek}
	for _, step := range steps {
		fmt.Print(step(), " ")
	}
	fmt.Println()

	// Methods of an interface as functions.
	area, name := shape.Area, shape.Name
	for _, s := range []shape{square(3), named{square(2), "small"}, &named{square(1.5), "odd"}} {
		fmt.Printf("%s: %.2f\n", name(s), area(s))
	}
	var s shape = square(4)
	bound := s.Area
	s = square(5)
	fmt.Println(bound(), s.Area())

	// Methods of the standard library's types, and methods in tables.
	var b strings.Builder
	write := b.WriteString
	for _, w := range []string{"me", "th", "ods"} {
		write(w)
	}
	fmt.Println(b.String(), strings.NewReplacer("e", "3", "o", "0").Replace(b.String()))
	table := map[string]func(point, int) point{
		"scale": point.Scale,
		"shift": func(p point, k int) point { return p.Add(point{k, k}) },
	}
	names := make([]string, 0, len(table))
	for n := range table {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		fmt.Println(n, table[n](point{2, 3}, 10))
	}
	defer fmt.Println("at the end p is", &p)
	defer p.Move(1000, 1000)
	func() {
		defer func() { fmt.Println("recovered:", recover() != nil) }()
		var none *point
		_ = none.Add
	}()
}
