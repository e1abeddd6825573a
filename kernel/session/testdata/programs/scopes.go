// Scopes: shadowing in all its forms, closures that share variables, and names that are reused.

package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

var x = "package"

var counter = func() func() int {
	n := 0
	return func() int { n++; return n }
}()

// shadowed returns what x was in each scope.
func shadowed(x string) (seen []string) {
	seen = append(seen, x)
	{
		x := x + "-block"
		seen = append(seen, x)
		if x := len(x); x > 5 {
			seen = append(seen, strconv.Itoa(x))
		} else if x := x * 2; x > 5 {
			seen = append(seen, "double", strconv.Itoa(x))
		}
		for x := range 2 {
			x := "loop" + strconv.Itoa(x)
			seen = append(seen, x)
		}
		switch x := any(x).(type) {
		case string:
			seen = append(seen, x[:1])
		}
		func(x ...int) { seen = append(seen, fmt.Sprint(x)) }(1, 2)
	}
	return append(seen, x)
}

// lost shows the best known mistake: := in an inner scope makes a new err.
func lost(text string) (n int, err error) {
	if text != "" {
		n, err := strconv.Atoi(text)
		_ = n
		_ = err
	}
	return n, err
}

func kept(text string) (n int, err error) {
	if text != "" {
		if n, err = strconv.Atoi(text); err != nil {
			err = fmt.Errorf("kept: %w", err)
		}
	}
	return
}

// partial reuses err, because at least one name on the left is new.
func partial() string {
	a, err := strconv.Atoi("1")
	first := &err
	b, err := strconv.Atoi("x")
	return fmt.Sprint(a, b, first == &err, *first != nil)
}

type account struct {
	deposit  func(int)
	withdraw func(int) error
	balance  func() int
}

// newAccount has no fields for its money: three closures share a variable.
func newAccount(start int) account {
	balance := start
	return account{
		deposit: func(n int) { balance += n },
		withdraw: func(n int) error {
			if n > balance {
				return errors.New("only " + strconv.Itoa(balance) + " left")
			}
			balance -= n
			return nil
		},
		balance: func() int { return balance },
	}
}

// stack of undo functions: each knows the value that it has to bring back.
type editor struct {
	text string
	undo []func()
}

func (e *editor) change(f func(string) string) {
	before := e.text
	e.undo = append(e.undo, func() { e.text = before })
	e.text = f(e.text)
}

func (e *editor) back() bool {
	if len(e.undo) == 0 {
		return false
	}
	last := len(e.undo) - 1
	e.undo[last]()
	e.undo = e.undo[:last]
	return true
}

func generators() []func() string {
	var out []func() string
	prefix := "p"
	for i, name := range []string{"a", "b"} {
		calls := 0
		out = append(out, func() string {
			calls++
			name += "'"
			return fmt.Sprint(prefix, i, name, calls)
		})
	}
	prefix = "q" // seen by all of them
	return out
}

// true and len are only names.
func renamed() string {
	true, false := false, true
	len := func(s string) string { return s + "!" }
	string := strings.ToUpper
	type int = float64
	var n int = 1.5
	nil := "nothing"
	return string(len("len")) + fmt.Sprint(true, false, n, nil)
}

type point struct{ x, y int }

// moved has a receiver named as its type, which it hides.
func (point point) moved(x int) (sum int, y any) {
	x, point.x = point.x+x, x
	{
		type point struct{ z int }
		y = point{x}
	}
	return x + point.x, y
}

func recursive(depth int) (trace string) {
	var walk func(int)
	level := 0
	walk = func(n int) {
		level++
		defer func() { level-- }()
		trace += strconv.Itoa(level)
		if n > 0 {
			walk(n - 1)
		}
		trace += strconv.Itoa(level)
	}
	walk(depth)
	return trace + " " + strconv.Itoa(level)
}

func main() {
	fmt.Println(strings.Join(shadowed("param"), " "), x)
	fmt.Println(strings.Join(shadowed(""), " "))
	x := x + "+main"
	fmt.Println(x, counter(), counter())
	fmt.Println(lost("bad"))
	fmt.Println(kept("bad"))
	fmt.Println(kept("7"))
	fmt.Println(partial())

	a, b := newAccount(10), newAccount(100)
	a.deposit(5)
	fmt.Println(a.withdraw(12), a.withdraw(4), a.balance(), b.withdraw(1), b.balance())
	e := &editor{text: "one"}
	e.change(strings.ToUpper)
	e.change(func(s string) string { return s + "-" + s })
	e.change(func(s string) string { return strings.ReplaceAll(s, "N", "n") })
	for ok := true; ok; ok = e.back() {
		fmt.Print(e.text, " ")
	}
	fmt.Println()
	gens := generators()
	fmt.Println(gens[0](), gens[0](), gens[1](), gens[0]())
	fmt.Println(renamed())
	fmt.Println(point{1, 2}.moved(10))
	fmt.Println(recursive(3))

	// A closure sees later changes; an argument does not; a copy keeps the old.
	n := 1
	late := func() int { return n }
	now := func(n int) func() int { return func() int { return n } }(n)
	copied := n
	p := &n
	*p += 10
	fmt.Println(late(), now(), copied, n)
	var fs [3]func(int) int
	for i := range fs {
		fs[i] = func(j int) int { n += i * j; return n }
	}
	fmt.Println(fs[2](1), fs[1](1), fs[0](1), n)
	if n, err := strconv.Atoi("77"); err != nil {
		fmt.Println("not reached")
	} else if m := n + 1; m > n {
		n := m * 2
		fmt.Println(n, m, err)
	}
	fmt.Println(n)
	const limit = 3
	{
		const limit = limit * 10
		type limitType [limit]bool
		fmt.Println(len(limitType{}), limit)
	}
	fmt.Println(limit)
	func() {
		defer func(old string) { fmt.Println("deferred sees", old, x) }(x)
		x = "changed"
	}()
	switch x := x; {
	case x == "changed":
		x := len(x)
		fmt.Println(x)
		fallthrough
	default:
		fmt.Println(x)
	}
}
