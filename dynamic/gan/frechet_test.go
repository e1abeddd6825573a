package gan

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/eager"
)

// For B = T A T with a symmetric positive T, tr (AB)^½ = tr AT; the covariances and means here are exact.
func TestFrechetIsItsFormula(t *testing.T) {
	// The four points ±(2,0), ±(0,1), by n-1 = 3: A = diag(8/3, 2/3).
	points := []float64{2, 0, -2, 0, 0, 1, 0, -1}
	stretch := []float64{1.5, 0.5, 0.5, 1}
	moved := make([]float64, len(points))
	for i := 0; i < len(points); i += 2 {
		moved[i] = stretch[0]*points[i] + stretch[1]*points[i+1] + 3
		moved[i+1] = stretch[2]*points[i] + stretch[3]*points[i+1] - 1
	}
	a := [2]float64{8.0 / 3, 2.0 / 3}
	traceB := a[0]*(1.5*1.5+0.5*0.5) + a[1]*(0.5*0.5+1)
	want := 9 + 1 + a[0] + a[1] + traceB - 2*(1.5*a[0]+a[1])
	x, y := eager.FromFloat64(points, 4, 2), eager.FromFloat64(moved, 4, 2)
	for name, got := range map[string]float64{"forth": Frechet(x, y), "back": Frechet(y, x)} {
		if math.Abs(got-want) > 1e-12 {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// Thirty samples of forty features have covariances without full rank; a shift by 1 in each feature adds just 40.
func TestFrechetTakesFewerSamplesThanFeatures(t *testing.T) {
	x := eager.NewRand(3).Normal(30, 40).To(eager.Float64)
	if got := Frechet(x, x); got > 1e-5 {
		t.Errorf("the distance of samples from themselves is %v", got)
	}
	if got := Frechet(x, x.Shift(1)); math.Abs(got-40) > 1e-5 {
		t.Errorf("the distance from samples shifted by 1 in 40 features is %v", got)
	}
}

func TestFrechetWantsTwoSamples(t *testing.T) {
	var fault *eager.Error
	err := eager.Try(func() { Frechet(eager.Zeros(1, 3), eager.Zeros(5, 3)) })
	if !errors.As(err, &fault) || !strings.Contains(err.Error(), "1 and 5 samples: wants 2 or more of each") {
		t.Errorf("got %v", err)
	}
}
