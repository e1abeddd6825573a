// Conversions and assignability: named types, structs with tags, functions, channels, interfaces, pointers to arrays.

package main

import (
	"fmt"
	"io"
	"sort"
	"strings"
	"time"
	"unsafe"
)

type (
	celsius    float64
	fahrenheit float64
	id         string
	ids        []id
	names      []string
	table      map[string][]int
	handler    func(string) error
	event      struct {
		Name string `json:"name"`
		At   int    `json:"at"`
	}
	plainEvent struct {
		Name string
		At   int
	}
	bits  uint8
	chain chan int
)

func (c celsius) toF() fahrenheit    { return fahrenheit(c*9/5 + 32) }
func (f fahrenheit) toC() celsius    { return celsius((f - 32) * 5 / 9) }
func (c celsius) String() string     { return fmt.Sprintf("%.1f°C", float64(c)) }
func (h handler) Serve(s string) any { return h(s) }
func (n names) Upper() names {
	out := make(names, len(n))
	for i, s := range n {
		out[i] = strings.ToUpper(s)
	}
	return out
}

type speaker interface{ Speak() string }
type namer interface{ Name() string }
type both interface {
	speaker
	namer
}
type robot struct{ serial int }

func (r robot) Speak() string { return fmt.Sprint("beep ", r.serial) }
func (r *robot) Name() string { return fmt.Sprint("robot #", r.serial) }

// describe takes any type that is a string underneath.
func describe[S ~string](s S) string { return fmt.Sprintf("%T %q", s, string(s)) }

func sum(xs ...int) (n int) {
	for _, x := range xs {
		n += x
	}
	return n
}

func takesPlain(f func(string) error) string { return fmt.Sprint(f("plain")) }
func takesReader(r io.Reader) int {
	n, _ := io.Copy(io.Discard, r)
	return int(n)
}
func sendOnly(c chan<- int, v int) { c <- v }
func recvOnly(c <-chan int) int    { return <-c }

func main() {
	boiling := celsius(100)
	fmt.Println(boiling, float64(boiling.toF()), boiling.toF().toC() == boiling, celsius(fahrenheit(-40).toC()))
	fmt.Printf("%v %T %v %T\n", boiling.toF(), boiling.toF(), float64(boiling), float64(boiling))

	// Structs convert when their fields agree, whatever the tags are.
	e := event{"start", 5}
	p := plainEvent(e)
	q := struct {
		Name string
		At   int
	}(p)
	e = event(q)
	pp := (*plainEvent)(&e)
	pp.At = 9
	fmt.Println(e, p, q, e.At)
	var anonymous struct {
		Name string
		At   int
	} = p
	p = anonymous
	fmt.Println(p == plainEvent(e), anonymous == q)

	// An unnamed type is assignable to a named one of the same shape.
	var t table = map[string][]int{"a": {1}}
	var m map[string][]int = t
	m["b"] = []int{2, 3}
	var ns names = []string{"x", "y"}
	var ss []string = ns.Upper()
	ss[0] = "changed"
	fmt.Println(t, len(m), ns, ss, names(ss).Upper()[1], sort.StringSlice(ns).Len())
	var h handler = func(s string) error { return fmt.Errorf("handled %s", s) }
	var f func(string) error = h
	fmt.Println(h.Serve("a"), f("b"), takesPlain(h), handler(f).Serve("c"), handler(nil) == nil)

	// Text and bytes and runes; numbers and text.
	type text string
	type raw []byte
	type glyphs []rune
	s := text("héé")
	fmt.Println(raw(s), glyphs(s), string(raw("ok")), text(glyphs("né")[1:]), id("i")+id(s), string(rune('A'+2)), describe(s), describe(id("k")))
	list := ids{"b", "a"}
	sort.Slice(list, func(i, j int) bool { return list[i] < list[j] })
	fmt.Println(list, []byte(list[0]), len(string(list[1])))
	wide := 456
	fmt.Println(bits(0x1ff&0xff), bits(wide), int8(bits(wide)), uint16(bits(wide))<<8, ^bits(1), -bits(wide), bits(7)&^2)
	d := 1500 * time.Millisecond
	fmt.Println(int64(d), float64(d)/float64(time.Second), time.Duration(2.5*float64(time.Second)), d/time.Duration(3), time.Month(3), int(time.December))

	// Slices to arrays and to pointers to arrays.
	xs := []int{1, 2, 3, 4, 5}
	arr := [3]int(xs)
	ptr := (*[2]int)(xs[3:])
	ptr[0], arr[0] = 40, 10
	fmt.Println(xs, arr, *ptr, (*[0]int)(nil) == nil, [0]int(xs), sum(arr[:]...), len((*[5]int)(xs)))
	func() {
		defer func() { fmt.Println(recover()) }()
		fmt.Println([6]int(xs))
	}()

	// Interfaces: up without a word, down with an assertion; methods of pointers count only for pointers.
	r := robot{7}
	var sp speaker = r
	var b both = &r
	sp = b
	_, ok := any(r).(namer)
	_, ok2 := any(&r).(namer)
	_, ok3 := sp.(both)
	fmt.Println(sp.Speak(), b.Name(), ok, ok2, ok3, sp == speaker(&r), speaker(r) == speaker(robot{7}))
	r.serial = 8
	fmt.Println(sp.Speak(), namer(b).Name(), interface{ Speak() string }(r).Speak())
	var nothing both
	var up speaker = nothing
	fmt.Println(up == nil, any(up) == nil, any((*robot)(nil)) == nil)
	fmt.Println(takesReader(strings.NewReader("12345")), takesReader(io.LimitReader(strings.NewReader("12345"), 2)))

	c := make(chain, 1)
	sendOnly(c, 5)
	var rc <-chan int = c
	fmt.Println(recvOnly(rc), cap(c), len(chan int(c)))
	var fi interface{ String() string } = celsius(3)
	var fs fmt.Stringer = fi
	_, isC := fs.(celsius)
	_, isF := any(float64(fs.(celsius))).(celsius)
	fmt.Println(fs, isC, isF)

	fmt.Println(unsafe.Sizeof(int32(0)), unsafe.Sizeof([3]int16{}), unsafe.String(unsafe.StringData("bytes"), 3), len(unsafe.Slice(&xs[0], 2)))
	var z complex128 = complex(float64(celsius(1)), 2)
	fmt.Println(z, complex64(z)*2, real(z) == 1, celsius(imag(z)))
	var i8 int8 = -1
	fmt.Println(uint8(i8), uint32(i8), uint64(uint8(i8)), int(uint16(i8)), float32(i8)/3, string(rune(uint8(i8))) == "ÿ")
}
