package gan

import (
	"fmt"
	"math"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
)

// Denoiser is a network that is told the time: x (n,...) and t (n), 0 for data to 1 for noise, become something of the
// shape of x. NewPlaneDenoiser and NewImageDenoiser make one; one's own is any type with these methods.
type Denoiser interface {
	Predict(x, t *eager.Tensor) *eager.Tensor
	Params() []*eager.Tensor
}

// Diffusion adds noise to data in steps, by a cosine schedule (Nichol and Dhariwal 2021, equation 17); a Denoiser learns
// to tell the noise, and takes it away again (DDPM: Ho et al. 2020).
type Diffusion struct {
	Steps int
	kept  []float64 // the share of the data's variance that is left after k steps, k = 0 to Steps
}

// NewDiffusion makes a schedule; 100 steps do for points and digits. Fewer than 2 are an error.
func NewDiffusion(steps int) *Diffusion {
	if steps < 2 {
		panic(&eager.Error{Op: "NewDiffusion", Text: fmt.Sprintf("%d steps: wants 2 or more", steps)})
	}
	d := &Diffusion{Steps: steps, kept: []float64{1}}
	at := func(k int) float64 {
		c := math.Cos((float64(k)/float64(steps) + 0.008) / 1.008 * math.Pi / 2)
		return c * c
	}
	for k := 1; k <= steps; k++ {
		d.kept = append(d.kept, d.kept[k-1]*max(at(k)/at(k-1), 0.001))
	}
	return d
}

// Loss is the mean squared error of the noise that net predicts in x (n,...) after a random number of steps for each
// sample (Ho et al., equation 14).
func (d *Diffusion) Loss(net Denoiser, x *eager.Tensor, random *eager.Rand) *eager.Tensor {
	n := x.Dim(0)
	t, keep, add := make([]float32, n), make([]float32, n), make([]float32, n)
	for i := range n {
		k := 1 + random.Intn(d.Steps)
		t[i] = float32(k) / float32(d.Steps)
		keep[i], add[i] = float32(math.Sqrt(d.kept[k])), float32(math.Sqrt(1-d.kept[k]))
	}
	noise := random.Normal(x.Shape()...)
	mixed := x.Mul(each(keep, x)).Add(noise.Mul(each(add, x)))
	return nn.MSE(net.Predict(mixed, eager.FromFloat32(t, n)), noise)
}

// each is one number for every sample of x (n,...), in the shape (n,1,...).
func each(v []float32, x *eager.Tensor) *eager.Tensor {
	shape := make([]int, x.Rank())
	for i := range shape {
		shape[i] = 1
	}
	shape[0] = len(v)
	return eager.FromFloat32(v, shape...)
}

// Sample makes n samples of a shape by going back all steps, with new noise in each (Ho et al., algorithm 2): (n,shape...).
// Predictions of the data are kept within -limit and limit; 0 leaves them as they are.
func (d *Diffusion) Sample(net Denoiser, n int, shape []int, limit float64, random *eager.Rand) *eager.Tensor {
	return d.walk(net, n, shape, d.Steps, 1, limit, random)
}

// SampleDDIM is Sample in fewer steps and without new noise: the same noise gives the same samples (DDIM, Song et al. 2021,
// equation 12 with sigma 0).
func (d *Diffusion) SampleDDIM(net Denoiser, n int, shape []int, steps int, limit float64, random *eager.Rand) *eager.Tensor {
	if steps < 1 || steps > d.Steps {
		panic(&eager.Error{Op: "SampleDDIM", Text: fmt.Sprintf("%d steps: wants 1 to %d", steps, d.Steps)})
	}
	return d.walk(net, n, shape, steps, 0, limit, random)
}

// walk goes back in steps that are evenly apart. eta is the part of the noise of DDPM that is added again.
func (d *Diffusion) walk(net Denoiser, n int, shape []int, steps int, eta, limit float64, random *eager.Rand) *eager.Tensor {
	x := random.Normal(append([]int{n}, shape...)...)
	eager.NoGrad(func() {
		for s := steps; s > 0; s-- {
			from, to := s*d.Steps/steps, (s-1)*d.Steps/steps
			a, b := d.kept[from], d.kept[to]
			eager.Scope(func() {
				noise := net.Predict(x, eager.Full(float64(from)/float64(d.Steps), n))
				data := x.Sub(noise.Scale(math.Sqrt(1 - a))).Scale(1 / math.Sqrt(a))
				if limit > 0 {
					data = data.Clip(-limit, limit)
					noise = x.Sub(data.Scale(math.Sqrt(a))).Scale(1 / math.Sqrt(1-a))
				}
				sigma := eta * math.Sqrt((1-b)/(1-a)*(1-a/b))
				y := data.Scale(math.Sqrt(b)).Add(noise.Scale(math.Sqrt(max(0, 1-b-sigma*sigma))))
				if sigma > 0 && to > 0 {
					y = y.Add(random.Normal(x.Shape()...).Scale(sigma))
				}
				x = eager.Keep(y)
			})
		}
	})
	return x
}

// Flow is flow matching with straight paths: a Denoiser learns the velocity noise - data at points on the lines between
// them, and samples follow it back from noise to data (Lipman et al. 2023; Liu et al. 2023).
type Flow struct{}

// Loss is the mean squared error of the velocity at a random time for each sample of x (n,...).
func (Flow) Loss(net Denoiser, x *eager.Tensor, random *eager.Rand) *eager.Tensor {
	t := random.Uniform(0, 1, x.Dim(0))
	noise := random.Normal(x.Shape()...)
	velocity := noise.Sub(x)
	return nn.MSE(net.Predict(x.Add(velocity.Mul(each(t.Float32s(), x))), t), velocity)
}

// Sample makes n samples of a shape, (n,shape...), in steps by Heun's method, with two predictions each. Fewer than 1 step
// is an error.
func (Flow) Sample(net Denoiser, n int, shape []int, steps int, random *eager.Rand) *eager.Tensor {
	if steps < 1 {
		panic(&eager.Error{Op: "Flow.Sample", Text: fmt.Sprintf("%d steps: wants 1 or more", steps)})
	}
	x := random.Normal(append([]int{n}, shape...)...)
	h := 1 / float64(steps)
	eager.NoGrad(func() {
		for s := steps; s > 0; s-- {
			eager.Scope(func() {
				t := float64(s) * h
				first := net.Predict(x, eager.Full(t, n))
				second := net.Predict(x.Sub(first.Scale(h)), eager.Full(t-h, n))
				x = eager.Keep(x.Sub(first.Add(second).Scale(h / 2)))
			})
		}
	})
	return x
}
