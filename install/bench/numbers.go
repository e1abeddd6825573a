package bench

import (
	"math"

	"github.com/tapir-go/tapir/eager"
)

// word is number i of those that depend on seed alone, 24 bits. Every worker makes the same.
func word(seed, i uint32) uint32 {
	h := i*2654435761 + seed*2246822519
	h = (h ^ h>>15) * 0x2c1b3c6d
	h = (h ^ h>>12) * 0x297a2d39
	return (h ^ h>>15) >> 8
}

// numbers are n numbers between -1 and 1.
func numbers(seed uint32, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(word(seed, uint32(i)))/(1<<23) - 1
	}
	return v
}

// tensor is numbers of that shape.
func tensor(seed uint32, shape ...int) *eager.Tensor {
	return eager.FromFloat32(numbers(seed, eager.Shape(shape).Size()), shape...)
}

// labels are whole numbers from 0 to classes-1 of that shape.
func labels(seed uint32, classes int, shape ...int) *eager.Tensor {
	v := make([]int, eager.Shape(shape).Size())
	for i := range v {
		v[i] = int(word(seed, uint32(i))) % classes
	}
	return eager.FromInts(v, shape...)
}

// weigh sets parameters as every worker does, but for scales of normalisations, which are ones.
func weigh(params []*eager.Tensor) {
	for i, p := range params {
		size := float64(p.Size())
		if p.Rank() == 1 && p.Sum().Item() == size {
			continue
		}
		scale := float32(0.05)
		if p.Rank() > 1 {
			scale = float32(math.Pow(size, -0.25))
		}
		v := numbers(uint32(1000+i), p.Size())
		for j := range v {
			v[j] *= scale
		}
		p.Assign(eager.FromFloat32(v, p.Shape()...))
	}
}
