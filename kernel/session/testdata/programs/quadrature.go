// Roots, minima and integrals: bisection, secants, Newton, golden section, Simpson, Romberg and Gauss.

package main

import (
	"errors"
	"fmt"
	"math"
)

type function func(float64) float64

var (
	errBracket  = errors.New("no change of sign")
	errNoResult = errors.New("did not converge")
)

func bisect(f function, lo, hi, tolerance float64) (x float64, steps int, err error) {
	if f(lo)*f(hi) > 0 {
		return math.NaN(), 0, errBracket
	}
	for hi-lo > tolerance {
		steps++
		if x = lo + (hi-lo)/2; f(lo)*f(x) <= 0 {
			hi = x
		} else {
			lo = x
		}
	}
	return lo + (hi-lo)/2, steps, nil
}

func secant(f function, a, b, tolerance float64) (float64, int, error) {
	fa, fb := f(a), f(b)
	for steps := 1; steps <= 50; steps++ {
		if fa == fb {
			return b, steps, errNoResult
		}
		a, b = b, b-fb*(b-a)/(fb-fa)
		fa, fb = fb, f(b)
		if math.Abs(b-a) < tolerance {
			return b, steps, nil
		}
	}
	return b, 50, errNoResult
}

func newton(f, df function, x, tolerance float64) (float64, int, error) {
	for steps := 1; steps <= 50; steps++ {
		d := f(x) / df(x)
		x -= d
		switch {
		case math.IsNaN(x), math.IsInf(x, 0):
			return x, steps, errNoResult
		case math.Abs(d) < tolerance:
			return x, steps, nil
		}
	}
	return x, 50, errNoResult
}

// dual numbers carry a derivative along, so that Newton needs none by hand.
type dual struct{ v, d float64 }

func (a dual) add(b dual) dual { return dual{a.v + b.v, a.d + b.d} }
func (a dual) mul(b dual) dual { return dual{a.v * b.v, a.d*b.v + a.v*b.d} }
func (a dual) sin() dual       { return dual{math.Sin(a.v), a.d * math.Cos(a.v)} }
func (a dual) exp() dual       { e := math.Exp(a.v); return dual{e, a.d * e} }
func num(v float64) dual       { return dual{v: v} }

func autoNewton(f func(dual) dual, x float64) (float64, int, error) {
	value := func(x float64) float64 { return f(dual{x, 1}).v }
	slope := func(x float64) float64 { return f(dual{x, 1}).d }
	return newton(value, slope, x, 1e-12)
}

func golden(f function, a, b, tolerance float64) float64 {
	ratio := (math.Sqrt(5) - 1) / 2
	c, d := b-ratio*(b-a), a+ratio*(b-a)
	for b-a > tolerance {
		if f(c) < f(d) {
			b, d = d, c
			c = b - ratio*(b-a)
		} else {
			a, c = c, d
			d = a + ratio*(b-a)
		}
	}
	return (a + b) / 2
}

func trapezoid(f function, a, b float64, n int) float64 {
	h := (b - a) / float64(n)
	sum := (f(a) + f(b)) / 2
	for i := 1; i < n; i++ {
		sum += f(a + float64(i)*h)
	}
	return sum * h
}

func simpson(f function, a, b float64, n int) float64 {
	return (4*trapezoid(f, a, b, 2*n) - trapezoid(f, a, b, n)) / 3
}

// adaptive goes into depth only where the function is difficult.
func adaptive(f function, a, b, tolerance float64, calls *int) float64 {
	counted := func(x float64) float64 { *calls++; return f(x) }
	var part func(a, fa, m, fm, b, fb, whole, tolerance float64) float64
	part = func(a, fa, m, fm, b, fb, whole, tolerance float64) float64 {
		l, r := (a+m)/2, (m+b)/2
		fl, fr := counted(l), counted(r)
		left, right := (fa+4*fl+fm)*(m-a)/6, (fm+4*fr+fb)*(b-m)/6
		if d := left + right - whole; math.Abs(d) <= 15*tolerance {
			return left + right + d/15
		}
		return part(a, fa, l, fl, m, fm, left, tolerance/2) + part(m, fm, r, fr, b, fb, right, tolerance/2)
	}
	m := (a + b) / 2
	fa, fm, fb := counted(a), counted(m), counted(b)
	return part(a, fa, m, fm, b, fb, (fa+4*fm+fb)*(b-a)/6, tolerance)
}

