package rl

import (
	"math"
	"math/bits"
	"sync"

	"github.com/tapir-go/tapir/eager"
)

// Generator draws random numbers as NumPy's default_rng(seed) does, bit for bit: PCG64 (O'Neill 2014, XSL-RR 128/64)
// seeded through SeedSequence. Gymnasium's environments and spaces draw from it, so ours do too. It is not for use by
// several goroutines at once.
type Generator struct {
	high, low       uint64 // the state of 128 bits
	incHigh, incLow uint64
	half            uint32 // the upper half of the last 64 bits, where only the lower was used
	halfKept        bool
}

// NewGenerator is numpy.random.default_rng(seed). A seed below 0 is an error.
func NewGenerator(seed int) *Generator {
	g := &Generator{}
	g.Seed(seed)
	return g
}

// Seed begins the sequence of this seed anew. A seed below 0 is an error.
func (g *Generator) Seed(seed int) {
	if seed < 0 {
		panic(&eager.Error{Op: "Seed", Text: "a seed must be 0 or more, not " + itoa(seed),
			Hint: "Reset(rl.Keep) goes on without a new seed"})
	}
	words := seedWords(uint64(seed), 8)
	join := func(i int) uint64 { return uint64(words[2*i]) | uint64(words[2*i+1])<<32 }
	*g = Generator{incHigh: join(2)<<1 | join(3)>>63, incLow: join(3)<<1 | 1}
	g.advance()
	var carry uint64
	g.low, carry = bits.Add64(g.low, join(1), 0)
	g.high, _ = bits.Add64(g.high, join(0), carry)
	g.advance()
}

// seedWords is NumPy's SeedSequence(seed).generate_state(n): it spreads the bits of a seed over a pool of four words
// and hashes n words from that.
func seedWords(seed uint64, n int) []uint32 {
	const (
		multPool, multOut = 0x931e8875, 0x58f38ded
		mixLeft, mixRight = 0xca01f9dd, 0x4973f715
	)
	hash := uint32(0x43b0d7e5)
	stir := func(v uint32) uint32 {
		v ^= hash
		hash *= multPool
		v *= hash
		return v ^ v>>16
	}
	var pool [4]uint32
	pool[0] = stir(uint32(seed))
	pool[1] = stir(uint32(seed >> 32))
	pool[2], pool[3] = stir(0), stir(0)
	for from := range pool {
		for to := range pool {
			if from != to {
				v := mixLeft*pool[to] - mixRight*stir(pool[from])
				pool[to] = v ^ v>>16
			}
		}
	}
	out := make([]uint32, n)
	hash = 0x8b51f9dd
	for i := range out {
		v := pool[i%4] ^ hash
		hash *= multOut
		v *= hash
		out[i] = v ^ v>>16
	}
	return out
}

// advance is one step of the linear congruential generator of 128 bits.
func (g *Generator) advance() {
	const multHigh, multLow = 2549297995355413924, 4865540595714422341
	high, low := bits.Mul64(g.low, multLow)
	high += g.high*multLow + g.low*multHigh
	var carry uint64
	g.low, carry = bits.Add64(low, g.incLow, 0)
	g.high, _ = bits.Add64(high, g.incHigh, carry)
}

// Uint64 is the next 64 random bits.
func (g *Generator) Uint64() uint64 {
	g.advance()
	return bits.RotateLeft64(g.high^g.low, -int(g.high>>58))
}

// Uint32 is the next 32 random bits: the lower half of 64 and, at the next call, their upper half.
func (g *Generator) Uint32() uint32 {
	if g.halfKept {
		g.halfKept = false
		return g.half
	}
	v := g.Uint64()
	g.half, g.halfKept = uint32(v>>32), true
	return uint32(v)
}

// Float64 is uniform in [0, 1), as Generator.random().
func (g *Generator) Float64() float64 { return float64(g.Uint64()>>11) * (1.0 / (1 << 53)) }

// Uniform is uniform in [low, high), as Generator.uniform(low, high).
func (g *Generator) Uniform(low, high float64) float64 {
	return low + float64((high-low)*g.Float64())
}

