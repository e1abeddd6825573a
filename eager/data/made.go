package data

import (
	"fmt"
	"math"

	"github.com/tapir-go/tapir/eager"
)

// points collects made examples in the plane.
type points struct {
	xs     []float64
	labels []int
}

func (p *points) add(x, y float64, label int) {
	p.xs = append(p.xs, x, y)
	p.labels = append(p.labels, label)
}

func (p *points) set(classes ...string) *Set {
	s := New(eager.New(p.xs, len(p.labels), 2), p.labels)
	s.Columns = []string{"x", "y"}
	s.Classes = classes
	return s
}

// wanted panics unless n is 1 or more.
func wanted(op, what string, n int) {
	if n < 1 {
		panic(&eager.Error{Op: op, Text: fmt.Sprintf("cannot make %d %s: want 1 or more", n, what)})
	}
}

// Moons makes n points (n,2) of two half circles of radius 1 that reach into each other, labels 0 (upper) and 1
// (lower), with normal noise of that deviation on both coordinates. After scikit-learn's make_moons.
func Moons(rng *eager.Rand, n int, noise float64) *Set {
	wanted("Moons", "points", n)
	var p points
	for i := 0; i < n; i++ {
		a := math.Pi * rng.Float64()
		x, y := math.Cos(a), math.Sin(a)
		if i%2 == 1 {
			x, y = 1-x, 0.5-y
		}
		p.add(x+noise*rng.NormFloat64(), y+noise*rng.NormFloat64(), i%2)
	}
	return p.set("upper", "lower")
}

// Ring makes n points (n,2) of a mixture of normal distributions whose centres lie evenly on a circle; the label is the
// centre. Eight modes, radius 2 and deviation 0.02 are the usual test of generative models for lost modes (Metz et al.
// 2017, Unrolled Generative Adversarial Networks).
func Ring(rng *eager.Rand, n, modes int, radius, std float64) *Set {
	wanted("Ring", "modes", modes)
	return Blobs(rng, n, RingCentres(modes, radius), std)
}

// RingCentres are the centres of Ring: centre k lies at the angle 2*pi*k/modes.
func RingCentres(modes int, radius float64) [][]float64 {
	centres := make([][]float64, modes)
	for k := range centres {
		a := 2 * math.Pi * float64(k) / float64(modes)
		centres[k] = []float64{radius * math.Cos(a), radius * math.Sin(a)}
	}
	return centres
}

// Grid makes n points (n,2) of a mixture of side*side normal distributions whose centres are spacing apart on a square
// lattice around the origin; the label is the centre, row by row. Side 5, spacing 2 and deviation 0.05 are the usual
// 25 modes.
func Grid(rng *eager.Rand, n, side int, spacing, std float64) *Set {
	wanted("Grid", "rows of modes", side)
	return Blobs(rng, n, GridCentres(side, spacing), std)
}

// GridCentres are the centres of Grid, row by row.
func GridCentres(side int, spacing float64) [][]float64 {
	var centres [][]float64
	for row := 0; row < side; row++ {
		for column := 0; column < side; column++ {
			at := func(i int) float64 { return spacing * (float64(i) - float64(side-1)/2) }
			centres = append(centres, []float64{at(column), at(row)})
		}
	}
	return centres
}

// Blobs makes n points (n,k) of a mixture of normal distributions with those centres (k numbers each), all of the same
// weight and deviation; the label is the centre, drawn at random.
func Blobs(rng *eager.Rand, n int, centres [][]float64, std float64) *Set {
	wanted("Blobs", "points", n)
	wanted("Blobs", "centres", len(centres))
	k := len(centres[0])
	for i, c := range centres {
		if len(c) != k {
			panic(&eager.Error{Op: "Blobs", Text: fmt.Sprintf("centre %d has %d numbers and centre 0 has %d: want equally many", i, len(c), k)})
		}
	}
	xs, labels := make([]float64, 0, n*k), make([]int, n)
	for i := range labels {
		labels[i] = rng.Intn(len(centres))
		for _, c := range centres[labels[i]] {
			xs = append(xs, c+std*rng.NormFloat64())
		}
	}
	return New(eager.New(xs, n, k), labels)
}

// Spiral makes n points (n,2) of arms that wind out from the origin to radius 1, each one and a half turns; the label
// is the arm, and noise is the deviation of a point from its arm's line.
func Spiral(rng *eager.Rand, n, arms int, noise float64) *Set {
	wanted("Spiral", "points", n)
	wanted("Spiral", "arms", arms)
	var p points
	for i := 0; i < n; i++ {
		arm := i % arms
		r := math.Sqrt(rng.Float64()) // the root spreads the points evenly along the arm's length
		a := 3*math.Pi*r + 2*math.Pi*float64(arm)/float64(arms)
		p.add(r*math.Cos(a)+noise*rng.NormFloat64(), r*math.Sin(a)+noise*rng.NormFloat64(), arm)
	}
	return p.set()
}

// Line makes n pairs x, slope*x+offset with x uniform in [-1,1) and normal noise of that deviation on the targets: X and
// Y are (n,1).
func Line(rng *eager.Rand, n int, slope, offset, noise float64) *Set {
	wanted("Line", "points", n)
	xs, ys := make([]float64, n), make([]float64, n)
	for i := range xs {
		xs[i] = 2*rng.Float64() - 1
		ys[i] = slope*xs[i] + offset + noise*rng.NormFloat64()
	}
	return NewPairs(eager.New(xs, n, 1), eager.New(ys, n, 1))
}
