// Floating point: special values, rounding, errors of sums, bits, comparison, and how numbers are written.

package main

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
)

// parts takes a float64 to pieces.
func parts(f float64) string {
	b := math.Float64bits(f)
	return fmt.Sprintf("sign %d exp %d frac %#x", b>>63, int(b>>52&0x7ff)-1023, b&(1<<52-1))
}

func naive(xs []float64) (sum float64) {
	for _, x := range xs {
		sum += x
	}
	return sum
}

// kahan carries along what got lost.
func kahan(xs []float64) (sum float64) {
	lost := 0.0
	for _, x := range xs {
		y := x - lost
		t := sum + y
		lost = (t - sum) - y
		sum = t
	}
	return sum
}

func pairwise(xs []float64) float64 {
	if len(xs) < 3 {
		return naive(xs)
	}
	return pairwise(xs[:len(xs)/2]) + pairwise(xs[len(xs)/2:])
}

// ulps counts the numbers that lie between two.
func ulps(a, b float64) int64 {
	order := func(f float64) int64 {
		n := int64(math.Float64bits(f))
		if n < 0 {
			return math.MinInt64 - n
		}
		return n
	}
	return order(b) - order(a)
}

func close(a, b, relative float64) bool {
	return math.Abs(a-b) <= relative*max(math.Abs(a), math.Abs(b))
}

// half rounds to a float of 16 bits and back.
func half(f float64) float64 {
	if f == 0 || math.IsInf(f, 0) || math.IsNaN(f) {
		return f
	}
	frac, exp := math.Frexp(f)
	digits := 11
	if exp < -13 {
		digits += exp + 13
	}
	rounded := math.Ldexp(math.RoundToEven(math.Ldexp(frac, digits)), exp-digits)
	if math.Abs(rounded) > 65504 {
		return math.Copysign(math.Inf(1), f)
	}
	return rounded
}

func main() {
	zero := 0.0
	inf, nan := 1/zero, zero/zero
	fmt.Println(inf, -inf, nan, -zero, 1/math.Copysign(0, -1), inf-inf, inf*0)
	fmt.Println(nan == nan, nan != nan, nan < 1, inf > math.MaxFloat64, 0 == math.Copysign(0, -1), math.Signbit(math.Copysign(0, -1)))
	largest, smallest := math.MaxFloat64, math.SmallestNonzeroFloat64
	fmt.Println(math.MaxFloat64, math.SmallestNonzeroFloat64, largest*2, smallest/2, math.MaxFloat32)
	a, b := 0.1, 0.2
	fmt.Println(a+b, a+b == 0.3, 0.1+0.2 == 0.3, float32(a)+float32(b), float64(float32(a)))
	fmt.Println(parts(1), "|", parts(-0.75), "|", parts(5e-324))
	fmt.Println(math.Nextafter(1, 2)-1, ulps(1, math.Nextafter(1, 2)), ulps(-1e-323, 1e-323), ulps(0.3, a+b), close(a+b, 0.3, 1e-15))

	for _, x := range []float64{-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4999999999999996} {
		fmt.Print(math.Floor(x), math.Ceil(x), math.Trunc(x), math.Round(x), math.RoundToEven(x), int(x), "; ")
	}
	fmt.Println()
	tenths := slices.Repeat([]float64{0.1}, 1000)
	fmt.Println(naive(tenths), kahan(tenths), pairwise(tenths))
	mixed := []float64{1e16, 1, -1e16, 1}
	fmt.Println(naive(mixed), kahan(mixed), mixed[0]+mixed[1] == mixed[0])

	whole, frac := math.Modf(-3.75)
	m, e := math.Frexp(10)
	fmt.Println(whole, frac, m, e, math.Ldexp(0.5, 5), math.Mod(-7.5, 2), math.Remainder(-7.5, 2), math.Logb(1000), math.Ilogb(0.1))
	fmt.Println(math.Hypot(3e200, 4e200), math.Cbrt(-27), math.Log1p(1e-17), math.Expm1(1e-17), math.FMA(2, 3, 4), math.Dim(3, 5), math.Gamma(6))
	fmt.Println(math.Sqrt(-1), math.Pow(-8, 1.0/3), math.Pow(0, 0), math.Pow(2, -1074), math.Atan2(-1, -1), math.Max(nan, 1), math.Min(-0.0, 0))
	fmt.Println(max(1.5, nan), min(nan, -1), min(math.Copysign(0, -1), 0), math.Inf(-1) < -math.MaxFloat64)

	var f32 float32 = 16777216
	fmt.Println(f32+1 == f32, f32+2, float32(0.1), float32(1)/3, math.Float32bits(0.1), float32(1e-46), float32(largest))
	for _, x := range []float64{1, 0.1, 65504, 65520, 1e-7, -2.0 / 3, 2049} {
		fmt.Print(half(x), " ")
	}
	fmt.Println()

	for _, x := range []float64{100, 123456789, 1e20, 1e21, 1e-4, 1e-5, 2.5e-8, 1. / 3} {
		fmt.Print(x, " ", strconv.FormatFloat(x, 'g', -1, 32), " ", strconv.FormatFloat(x, 'e', 3, 64), " ", strconv.FormatFloat(x, 'f', 2, 64), "; ")
	}
	fmt.Println()
	fmt.Printf("%6.2f|%-8.3g|%+e|%08.3f|%x|%v|%g\n", math.Pi, math.Pi, math.Pi, -math.Pi, 0.5, float32(2.0/3), 1e100)
	for _, s := range []string{"1e400", "-0", "0x1.8p1", "inf", "NaN", "1_000.5", ".5", "1e", "4.9e-324", "2.4703282292062327e-324"} {
		v, err := strconv.ParseFloat(s, 64)
		fmt.Print(v, " ", err, "; ")
	}
	fmt.Println()
	xs := []float64{3, nan, inf, -1, math.Copysign(0, -1), -inf, 0}
	sort.Float64s(xs)
	fmt.Println(xs, slices.Max(xs[1:]), slices.IsSorted(xs))
	counts := map[float64]int{}
	counts[nan]++
	counts[nan]++
	counts[0]++
	counts[math.Copysign(0, -1)]++
	fmt.Println(len(counts), counts[0], counts[nan])
	fmt.Println(uint8(200.9*a*10), int64(-1e15*b), int(float32(0.7)*10), math.MaxInt64 == int64(math.Nextafter(1<<63, 0))+1023)
	x := 1.0
	steps := 0
	for x > 0 {
		x /= 2
		steps++
	}
	big, doublings := 1.0, 0
	for !math.IsInf(big, 1) {
		big *= 2
		doublings++
	}
	fmt.Println(steps, doublings)
}
