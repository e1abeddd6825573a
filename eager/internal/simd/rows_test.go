package simd

import (
	"math/rand/v2"
	"testing"
)

func TestRowsAreCopiedPickedAndZipped(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(20, 21))
		var widths []int
		for n := range 70 {
			widths = append(widths, n)
		}
		for _, n := range append(widths, chunk/3, chunk+5) {
			for _, rows := range []int{0, 1, 2, 5} {
				// Slices end with the last number that may be read: what lies behind it is a guard.
				in := func(width int) ([]float32, int) {
					stride := width + r.IntN(4)
					x, _ := guarded(max(0, (rows-1)*stride+width), r.IntN(9))
					for i := range x {
						x[i] = float32(r.NormFloat64())
					}
					return x, stride
				}
				check := func(what string, width int, f func(dst []float32, ds int), want func(i, j int) float32) {
					t.Helper()
					ds := width + r.IntN(4)
					size := max(0, (rows-1)*ds+width)
					dst, intact := guarded(size, r.IntN(9))
					f(dst, ds)
					for at, v := range dst {
						w := float32(12345)
						if i, j := at/ds, at%ds; j < width {
							w = want(i, j)
						}
						if v != w {
							t.Fatalf("%s of %d rows of %d: number %d is %v, want %v", what, rows, n, at, v, w)
						}
					}
					if !intact() {
						t.Fatalf("%s of %d rows of %d: writes beside dst", what, rows, n)
					}
				}
				a, as := in(n)
				check("CopyRows", n, func(dst []float32, ds int) { CopyRows(dst, ds, a, as, n, rows) },
					func(i, j int) float32 { return a[i*as+j] })
				x, xs := in(max(0, 2*n-1))
				check("PickRows", n, func(dst []float32, ds int) { PickRows(dst, ds, x, xs, n, rows) },
					func(i, j int) float32 { return x[i*xs+2*j] })
				b := append([]float32{}, a...)
				for i := range b {
					b[i] = -b[i]
				}
				check("ZipRows", 2*n, func(dst []float32, ds int) { ZipRows(dst, ds, a, b, as, n, rows) }, func(i, j int) float32 {
					if j%2 == 1 {
						return b[i*as+j/2]
					}
					return a[i*as+j/2]
				})
			}
		}
	})
}
