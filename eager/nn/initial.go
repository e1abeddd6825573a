package nn

import (
	"fmt"
	"math"

	"github.com/tapir-go/tapir/eager"
)

// Initial values are made for a shape and then assigned:
//
//	layer.Weight.Assign(nn.KaimingNormal(rng, 256, 128))

// fans are the numbers of inputs and outputs of a unit with weights of that shape: (in,out) of Linear, (out,in,k,...)
// of convolutions.
func fans(op string, shape []int) (in, out int) {
	if len(shape) < 2 {
		panic(&eager.Error{Op: op, Text: fmt.Sprintf("shape %v has no inputs and outputs: want 2 axes or more", eager.Shape(shape))})
	}
	if len(shape) == 2 {
		return shape[0], shape[1]
	}
	field := 1
	for _, n := range shape[2:] {
		field *= n
	}
	return shape[1] * field, shape[0] * field
}

// XavierUniform is uniform within sqrt(6/(in+out)), for tanh and sigmoid (Glorot and Bengio 2010, equation 16). The
// shape is (in,out), or (out,in,k,k) of a convolution.
func XavierUniform(rng *eager.Rand, shape ...int) *eager.Tensor {
	in, out := fans("XavierUniform", shape)
	a := math.Sqrt(6 / float64(in+out))
	return rng.Uniform(-a, a, shape...)
}

// XavierNormal is normal with variance 2/(in+out) (Glorot and Bengio 2010). The shape is (in,out), or (out,in,k,k) of a
// convolution.
func XavierNormal(rng *eager.Rand, shape ...int) *eager.Tensor {
	in, out := fans("XavierNormal", shape)
	return rng.Normal(shape...).Scale(math.Sqrt(2 / float64(in+out)))
}

// KaimingUniform is uniform within sqrt(6/in), for relu (He et al. 2015, equation 10). The shape is (in,out), or
// (out,in,k,k) of a convolution.
func KaimingUniform(rng *eager.Rand, shape ...int) *eager.Tensor {
	in, _ := fans("KaimingUniform", shape)
	a := math.Sqrt(6 / float64(in))
	return rng.Uniform(-a, a, shape...)
}

// KaimingNormal is normal with variance 2/in, for relu (He et al. 2015, equation 10). The shape is (in,out), or
// (out,in,k,k) of a convolution.
func KaimingNormal(rng *eager.Rand, shape ...int) *eager.Tensor {
	in, _ := fans("KaimingNormal", shape)
	return rng.Normal(shape...).Scale(math.Sqrt(2 / float64(in)))
}

// Orthogonal is gain times a matrix with orthonormal columns or rows, whichever are fewer (Saxe et al. 2013), drawn
// evenly from all such. The shape is (in,out), or (out,in,k,k) of a convolution, of which axes 1 to 3 are taken as one.
func Orthogonal(rng *eager.Rand, gain float64, shape ...int) *eager.Tensor {
	if len(shape) < 2 {
		panic(&eager.Error{Op: "Orthogonal", Text: fmt.Sprintf("shape %v is no matrix: want 2 axes or more", eager.Shape(shape))})
	}
	rows, columns := shape[0], 1
	for _, n := range shape[1:] {
		columns *= n
	}
	// Gram and Schmidt on the shorter side's vectors, twice each for accuracy; normal vectors make the result uniform.
	count, length := min(rows, columns), max(rows, columns)
	vectors := make([][]float64, count)
	for i := range vectors {
		v := make([]float64, length)
		for norm := 0.0; norm < 1e-6; {
			for k := range v {
				v[k] = rng.NormFloat64()
			}
			for range 2 {
				for _, u := range vectors[:i] {
					d := 0.0
					for k := range v {
						d += u[k] * v[k]
					}
					for k := range v {
						v[k] -= d * u[k]
					}
				}
			}
			norm = 0
			for _, x := range v {
				norm += x * x
			}
			norm = math.Sqrt(norm)
			for k := range v {
				v[k] /= norm
			}
		}
		vectors[i] = v
	}
	values := make([]float64, rows*columns)
	for i, v := range vectors {
		for k, x := range v {
			if rows <= columns {
				values[i*columns+k] = gain * x
			} else {
				values[k*columns+i] = gain * x
			}
		}
	}
	return eager.New(values, shape...)
}
