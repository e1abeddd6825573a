package rl

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/tapir-go/tapir/eager"
)

// Space says which values an observation or an action may take. A value is a []float32: the numbers of a Box in
// row-major order, or the one whole number of a Discrete.
type Space interface {
	// Sample draws a value at random, as Gymnasium's Space.sample() does after the same Seed; without a Seed, as
	// after Seed(0).
	Sample() []float32
	// Seed begins the draws of this seed (0 or more) anew.
	Seed(seed int)
	// Contains tells whether a value belongs to the space.
	Contains(value []float32) bool
	// Size is how many numbers a value has.
	Size() int
	// String is the space as Gymnasium writes it, about: Discrete(2), Box([-1 -1], [1 1], (2)).
	String() string
}

// Discrete is the N whole numbers from Start.
type Discrete struct {
	N, Start int
	random   *Generator
}

// NewDiscrete is the space of the whole numbers 0 to n-1. An n below 1, or one that float32 cannot count (above
// 16,777,216), is an error.
func NewDiscrete(n int) *Discrete {
	if n < 1 || n > 1<<24 {
		panic(&eager.Error{Op: "NewDiscrete", Text: fmt.Sprintf("wants between 1 and %d values, not %d", 1<<24, n)})
	}
	return &Discrete{N: n}
}

// Sample draws one of the numbers, each as likely as the others.
func (d *Discrete) Sample() []float32 {
	if d.random == nil {
		d.Seed(0)
	}
	return []float32{float32(d.Start + d.random.Intn(d.N))}
}

// Seed begins the draws of this seed anew.
func (d *Discrete) Seed(seed int) { d.random = NewGenerator(seed) }

// Contains tells whether value is one whole number of the N.
func (d *Discrete) Contains(value []float32) bool {
	if len(value) != 1 || value[0] != float32(math.Trunc(float64(value[0]))) {
		return false
	}
	i := int(value[0]) - d.Start
	return i >= 0 && i < d.N
}

// Size is 1.
func (d *Discrete) Size() int { return 1 }

func (d *Discrete) String() string {
	if d.Start != 0 {
		return fmt.Sprintf("Discrete(%d, start=%d)", d.N, d.Start)
	}
	return fmt.Sprintf("Discrete(%d)", d.N)
}

// Tuple is several spaces at once; a value is theirs one after the other.
type Tuple struct {
	Spaces []Space
	seeded bool
}

// NewTuple is the space of the values of each of the spaces, one after the other.
func NewTuple(spaces []Space) *Tuple { return &Tuple{Spaces: append([]Space(nil), spaces...)} }

// Sample draws from every space by itself.
func (t *Tuple) Sample() []float32 {
	if !t.seeded {
		t.Seed(0)
	}
	out := make([]float32, 0, t.Size())
	for _, space := range t.Spaces {
		out = append(out, space.Sample()...)
	}
	return out
}

// Seed gives every space a seed of its own, drawn from this one.
func (t *Tuple) Seed(seed int) {
	t.seeded = true
	random := NewGenerator(seed)
	for _, space := range t.Spaces {
		space.Seed(random.Intn(math.MaxInt32))
	}
}

// Contains tells whether each space contains its part of value.
func (t *Tuple) Contains(value []float32) bool {
	for _, space := range t.Spaces {
		size := space.Size()
		if len(value) < size || !space.Contains(value[:size]) {
			return false
		}
		value = value[size:]
	}
	return len(value) == 0
}

// Size is the sum of the sizes.
func (t *Tuple) Size() int {
	size := 0
	for _, space := range t.Spaces {
		size += space.Size()
	}
	return size
}

func (t *Tuple) String() string {
	words := make([]string, len(t.Spaces))
	for i, space := range t.Spaces {
		words[i] = space.String()
	}
	return "Tuple(" + strings.Join(words, ", ") + ")"
}

// Box is the vectors or arrays of float32 whose every number lies between its own Low and High, ends included; either
// may be infinite.
type Box struct {
	Low, High []float32
	Shape     []int
	random    *Generator
}

// NewBox is the space of arrays of a shape (without one: vectors) with the bounds low and high for each number in
// row-major order. Lengths that differ, a shape of another size, a NaN, and a low above its high are errors.
func NewBox(low, high []float32, shape ...int) *Box {
	fail := func(format string, values ...any) {
		panic(&eager.Error{Op: "NewBox", Text: fmt.Sprintf(format, values...)})
	}
	if len(shape) == 0 {
		shape = []int{len(low)}
	}
	size := 1
	for _, n := range shape {
		size *= n
	}
	if len(low) != len(high) || len(low) != size {
		fail("%d low and %d high bounds for %d numbers of shape %v: wants one of each for every number",
			len(low), len(high), size, eager.Shape(shape))
	}
	for i := range low {
		if !(low[i] <= high[i]) {
			fail("number %d: low %v is not at most high %v", i, low[i], high[i])
		}
	}
	clone := func(v []float32) []float32 { return append([]float32(nil), v...) }
	return &Box{Low: clone(low), High: clone(high), Shape: append([]int(nil), shape...)}
}

// Sample draws each number by itself: uniform between two bounds, an exponential fall from one, standard normal
// without any. The order of the draws is Gymnasium's: first all numbers without bounds, then those with a low one,
// a high one, two.
func (b *Box) Sample() []float32 {
	if b.random == nil {
		b.Seed(0)
	}
	out := make([]float32, len(b.Low))
	for _, kind := range []struct {
		low, high bool
		draw      func(low, high float64) float64
	}{
		{false, false, func(_, _ float64) float64 { return b.random.Normal() }},
		{true, false, func(low, _ float64) float64 { return b.random.Exponential() + low }},
		{false, true, func(_, high float64) float64 { return -b.random.Exponential() + high }},
		{true, true, b.random.Uniform},
	} {
		for i := range out {
			low, high := float64(b.Low[i]), float64(b.High[i])
			if math.IsInf(low, -1) != kind.low && math.IsInf(high, 1) != kind.high {
				out[i] = float32(kind.draw(low, high))
			}
		}
	}
	return out
}

// Seed begins the draws of this seed anew.
func (b *Box) Seed(seed int) { b.random = NewGenerator(seed) }

// Contains tells whether value has Size numbers and each lies within its bounds.
func (b *Box) Contains(value []float32) bool {
	if len(value) != len(b.Low) {
		return false
	}
	for i, v := range value {
		if !(b.Low[i] <= v && v <= b.High[i]) {
			return false
		}
	}
	return true
}

// Size is the product of the shape.
func (b *Box) Size() int { return len(b.Low) }

func (b *Box) String() string {
	return fmt.Sprintf("Box(%s, %s, %v)", bounds(b.Low), bounds(b.High), eager.Shape(b.Shape))
}

// bounds writes one number where all are the same.
func bounds(v []float32) string {
	words := make([]string, len(v))
	same := len(v) > 0
	for i, x := range v {
		words[i] = strconv.FormatFloat(float64(x), 'g', 6, 32)
		same = same && x == v[0]
	}
	if same {
		return words[0]
	}
	return "[" + strings.Join(words, " ") + "]"
}

func itoa(n int) string { return strconv.Itoa(n) }
