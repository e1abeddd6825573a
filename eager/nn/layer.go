package nn

import (
	"fmt"

	"github.com/tapir-go/tapir/eager"
)

// A Layer computes something from a tensor, with parameters that can be learned.
type Layer interface {
	// Forward applies the layer.
	Forward(x *eager.Tensor) *eager.Tensor
	// Params are the tensors that an optimiser changes, always in the same order; none for a layer that learns nothing.
	Params() []*eager.Tensor
}

// Seq applies layers one after the other.
type Seq struct{ Layers []Layer }

// NewSeq makes a layer of layers. Their parameters are named by their place, as in "0.weight": so errors, drawings and
// exported models call them.
func NewSeq(layers []Layer) *Seq {
	for i, l := range layers {
		if l == nil {
			panic(&eager.Error{Op: "NewSeq", Text: fmt.Sprintf("layer %d is nil", i)})
		}
	}
	seq := &Seq{layers}
	for _, s := range look(seq).slots {
		if !s.hidden {
			s.tensor.SetName(s.name)
		}
	}
	return seq
}

// Forward applies the layers in order.
func (s *Seq) Forward(x *eager.Tensor) *eager.Tensor {
	for _, l := range s.Layers {
		x = l.Forward(x)
	}
	return x
}

// Params are those of all layers, in order.
func (s *Seq) Params() []*eager.Tensor {
	var all []*eager.Tensor
	for _, l := range s.Layers {
		all = append(all, l.Params()...)
	}
	return all
}

// function is a layer without parameters.
type function struct {
	f func(*eager.Tensor) *eager.Tensor
}

// Func makes a layer of a function, such as nn.Relu.
func Func(f func(x *eager.Tensor) *eager.Tensor) Layer {
	if f == nil {
		panic(&eager.Error{Op: "Func", Text: "the function is nil"})
	}
	return &function{f}
}

func (l *function) Forward(x *eager.Tensor) *eager.Tensor { return l.f(x) }
func (l *function) Params() []*eager.Tensor               { return nil }

// wrapped is a function with the parameters that it uses.
type wrapped struct {
	f      func(*eager.Tensor) *eager.Tensor
	params []*eager.Tensor
}

// Wrap makes a layer of a function and the parameters that it uses. Their names in a state are the tensors' own, or
// param.0, param.1 and so on. A function that uses layers, not tensors, is made a layer by Join.
func Wrap(f func(x *eager.Tensor) *eager.Tensor, params []*eager.Tensor) Layer {
	if f == nil {
		panic(&eager.Error{Op: "Wrap", Text: "the function is nil"})
	}
	return &wrapped{f, params}
}

func (l *wrapped) Forward(x *eager.Tensor) *eager.Tensor { return l.f(x) }
func (l *wrapped) Params() []*eager.Tensor               { return l.params }

// joined is a function with the layers that it uses.
type joined struct {
	f func(*eager.Tensor) *eager.Tensor
	Seq
}

// Join makes a layer of a function and the layers that it uses, in any way it likes; names, training mode and buffers of
// those layers are kept, as "0.weight" and so on:
//
//	block := nn.Join(func(x *eager.Tensor) *eager.Tensor {
//		return x.Add(second.Forward(nn.Relu(first.Forward(x))))
//	}, []nn.Layer{first, second})
func Join(f func(x *eager.Tensor) *eager.Tensor, layers []Layer) Layer {
	if f == nil {
		panic(&eager.Error{Op: "Join", Text: "the function is nil"})
	}
	return &joined{f, *NewSeq(layers)}
}

func (l *joined) Forward(x *eager.Tensor) *eager.Tensor { return l.f(x) }

// Flatten makes (n,...) to (n,k).
type Flatten struct{}

// NewFlatten makes a layer that joins all axes but the first.
func NewFlatten() *Flatten { return &Flatten{} }

// Forward turns x (n,...) into (n,k).
func (*Flatten) Forward(x *eager.Tensor) *eager.Tensor { return x.Flatten(1) }

// Params are none.
func (*Flatten) Params() []*eager.Tensor { return nil }
