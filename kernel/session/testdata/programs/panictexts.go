// Run-time panics: each kind is provoked, recovered, and told by its text.

package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"
)

type shape interface{ Area() float64 }
type solid interface {
	shape
	Volume() float64
}
type disc struct{ radius float64 }

func (d disc) Area() float64 { return math.Pi * d.radius * d.radius }

type node struct {
	next  *node
	value int
}

type budget struct{ limit, asked int }

func (b budget) Error() string { return fmt.Sprintf("asked for %d of %d", b.asked, b.limit) }

type level int

func (l level) String() string { return strings.Repeat("!", int(l)) }

// try runs f and says how it ended.
func try(name string, f func()) {
	defer func() {
		r := recover()
		if r == nil {
			fmt.Printf("%-22s fine\n", name)
			return
		}
		kind := fmt.Sprintf("%T", r)
		switch e := r.(type) {
		case runtime.Error:
			kind = "runtime.Error"
			var asTypeError *runtime.TypeAssertionError
			if errors.As(e, &asTypeError) {
				kind = "type assertion"
			}
		case error:
			kind = "error"
		}
		fmt.Printf("%-22s %s: %v\n", name, kind, r)
	}()
	f()
}

func main() {
	xs := []int{1, 2, 3}
	arr := [4]int{}
	text := "grün"
	n, minus, big := 5, -1, 10
	var (
		noMap    map[string]int
		noNode   *node
		noShape  shape
		noFunc   func(int) int
		noChan   chan int
		anything any = "a string"
		zero     int
		tiny     int8 = -128
	)

	try("index", func() { fmt.Println(xs[n]) })
	try("negative index", func() { fmt.Println(xs[minus]) })
	try("array index", func() { arr[n]++ })
	try("string index", func() { fmt.Println(text[big]) })
	try("empty slice", func() { xs = xs[:0]; fmt.Println(xs[0]) })
	xs = []int{1, 2, 3}
	try("slice end", func() { fmt.Println(xs[1:big]) })
	try("slice order", func() { low := 3; fmt.Println(xs[low:1]) })
	try("string slice", func() { fmt.Println(text[n+2:]) })
	try("three-index slice", func() { fmt.Println(xs[0:2:big]) })
	try("to array", func() { fmt.Println([4]int(xs)) })

	try("assign to nil map", func() { noMap["x"] = 1 })
	try("read nil map", func() { _ = noMap["x"]; delete(noMap, "x") })
	try("nil pointer", func() { fmt.Println(noNode.value) })
	try("second nil pointer", func() { head := &node{value: 1}; head.next.value = 2 })
	try("nil interface", func() { fmt.Println(noShape.Area()) })
	try("nil function", func() { fmt.Println(noFunc(1)) })

	try("divide", func() { fmt.Println(n / zero) })
	try("remainder", func() { n %= zero })
	try("least over minus one", func() { minusOne := int8(-1); fmt.Println("quotient", tiny/minusOne) })
	try("float divide", func() { f := 0.0; fmt.Println("quotient", 1/f, f/f) })
	try("negative shift", func() { fmt.Println(1 << minus) })
	try("makeslice", func() { fmt.Println(len(make([]int, minus))) })
	try("makeslice cap", func() { fmt.Println(len(make([]int, 2, zero))) })

	try("wrong type", func() { fmt.Println(anything.(int)) })
	try("wrong cell type", func() { fmt.Println(anything.(node).value) })
	try("missing method", func() { noShape = disc{1}; fmt.Println(noShape.(solid).Volume()) })
	try("nil assertion", func() { var s any; fmt.Println(s.(fmt.Stringer)) })
	try("comparing", func() { var a, b any = xs, xs; fmt.Println(a == b) })
	try("map key", func() { m := map[any]int{}; m[func() {}] = 1 })

	try("close nil", func() { close(noChan) })
	try("close twice", func() { c := make(chan int); close(c); close(c) })
	try("send on closed", func() { c := make(chan int, 1); close(c); c <- 1 })
	try("receive closed", func() { c := make(chan int, 1); c <- 1; close(c); fmt.Println("got", <-c, <-c) })

	try("own error", func() { panic(budget{10, 12}) })
	try("own stringer", func() { panic(level(3)) })
	try("wrapped", func() { panic(fmt.Errorf("opening: %w", os.ErrNotExist)) })
	try("number", func() { panic(1.5) })
	try("struct", func() { panic(struct{ A, B int }{1, 2}) })
	try("nil", func() { panic(nil) })
	try("strings.Repeat", func() { fmt.Println(strings.Repeat("x", minus)) })

	fmt.Println("still here:", xs, arr, n)
}
