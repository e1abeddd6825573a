package gan

import (
	"fmt"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
	"github.com/tapir-go/tapir/eager/optim"
)

// Game is the training of a generator against a critic (or discriminator), each with an optimiser of its own. Every step
// takes the gradient for the parameters of that one optimiser, so nothing is left behind in the other network and there
// is nothing to zero or freeze. Fields may be changed between rounds.
type Game struct {
	Generator, Critic nn.Layer // noise (n,Noise) to samples (n,...); samples to scores (n,1)
	OptG, OptC        optim.Optimizer
	Noise             int // numbers of noise for a sample

	LossC   func(real, fake *eager.Tensor) *eager.Tensor // LogisticD, WassersteinD, HingeD, or one's own
	LossG   func(fake *eager.Tensor) *eager.Tensor       // LogisticG, WassersteinG, SaturatingG, or one's own
	Penalty func(real, fake *eager.Tensor) *eager.Tensor // added to LossC; nil: none
	Clip    float64                                      // the critic's weights stay within -Clip and Clip (WGAN: 0.01); 0 leaves them free
	Rounds  int                                          // the critic's steps for each of the generator; 0 counts as 1
	Average *Average                                     // of the generator's weights, moved after each step; nil: none
	Random  *eager.Rand
}

// Round makes Rounds steps of the critic, each with new real samples (n,...), and one step of the generator. It returns
// the losses of the last steps. Both say little about quality: see Mixture.Cover, Compare and Frechet.
func (g *Game) Round(real func() *eager.Tensor) (lossC, lossG float64) {
	var n int
	for range max(1, g.Rounds) {
		eager.Scope(func() {
			x := real()
			n = x.Dim(0)
			fake := Sample(g.Generator.Forward, n, g.Noise, g.Random)
			loss := g.LossC(g.Critic.Forward(x), g.Critic.Forward(fake))
			if g.Penalty != nil {
				loss = loss.Add(g.Penalty(x, fake))
			}
			lossC = loss.Item()
			g.OptC.Minimize(loss)
		})
		if g.Clip > 0 {
			ClipWeights(g.Critic.Params(), g.Clip)
		}
	}
	eager.Scope(func() {
		loss := g.LossG(g.Critic.Forward(g.Generator.Forward(g.Random.Normal(n, g.Noise))))
		lossG = loss.Item()
		g.OptG.Minimize(loss)
	})
	if g.Average != nil {
		g.Average.Update()
	}
	return lossC, lossG
}

// ClipWeights brings every number of params within -limit and limit, in place: the first way to bound a critic's slope
// (WGAN, Arjovsky et al. 2017, algorithm 1). A limit not above 0 is an error.
func ClipWeights(params []*eager.Tensor, limit float64) {
	if !(limit > 0) {
		panic(&eager.Error{Op: "ClipWeights", Text: fmt.Sprintf("limit %v: wants one above 0", limit)})
	}
	eager.NoGrad(func() {
		for _, p := range params {
			p.Assign(p.Clip(-limit, limit))
		}
	})
}

// Average is a slow copy of parameters: the exponential moving average of their values over the steps of training. What
// an averaged generator or denoiser makes is better, and steadier from step to step (Yazıcı et al. 2019).
type Average struct {
	Decay float64 // the weight of the past, such as 0.999

	params, slow []*eager.Tensor
	steps        int
}

// NewAverage starts from the present values. A decay outside of 0 to 1 is an error.
func NewAverage(params []*eager.Tensor, decay float64) *Average {
	if !(decay >= 0 && decay < 1) {
		panic(&eager.Error{Op: "NewAverage", Text: fmt.Sprintf("decay %v: wants 0 or more, and below 1", decay)})
	}
	a := &Average{Decay: decay, params: append([]*eager.Tensor(nil), params...)}
	for _, p := range params {
		a.slow = append(a.slow, eager.Keep(p.Detach().Clone()))
	}
	return a
}

// Update moves the average towards the present values. The first steps count for more, so that the values from before
// training do not linger: the weight of the past at step k is at most (1+k)/(10+k).
func (a *Average) Update() {
	a.steps++
	keep := min(a.Decay, float64(1+a.steps)/float64(10+a.steps))
	eager.NoGrad(func() {
		eager.Scope(func() {
			for i, p := range a.params {
				a.slow[i].Assign(a.slow[i].Scale(keep).Add(p.Scale(1 - keep)))
			}
		})
	})
}

// Use runs f with the average in place of the parameters, and puts them back.
func (a *Average) Use(f func()) {
	swap := func() {
		for i, p := range a.params {
			now := p.Detach().Clone()
			p.Assign(a.slow[i])
			a.slow[i].Assign(now)
		}
	}
	swap()
	defer swap()
	f()
}
