package nn

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/safetensors"
)

// Names are the names of the parameters and buffers of l, in order: the path of fields and places to each, as in
// PyTorch: "0.weight", "encoder.norm.running_mean".
func Names(l Layer) []string {
	var names []string
	for _, s := range look(l).slots {
		names = append(names, s.name)
	}
	return names
}

// State is a copy of all parameters and buffers of l by name. It does not change when l learns on, so it may be kept as
// the best so far and given to LoadState later.
func State(l Layer) map[string]*eager.Tensor {
	state := map[string]*eager.Tensor{}
	for _, s := range look(l).slots {
		state[s.name] = eager.Keep(copyOf(s.tensor)).SetName(s.name)
	}
	return state
}

func copyOf(x *eager.Tensor) *eager.Tensor { return x.Detach().Clone() }

// LoadState copies a state into the parameters and buffers of l. Unless every name is there with its shape, and no
// other, nothing is changed and the error lists all that does not fit.
func LoadState(l Layer, state map[string]*eager.Tensor) error {
	return load(look(l).slots, state, "")
}

// load copies a state into slots, or nothing.
func load(slots []slot, state map[string]*eager.Tensor, source string) error {
	var missing, wrong []string
	known := map[string]bool{}
	values := make([]*eager.Tensor, len(slots))
	for i, s := range slots {
		known[s.name] = true
		x := state[s.name]
		switch {
		case x == nil:
			missing = append(missing, fmt.Sprintf("%s %v", s.name, s.tensor.Shape()))
		case !slices.Equal(x.Shape(), s.tensor.Shape()):
			text := fmt.Sprintf("%s is %v, want %v", s.name, x.Shape(), s.tensor.Shape())
			if x.Rank() == 2 && x.Dim(0) == s.tensor.Size()/max(s.tensor.Dim(0), 1) && x.Dim(1) == s.tensor.Dim(0) {
				text += " (it would fit transposed: for weights from PyTorch there is LoadTorch)"
			}
			wrong = append(wrong, text)
		case x.DType() != s.tensor.DType():
			if !x.DType().IsFloat() || !s.tensor.DType().IsFloat() {
				wrong = append(wrong, fmt.Sprintf("%s is %v, want %v", s.name, x.DType(), s.tensor.DType()))
				continue
			}
			values[i] = x.To(s.tensor.DType())
		default:
			values[i] = x
		}
	}
	var unexpected []string
	for _, name := range slices.Sorted(maps.Keys(state)) {
		if !known[name] {
			unexpected = append(unexpected, fmt.Sprintf("%s %v", name, state[name].Shape()))
		}
	}
	if len(missing)+len(wrong)+len(unexpected) > 0 {
		return &StateError{Source: source, Missing: missing, Unexpected: unexpected, Wrong: wrong}
	}
	for i, s := range slots {
		s.tensor.Assign(values[i].Detach())
	}
	return nil
}

// A StateError lists all in which a state and a layer differ.
type StateError struct {
	Source     string   // the file, or "" for a state from memory
	Missing    []string // what the layer has and the state has not, with the shape
	Unexpected []string // what the state has and the layer has not, with the shape
	Wrong      []string // what has another shape or dtype
}

// Error lists the differences, one a line.
func (e *StateError) Error() string {
	var b strings.Builder
	b.WriteString("the state does not fit the layer; nothing was changed")
	if e.Source != "" {
		fmt.Fprintf(&b, " (%s)", e.Source)
	}
	for _, group := range []struct {
		word  string
		items []string
	}{{"missing", e.Missing}, {"unexpected", e.Unexpected}, {"wrong", e.Wrong}} {
		for _, item := range group.items {
			fmt.Fprintf(&b, "\n  %s: %s", group.word, item)
		}
	}
	return b.String()
}

// Save writes the state of l as a safetensors file, whole or not at all. Linear weights are (in,out); SaveTorch writes
// them as PyTorch has them.
func Save(path string, l Layer) error {
	return safetensors.Save(path, State(l), nil)
}

// Load reads a file that Save wrote into l. Where names or shapes do not fit, nothing is changed and a *StateError lists
// all that is missing, unexpected or wrong.
func Load(path string, l Layer) error {
	state, _, err := safetensors.Load(path)
	if err != nil {
		return err
	}
	return load(look(l).slots, state, path)
}

// SaveTorch is Save with linear weights as (out,in), for torch's load_state_dict.
func SaveTorch(path string, l Layer) error {
	state := State(l)
	for _, s := range look(l).slots {
		if s.turned() {
			state[s.name] = state[s.name].T().Contiguous()
		}
	}
	return safetensors.Save(path, state, map[string]string{"format": "pt"})
}

// LoadTorch is Load for a file with the state of a PyTorch module of the same structure and names, whose linear weights
// are (out,in).
func LoadTorch(path string, l Layer) error {
	state, _, err := safetensors.Load(path)
	if err != nil {
		return err
	}
	slots := look(l).slots
	for _, s := range slots {
		if x := state[s.name]; x != nil && x.Rank() == 2 && s.turned() {
			state[s.name] = x.T().Contiguous()
		}
	}
	return load(slots, state, path)
}

// turned tells whether PyTorch has this tensor transposed.
func (s slot) turned() bool {
	l, ok := s.owner.(*Linear)
	return ok && l.Weight == s.tensor
}

// Blend moves the parameters and buffers of to by the part tau (0 to 1) towards those of from, a layer of the same
// structure: tau 1 copies, a small tau after each step makes a slow follower (target networks, averaged weights).
// Buffers of whole numbers are copied. It panics when the structures differ.
func Blend(to, from Layer, tau float64) {
	a, b := look(to).slots, look(from).slots
	fits := len(a) == len(b)
	for i := 0; i < len(a) && fits; i++ {
		fits = a[i].name == b[i].name && slices.Equal(a[i].tensor.Shape(), b[i].tensor.Shape())
	}
	if !fits {
		panic(&eager.Error{Op: "Blend", Text: "the two layers do not have the same parameters: want two of one structure"})
	}
	eager.NoGrad(func() {
		for i := range a {
			x, y := a[i].tensor, b[i].tensor.Detach()
			if tau != 1 && x.DType().IsFloat() {
				y = x.Scale(1 - tau).Add(y.Scale(tau))
			}
			x.Assign(y)
		}
	})
}