// Intn is a whole number in [0, n), as Generator.integers(n); by Lemire's method (2019). An n below 1 is an error.
func (g *Generator) Intn(n int) int {
	if n < 1 {
		panic(&eager.Error{Op: "Intn", Text: "wants a bound of 1 or more, not " + itoa(n)})
	}
	switch bound := uint64(n); {
	case bound == 1:
		return 0 // and nothing is drawn
	case bound == 1<<32:
		return int(g.Uint32())
	case bound < 1<<32:
		product := uint64(g.Uint32()) * bound
		for reject := uint64(-uint32(bound) % uint32(bound)); product&math.MaxUint32 < reject; {
			product = uint64(g.Uint32()) * bound
		}
		return int(product >> 32)
	default:
		high, low := bits.Mul64(g.Uint64(), bound)
		for reject := -bound % bound; low < reject; {
			high, low = bits.Mul64(g.Uint64(), bound)
		}
		return int(high)
	}
}

// Choose is the index of one of the chances, which add up to 1: the first at which their running sum exceeds one
// uniform draw, else 0. So do Gymnasium's environments of tables (categorical_sample); one number is drawn even
// where there is no choice.
func (g *Generator) Choose(chances []float64) int {
	u, sum := g.Float64(), 0.0
	for i, p := range chances {
		if sum += p; sum > u {
			return i
		}
	}
	return 0
}

// Normal is standard normal, as Generator.standard_normal(), by the ziggurat of 256 layers (Marsaglia and Tsang
// 2000). The layers are computed here and agree with NumPy's table to the last bit or two of a float64, so a draw is
// equal to NumPy's when it is rounded to float32.
func (g *Generator) Normal() float64 {
	z := normalZiggurat()
	for {
		v := g.Uint64()
		layer, negative, mantissa := v&0xff, v>>8&1 == 1, v>>9&(1<<52-1)
		x := float64(mantissa) * z.width[layer]
		if negative {
			x = -x
		}
		if mantissa < z.inside[layer] {
			return x
		}
		if layer == 0 {
			for {
				a := -math.Log1p(-g.Float64()) / z.last
				b := -math.Log1p(-g.Float64())
				if b+b > a*a {
					if mantissa>>8&1 == 1 {
						return -(z.last + a)
					}
					return z.last + a
				}
			}
		}
		if float64((z.height[layer-1]-z.height[layer])*g.Float64())+z.height[layer] < math.Exp(-0.5*x*x) {
			return x
		}
	}
}

// Exponential has mean 1, as Generator.standard_exponential(); see Normal for how near it is to NumPy's.
func (g *Generator) Exponential() float64 {
	z := exponentialZiggurat()
	for {
		v := g.Uint64() >> 3
		layer, mantissa := v&0xff, v>>8
		x := float64(mantissa) * z.width[layer]
		if mantissa < z.inside[layer] {
			return x
		}
		if layer == 0 {
			return z.last - math.Log1p(-g.Float64())
		}
		if float64((z.height[layer-1]-z.height[layer])*g.Float64())+z.height[layer] < math.Exp(-x) {
			return x
		}
	}
}

// A ziggurat covers a falling density by 256 layers of one area.
type ziggurat struct {
	last   float64      // where the tail begins
	width  [256]float64 // of a layer, for one unit of the mantissa
	inside [256]uint64  // mantissas below this are under the density for sure
	height [256]float64 // of the density at the layer's end
}

// newZiggurat builds the layers from the density, its inverse, where its tail begins and the area of a layer.
func newZiggurat(density, inverse func(float64) float64, last, area float64, mantissaBits int) *ziggurat {
	z, unit := &ziggurat{last: last}, float64(uint64(1)<<mantissaBits)
	z.height[0], z.height[255] = 1, density(last)
	z.width[0], z.width[255] = area/z.height[255]/unit, last/unit
	z.inside[0] = uint64(last * z.height[255] / area * unit)
	x := last
	for i := 254; i > 0; i-- {
		next := inverse(area/x + z.height[i+1])
		z.inside[i+1] = uint64(next / x * unit)
		z.width[i], z.height[i] = next/unit, density(next)
		x = next
	}
	return z
}

var normalZiggurat = sync.OnceValue(func() *ziggurat {
	return newZiggurat(
		func(x float64) float64 { return math.Exp(-0.5 * x * x) },
		func(y float64) float64 { return math.Sqrt(-2 * math.Log(y)) },
		3.6541528853610088, 0.00492867323397465, 52)
})

var exponentialZiggurat = sync.OnceValue(func() *ziggurat {
	const last = 7.69711747013104972
	return newZiggurat(
		func(x float64) float64 { return math.Exp(-x) },
		func(y float64) float64 { return -math.Log(y) },
		last, (last+1)*math.Exp(-last), 53)
})
