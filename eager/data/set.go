package data

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strings"

	"github.com/tapir-go/tapir/eager"
)

// A Set is a list of examples: inputs, and for each a label (a class) or a target (numbers), or neither.
type Set struct {
	X       *eager.Tensor // inputs (n,...), float32
	Labels  []int         // the class of each example, from 0; nil where there are none
	Y       *eager.Tensor // targets (n,...); nil where there are none
	Classes []string      // the names of the classes; may be nil
	Columns []string      // the names of the columns of X, where X is (n,k); may be nil
}

// New makes a set of inputs x (n,...) and their labels; labels may be nil. It panics unless there are n labels.
func New(x *eager.Tensor, labels []int) *Set {
	s := &Set{X: x, Labels: labels}
	s.check("data.New")
	return s
}

// NewPairs makes a set of inputs x (n,...) and targets y (n,...). It panics when their numbers differ.
func NewPairs(x, y *eager.Tensor) *Set {
	s := &Set{X: x, Y: y}
	s.check("data.NewPairs")
	return s
}

func (s *Set) check(op string) {
	switch {
	case s.X == nil:
		panic(&eager.Error{Op: op, Text: "the set has no inputs: X is nil"})
	case s.X.Rank() == 0:
		panic(&eager.Error{Op: op, Text: "inputs of shape () are no list of examples: want (n,...)"})
	case s.Labels != nil && len(s.Labels) != s.X.Dim(0):
		panic(&eager.Error{Op: op, Text: fmt.Sprintf("%d labels for inputs of shape %v: want %d", len(s.Labels), s.X.Shape(), s.X.Dim(0))})
	case s.Y != nil && (s.Y.Rank() == 0 || s.Y.Dim(0) != s.X.Dim(0)):
		panic(&eager.Error{Op: op, Text: fmt.Sprintf("targets of shape %v for inputs of shape %v: want as many", s.Y.Shape(), s.X.Shape())})
	}
}

// Len is the number of examples.
func (s *Set) Len() int { return s.X.Dim(0) }

// Take is the set of the examples with those indices, in that order, copied.
func (s *Set) Take(indices []int) *Set {
	out := &Set{Classes: s.Classes, Columns: s.Columns}
	out.X, out.Labels, out.Y = s.rows(indices)
	return out
}

// rows copies the examples with those indices.
func (s *Set) rows(indices []int) (x *eager.Tensor, labels []int, y *eager.Tensor) {
	n := s.Len()
	for _, i := range indices {
		if i < 0 || i >= n {
			panic(&eager.Error{Op: "Take", Text: fmt.Sprintf("there is no example %d in a set of %d", i, n)})
		}
	}
	index := eager.FromInts(indices, len(indices))
	eager.NoGrad(func() {
		x = s.X.Take(0, index)
		if s.Y != nil {
			y = s.Y.Take(0, index)
		}
	})
	if s.Labels != nil {
		labels = make([]int, len(indices))
		for k, i := range indices {
			labels[k] = s.Labels[i]
		}
	}
	return x, labels, y
}

// span gives the examples from lo up to hi, as views where the engine can.
func (s *Set) span(lo, hi int) (x *eager.Tensor, labels []int, y *eager.Tensor) {
	eager.NoGrad(func() {
		x = s.X.Slice(0, lo, hi)
		if s.Y != nil {
			y = s.Y.Slice(0, lo, hi)
		}
	})
	if s.Labels != nil {
		labels = slices.Clone(s.Labels[lo:hi])
	}
	return x, labels, y
}

// First is the set of the first n examples, or of all where there are fewer.
func (s *Set) First(n int) *Set {
	n = min(max(n, 0), s.Len())
	out := &Set{Classes: s.Classes, Columns: s.Columns}
	out.X, out.Labels, out.Y = s.span(0, n)
	return out
}

