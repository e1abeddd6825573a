// Gobs: values that describe themselves, sent in streams, with interfaces, own encodings, and changed types.

package main

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

type shape interface{ Area() float64 }

type circle struct{ Radius float64 }
type rect struct{ W, H float64 }
type unit struct{}

func (c circle) Area() float64 { return math.Pi * c.Radius * c.Radius }
func (r *rect) Area() float64  { return r.W * r.H }
func (unit) Area() float64     { return 1 }

type drawing struct {
	Title  string
	Shapes []shape
	ByName map[string]shape
	Parent *drawing
	Points [][2]int8
	Any    any
	hidden int
}

// first is what was written, second what is read: fields are matched by name.
type first struct {
	ID    int32
	Name  string
	Gone  []string
	Inner struct{ A, B uint8 }
	Ptr   **int
}

type second struct {
	Name  string
	ID    int64
	New   bool
	Inner *struct{ B uint64 }
	Ptr   int
}

// money travels as one text.
type money struct {
	units    int64
	currency string
}

func (m money) GobEncode() ([]byte, error) {
	if m.currency == "" {
		return nil, errors.New("money without currency")
	}
	return fmt.Appendf(nil, "%d %s", m.units, m.currency), nil
}

func (m *money) GobDecode(b []byte) error {
	_, err := fmt.Sscan(string(b), &m.units, &m.currency)
	return err
}

// level uses its text form.
type level int

func (l level) MarshalText() ([]byte, error) { return []byte(strings.Repeat("*", int(l))), nil }
func (l *level) UnmarshalText(b []byte) error {
	*l = level(len(b))
	return nil
}

type account struct {
	Balance money
	Levels  []level
	Limits  map[level]money
}

func roundTrip[T any](v T) (out T, size int, err error) {
	var buf bytes.Buffer
	if err = gob.NewEncoder(&buf).Encode(v); err != nil {
		return out, 0, err
	}
	size = buf.Len()
	err = gob.NewDecoder(&buf).Decode(&out)
	return
}

func main() {
	gob.Register(circle{})
	gob.Register(&rect{})
	gob.RegisterName("one", unit{})
	gob.Register([]string{})

	d := drawing{
		Title: "both", Shapes: []shape{circle{1}, &rect{2, 3}, unit{}}, ByName: map[string]shape{"c": circle{2}},
		Parent: &drawing{Title: "outer"}, Points: [][2]int8{{1, -1}, {127, -128}}, Any: []string{"x", "y"}, hidden: 5,
	}
	out, _, err := roundTrip(d)
	fmt.Println(err, out.Title, len(out.Shapes), out.Parent.Title, out.Points, out.Any, out.hidden)
	for _, s := range append(out.Shapes, out.ByName["c"]) {
		fmt.Printf("%T %.2f; ", s, s.Area())
	}
	fmt.Println()

	n := 77
	p := &n
	old := first{ID: -5, Name: "old", Gone: []string{"a"}, Ptr: &p}
	old.Inner.A, old.Inner.B = 1, 200
	var buf bytes.Buffer
	fmt.Println(gob.NewEncoder(&buf).Encode(&old))
	encoded := bytes.Clone(buf.Bytes())
	now := second{New: true}
	err = gob.NewDecoder(&buf).Decode(&now)
	fmt.Println(err, now.Name, now.ID, now.New, now.Inner.B, now.Ptr)
	err = gob.NewDecoder(bytes.NewReader(encoded)).Decode(&struct{ Other int }{})
	fmt.Println(err != nil, strings.Contains(fmt.Sprint(err), "type mismatch: no fields matched"))
	err = gob.NewDecoder(bytes.NewReader(encoded)).Decode(&struct{ ID string }{})
	fmt.Println(err != nil)
	err = gob.NewDecoder(bytes.NewReader(encoded[:len(encoded)-3])).Decode(&now)
	fmt.Println(err, errors.Is(err, io.ErrUnexpectedEOF))

	a, _, err := roundTrip(account{money{1250, "CHF"}, []level{3, 0, 1}, map[level]money{2: {1, "EUR"}}})
	fmt.Println(a, err)
	_, _, err = roundTrip(account{})
	fmt.Println(err)

	// Only the first value of a stream carries the description of its type.
	buf.Reset()
	enc := gob.NewEncoder(&buf)
	var sizes []int
	for i := range 4 {
		before := buf.Len()
		enc.Encode(rect{float64(i + 1), 2})
		sizes = append(sizes, buf.Len()-before)
	}
	fmt.Println("the first is the longest:", slices.Max(sizes) == sizes[0])
	enc.Encode("and a text")
	dec := gob.NewDecoder(&buf)
	var rects []rect
	for range 4 {
		var r rect
		if err := dec.Decode(&r); err != nil {
			fmt.Println(err)
		}
		rects = append(rects, r)
	}
	var text string
	fmt.Println(rects, dec.Decode(&text), text, dec.Decode(&text) == io.EOF)

	ints, size, err := roundTrip([]int{1, -1, math.MaxInt64, math.MinInt64, 0})
	fmt.Println(ints, size > 20, err)
	floats, _, err := roundTrip(map[string]complex128{"i": 1i, "one": 1})
	fmt.Println(floats, err)
	arr, _, err := roundTrip([3][]byte{[]byte("ab"), nil, {0}})
	fmt.Printf("%q %v\n", arr, err)
	same, _, err := roundTrip(slices.Repeat([]bool{true, false}, 3))
	fmt.Println(same, err)
	for _, v := range []any{func() {}, make(chan int), struct{ f int }{1}, nil} {
		func() {
			defer func() {
				if r := recover(); r != nil {
					fmt.Println("panic:", r)
				}
			}()
			fmt.Println(gob.NewEncoder(io.Discard).Encode(v))
		}()
	}
	fmt.Println(gob.NewEncoder(io.Discard).Encode(drawing{Any: struct{ X int }{1}}))
}
