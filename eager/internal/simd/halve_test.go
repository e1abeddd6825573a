package simd

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestHalvesAreAsThePlainTwin(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(22, 23))
		for n := 1; n < 70; n++ {
			for _, rows := range []int{1, 2, 5, chunk/(4*n) + 2} {
				xs, ws := 2*n+r.IntN(3), WhichPitch(n)
				x := make([]float32, (2*rows-1)*xs+2*n)
				for i := range x {
					x[i] = float32(r.IntN(4)) // many are equal
					if r.IntN(20) == 0 {
						x[i] = float32(math.NaN())
					}
				}
				y, intact := guarded(rows*n, r.IntN(9))
				which := make([]uint8, rows*ws+1)
				which[rows*ws] = 99
				Halve(y, which[:rows*ws], x, xs, n, rows)
				want, wantWhich := make([]float32, rows*n), make([]uint8, rows*ws)
				plainHalves.down(&want[0], &wantWhich[0], ws, &x[0], xs, n, rows)
				same(t, "Halve", y, want)
				for i := range rows {
					for j := range n {
						if which[i*ws+j] != wantWhich[i*ws+j] {
							t.Fatalf("%d rows of %d: window %d,%d chooses %d, want %d", rows, n, i, j, which[i*ws+j], wantWhich[i*ws+j])
						}
					}
				}
				if !intact() || which[rows*ws] != 99 {
					t.Fatalf("%d rows of %d: Halve writes beside y or which", rows, n)
				}
				again := make([]float32, rows*n)
				Halve(again, nil, x, xs, n, rows)
				same(t, "Halve without choices", again, want)

				dx, intact := guarded(len(x), r.IntN(9))
				wantDx := make([]float32, len(x))
				for i := range wantDx {
					wantDx[i] = 12345
				}
				g := make([]float32, rows*n)
				for i := range g {
					g[i] = float32(r.NormFloat64())
				}
				HalveGrad(dx, xs, g, which[:rows*ws], n, rows)
				plainHalves.back(&wantDx[0], xs, &g[0], &wantWhich[0], ws, n, rows)
				same(t, "HalveGrad", dx, wantDx)
				if !intact() {
					t.Fatalf("%d rows of %d: HalveGrad writes beside dx", rows, n)
				}
			}
		}
	})
}