// Split deals the examples out into two sets: the first gets the part (0 to 1) of them, rounded to the nearest number,
// the second the rest. They are shuffled with rng; with rng nil they stay in order.
func (s *Set) Split(part float64, rng *eager.Rand) (first, second *Set) {
	if !(part >= 0 && part <= 1) {
		panic(&eager.Error{Op: "Split", Text: fmt.Sprintf("cannot split off %v of a set: want a part from 0 to 1", part)})
	}
	n := s.Len()
	order := make([]int, n)
	if rng != nil {
		order = rng.Perm(n)
	} else {
		for i := range order {
			order[i] = i
		}
	}
	k := int(math.Round(part * float64(n)))
	return s.Take(order[:k]), s.Take(order[k:])
}

// Scaling is how Normalise moved and stretched each column.
type Scaling struct {
	Mean, Std *eager.Tensor // (1,...) each
}

// Apply is x with the mean taken off and divided by the deviation, column by column; x is (n,...).
func (s Scaling) Apply(x *eager.Tensor) *eager.Tensor { return x.Sub(s.Mean).Div(s.Std) }

// Undo is the inverse of Apply.
func (s Scaling) Undo(x *eager.Tensor) *eager.Tensor { return x.Mul(s.Std).Add(s.Mean) }

// Normalise replaces X by numbers with mean 0 and deviation 1 in each column (a column that is constant becomes 0), and
// gives the scaling, to be applied to whatever else goes into the same model:
//
//	scaling := train.Normalise()
//	test.X = scaling.Apply(test.X)
func (s *Set) Normalise() Scaling {
	n := s.Len()
	if n == 0 {
		panic(&eager.Error{Op: "Normalise", Text: "the set is empty"})
	}
	values := s.X.Values()
	k := len(values) / n
	mean, std := make([]float64, k), make([]float64, k)
	for i, v := range values {
		mean[i%k] += v / float64(n)
	}
	for i, v := range values {
		d := v - mean[i%k]
		std[i%k] += d * d / float64(n)
	}
	for j := range std {
		if std[j] = math.Sqrt(std[j]); std[j] < 1e-12 {
			std[j] = 1
		}
	}
	shape := slices.Clone([]int(s.X.Shape()))
	shape[0] = 1
	scaling := Scaling{
		Mean: eager.FromFloat64(mean, shape...).To(s.X.DType()),
		Std:  eager.FromFloat64(std, shape...).To(s.X.DType()),
	}
	s.X = scaling.Apply(s.X)
	return scaling
}

// Count is how many examples each class has, by class.
func (s *Set) Count() []int {
	var count []int
	for _, c := range s.Labels {
		for c >= len(count) {
			count = append(count, 0)
		}
		count[c]++
	}
	for len(count) < len(s.Classes) {
		count = append(count, 0)
	}
	return count
}

// ClassName is the name of a class, or its number where it has none.
func (s *Set) ClassName(class int) string {
	if class >= 0 && class < len(s.Classes) {
		return s.Classes[class]
	}
	return fmt.Sprint(class)
}

// String says how many examples there are, and of what kind: "60000 examples of (1,28,28), 10 classes".
func (s *Set) String() string {
	if s.X == nil {
		return "no examples"
	}
	text := fmt.Sprintf("%d examples of %v", s.Len(), eager.Shape(s.X.Shape()[1:]))
	if s.Labels != nil {
		text += fmt.Sprintf(", %d classes", len(s.Count()))
	}
	if s.Y != nil {
		text += fmt.Sprintf(", targets %v", eager.Shape(s.Y.Shape()[1:]))
	}
	return text
}

// MIME is String, and a table of the classes and their sizes.
func (s *Set) MIME() map[string]any {
	bundle := map[string]any{"text/plain": s.String()}
	if s.X == nil || s.Labels == nil {
		return bundle
	}
	var b strings.Builder
	fmt.Fprintf(&b, "<div>%s</div><table><tr><th>class</th><th>examples</th></tr>", html.EscapeString(s.String()))
	for c, n := range s.Count() {
		fmt.Fprintf(&b, "<tr><td>%s</td><td>%d</td></tr>", html.EscapeString(s.ClassName(c)), n)
	}
	b.WriteString("</table>")
	bundle["text/html"] = b.String()
	return bundle
}
