package session

import (
	"fmt"
	"math/bits"
	"reflect"
	"unicode/utf8"
	"unsafe"

	"github.com/traefik/yaegi/interp"
)

// languageSymbols are the parts of package rt of lowered code that do what the language does and the interpreter does not.
func languageSymbols() interp.Exports {
	v := reflect.ValueOf
	return interp.Exports{"rt/rt": {
		"NilFail": v(func() { panic(&RuntimeError{nilText}) }), "Cap": v(capacity),
		"WideIndexFail": v(wideIndexFail), "SliceFail": v(sliceFail),
		"MinInt": v(func(a, b int) int { return min(a, b) }), "MaxInt": v(func(a, b int) int { return max(a, b) }),
		"MinFloat64": v(func(a, b float64) float64 { return min(a, b) }), "MaxFloat64": v(func(a, b float64) float64 { return max(a, b) }),
		"MinFloat32": v(func(a, b float32) float32 { return min(a, b) }), "MaxFloat32": v(func(a, b float32) float32 { return max(a, b) }),
		"Runes": v(func(s string) []rune { return []rune(s) }), "RuneOffsets": v(runeOffsets),
		"UnsafeAdd":        v(func(p unsafe.Pointer, n int) unsafe.Pointer { return unsafe.Add(p, n) }),
		"UnsafeString":     v(unsafeString),
		"UnsafeStringData": v(func(s string) *byte { return unsafe.StringData(s) }),
		"UnsafeSlice":      v(unsafeSlice),
		"UnsafeSliceData": v(func(s any) any {
			x := reflect.ValueOf(s)
			return reflect.NewAt(x.Type().Elem(), x.UnsafePointer()).Interface()
		}),
	}}
}

// memory is more than there can be for one value.
const memory = 1 << 47

// capacity is the last argument of make for a slice, if that can be one.
func capacity(n int) int {
	if n < 0 || n > memory {
		panic(&RuntimeError{"runtime error: makeslice: cap out of range"})
	}
	return n
}

func indexFail(i, n int) {
	if i < 0 {
		panic(&RuntimeError{fmt.Sprintf("runtime error: index out of range [%d]", i)})
	}
	wideIndexFail(uint64(i), n)
}

// checkIndex is i, which indexes n elements.
func checkIndex(i, n int) int {
	if i < 0 || i >= n {
		indexFail(i, n)
	}
	return i
}

func wideIndexFail(i uint64, n int) {
	panic(&RuntimeError{fmt.Sprintf("runtime error: index out of range [%d] with length %d", i, n)})
}

// edge is an index of a slice expression, of any integer type.
type edge struct {
	negative bool
	size     uint64
	text     string
}

func newEdge(x any) edge {
	switch v := reflect.ValueOf(x); {
	case v.CanInt():
		return edge{v.Int() < 0, uint64(v.Int()), fmt.Sprint(x)}
	case v.CanUint():
		return edge{false, v.Uint(), fmt.Sprint(x)}
	}
	return edge{text: fmt.Sprint(x)}
}

// beyond tells a bound that is negative or larger than another.
func (b edge) beyond(c edge) bool { return b.negative || b.size > c.size }

// sliceFail panics for a slice expression of a value of a length. Its largest bound may be limit, which word names; bounds that
// are not there are nil.
func sliceFail(word string, length, limit int, low, high, largest any) {
	most := newEdge(limit)
	fail := func(where string, negative bool) {
		if !negative {
			where += fmt.Sprintf(" with %s %d", word, limit)
		}
		panic(&RuntimeError{"runtime error: slice bounds out of range " + where})
	}
	pair := func(b, c edge, form string) {
		if b.negative {
			fail(fmt.Sprintf(form, b.text, ""), true)
		}
		fail(fmt.Sprintf(form, b.text, c.text), true)
	}
	var m, h edge
	if largest != nil {
		if m = newEdge(largest); m.beyond(most) {
			fail("[::"+m.text+"]", m.negative)
		}
		if h = newEdge(high); h.beyond(m) {
			pair(h, m, "[:%s:%s]")
		}
	} else if high != nil {
		if h = newEdge(high); h.beyond(most) {
			fail("[:"+h.text+"]", h.negative)
		}
	} else {
		h = newEdge(length)
	}
	l := newEdge(0)
	if low != nil {
		l = newEdge(low)
	}
	form := "[%s:%s]"
	if largest != nil {
		form = "[%s:%s:]"
	}
	if l.beyond(h) {
		pair(l, h, form)
	}
}

// runeOffsets are the offsets of the characters of a string.
func runeOffsets(s string) []int {
	at := make([]int, 0, utf8.RuneCountInString(s))
	for i := range s {
		at = append(at, i)
	}
	return at
}

// fits tells whether n values of a size can stand at an address.
func fits(p unsafe.Pointer, n int, size uintptr) bool {
	high, low := bits.Mul64(uint64(n), uint64(size))
	_, carry := bits.Add64(uint64(uintptr(p)), max(low, 1)-1, 0)
	return n >= 0 && high == 0 && carry == 0 && low <= memory
}

func unsafeString(p *byte, n int) string {
	if !fits(unsafe.Pointer(p), n, 1) {
		panic(&RuntimeError{"runtime error: unsafe.String: len out of range"})
	}
	if p == nil && n > 0 {
		panic(&RuntimeError{"runtime error: unsafe.String: ptr is nil and len is not zero"})
	}
	return unsafe.String(p, n)
}

func unsafeSlice(p any, n int) any {
	x := reflect.ValueOf(p)
	t := x.Type().Elem()
	if !fits(x.UnsafePointer(), n, t.Size()) {
		panic(&RuntimeError{"runtime error: unsafe.Slice: len out of range"})
	}
	if x.IsNil() {
		if n > 0 {
			panic(&RuntimeError{"runtime error: unsafe.Slice: ptr is nil and len is not zero"})
		}
		return reflect.Zero(reflect.SliceOf(t)).Interface()
	}
	return reflect.SliceAt(t, x.UnsafePointer(), n).Interface()
}