func romberg(f function, a, b float64, levels int) (rows [][]float64) {
	for i := range levels {
		row := []float64{trapezoid(f, a, b, 1<<i)}
		for j := 1; j <= i; j++ {
			p := math.Pow(4, float64(j))
			row = append(row, (p*row[j-1]-rows[i-1][j-1])/(p-1))
		}
		rows = append(rows, row)
	}
	return rows
}

// gauss finds nodes and weights from the Legendre polynomials.
func gauss(n int) (nodes, weights []float64) {
	for i := range n {
		x := math.Cos(math.Pi * (float64(i) + 0.75) / (float64(n) + 0.5))
		var slope float64
		for range 20 {
			p0, p1 := 1.0, x
			for k := 2; k <= n; k++ {
				p0, p1 = p1, (float64(2*k-1)*x*p1-float64(k-1)*p0)/float64(k)
			}
			slope = float64(n) * (x*p1 - p0) / (x*x - 1)
			x -= p1 / slope
		}
		nodes = append(nodes, x)
		weights = append(weights, 2/((1-x*x)*slope*slope))
	}
	return
}

func main() {
	f := func(x float64) float64 { return x*x*x - 2*x - 5 }
	df := func(x float64) float64 { return 3*x*x - 2 }
	for _, try := range []struct {
		name string
		run  func() (float64, int, error)
	}{
		{"bisect", func() (float64, int, error) { return bisect(f, 2, 3, 1e-10) }},
		{"secant", func() (float64, int, error) { return secant(f, 2, 3, 1e-12) }},
		{"newton", func() (float64, int, error) { return newton(f, df, 2, 1e-12) }},
		{"no bracket", func() (float64, int, error) { return bisect(f, 3, 4, 1e-10) }},
		{"flat", func() (float64, int, error) { return secant(func(float64) float64 { return 1 }, 0, 1, 1e-9) }},
		{"cycle", func() (float64, int, error) {
			return newton(func(x float64) float64 { return x*x*x - 2*x + 2 }, df, 0, 1e-9)
		}},
		{"dual", func() (float64, int, error) {
			return autoNewton(func(x dual) dual { return x.mul(x.exp()).add(x.sin()).add(num(-2)) }, 1)
		}},
	} {
		x, steps, err := try.run()
		fmt.Printf("%-10s %.9f %d %v\n", try.name, x, steps, err)
	}
	fmt.Printf("minimum at %.5f, maximum at %.5f\n", golden(func(x float64) float64 { return (x - 2) * (x - 2) }, 0, 5, 1e-7),
		golden(func(x float64) float64 { return -math.Sin(x) }, 0, 3, 1e-7))

	for n := 2; n <= 16; n *= 2 {
		t, s := trapezoid(math.Sin, 0, math.Pi, n)-2, simpson(math.Sin, 0, math.Pi, n)-2
		fmt.Printf("n=%2d trapezoid %+.1e simpson %+.1e\n", n, t, s)
	}
	for _, row := range romberg(math.Exp, 0, 1, 4) {
		fmt.Printf("%.9f\n", row)
	}
	calls := 0
	v := adaptive(math.Sqrt, 0, 1, 1e-8, &calls)
	fmt.Printf("root %.6f in fewer than 500 calls: %t\n", v, calls < 500)
	for _, n := range []int{2, 3, 5} {
		nodes, weights := gauss(n)
		sum := 0.0
		for i, x := range nodes {
			sum += weights[i] * math.Pow(x, float64(2*n-2))
		}
		fmt.Printf("gauss %d %.5f %.5f x^%d gives %.9f\n", n, nodes, weights, 2*n-2, sum)
	}
}
