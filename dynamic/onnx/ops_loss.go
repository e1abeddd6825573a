package onnx

import (
	"math"

	"github.com/tapir-go/tapir/eager"
)

var losses = map[string]operator{
	"SoftmaxCrossEntropyLoss":   crossEntropy,
	"NegativeLogLikelihoodLoss": func(c *call) *eager.Tensor { return logLikelihood(c, c.x(0)) },
}

// crossEntropy has the logarithms of the probabilities as its second result.
func crossEntropy(c *call) *eager.Tensor {
	x := c.x(0)
	if x.Rank() == 2 && len(c.node.Out) == 1 && c.optional(2) == nil && !has(c, "ignore_index") && c.text("reduction", "mean") == "mean" {
		return x.CrossEntropyT(c.x(1).To(eager.Int64))
	}
	if x.Rank() < 2 {
		refuse("it needs classes, got %v", x.Shape())
	}
	logs := x.LogSoftmax(1)
	c.more(of(logs, c.in[0].t))
	return logLikelihood(c, logs)
}

// logLikelihood picks the logarithm of each label's probability; labels to be ignored count for nothing.
func logLikelihood(c *call, logs *eager.Tensor) *eager.Tensor {
	labels, weight := c.x(1).To(eager.Int64), c.optional(2)
	if logs.Rank() < 2 || labels.Rank() != logs.Rank()-1 {
		refuse("labels %v for %v", labels.Shape(), logs.Shape())
	}
	share := eager.OnesLike(labels).To(logs.DType())
	if has(c, "ignore_index") {
		counts := labels.Equal(scalar(labels, float64(c.int("ignore_index", 0)))).Not()
		labels = eager.Where(counts, labels, scalar(labels, 0))
		share = counts.To(logs.DType())
	}
	if weight != nil {
		share = share.Mul(weight.Take(0, labels))
	}
	loss := logs.GatherElements(1, labels.Unsqueeze(1)).Squeeze(1).Neg().Mul(share)
	switch how := c.text("reduction", "mean"); how {
	case "none":
		return loss
	case "sum":
		return loss.Sum()
	case "mean":
		return loss.Sum().Div(share.Sum())
	default:
		refuse("reduction %q is not supported", how)
	}
	return nil
}

// steppers are optimisers as operators.
var steppers = map[string]operator{
	"Momentum": func(c *call) *eager.Tensor { return optimise(c, 2, momentum) },
	"Adagrad":  func(c *call) *eager.Tensor { return optimise(c, 2, adagrad) },
	"Adam":     func(c *call) *eager.Tensor { return optimise(c, 3, adam) },
}

// optimise applies a step to each tensor: after the rate and the count come the tensors, their gradients, and what is kept
// of each, which is states-1 groups.
func optimise(c *call, states int, step func(c *call, rate float64, t int, x, g *eager.Tensor, kept []*eager.Tensor) []*eager.Tensor) *eager.Tensor {
	groups := states + 1
	n := (len(c.in) - 2) / groups
	if n < 1 || n*groups+2 != len(c.in) {
		refuse("%d inputs: want the rate, the count, and %d for each tensor", len(c.in), groups)
	}
	rate, t := c.number(0, 0), int(c.number(1, 0))
	out := make([]value, n*states)
	for i := range n {
		var kept []*eager.Tensor
		for s := 2; s < groups; s++ {
			kept = append(kept, c.x(2+s*n+i))
		}
		x, g := c.x(2+i), c.x(2+n+i)
		for s, y := range step(c, rate, t, x, g.Add(x.Scale(c.float("norm_coefficient", 0))), kept) {
			out[s*n+i] = plain(y)
		}
	}
	c.more(out...)
	return nil
}

func momentum(c *call, rate float64, t int, x, g *eager.Tensor, kept []*eager.Tensor) []*eager.Tensor {
	alpha, beta := c.float("alpha", 0), c.float("beta", 0)
	if t == 0 {
		beta = 1
	}
	v := kept[0].Scale(alpha).Add(g.Scale(beta))
	switch mode := c.text("mode", "standard"); mode {
	case "standard":
		g = v
	case "nesterov":
		g = g.Add(v.Scale(alpha))
	default:
		refuse("the mode %q is not supported", mode)
	}
	return []*eager.Tensor{x.Sub(g.Scale(rate)), v}
}

func adagrad(c *call, rate float64, t int, x, g *eager.Tensor, kept []*eager.Tensor) []*eager.Tensor {
	rate /= 1 + float64(t)*c.float("decay_factor", 0)
	square := kept[0].Add(g.Square())
	return []*eager.Tensor{x.Sub(g.Scale(rate).Div(square.Sqrt().Shift(c.float("epsilon", 1e-6)))), square}
}

func adam(c *call, rate float64, t int, x, g *eager.Tensor, kept []*eager.Tensor) []*eager.Tensor {
	alpha, beta := c.float("alpha", 0.9), c.float("beta", 0.999)
	m := kept[0].Scale(alpha).Add(g.Scale(1 - alpha))
	v := kept[1].Scale(beta).Add(g.Square().Scale(1 - beta))
	if t > 0 {
		rate *= math.Sqrt(1-math.Pow(beta, float64(t))) / (1 - math.Pow(alpha, float64(t)))
	}
	y := x.Sub(m.Scale(rate).Div(v.Sqrt().Shift(c.float("epsilon", 1e-6))))
	return []*eager.Tensor{y.Scale(1 - c.float("norm_coefficient_post", 0)), m, v}
}
