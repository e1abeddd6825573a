// The verbs of fmt: every common verb, flag, width and precision, and what goes wrong.

package main

import (
	"fmt"
	"math"
	"os"
	"strings"
	"time"
)

type point struct {
	X, Y int
	Name string
}

type matrix [2][2]float64
type kind uint8
type pair[T any] struct{ First, Second T }

func integers() {
	fmt.Printf("%d|%+d|%5d|%-5d|%05d|% d|%x|%X|%#x|%o|%#o|%O|%b|%#b|%c|%q|%U\n", 42, 42, 42, 42, 42, 42, 42, 255, 255, 8, 8, 8, 5, 5, 65, 'A', 65)
	fmt.Printf("%d|%x|%08b|%+.3d|%6.3d|%#08x|%-8d|\n", -42, -42, uint8(7), 7, 7, 255, -7)
	fmt.Printf("%d %d %d %d\n", int8(math.MinInt8), uint16(math.MaxUint16), int64(math.MinInt64), uint64(math.MaxUint64))
	fmt.Printf("%v %d %x %c\n", kind(200), kind(200), kind(200), kind('k'))
}

func floats() {
	x := 1234.5678
	fmt.Printf("%f|%.2f|%10.1f|%-10.1f|%010.2f|%+.1f|%e|%.3E|%g|%G|%.3g|%8.3g|%#g\n", x, x, x, x, x, x, x, x, x, 1e21, x, x, 3.0)
	fmt.Printf("%v %v %v %v %v %v\n", 1e6, 1e20, 1e21, 1e-4, 1e-5, float32(0.1))
	fmt.Printf("%v %v %5.1f %+v %v\n", math.Inf(1), math.Inf(-1), math.NaN(), math.Inf(1), math.Copysign(0, -1))
	fmt.Printf("%x %b %.0f %.0f %.0f %6.2f%%\n", 1.0, 1.0, 0.5, 1.5, 2.5, 99.5)
	fmt.Printf("%v %.2f %+.1e %8.1f|\n", 1+2i, 1.234-5.678i, 1+1i, 2i)
}

func text() {
	s := "héllo\n"
	fmt.Printf("%s|%q|%x|%X|% x|%#x|%+q|%#q|%10q|%.3s|%-8.2s|\n", s, s, s, s, s, s, s, "a`b", "hi", s, "xyz")
	fmt.Printf("%s %x %v %q %d\n", []byte("ab"), []byte("ab"), []byte("ab"), []byte("ab"), []byte("ab"))
	fmt.Printf("%s %q %v %x\n", []string{"a b", "c"}, []string{"a b", "c"}, []string{"a b", "c"}, []string{"a", "b"})
	fmt.Printf("%c%c%c %q %U %#U\n", 'G', 'o', '!', '☺', '☺', '☺')
	fmt.Printf("%*d|%-*d|%.*f|%[2]d %[1]d|\n", 5, 1, 5, 2, 2, math.Pi)
	fmt.Printf("%[3]*.[2]*[1]f|%[1]v %[1]T\n", 12.0, 2, 6)
	fmt.Printf("%t %v %5t|%q\n", true, false, true, 'x')
}

func composite() {
	p := point{1, -2, "p q"}
	fmt.Printf("%v|%+v|%#v|%T\n", p, p, p, p)
	fmt.Printf("%v|%+v|%T\n", &p, &p, &p)
	fmt.Printf("%v %+v %#v\n", []point{p}, []*point{}, []point{{Name: "z"}})
	fmt.Printf("%v %#v %T\n", map[string]int{"b": 2, "a": 1}, map[string]int{"b": 2, "a": 1}, map[string]point{})
	fmt.Printf("%v %#v %.1f %T\n", matrix{{1, 2}, {3, 4}}, matrix{}, matrix{{1}}, matrix{})
	fmt.Printf("%v %#v %T\n", [3]bool{true}, [3]bool{true}, [3]bool{})
	fmt.Printf("%v %#v %#v %#v %#v\n", []int(nil), []int(nil), []string{}, map[int]bool(nil), []any{1, "a", nil, 2.5})
	fmt.Printf("%v %+v %T\n", pair[int]{1, 2}, pair[string]{"a", "b"}, pair[[]byte]{})
	fmt.Printf("%v %+v %#v\n", struct{}{}, struct{ A any }{}, struct {
		A int
		B string
	}{1, "x"})
	fmt.Printf("%06d|%x|%q|%5.1f|%v\n", []int{1, 22}, []int{10, 11}, []rune("hi"), []float64{1, 2.25}, [][]int{{1}, {2, 3}, nil})
	fmt.Printf("%v %v %s %d\n", time.Duration(90)*time.Second, []time.Duration{1, 1000}, time.March, time.March)
	fmt.Printf("%#v %#v %#v %#v %#v %#v\n", 1, "s", 1.0, 'x', uint8(3), true)
	var none *point
	var empty any
	var nofunc func()
	fmt.Printf("%v %+v %v %t %v %s\n", none, none, empty, nofunc == nil, error(nil), []error{nil})
}

func mistakes() {
	// Formats kept in variables, since vet would rightly complain about them.
	for _, format := range []string{"%d", "%z", "%d %d", "%", "%!", "%[5]d", "%-", "none", "%s", "%.2f", "%t", "%w"} {
		fmt.Printf("%-8q gives ", format)
		fmt.Printf(format, 7)
		fmt.Println()
	}
	format := "%d %s\n"
	fmt.Printf(format, "text", 3)
	fmt.Printf(format, point{1, 2, "n"}, []int{1})
	fmt.Printf("%[1]d%%\n", 50)
}

func scanning() {
	var (
		name string
		n, h int
		f    float64
		r    rune
	)
	count, err := fmt.Sscanf("width: 12 x 0x1f at 2.5e3 Z", "%s %d x %v at %g %c", &name, &n, &h, &f, &r)
	fmt.Println(count, err, name, n, h, f, string(r))
	count, err = fmt.Sscan("7 eight", &n, &h)
	fmt.Println(count, err, n)
	in := strings.NewReader("3 4\n5 6\n")
	for {
		var a, b int
		if _, err := fmt.Fscanln(in, &a, &b); err != nil {
			fmt.Println("end:", err)
			break
		}
		fmt.Print(a*b, " ")
	}
	fmt.Println(fmt.Sscanf("abc", "%5x", &n))
}

func main() {
	integers()
	floats()
	text()
	composite()
	mistakes()
	scanning()
	fmt.Fprint(os.Stdout, "a", 1, 2, "b", "c", 3.0, '\n', true, false, nil, "\n")
	fmt.Print(string(fmt.Appendf(fmt.Append(nil, "x", 1, 2), "-%03d", 7)), "\n")
}
