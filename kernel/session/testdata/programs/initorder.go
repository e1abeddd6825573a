// Initialisation: package variables follow their dependencies, then every init runs in order.

package main

import (
	"fmt"
	"strings"
)

var trace []string

func note[T any](name string, v T) T {
	trace = append(trace, fmt.Sprintf("%s=%v", name, v))
	return v
}

// The order of writing is a, b, c, d; the order of making is d, b, c, a.
var (
	a = note("a", c+b)
	b = note("b", f())
	c = note("c", f())
	d = note("d", 3)
)

func f() int {
	d++
	return d
}

// total depends on prices only through the functions that it calls.
var total = note("total", sumPrices())

func sumPrices() (sum int) {
	for _, p := range prices {
		sum += p
	}
	return sum
}

var prices = note("prices", []int{first, 20, 30})

var first = note("first", 10)

// x and y are made together by one call.
var x, y = divide(17, 5)

func divide(n, by int) (quotient, rest int) {
	note("divide", n)
	return n / by, n % by
}

// A method makes a dependency too.
type config struct{ name string }

func (c *config) title() string { return prefix + c.name }

var title = note("title", (&config{"x"}).title())
var prefix = note("prefix", "mr ")

// A closure that is only stored does not run, but what it mentions is made before it.
var lazy = func() int { return answer }
var answer = note("answer", 42)

// Blank variables are evaluated as well.
var _ = note("blank", true)

type op struct {
	symbol string
	apply  func(int, int) int
}

var ops = map[string]op{}

func register(symbol string, apply func(int, int) int) bool {
	ops[symbol] = op{symbol, apply}
	return true
}

var (
	_ = register("+", func(a, b int) int { return a + b })
	_ = register("*", func(a, b int) int { return a * b })
)

func init() {
	note("init", 1)
	register("-", func(a, b int) int { return a - b })
}

var late = note("late", len(ops))

func init() {
	note("init", 2)
	late *= 10
}

const limit = len(words)

var words = [...]string{"one", "two", "three"}

var table = func() (t [limit]int) {
	for i, w := range words {
		t[i] = len(w)
	}
	return note("table", t)
}()

var self = &ring{value: 1}

type ring struct {
	next  *ring
	value int
}

func init() {
	self.next = &ring{next: self, value: 2}
	note("init", 3)
}

func main() {
	for i, line := range trace {
		fmt.Printf("%2d %s\n", i+1, line)
	}
	fmt.Println(a, b, c, d, x, y, total, prices, title, lazy(), late, limit, table)
	var symbols []string
	for _, s := range []string{"+", "-", "*", "/"} {
		if o, ok := ops[s]; ok {
			symbols = append(symbols, fmt.Sprintf("7%s3=%d", s, o.apply(7, 3)))
		}
	}
	fmt.Println(strings.Join(symbols, " "))
	fmt.Println(self.value, self.next.value, self.next.next == self, self.next.next.next.value)
	a, prefix := "local", prefix+"local"
	fmt.Println(a, prefix, title)
}
