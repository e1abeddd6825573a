package simd

import (
	"math"
	"testing"
)

func TestComparisonsAndChoicesAreExact(t *testing.T) {
	relations := []struct {
		name  string
		f     func(dst []uint8, a, b []float32)
		holds func(x, y float32) bool
	}{
		{"Equals", Equals, func(x, y float32) bool { return x == y }},
		{"Differs", Differs, func(x, y float32) bool { return x != y }},
		{"Below", Below, func(x, y float32) bool { return x < y }},
		{"AtMost", AtMost, func(x, y float32) bool { return x <= y }},
	}
	levels(t, func(t *testing.T) {
		for _, n := range sizes() {
			a, b := numbers(n, uint64(n)), numbers(n, uint64(n)+1)
			for i := range b {
				if i%3 == 0 {
					b[i] = a[i]
				}
			}
			flags := make([]uint8, n+2)
			for _, r := range relations {
				flags[0], flags[n+1] = 77, 77
				r.f(flags[1:n+1], a, b)
				for i := range a {
					want := uint8(0)
					if r.holds(a[i], b[i]) {
						want = 1
					}
					if flags[i+1] != want {
						t.Fatalf("%s(%v, %v), number %d of %d, is %d", r.name, a[i], b[i], i, n, flags[i+1])
					}
				}
				if flags[0] != 77 || flags[n+1] != 77 {
					t.Fatalf("%s of %d writes outside of dst", r.name, n)
				}
			}
			dst, intact := guarded(n, n%5)
			Choose(dst, flags[1:n+1], a, b)
			for i, v := range dst {
				want := b[i]
				if flags[i+1] == 1 {
					want = a[i]
				}
				if math.Float32bits(v) != math.Float32bits(want) {
					t.Fatalf("Choose, number %d of %d: %v, want %v", i, n, v, want)
				}
			}
			if !intact() {
				t.Fatalf("Choose of %d writes outside of dst", n)
			}
		}
	})
}
