// Stringers everywhere: types with String, Error, Format and GoString inside other values.

package main

import (
	"errors"
	"fmt"
	"strings"
)

type celsius float64

func (c celsius) String() string { return fmt.Sprintf("%.1f°", float64(c)) }

type month int

func (m month) String() string {
	names := []string{"Jan", "Feb", "Mar"}
	if int(m) < len(names) {
		return names[m]
	}
	return fmt.Sprintf("month(%d)", int(m))
}

// secret shows itself under no verb.
type secret string

func (secret) String() string   { return "***" }
func (secret) GoString() string { return `secret("***")` }

// tally has String on its pointer only.
type tally struct{ n int }

func (t *tally) String() string { return strings.Repeat("|", t.n) }

type station struct {
	Name  string
	Temps []celsius
	ByDay map[month]celsius
	Key   secret
	Best  *celsius
	inner month
}

type vector struct{ x, y float64 }

// Format gives v, s and its own verb r for the radius, and heeds width and plus.
func (v vector) Format(f fmt.State, verb rune) {
	switch verb {
	case 'v', 's':
		open, end := "<", ">"
		if f.Flag('+') {
			open, end = "<x=", "=y>"
		}
		text := fmt.Sprint(open, v.x, " ", v.y, end)
		if w, ok := f.Width(); ok {
			text = fmt.Sprintf("%*s", w, text)
		}
		fmt.Fprint(f, text)
	case 'r':
		prec, ok := f.Precision()
		if !ok {
			prec = 2
		}
		fmt.Fprintf(f, "square of radius %.*f", prec, v.x*v.x+v.y*v.y)
	default:
		fmt.Fprintf(f, "%%!%c(vector)", verb)
	}
}

type chain []fmt.Stringer

func (c chain) String() string {
	parts := make([]string, len(c))
	for i, s := range c {
		parts[i] = s.String()
	}
	return strings.Join(parts, " -> ")
}

type code int

func (c code) Error() string  { return fmt.Sprintf("code %d", int(c)) }
func (c code) String() string { return "never used when there is Error" }

type angry struct{}

func (angry) String() string { panic("no name") }

type wrapper struct{ celsius }

type tree struct {
	Left, Right *tree
	Value       month
}

func (t *tree) String() string {
	if t == nil {
		return "()"
	}
	return fmt.Sprintf("(%v %v %v)", t.Left, t.Value, t.Right)
}

func main() {
	best := celsius(30)
	s := station{"Bern", []celsius{1, 2.25}, map[month]celsius{2: 9, 0: -3}, "swordfish", nil, 1}
	fmt.Println(s)
	fmt.Printf("%v\n%+v\n", s, s)
	fmt.Printf("%#v\n", s)
	s.Best = &best
	fmt.Println(*s.Best, s.Temps[1], s.Best)

	fmt.Println([]month{0, 1, 7}, [2]month{2, 1}, map[string]month{"a": 1, "b": 2}, []any{month(1), celsius(2), 3})
	fmt.Println(map[celsius][]month{1.5: {0}, -1: {1, 2}}, struct {
		M month
		C any
	}{1, celsius(4)})
	fmt.Printf("%d %s %v %x %q %5v|%-5v|\n", month(1), month(1), month(1), month(11), month(2), month(0), month(0))
	fmt.Printf("%.2f %v %s %6.1f|\n", celsius(3), celsius(3), []celsius{1}, celsius(2))
	fmt.Println(secret("pw"), []secret{"a", "b"}, map[string]secret{"k": "v"})
	fmt.Printf("%s %v %q %#v %x\n", secret("pw"), secret("pw"), secret("pw"), secret("pw"), secret("pw"))

	t := tally{3}
	fmt.Println(t, &t, []tally{{1}, {2}}, []*tally{}, struct{ T *tally }{nil}.T == nil)
	fmt.Printf("%v %s %v\n", &t, &t, any(t))
	pointers := map[string]fmt.Stringer{"p": &tally{2}, "q": month(2)}
	fmt.Println(pointers)

	v := vector{3, 4}
	fmt.Printf("%v|%+v|%12v|%r|%.0r|%d|%s\n", v, v, v, v, v, v, []vector{v, {1, 2}})
	fmt.Println(v, []vector{{0, 1}}, map[month]vector{0: v}, struct{ V vector }{v})

	c := chain{month(0), celsius(5), &t, chain{month(2), month(1)}}
	fmt.Println(c, len(c))
	fmt.Println(code(7), []code{1, 2}, fmt.Sprint(error(code(3))), fmt.Errorf("wrapped: %w", code(4)))
	var target code
	fmt.Println(errors.As(fmt.Errorf("outer: %w", code(5)), &target), int(target), target)
	fmt.Println([]error{code(1), nil, errors.New("plain")})

	fmt.Println(angry{})
	fmt.Printf("%v %d %s\n", []angry{{}}, angry{}, "after")
	var none *tally
	fmt.Printf("%v %s\n", none, any(none))
	fmt.Println(wrapper{6}, []wrapper{{7}}, wrapper{8}.celsius)

	root := &tree{&tree{nil, nil, 0}, &tree{nil, &tree{nil, nil, 9}, 2}, 1}
	fmt.Println(root)
	fmt.Printf("%v %s\n", root.Left, []any{root.Right})
	fmt.Println(fmt.Sprint("a", month(1), month(2), "b", 1, 2, celsius(3)), fmt.Sprintln("end", month(0)) == "end Jan\n")
	type local struct{ month }
	fmt.Println(local{1}, fmt.Sprintf("%v %+v", struct{ local }{local{2}}, struct{ L local }{local{0}}))
}
