package array

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tapir-go/tapir/eager/internal/simd"
)

func TestFusedFunctionsMayWriteOverTheirArguments(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	leaky := LeakyReluGrad(0.3)
	for i, f := range []*Fused{&ReluGrad, &TanhGrad, &SigmoidGrad, &GeluGrad, &SiluGrad, &GeluTanhGrad, &leaky} {
		for _, n := range []int{0, 1, 7, 15, 16, 17, 33, 100, 40000} {
			atEveryLevel(func(l simd.Level) {
				x32, x64 := noise(r, 0, n)
				g32, g64 := noise(r, 0, n)
				for _, a := range [][2]Array{{x32, g32}, {x64, g64}} {
					want := f.Apply(&a[0], &a[1])
					f.Into(&a[1], &a[0], &a[1])
					nearly(t, fmt.Sprint("function ", i, " of ", n, " at ", l), &a[1], &want, 0)
				}
			})
		}
	}
}
