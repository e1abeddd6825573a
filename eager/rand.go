package eager

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/tapir-go/tapir/eager/internal/array"
)

// Rand is a source of random numbers: PCG-DXSM with 128 bits of state (O'Neill 2014, as in math/rand/v2), whose numbers depend on
// the seed and the calls alone. It is not safe for two goroutines at once; give each its own by Split.
type Rand struct {
	src *rand.PCG
	r   *rand.Rand
}

// NewRand is a source that starts from seed.
func NewRand(seed uint64) *Rand {
	src := rand.NewPCG(seed, 0x9e3779b97f4a7c15) // the golden ratio: seeds 0, 1, 2 start far apart
	return &Rand{src, rand.New(src)}
}

// next is what makes the numbers. It is called before they are taken.
func (r *Rand) next() *rand.Rand {
	if m := modes.Get(); m != nil {
		m.watch.draws(r)
	}
	return r.r
}

// State is where the source is, for SetState.
func (r *Rand) State() []byte {
	b, err := r.src.MarshalBinary()
	if err != nil {
		panic("internal error: " + err.Error())
	}
	return b
}

// SetState puts the source where State was taken: the same numbers follow. It returns an error when state is not one.
func (r *Rand) SetState(state []byte) error {
	if err := r.src.UnmarshalBinary(state); err != nil {
		return fmt.Errorf("rand: state of %d bytes is not one that State returned: %w", len(state), err)
	}
	return nil
}

// Split is a new source whose numbers have nothing to do with those that follow in r. It takes two numbers from r.
func (r *Rand) Split() *Rand {
	from := r.next()
	src := rand.NewPCG(from.Uint64(), from.Uint64())
	return &Rand{src, rand.New(src)}
}

// Float64 is a number in [0,1).
func (r *Rand) Float64() float64 { return r.next().Float64() }

// NormFloat64 is a number of the standard normal distribution.
func (r *Rand) NormFloat64() float64 { return r.next().NormFloat64() }

// Intn is a number in [0,n). It panics when n is not above 0.
func (r *Rand) Intn(n int) int {
	if n <= 0 {
		fail("Intn", "", "no whole number in [0,%d)", n)
	}
	return r.next().IntN(n)
}

// Perm is 0 to n-1 in random order.
func (r *Rand) Perm(n int) []int { return r.next().Perm(n) }

// Normal is a float32 tensor of numbers of the standard normal distribution.
func (r *Rand) Normal(shape ...int) *Tensor {
	from := r.next()
	return r.fill("Normal", shape, func() float32 { return float32(from.NormFloat64()) })
}

// Uniform is a float32 tensor of numbers in [lo,hi).
func (r *Rand) Uniform(lo, hi float64, shape ...int) *Tensor {
	from := r.next()
	return r.fill("Uniform", shape, func() float32 { return float32(lo + (hi-lo)*from.Float64()) })
}

// Bernoulli is a float32 tensor of ones, each with probability p, and zeros.
func (r *Rand) Bernoulli(p float64, shape ...int) *Tensor {
	from := r.next()
	return r.fill("Bernoulli", shape, func() float32 {
		if from.Float64() < p {
			return 1
		}
		return 0
	})
}

func (r *Rand) fill(op string, shape []int, f func() float32) *Tensor {
	x := wrap(array.New(array.Float32, checkShape(op, shape)))
	v := x.a.F32()
	for i := range v {
		v[i] = f()
	}
	decide("Rand."+op, x, "random numbers")
	return x
}

// Ints is an i64 tensor of numbers in [0,n). It panics when n is not above 0.
func (r *Rand) Ints(n int, shape ...int) *Tensor {
	if n <= 0 {
		fail("Ints", "", "no whole number in [0,%d)", n)
	}
	x := wrap(array.New(array.Int64, checkShape("Ints", shape)))
	v, from := array.Flat[int64](&x.a), r.next()
	for i := range v {
		v[i] = from.Int64N(int64(n))
	}
	decide("Rand.Ints", x, "random numbers")
	return x
}

// Categorical draws one column for each row of probs (n,c), or one for a vector (c), with the probabilities that the row gives,
// which need not add up to 1. It panics when a row has a negative number or nothing but zeros.
func (r *Rand) Categorical(probs *Tensor) []int {
	probs.check("Categorical")
	if probs.Rank() < 1 || probs.Rank() > 2 || probs.a.Shape[probs.Rank()-1] == 0 {
		fail("Categorical", "", "probabilities of shape %v: want (n,c) or (c)", probs.shape())
	}
	c := probs.a.Shape[probs.Rank()-1]
	p, from := array.Float64s(&probs.a), r.next()
	out := make([]int, len(p)/c)
	for i := range out {
		row, total := p[i*c:(i+1)*c], 0.0
		for _, v := range row {
			if !(v >= 0) {
				fail("Categorical", "logits become probabilities by x.Softmax(-1)", "row %d of %v has %g: want numbers of 0 or more", i, probs.shape(), v)
			}
			total += v
		}
		if total == 0 || math.IsInf(total, 1) {
			fail("Categorical", "", "row %d of %v adds up to %g", i, probs.shape(), total)
		}
		at, last := from.Float64()*total, 0
		for k, v := range row {
			if v > 0 {
				last = k
				if at < v {
					break
				}
			}
			at -= v
		}
		out[i] = last
	}
	decide("Categorical", probs, out)
	return out
}
