// Regression: least squares by normal equations, polynomials chosen by validation, ridge, and logistic.

package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

type sample struct {
	x []float64
	y float64
}

// features turns one number into many.
type features func(x float64) []float64

func polynomial(degree int) features {
	return func(x float64) []float64 {
		row := make([]float64, degree+1)
		p := 1.0
		for i := range row {
			row[i] = p
			p *= x
		}
		return row
	}
}

func harmonic(n int) features {
	return func(x float64) []float64 {
		row := []float64{1}
		for k := 1; k <= n; k++ {
			s, c := math.Sincos(float64(k) * x)
			row = append(row, s, c)
		}
		return row
	}
}

// solve does Gauss-Jordan elimination on a copy.
func solve(a [][]float64, b []float64) ([]float64, bool) {
	n := len(a)
	m := make([][]float64, n)
	for i := range m {
		m[i] = append(append([]float64{}, a[i]...), b[i])
	}
	for c := range n {
		p := c
		for i := c; i < n; i++ {
			if math.Abs(m[i][c]) > math.Abs(m[p][c]) {
				p = i
			}
		}
		if math.Abs(m[p][c]) < 1e-10 {
			return nil, false
		}
		m[c], m[p] = m[p], m[c]
		for i := range m {
			if i == c {
				continue
			}
			f := m[i][c] / m[c][c]
			for j := c; j <= n; j++ {
				m[i][j] -= f * m[c][j]
			}
		}
	}
	x := make([]float64, n)
	for i := range x {
		x[i] = m[i][n] / m[i][i]
	}
	return x, true
}

// fit minimises the squares plus ridge times the squares of the weights.
func fit(data []sample, ridge float64) ([]float64, bool) {
	n := len(data[0].x)
	a, b := make([][]float64, n), make([]float64, n)
	for i := range a {
		a[i] = make([]float64, n)
		a[i][i] = ridge
	}
	for _, s := range data {
		for i, v := range s.x {
			b[i] += v * s.y
			for j, w := range s.x {
				a[i][j] += v * w
			}
		}
	}
	return solve(a, b)
}

func dot(a, b []float64) (sum float64) {
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

func rmse(data []sample, w []float64) float64 {
	sum := 0.0
	for _, s := range data {
		d := dot(s.x, w) - s.y
		sum += d * d
	}
	return math.Sqrt(sum / float64(len(data)))
}

func expand(xs, ys []float64, f features) (data []sample) {
	for i, x := range xs {
		data = append(data, sample{f(x), ys[i]})
	}
	return data
}

// crossValidate leaves out one fold after the other.
func crossValidate(data []sample, folds int, ridge float64) (total float64) {
	for f := range folds {
		var train, test []sample
		for i, s := range data {
			if i%folds == f {
				test = append(test, s)
			} else {
				train = append(train, s)
			}
		}
		w, _ := fit(train, ridge)
		total += rmse(test, w)
	}
	return total / float64(folds)
}

// logistic climbs the likelihood by gradient steps.
func logistic(data []sample, rate float64, steps int) []float64 {
	w := make([]float64, len(data[0].x))
	for range steps {
		grad := make([]float64, len(w))
		for _, s := range data {
			p := 1 / (1 + math.Exp(-dot(w, s.x)))
			for i, v := range s.x {
				grad[i] += (s.y - p) * v
			}
		}
		for i := range w {
			w[i] += rate * grad[i] / float64(len(data))
		}
	}
	return w
}

func show(w []float64) string {
	parts := make([]string, len(w))
	for i, v := range w {
		parts[i] = fmt.Sprintf("%.3f", math.Round(v*1000)/1000+0) // +0 for -0
	}
	return "[" + strings.Join(parts, " ") + "]"
}

func main() {
	// A line without noise is found exactly; a column twice is not solvable without ridge.
	var line []sample
	for i := range 5 {
		line = append(line, sample{[]float64{1, float64(i)}, 3 - 2*float64(i)})
	}
	w, ok := fit(line, 0)
	fmt.Println(show(w), ok)
	var twice []sample
	for _, s := range line {
		twice = append(twice, sample{[]float64{1, s.x[1], s.x[1]}, s.y})
	}
	_, ok = fit(twice, 0)
	w, ok2 := fit(twice, 1e-6)
	fmt.Println(ok, ok2, show(w))

	r := rand.New(rand.NewPCG(11, 5))
	var xs, ys []float64
	for i := range 24 {
		x := float64(i)/4 - 3
		xs = append(xs, x)
		ys = append(ys, 0.5*x*x*x-2*x+1+r.NormFloat64()*0.8)
	}
	best, bestScore := 0, math.Inf(1)
	for degree := range 7 {
		data := expand(xs, ys, polynomial(degree))
		w, _ := fit(data, 0)
		score := crossValidate(data, 4, 0)
		if score < bestScore {
			best, bestScore = degree, score
		}
		fmt.Printf("degree %d train %.3f validation %.3f\n", degree, rmse(data, w), score)
	}
	w, _ = fit(expand(xs, ys, polynomial(best)), 0)
	fmt.Println("best degree", best, show(w))
	for _, ridge := range []float64{0, 1, 100, 1e6} {
		w, _ := fit(expand(xs, ys, polynomial(3)), ridge)
		fmt.Printf("ridge %g %s norm %.4f\n", ridge, show(w), math.Sqrt(dot(w, w)))
	}

	waves := make([]float64, len(xs))
	for i, x := range xs {
		waves[i] = 2 + math.Sin(x) - 0.5*math.Cos(2*x)
	}
	w, ok = fit(expand(xs, waves, harmonic(3)), 0)
	fmt.Println(show(w), ok)

	var clouds []sample
	for i := range 40 {
		label := float64(i % 2)
		clouds = append(clouds, sample{[]float64{1, r.NormFloat64() + 3*label, r.NormFloat64() - label}, label})
	}
	w = logistic(clouds, 0.5, 150)
	var table [2][2]int
	for _, s := range clouds {
		predicted := 0
		if dot(w, s.x) > 0 {
			predicted = 1
		}
		table[int(s.y)][predicted]++
	}
	fmt.Println(show(w), table)
	precision := float64(table[1][1]) / float64(table[0][1]+table[1][1])
	recall := float64(table[1][1]) / float64(table[1][0]+table[1][1])
	fmt.Printf("precision %.3f recall %.3f f1 %.3f\n", precision, recall, 2*precision*recall/(precision+recall))
}
