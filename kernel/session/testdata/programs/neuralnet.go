// A neural network by hand: dense layers, backpropagation, checked gradients, momentum, and XOR.

package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

type activation struct {
	name   string
	f      func(float64) float64
	derive func(y float64) float64 // by the output
}

var (
	sigmoid  = activation{"sigmoid", func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, func(y float64) float64 { return y * (1 - y) }}
	tanh     = activation{"tanh", math.Tanh, func(y float64) float64 { return 1 - y*y }}
	identity = activation{"identity", func(x float64) float64 { return x }, func(float64) float64 { return 1 }}
	relu     = activation{"relu", func(x float64) float64 { return max(0, x) }, func(y float64) float64 {
		if y > 0 {
			return 1
		}
		return 0
	}}
)

// parameter is one number that is learned, with its gradient and its speed.
type parameter struct{ value, grad, velocity float64 }

type layer struct {
	weights [][]parameter // a row for each output
	bias    []parameter
	act     activation
	in, out []float64
}

func newLayer(r *rand.Rand, inputs, outputs int, act activation) *layer {
	l := &layer{act: act, bias: make([]parameter, outputs), out: make([]float64, outputs)}
	scale := math.Sqrt(2 / float64(inputs+outputs))
	for range outputs {
		row := make([]parameter, inputs)
		for i := range row {
			row[i].value = r.NormFloat64() * scale
		}
		l.weights = append(l.weights, row)
	}
	return l
}

func (l *layer) forward(x []float64) []float64 {
	l.in = x
	for o, row := range l.weights {
		sum := l.bias[o].value
		for i := range row {
			sum += row[i].value * x[i]
		}
		l.out[o] = l.act.f(sum)
	}
	return l.out
}

// backward adds to the gradients and returns the gradient of the input.
func (l *layer) backward(grad []float64) []float64 {
	back := make([]float64, len(l.in))
	for o := range l.weights {
		g := grad[o] * l.act.derive(l.out[o])
		l.bias[o].grad += g
		for i := range l.weights[o] {
			l.weights[o][i].grad += g * l.in[i]
			back[i] += g * l.weights[o][i].value
		}
	}
	return back
}

type network []*layer

func (n network) forward(x []float64) []float64 {
	for _, l := range n {
		x = l.forward(x)
	}
	return x
}

// parameters yields every number of the network.
func (n network) parameters(yield func(*parameter) bool) {
	for _, l := range n {
		for o := range l.weights {
			for i := range l.weights[o] {
				if !yield(&l.weights[o][i]) {
					return
				}
			}
			if !yield(&l.bias[o]) {
				return
			}
		}
	}
}

type example struct{ in, want []float64 }

// loss is half the mean of the squares; it also leaves the gradients behind.
func (n network) loss(examples []example) (total float64) {
	for p := range n.parameters {
		p.grad = 0
	}
	scale := 1 / float64(len(examples))
	for _, e := range examples {
		out := n.forward(e.in)
		grad := make([]float64, len(out))
		for i, y := range out {
			d := y - e.want[i]
			total += d * d / 2 * scale
			grad[i] = d * scale
		}
		for i := len(n) - 1; i >= 0; i-- {
			grad = n[i].backward(grad)
		}
	}
	return total
}

func (n network) step(rate, momentum float64) {
	for p := range n.parameters {
		p.velocity = momentum*p.velocity - rate*p.grad
		p.value += p.velocity
	}
}

// check compares each gradient with a difference.
func (n network) check(examples []example) (worst float64, count int) {
	const h = 1e-5
	n.loss(examples)
	var grads []float64
	for p := range n.parameters {
		grads = append(grads, p.grad)
	}
	for p := range n.parameters {
		old := p.value
		p.value = old + h
		up := n.loss(examples)
		p.value = old - h
		down := n.loss(examples)
		p.value = old
		worst = max(worst, math.Abs((up-down)/(2*h)-grads[count]))
		count++
	}
	return
}

func (n network) String() string {
	var parts []string
	for _, l := range n {
		parts = append(parts, fmt.Sprintf("%d-%s->%d", len(l.weights[0]), l.act.name, len(l.bias)))
	}
	return strings.Join(parts, " ")
}

func accuracy(n network, examples []example) (right int) {
	for _, e := range examples {
		ok := true
		for i, y := range n.forward(e.in) {
			ok = ok && math.Abs(y-e.want[i]) < 0.5
		}
		if ok {
			right++
		}
	}
	return right
}

func main() {
	r := rand.New(rand.NewPCG(7, 7))
	xor := []example{{[]float64{0, 0}, []float64{0}}, {[]float64{0, 1}, []float64{1}}, {[]float64{1, 0}, []float64{1}}, {[]float64{1, 1}, []float64{0}}}
	for _, act := range []activation{sigmoid, tanh, relu, identity} {
		n := network{newLayer(r, 2, 3, act), newLayer(r, 3, 2, act), newLayer(r, 2, 1, sigmoid)}
		worst, count := n.check([]example{{[]float64{0.3, -0.8}, []float64{0.2}}, {[]float64{1.5, 0.4}, []float64{0.9}}})
		fmt.Printf("%s: %d parameters, gradients right: %t\n", n, count, worst < 1e-7)
	}

	n := network{newLayer(r, 2, 4, tanh), newLayer(r, 4, 1, sigmoid)}
	for epoch := range 401 {
		loss := n.loss(xor)
		if epoch%100 == 0 {
			fmt.Printf("epoch %3d loss %.4f right %d of 4\n", epoch, loss, accuracy(n, xor))
		}
		n.step(0.8, 0.9)
	}
	for _, e := range xor {
		fmt.Printf("%v -> %.0f\n", e.in, n.forward(e.in)[0])
	}

	// Two outputs at once: the sum and the difference can be learned exactly by a linear layer.
	linear := network{newLayer(r, 2, 2, identity)}
	var data []example
	for range 10 {
		a, b := r.Float64(), r.Float64()
		data = append(data, example{[]float64{a, b}, []float64{a + b, a - b + 1}})
	}
	for range 300 {
		linear.loss(data)
		linear.step(0.5, 0.5)
	}
	for o, row := range linear[0].weights {
		fmt.Printf("%.2f %.2f + %.2f\n", row[0].value, row[1].value, linear[0].bias[o].value+0)
	}
	first := 0.0
	for p := range linear.parameters {
		first = p.value
		break
	}
	fmt.Printf("first parameter %.2f, outputs share memory: %t\n", first, &linear.forward(data[0].in)[0] == &linear[0].out[0])
}
