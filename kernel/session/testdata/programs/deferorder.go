// Defer order: what runs when a function ends, in which order, and with which values.

package main

import (
	"errors"
	"fmt"
	"strings"
)

// journal collects what happens, so that the order can be read at the end.
type journal struct{ lines []string }

func (j *journal) note(format string, args ...any) {
	j.lines = append(j.lines, fmt.Sprintf(format, args...))
}

func (j *journal) flush(title string) {
	fmt.Printf("%s: %s\n", title, strings.Join(j.lines, ", "))
	j.lines = nil
}

// enter notes the way in and returns what notes the way out.
func (j *journal) enter(name string) func() {
	j.note("enter %s", name)
	return func() { j.note("leave %s", name) }
}

func nested(j *journal, depth int) {
	defer j.enter(fmt.Sprint("level ", depth))()
	if depth < 3 {
		nested(j, depth+1)
	}
}

// arguments of a deferred call are evaluated at the defer statement, variables of a closure at the end.
func arguments(j *journal) {
	x := 1
	defer j.note("argument %d", x)
	defer func() { j.note("closure %d", x) }()
	x = 2
	defer j.note("argument %d", x)
	x = 3
}

func inLoop(j *journal) {
	for i := range 4 {
		defer j.note("%d", i)
	}
	for i := 10; i < 12; i++ {
		defer func() { j.note("%d", i) }()
	}
}

// double changes its result after the return statement has set it.
func double(x int) (result int) {
	defer func() { result *= 2 }()
	return x + 1
}

// safely turns a panic into an error.
func safely(f func()) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case error:
			err = fmt.Errorf("recovered error: %w", r)
		default:
			err = fmt.Errorf("recovered value: %v", r)
		}
	}()
	f()
	return nil
}

var errBroken = errors.New("broken")

func replaced() (text string) {
	defer func() { text = fmt.Sprint("outer saw ", recover()) }()
	defer func() {
		defer func() { panic(fmt.Sprint("third after ", recover())) }()
		panic("second")
	}()
	panic("first")
}

func resumed() (steps []string) {
	defer func() { steps = append(steps, "last") }()
	defer func() {
		if r := recover(); r != nil {
			steps = append(steps, fmt.Sprint("caught ", r))
		}
	}()
	defer func() { steps = append(steps, "while panicking") }()
	steps = append(steps, "before")
	panic("now")
}

func notDirectly() (text string) {
	defer func() {
		if r := recover(); r != nil {
			text = fmt.Sprint("the deferred function itself recovers: ", r)
		}
	}()
	defer func() {
		helper := func() any { return recover() }
		if r := helper(); r != nil {
			text = "a helper recovered"
		}
	}()
	panic("deep")
}

type resource struct {
	name string
	j    *journal
}

func open(j *journal, name string) (*resource, error) {
	if name == "" {
		return nil, errors.New("no name")
	}
	j.note("open %s", name)
	return &resource{name, j}, nil
}

func (r *resource) Close() { r.j.note("close %s", r.name) }

func copyAll(j *journal, names ...string) error {
	for _, name := range names {
		r, err := open(j, name)
		if err != nil {
			return fmt.Errorf("copying: %w", err)
		}
		defer r.Close()
	}
	j.note("copied")
	return nil
}

func main() {
	j := &journal{}
	nested(j, 1)
	j.flush("nested")
	arguments(j)
	j.flush("arguments")
	inLoop(j)
	j.flush("loop")
	fmt.Println("named result:", double(4))

	err := safely(func() { panic(errBroken) })
	fmt.Println(err, errors.Is(err, errBroken))
	fmt.Println(safely(func() { panic(42) }))
	fmt.Println(safely(func() {}))
	err = safely(func() {
		var counts map[string]int
		counts["x"]++
	})
	fmt.Println(err)

	fmt.Println(replaced())
	fmt.Println(resumed())
	fmt.Println(notDirectly())

	fmt.Println(copyAll(j, "a", "b"))
	j.flush("files")
	fmt.Println(copyAll(j, "a", "", "b"))
	j.flush("files")

	var nothing func()
	err = safely(func() {
		defer nothing()
		j.note("the body runs before a nil function is called")
	})
	j.flush("nil")
	fmt.Println(err)
	func() {
		defer fmt.Println("deferred print", len(j.lines))
		j.note("ignored")
	}()
}
