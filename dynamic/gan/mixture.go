package gan

import (
	"fmt"
	"math"

	"github.com/tapir-go/tapir/eager"
)

// Mixture is points in the plane around a number of centres, the modes: each is as likely as the others, and the points
// lie around it by a Gaussian of spread Sigma in both directions. A generator that learns it may leave modes out, and
// Cover counts.
type Mixture struct {
	Xs, Ys []float64 // the centres
	Sigma  float64
}

// Ring is a mixture with its modes evenly on a circle around the origin; the usual test is Ring(8, 2, 0.02) (Metz et al.
// 2017). modes below 1 and a sigma not above 0 are errors.
func Ring(modes int, radius, sigma float64) *Mixture {
	check("Ring", "modes", modes, sigma)
	m := &Mixture{Sigma: sigma}
	for k := range modes {
		sin, cos := math.Sincos(2 * math.Pi * float64(k) / float64(modes))
		m.Xs, m.Ys = append(m.Xs, radius*cos), append(m.Ys, radius*sin)
	}
	return m
}

// Grid is a mixture of side · side modes on a square grid around the origin, gap apart; the usual test is
// Grid(5, 2, 0.05) (Dumoulin et al. 2017; Lin et al. 2018). side below 1 and a sigma not above 0 are errors.
func Grid(side int, gap, sigma float64) *Mixture {
	check("Grid", "modes on a side", side, sigma)
	m := &Mixture{Sigma: sigma}
	for k := range side * side {
		at := func(i int) float64 { return gap * (float64(i) - float64(side-1)/2) }
		m.Xs, m.Ys = append(m.Xs, at(k%side)), append(m.Ys, at(k/side))
	}
	return m
}

func check(op, what string, n int, sigma float64) {
	if n < 1 || !(sigma > 0) {
		panic(&eager.Error{Op: op, Text: fmt.Sprintf("%d %s, sigma %v: wants 1 or more, and a sigma above 0", n, what, sigma)})
	}
}

// Sample draws n points, (n,2).
func (m *Mixture) Sample(n int, random *eager.Rand) *eager.Tensor {
	centres := make([]float32, 0, 2*n)
	for range n {
		k := random.Intn(len(m.Xs))
		centres = append(centres, float32(m.Xs[k]), float32(m.Ys[k]))
	}
	return eager.FromFloat32(centres, n, 2).Add(random.Normal(n, 2).Scale(m.Sigma))
}

// Coverage tells how samples lie about the modes of a Mixture.
type Coverage struct {
	Samples int
	Counts  []int   // for each mode, the samples nearest to it that lie within three sigmas of it
	Covered int     // modes with a tenth of their fair share of the samples, or more, within three sigmas
	Good    float64 // share of the samples within three sigmas of some mode, 0 to 1
	// Imbalance is the Kullback-Leibler divergence, in nats, of the shares of the good samples by mode from equal shares:
	// 0 when all modes are equally frequent, ln(modes) when there is only one, or no good sample at all.
	Imbalance float64
}

// Cover counts where samples (n,2) lie. Of the mixture's own samples, 98.9 % are within three sigmas.
func (m *Mixture) Cover(samples *eager.Tensor) *Coverage {
	points := samples.Want(-1, 2).Values()
	c := &Coverage{Samples: len(points) / 2, Counts: make([]int, len(m.Xs))}
	good := 0
	for i := 0; i < len(points); i += 2 {
		nearest, distance := 0, math.Inf(1)
		for k := range m.Xs {
			if d := math.Hypot(points[i]-m.Xs[k], points[i+1]-m.Ys[k]); d < distance {
				nearest, distance = k, d
			}
		}
		if distance <= 3*m.Sigma {
			c.Counts[nearest]++
			good++
		}
	}
	modes := float64(len(m.Xs))
	c.Good = float64(good) / float64(max(1, c.Samples))
	for _, n := range c.Counts {
		if n > 0 && float64(n) >= 0.1*float64(c.Samples)/modes {
			c.Covered++
		}
		if n > 0 {
			share := float64(n) / float64(good)
			c.Imbalance += share * math.Log(share*modes)
		}
	}
	if good == 0 {
		c.Imbalance = math.Log(modes)
	}
	return c
}

// String is, for example, "8 of 8 modes, 91.2 % of 2500 samples within three sigmas".
func (c *Coverage) String() string {
	return fmt.Sprintf("%d of %d modes, %.1f %% of %d samples within three sigmas", c.Covered, len(c.Counts), 100*c.Good, c.Samples)
}

// Sample is what a generator makes of noise (n,size), standard normal: n samples that gradients do not pass, for the
// critic's steps and for pictures.
func Sample(generator func(noise *eager.Tensor) *eager.Tensor, n, size int, random *eager.Rand) *eager.Tensor {
	var out *eager.Tensor
	eager.NoGrad(func() { out = generator(random.Normal(n, size)) })
	return out
}
