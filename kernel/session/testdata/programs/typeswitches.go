// Type switches: dynamic types of all kinds, told apart in one place.

package main

import (
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
)

type celsius float64
type id int
type names []string
type tree struct {
	left, right *tree
	value       int
}
type visitor func(int)
type shower interface{ Show() string }

func (c celsius) Show() string { return fmt.Sprintf("%.1f degrees", float64(c)) }
func (n names) Len() int       { return len(n) }
func (n names) Less(i, j int) bool {
	return n[i] < n[j]
}
func (n names) Swap(i, j int) { n[i], n[j] = n[j], n[i] }
func (t *tree) Show() string {
	if t == nil {
		return "."
	}
	return "(" + t.left.Show() + fmt.Sprint(t.value) + t.right.Show() + ")"
}

func kind(v any) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case bool, string:
		return fmt.Sprintf("plain %v of type %T", v, v)
	case int:
		return fmt.Sprint("int plus one is ", v+1)
	case id:
		return fmt.Sprint("id plus one is ", v+1)
	case uint8, int32, float32:
		return fmt.Sprintf("small %v of type %T", v, v)
	case float64:
		return fmt.Sprintf("float %.3f", v)
	case complex128:
		return fmt.Sprint("complex with real part ", real(v))
	case sort.Interface:
		sort.Sort(v)
		return fmt.Sprint("sorted ", v)
	case shower:
		return "shows " + v.Show()
	case []byte:
		return "bytes " + string(v)
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = kind(e)
		}
		return "list of " + strings.Join(parts, "; ")
	case map[string]any:
		return fmt.Sprint("object of ", len(v))
	case [3]int:
		return fmt.Sprint("array ending in ", v[2])
	case func(int) int:
		return fmt.Sprint("function giving ", v(20))
	case visitor:
		v(5)
		return "visitor"
	case chan int:
		return fmt.Sprint("channel with ", len(v), " of ", cap(v))
	case *int:
		return fmt.Sprint("pointer to ", *v)
	case struct{ A, B int }:
		return fmt.Sprint("anonymous struct with sum ", v.A+v.B)
	case error:
		return "error " + v.Error()
	default:
		return fmt.Sprintf("something else: %T", v)
	}
}

// order shows that the first matching case wins, whatever stands below.
func order(r io.Reader) string {
	switch r.(type) {
	case io.ReadWriteCloser:
		return "ReadWriteCloser"
	case io.ReadSeeker:
		return "ReadSeeker"
	case io.ByteReader:
		return "ByteReader"
	}
	return "only a Reader"
}

func number[T any](v T) (float64, bool) {
	switch x := any(v).(type) {
	case int:
		return float64(x), true
	case celsius:
		return float64(x), true
	case float64:
		return x, true
	}
	return 0, false
}

func main() {
	n := 7
	seen := 0
	ch := make(chan int, 4)
	ch <- 1
	values := []any{
		nil, true, "text", 41, id(41), uint8(200), 'x', float32(1.5), 2.0 / 3, 3 + 4i,
		names{"c", "a", "b"}, celsius(21.5), &tree{value: 2, left: &tree{value: 1}}, (*tree)(nil),
		[]byte("raw"), []any{1, "two", []any{3.0}}, map[string]any{"k": 1}, [3]int{1, 2, 3},
		func(x int) int { return x + n }, visitor(func(x int) { seen += x }), ch, &n,
		struct{ A, B int }{3, 4}, errors.New("bad"), []string{"no", "case"}, struct{}{},
	}
	for _, v := range values {
		fmt.Println(kind(v))
	}
	fmt.Println("visitor saw", seen)
	fmt.Println(order(strings.NewReader("x")), order(io.LimitReader(nil, 1)))
	fmt.Println(number(3))
	fmt.Println(number(celsius(1.5)))
	fmt.Println(number("3"))

	// Assertions with and without the second result.
	var v any = celsius(3)
	_, isFloat := v.(float64)
	c, isCelsius := v.(celsius)
	_, isShower := v.(shower)
	_, isSorter := v.(sort.Interface)
	fmt.Println(isFloat, isCelsius, c, isShower, isSorter)
	func() {
		defer func() { fmt.Println(recover()) }()
		fmt.Println(any("s").(int))
	}()
	func() {
		defer func() { fmt.Println(recover()) }()
		var empty any
		fmt.Println(empty.(string))
	}()
	// An interface that holds a nil pointer is not nil.
	var s shower = (*tree)(nil)
	fmt.Println(s == nil, s.Show(), s.(*tree) == nil)
}
