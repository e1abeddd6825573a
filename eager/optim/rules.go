package optim

import (
	"math"

	"github.com/tapir-go/tapir/eager"
)

// SGD is gradient descent, with momentum and weight decay (PyTorch, torch.optim.SGD with dampening 0):
//
//	g += Decay*p
//	v = Momentum*v + g       (g itself without momentum)
//	p -= Rate*v              (Nesterov: p -= Rate*(g + Momentum*v))
type SGD struct {
	Common
	Momentum float64 // 0 at first
	Nesterov bool
	Decay    float64 // 0 at first
}

// NewSGD makes plain gradient descent of the parameters with that learning rate.
func NewSGD(params []*eager.Tensor, rate float64) *SGD {
	s := &SGD{Common: newCommon("NewSGD", params, rate)}
	s.rule = s
	return s
}

func (s *SGD) keeps() map[string]bool { return map[string]bool{"velocity": s.Momentum != 0} }

func (s *SGD) update(i, _ int, p, g *eager.Tensor) {
	var v *eager.Tensor
	if s.Momentum != 0 {
		v = s.kept("velocity", i)
	}
	eager.StepSGD(p, g, v, s.Rate, s.Momentum, s.Decay, s.Nesterov)
}

// Adam follows running means of the gradient and of its square (Kingma and Ba 2015; PyTorch, torch.optim.Adam):
//
//	g += Decay*p
//	m = Beta1*m + (1-Beta1)*g
//	v = Beta2*v + (1-Beta2)*g*g
//	p -= Rate * m/(1-Beta1^t) / (sqrt(v/(1-Beta2^t)) + Eps)
type Adam struct {
	Common
	Beta1, Beta2 float64 // 0.9 and 0.999 at first
	Eps          float64 // 1e-8 at first
	Decay        float64 // 0 at first
}

// NewAdam makes Adam of the parameters with that learning rate; 0.001 is usual.
func NewAdam(params []*eager.Tensor, rate float64) *Adam {
	a := &Adam{Common: newCommon("NewAdam", params, rate), Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}
	a.rule = a
	return a
}

func (a *Adam) keeps() map[string]bool { return map[string]bool{"m": true, "v": true} }

func (a *Adam) update(i, t int, p, g *eager.Tensor) {
	if a.Decay != 0 {
		g = g.Add(p.Detach().Scale(a.Decay))
	}
	stepAdam(&a.Common, i, t, p, g, a.Beta1, a.Beta2, a.Eps, 0)
}

// AdamW is Adam whose weight decay acts on the parameter and not on the gradient (Loshchilov and Hutter 2019; PyTorch,
// torch.optim.AdamW): p -= Rate*Decay*p comes before the step of Adam.
type AdamW struct {
	Common
	Beta1, Beta2 float64 // 0.9 and 0.999 at first
	Eps          float64 // 1e-8 at first
	Decay        float64 // 0.01 at first
}

// NewAdamW makes AdamW of the parameters with that learning rate.
func NewAdamW(params []*eager.Tensor, rate float64) *AdamW {
	a := &AdamW{Common: newCommon("NewAdamW", params, rate), Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Decay: 0.01}
	a.rule = a
	return a
}

func (a *AdamW) keeps() map[string]bool { return map[string]bool{"m": true, "v": true} }

func (a *AdamW) update(i, t int, p, g *eager.Tensor) {
	stepAdam(&a.Common, i, t, p, g, a.Beta1, a.Beta2, a.Eps, a.Decay)
}

func stepAdam(c *Common, i, t int, p, g *eager.Tensor, beta1, beta2, eps, decay float64) {
	c1, c2 := 1-math.Pow(beta1, float64(t)), 1-math.Pow(beta2, float64(t))
	eager.StepAdam(p, g, c.kept("m", i), c.kept("v", i), c.Rate, beta1, beta2, eps, decay, c1, c2)
}

// RMSprop divides the gradient by the root of a running mean of its square (Tieleman and Hinton 2012; PyTorch,
// torch.optim.RMSprop, not centred):
//
//	g += Decay*p
//	s = Alpha*s + (1-Alpha)*g*g
//	v = Momentum*v + g/(sqrt(s) + Eps)
//	p -= Rate*v
type RMSprop struct {
	Common
	Alpha    float64 // 0.99 at first
	Eps      float64 // 1e-8 at first
	Momentum float64 // 0 at first
	Decay    float64 // 0 at first
}

// NewRMSprop makes RMSprop of the parameters with that learning rate; 0.01 is PyTorch's.
func NewRMSprop(params []*eager.Tensor, rate float64) *RMSprop {
	r := &RMSprop{Common: newCommon("NewRMSprop", params, rate), Alpha: 0.99, Eps: 1e-8}
	r.rule = r
	return r
}

func (r *RMSprop) keeps() map[string]bool {
	return map[string]bool{"square": true, "velocity": r.Momentum != 0}
}

func (r *RMSprop) update(i, _ int, p, g *eager.Tensor) {
	if r.Decay != 0 {
		g = g.Add(p.Detach().Scale(r.Decay))
	}
	square := r.kept("square", i)
	square.Assign(square.Scale(r.Alpha).Add(g.Square().Scale(1 - r.Alpha)))
	d := g.Div(square.Sqrt().Shift(r.Eps))
	if r.Momentum == 0 {
		eager.StepSGD(p, d, nil, r.Rate, 0, 0, false)
		return
	}
	eager.StepSGD(p, d, r.kept("velocity", i), r.Rate, r.Momentum, 0, false)
}
