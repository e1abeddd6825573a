package gan

import (
	"math"

	"github.com/tapir-go/tapir/eager"
)

// Nearest gives, for each row of samples (n,d), the index of the nearest row of data (m,d) and its Euclidean distance, in
// float64; of equals, the first. A generator that memorises has samples nearer to its training data than held-out data
// are (Meehan et al. 2020): compare Nearest(samples, train) with Nearest(heldOut, train). With no data, index -1 and +Inf.
func Nearest(samples, data *eager.Tensor) (index []int, distance []float64) {
	d := samples.Want(-1, -1).Dim(1)
	n, m := samples.Dim(0), data.Want(-1, d).Dim(0)
	x, y := samples.Values(), data.Values()
	for i := range n {
		at, best := -1, math.Inf(1)
		for j := range m {
			sum := 0.0
			for k := range d {
				sum += (x[i*d+k] - y[j*d+k]) * (x[i*d+k] - y[j*d+k])
			}
			if sum < best {
				at, best = j, sum
			}
		}
		index, distance = append(index, at), append(distance, math.Sqrt(best))
	}
	return index, distance
}
