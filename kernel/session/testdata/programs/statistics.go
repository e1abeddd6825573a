// Statistics of a small data set: moments, quantiles, correlation, histograms, tests, and bootstraps.

package main

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
)

// Running keeps mean and variance without keeping the numbers (Welford).
type Running struct {
	n          int
	mean, m2   float64
	low, high  float64
	sumOfCubes float64
}

func (r *Running) Add(xs ...float64) {
	for _, x := range xs {
		if r.n == 0 {
			r.low, r.high = x, x
		}
		r.n++
		d := x - r.mean
		r.mean += d / float64(r.n)
		r.m2 += d * (x - r.mean)
		r.low, r.high = min(r.low, x), max(r.high, x)
		r.sumOfCubes += x * x * x
	}
}

// Merge combines the results of two parts.
func (r *Running) Merge(o Running) {
	if o.n == 0 {
		return
	}
	if r.n == 0 {
		*r = o
		return
	}
	n := float64(r.n + o.n)
	d := o.mean - r.mean
	r.m2 += o.m2 + d*d*float64(r.n)*float64(o.n)/n
	r.mean += d * float64(o.n) / n
	r.n += o.n
	r.low, r.high = min(r.low, o.low), max(r.high, o.high)
	r.sumOfCubes += o.sumOfCubes
}

func (r Running) Deviation() float64 { return math.Sqrt(r.m2 / float64(r.n-1)) }

func (r Running) String() string {
	return fmt.Sprintf("n=%d mean=%.4f sd=%.4f range=[%g,%g]", r.n, r.mean, r.Deviation(), r.low, r.high)
}

var errEmpty = errors.New("no data")

func quantile(sorted []float64, q float64) (float64, error) {
	switch {
	case len(sorted) == 0:
		return 0, errEmpty
	case q < 0 || q > 1:
		return 0, fmt.Errorf("quantile %v is not in [0,1]", q)
	}
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i == len(sorted)-1 {
		return sorted[i], nil
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i]), nil
}

func modes(xs []int) (best []int) {
	counts := map[int]int{}
	most := 0
	for _, x := range xs {
		counts[x]++
		most = max(most, counts[x])
	}
	for x, n := range counts {
		if n == most {
			best = append(best, x)
		}
	}
	sort.Ints(best)
	return best
}

func correlation(xs, ys []float64) float64 {
	var x, y Running
	x.Add(xs...)
	y.Add(ys...)
	sum := 0.0
	for i := range xs {
		sum += (xs[i] - x.mean) * (ys[i] - y.mean)
	}
	return sum / math.Sqrt(x.m2*y.m2)
}

// ranks gives equal values the mean of their places.
func ranks(xs []float64) []float64 {
	order := make([]int, len(xs))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return xs[order[a]] < xs[order[b]] })
	out := make([]float64, len(xs))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && xs[order[j]] == xs[order[i]] {
			j++
		}
		for _, k := range order[i:j] {
			out[k] = float64(i+j+1) / 2
		}
		i = j
	}
	return out
}

func histogram(xs []float64, bins int) (lines []string) {
	lo, hi := slices.Min(xs), slices.Max(xs)
	counts := make([]int, bins)
	for _, x := range xs {
		counts[min(bins-1, int((x-lo)/(hi-lo)*float64(bins)))]++
	}
	for i, n := range counts {
		from := lo + float64(i)*(hi-lo)/float64(bins)
		lines = append(lines, fmt.Sprintf("%6.2f %3d %s", from, n, strings.Repeat("=", n)))
	}
	return lines
}

func normalCDF(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

func binomial(n, k int, p float64) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return math.Exp(a - b - c + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
}

func chiSquare(observed []int, expected []float64) (chi float64) {
	for i, o := range observed {
		d := float64(o) - expected[i]
		chi += d * d / expected[i]
	}
	return chi
}

// bootstrap draws samples with replacement and looks at how the statistic varies.
func bootstrap(r *rand.Rand, xs []float64, times int, stat func([]float64) float64) (low, high float64) {
	values := make([]float64, times)
	sample := make([]float64, len(xs))
	for t := range values {
		for i := range sample {
			sample[i] = xs[r.IntN(len(xs))]
		}
		values[t] = stat(sample)
	}
	slices.Sort(values)
	low, _ = quantile(values, 0.025)
	high, _ = quantile(values, 0.975)
	return
}

func median(xs []float64) float64 {
	sorted := slices.Sorted(slices.Values(xs))
	m, _ := quantile(sorted, 0.5)
	return m
}

func main() {
	heights := []float64{172, 168, 181, 165, 177, 190, 171, 168, 174, 169, 183, 176}
	weights := []float64{68, 61, 82, 59, 74, 95, 66, 64, 70, 60, 79, 77}
	var all, left, right Running
	all.Add(heights...)
	left.Add(heights[:5]...)
	right.Add(heights[5:]...)
	fmt.Println(all)
	left.Merge(right)
	left.Merge(Running{})
	fmt.Println(left, math.Abs(left.m2-all.m2) < 1e-9)

	sorted := slices.Sorted(slices.Values(heights))
	for _, q := range []float64{0, 0.25, 0.5, 0.9, 1, 1.5} {
		fmt.Print(q, ": ")
		fmt.Println(quantile(sorted, q))
	}
	_, err := quantile(nil, 0.5)
	fmt.Println(err == errEmpty, modes([]int{3, 1, 3, 2, 1, 9}), modes(nil))
	fmt.Printf("pearson %.4f spearman %.4f self %.1f inverse %.1f\n", correlation(heights, weights), correlation(ranks(heights), ranks(weights)),
		correlation(heights, heights), correlation([]float64{1, 2, 3}, []float64{3, 2, 1}))
	fmt.Println(ranks(heights))

	r := rand.New(rand.NewPCG(42, 0))
	normal := make([]float64, 120)
	for i := range normal {
		normal[i] = r.NormFloat64()
	}
	for _, line := range histogram(normal, 7) {
		fmt.Println(line)
	}
	for _, z := range []float64{-1.96, 0, 1, 3} {
		fmt.Printf("Φ(%.2f)=%.4f ", z, normalCDF(z))
	}
	fmt.Println()
	total := 0.0
	for k := range 7 {
		p := binomial(6, k, 0.5)
		total += p
		fmt.Printf("%.4f ", p)
	}
	fmt.Printf("sum %.6f\n", total)
	dice := make([]int, 6)
	for range 300 {
		dice[r.IntN(6)]++
	}
	chi := chiSquare(dice, slices.Repeat([]float64{50}, 6))
	fmt.Printf("%v chi² %.2f fair %t\n", dice, chi, chi < 11.07)
	low, high := bootstrap(r, heights, 60, median)
	fmt.Printf("median %.1f between %.1f and %.1f\n", median(heights), low, high)
}
