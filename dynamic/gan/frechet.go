package gan

import (
	"fmt"
	"math"

	"github.com/tapir-go/tapir/eager"
)

// Frechet is the squared Fréchet distance of two Gaussians fitted to features real (n,d) and fake (m,d), each of two rows
// or more: |μ-ν|² + tr(A + B - 2(AB)^½), with covariances A, B by n-1 and m-1, all in float64 (Heusel et al. 2017,
// equation 6). It is named FID only when the features are those of Inception; for the features of a LeNet, say
// FID-LeNet. Few samples make it too great, so compare at the same n and m. Its time goes by d³.
func Frechet(real, fake *eager.Tensor) float64 {
	n, m, d := real.Want(-1, -1).Dim(0), fake.Want(-1, real.Dim(1)).Dim(0), real.Dim(1)
	if n < 2 || m < 2 {
		panic(&eager.Error{Op: "Frechet", Text: fmt.Sprintf("%d and %d samples: wants 2 or more of each", n, m)})
	}
	mu, a := moments(real.Values(), n, d)
	nu, b := moments(fake.Values(), m, d)
	distance := 0.0
	for i := range d {
		distance += (mu[i]-nu[i])*(mu[i]-nu[i]) + a[i*d+i] + b[i*d+i]
	}
	// AB has the eigenvalues of the symmetric A^½ B A^½.
	values, vectors := eigen(a, d)
	root := make([]float64, d*d)
	for i := range d {
		for j := range d {
			for k, v := range values {
				root[i*d+j] += vectors[i*d+k] * math.Sqrt(max(0, v)) * vectors[j*d+k]
			}
		}
	}
	values, _ = eigen(product(product(root, b, d), root, d), d)
	for _, v := range values {
		distance -= 2 * math.Sqrt(max(0, v))
	}
	return max(0, distance)
}

// moments gives the mean and the covariance, by n-1, of n rows of d numbers.
func moments(rows []float64, n, d int) (mean, cov []float64) {
	mean, cov = make([]float64, d), make([]float64, d*d)
	for k, v := range rows {
		mean[k%d] += v / float64(n)
	}
	for r := range n {
		row := rows[r*d : r*d+d]
		for i := range d {
			for j := range d {
				cov[i*d+j] += (row[i] - mean[i]) * (row[j] - mean[j]) / float64(n-1)
			}
		}
	}
	return mean, cov
}

func product(a, b []float64, d int) []float64 {
	c := make([]float64, d*d)
	for i := range d {
		for k := range d {
			for j := range d {
				c[i*d+j] += a[i*d+k] * b[k*d+j]
			}
		}
	}
	return c
}

// eigen gives the eigenvalues of a symmetric matrix (d,d) and, as columns, its eigenvectors, by cyclic Jacobi rotations
// (Golub and Van Loan, section 8.5). It leaves its argument broken.
func eigen(a []float64, d int) (values, vectors []float64) {
	values, vectors = make([]float64, d), make([]float64, d*d)
	for i := range d {
		vectors[i*d+i] = 1
	}
	for range 60 { // it converges quadratically: some ten sweeps do
		off, all := 0.0, 0.0
		for k, v := range a {
			all += v * v
			if k/d != k%d {
				off += v * v
			}
		}
		if off <= 1e-30*all {
			break
		}
		for p := range d {
			for q := p + 1; q < d; q++ {
				if a[p*d+q] == 0 {
					continue
				}
				theta := (a[q*d+q] - a[p*d+p]) / (2 * a[p*d+q])
				t := math.Copysign(1, theta) / (math.Abs(theta) + math.Hypot(1, theta))
				c := 1 / math.Hypot(1, t)
				s := t * c
				for k := range d {
					a[k*d+p], a[k*d+q] = c*a[k*d+p]-s*a[k*d+q], s*a[k*d+p]+c*a[k*d+q]
					vectors[k*d+p], vectors[k*d+q] = c*vectors[k*d+p]-s*vectors[k*d+q], s*vectors[k*d+p]+c*vectors[k*d+q]
				}
				for k := range d {
					a[p*d+k], a[q*d+k] = c*a[p*d+k]-s*a[q*d+k], s*a[p*d+k]+c*a[q*d+k]
				}
			}
		}
	}
	for i := range d {
		values[i] = a[i*d+i]
	}
	return values, vectors
}
