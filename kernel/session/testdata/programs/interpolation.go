// Interpolation: Lagrange and Newton polynomials, cubic splines, Bézier curves, and Chebyshev points.

package main

import (
	"fmt"
	"math"
	"sort"
	"strings"
)

type point struct{ x, y float64 }

// A curve gives a value for each x.
type curve interface{ At(x float64) float64 }

type curveFunc func(float64) float64

func (f curveFunc) At(x float64) float64 { return f(x) }

type lagrange []point

func (l lagrange) At(x float64) float64 {
	sum := 0.0
	for i, p := range l {
		term := p.y
		for j, q := range l {
			if i != j {
				term *= (x - q.x) / (p.x - q.x)
			}
		}
		sum += term
	}
	return sum
}

// newton holds the divided differences; a point can be added later.
type newton struct {
	xs, coefs []float64
	diagonal  []float64
}

func (n *newton) Add(p point) {
	next := []float64{p.y}
	for i, old := range n.diagonal {
		next = append(next, (next[i]-old)/(p.x-n.xs[len(n.xs)-1-i]))
	}
	n.xs = append(n.xs, p.x)
	n.diagonal = next
	n.coefs = append(n.coefs, next[len(next)-1])
}

func (n *newton) At(x float64) float64 {
	y := 0.0
	for i := len(n.coefs) - 1; i >= 0; i-- {
		y = y*(x-n.xs[i]) + n.coefs[i]
	}
	return y
}

// spline is the natural cubic one: the second derivative is zero at both ends.
type spline struct {
	points []point
	second []float64
}

func newSpline(points []point) *spline {
	n := len(points)
	s := &spline{points, make([]float64, n)}
	u := make([]float64, n)
	for i := 1; i < n-1; i++ {
		a, b, c := points[i-1], points[i], points[i+1]
		sig := (b.x - a.x) / (c.x - a.x)
		p := sig*s.second[i-1] + 2
		s.second[i] = (sig - 1) / p
		slope := (c.y-b.y)/(c.x-b.x) - (b.y-a.y)/(b.x-a.x)
		u[i] = (6*slope/(c.x-a.x) - sig*u[i-1]) / p
	}
	s.second[n-1] = 0
	for i := n - 2; i >= 0; i-- {
		s.second[i] = s.second[i]*s.second[i+1] + u[i]
	}
	return s
}

func (s *spline) At(x float64) float64 {
	hi := sort.Search(len(s.points)-1, func(i int) bool { return s.points[i].x > x })
	hi = max(hi, 1)
	lo := hi - 1
	p, q := s.points[lo], s.points[hi]
	h := q.x - p.x
	a, b := (q.x-x)/h, (x-p.x)/h
	return a*p.y + b*q.y + ((a*a*a-a)*s.second[lo]+(b*b*b-b)*s.second[hi])*h*h/6
}

// deCasteljau finds a point of a Bézier curve by halving lines again and again.
func deCasteljau(control []point, t float64) point {
	work := append([]point(nil), control...)
	for n := len(work) - 1; n > 0; n-- {
		for i := range n {
			work[i].x += t * (work[i+1].x - work[i].x)
			work[i].y += t * (work[i+1].y - work[i].y)
		}
	}
	return work[0]
}

func sample(f func(float64) float64, xs ...float64) (points []point) {
	for _, x := range xs {
		points = append(points, point{x, f(x)})
	}
	return points
}

func evenly(n int) (xs []float64) {
	for i := range n {
		xs = append(xs, -1+2*float64(i)/float64(n-1))
	}
	return xs
}

func chebyshev(n int) (xs []float64) {
	for i := range n {
		xs = append(xs, -math.Cos(math.Pi*(float64(i)+0.5)/float64(n)))
	}
	return xs
}

// worst is the largest error on a grid.
func worst(c curve, f func(float64) float64) (e float64) {
	for i := range 101 {
		x := -1 + float64(i)/50
		e = max(e, math.Abs(c.At(x)-f(x)))
	}
	return e
}

func main() {
	cubic := func(x float64) float64 { return 2*x*x*x - x + 1 }
	points := sample(cubic, -2, 0, 1, 3)
	var n newton
	for i, p := range points {
		n.Add(p)
		fmt.Printf("after %d points %v, at 2: %.3f\n", i+1, n.coefs, n.At(2))
	}
	fmt.Println(lagrange(points).At(2), cubic(2), lagrange(points[:1]).At(99))

	// Runge's example: more points in even distance make it worse, Chebyshev's make it better.
	runge := func(x float64) float64 { return 1 / (1 + 25*x*x) }
	for _, k := range []int{5, 9, 13, 17} {
		even, cheb := sample(runge, evenly(k)...), sample(runge, chebyshev(k)...)
		fmt.Printf("%2d points: even %7.3f chebyshev %.3f spline %.4f\n", k, worst(lagrange(even), runge), worst(lagrange(cheb), runge), worst(newSpline(even), runge))
	}

	s := newSpline([]point{{0, 0}, {1, 2}, {2, 1}, {4, 3}})
	for x := 0.0; x <= 4; x += 0.5 {
		y := s.At(x)
		fmt.Printf("%.1f %6.3f %s*\n", x, y, strings.Repeat(" ", int(y*8)))
	}
	fmt.Printf("second derivatives %.4f\n", s.second)

	control := []point{{0, 0}, {1, 3}, {3, 3}, {4, 0}}
	for i := range 5 {
		p := deCasteljau(control, float64(i)/4)
		fmt.Printf("(%.4f %.4f) ", p.x, p.y)
	}
	fmt.Println(control[0] == deCasteljau(control, 0))

	for name, c := range map[string]curve{"function": curveFunc(math.Sqrt)} {
		fmt.Println(name, c.At(16))
	}
	curves := []curve{lagrange(points), &n, newSpline(points), curveFunc(cubic)}
	for _, c := range curves {
		fmt.Printf("%T %.4f; ", c, c.At(0.5))
	}
	fmt.Println()
}
