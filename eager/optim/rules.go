package optim

import "github.com/tapir-go/tapir/eager"

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

func (s *SGD) step(st eager.Steps) {
	st.Decay = s.Decay
	if s.Momentum == 0 {
		st.SGD(nil, s.Rate, 0, false)
		return
	}
	st.SGD(s.kept("velocity", st.Grads), s.Rate, s.Momentum, s.Nesterov)
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

func (a *Adam) step(st eager.Steps) {
	st.Decay = a.Decay
	st.Adam(a.kept("m", st.Grads), a.kept("v", st.Grads), a.counts, a.Rate, a.Beta1, a.Beta2, a.Eps, 0)
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

func (a *AdamW) step(st eager.Steps) {
	st.Adam(a.kept("m", st.Grads), a.kept("v", st.Grads), a.counts, a.Rate, a.Beta1, a.Beta2, a.Eps, a.Decay)
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

func (r *RMSprop) step(st eager.Steps) {
	st.Decay = r.Decay
	var velocity []*eager.Tensor
	if r.Momentum != 0 {
		velocity = r.kept("velocity", st.Grads)
	}
	st.RMSprop(r.kept("square", st.Grads), velocity, r.Rate, r.Alpha, r.Eps, r.Momentum)
}
