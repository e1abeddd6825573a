package array

import (
	"math"
	"runtime"

	"github.com/tapir-go/tapir/eager/internal/simd"
)

// Norm is what the rows of an array are brought to: mean 0 and variance 1, or only a mean square of 1.
type Norm struct {
	Eps    float64 // added to the variance, or to the mean square
	Square bool    // the mean stays
}

// normRows is how many rows make a piece of work. What they add to the gradients of weight and bias is added up apart.
func normRows(n int) int { return 1 + (1<<13)/max(n, 1) }

// Forward normalises each row of a, the numbers of its last axes, of which there are as many as w has, and returns
// (row-mean)/deviation*w + b; b is nil where Square is set.
func (m Norm) Forward(a, w, b *Array) Array {
	y := New(a.DType, a.Shape)
	x, done := packed(a)
	defer done()
	n := w.Size()
	if y.Size() == 0 {
		return y
	}
	if a.DType == Float32 {
		d, s, scale, bias := y.F32(), x.F32(), row[float32](w), row[float32](b)
		each(len(d)/n, normRows(n), func(lo, hi int) {
			for r := lo * n; r < hi*n; r += n {
				m.row32(d[r:r+n], s[r:r+n], scale, bias)
			}
		})
	} else {
		d, s, scale, bias := Flat[float64](&y), Flat[float64](&x), row[float64](w), row[float64](b)
		for r := 0; r < len(d); r += n {
			mean, inv := m.stats64(s[r : r+n])
			for i, v := range s[r : r+n] {
				d[r+i] = (v - mean) * inv * scale[i]
				if b != nil {
					d[r+i] += bias[i]
				}
			}
		}
	}
	runtime.KeepAlive(a.Store)
	return y
}

// row is the numbers of a small array, copied where it has strides; nil for none.
func row[T Number](a *Array) []T {
	if a == nil {
		return nil
	}
	c := Contiguous(a)
	return Flat[T](&c)
}

func (m Norm) row32(d, x, w, b []float32) {
	mean, inv := m.stats32(x)
	if m.Square {
		simd.MulS(d, x, inv)
		simd.Mul(d, d, w)
		return
	}
	simd.Normalise(d, x, w, b, mean, inv)
}

// stats32 is the mean of a row, 0 if it stays, and what its distances from it are multiplied with.
func (m Norm) stats32(x []float32) (mean, inv float32) {
	n := float64(len(x))
	if !m.Square {
		mean = float32(float64(simd.Sum(x)) / n)
	}
	return mean, float32(1 / math.Sqrt(float64(simd.Moment(x, mean))/n+m.Eps))
}

func (m Norm) stats64(x []float64) (mean, inv float64) {
	n := float64(len(x))
	if !m.Square {
		for _, v := range x {
			mean += v
		}
		mean /= n
	}
	for _, v := range x {
		inv += (v - mean) * (v - mean)
	}
	return mean, 1 / math.Sqrt(inv/n+m.Eps)
}

// Backward is the gradients of the arguments of Forward, from that of its result. With Square there is no db.
func (m Norm) Backward(a, w, g *Array) (dx, dw, db Array) {
	dx = New(a.DType, a.Shape)
	x, doneX := packed(a)
	defer doneX()
	q, doneG := packed(g)
	defer doneG()
	if a.DType == Float32 {
		dw, db = normGrad(&dx, &x, &q, w, m.gradRow32)
	} else {
		dw, db = normGrad(&dx, &x, &q, w, m.gradRow64)
	}
	runtime.KeepAlive(a.Store)
	runtime.KeepAlive(g.Store)
	return dx, dw, db
}

// normGrad runs f, which sets a row of dx and adds to dw and db, over all rows.
func normGrad[T Float](dx, x, g, w *Array, f func(dx, dw, db, x, g, w []T)) (dw, db Array) {
	n := w.Size()
	dw, db = Zeros(x.DType, w.Shape), Zeros(x.DType, w.Shape)
	if dx.Size() == 0 {
		return dw, db
	}
	d, s, t, scale := Flat[T](dx), Flat[T](x), Flat[T](g), row[T](w)
	rows := len(d) / n
	// The pieces depend on the shape alone, and there are at most 64 of them.
	size := max(normRows(n), (rows+63)/64)
	pieces := (rows + size - 1) / size
	parts := make([]T, 2*n*pieces)
	ParallelChunks(rows, size, func(i, lo, hi int) {
		part := parts[2*n*i:][:2*n]
		for r := lo * n; r < hi*n; r += n {
			f(d[r:r+n], part[:n], part[n:], s[r:r+n], t[r:r+n], scale)
		}
	})
	for i := range pieces {
		accumulate(Flat[T](&dw), parts[2*n*i:][:n])
		accumulate(Flat[T](&db), parts[2*n*i+n:][:n])
	}
	return dw, db
}

// accumulate adds x to sum.
func accumulate[T Float](sum, x []T) {
	if s, ok := any(sum).([]float32); ok {
		simd.Add(s, s, any(x).([]float32))
		return
	}
	for i, v := range x {
		sum[i] += v
	}
}

func (m Norm) gradRow32(dx, dw, db, x, g, w []float32) {
	mean, inv := m.stats32(x)
	plain, moved := simd.NormSums(g, w, x, mean)
	n := float32(len(x))
	if m.Square {
		plain = 0
	}
	// inv (g w - mean(g w) - h mean(g w h)), where h is (x-mean) inv
	simd.NormGrad(dx, g, w, x, mean, inv, -inv*inv*inv*moved/n, -inv*plain/n)
	simd.NormAdd(dw, db, g, x, mean, inv)
}

func (m Norm) gradRow64(dx, dw, db, x, g, w []float64) {
	mean, inv := m.stats64(x)
	plain, moved, n := 0.0, 0.0, float64(len(x))
	for i, v := range x {
		h := (v - mean) * inv
		plain += g[i] * w[i]
		moved += g[i] * w[i] * h
		dw[i] += g[i] * h
		db[i] += g[i]
	}
	if m.Square {
		plain = 0
	}
	for i, v := range x {
		dx[i] = inv * (g[i]*w[i] - plain/n - (v-mean)*inv*moved/n)
	}
}
