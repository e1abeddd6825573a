// Linear systems: LU with pivoting, QR by reflections, Cholesky, least squares, inverses and determinants.

package main

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

type Matrix struct {
	rows, cols int
	data       []float64
}

func New(rows, cols int, data ...float64) *Matrix {
	if len(data) == 0 {
		data = make([]float64, rows*cols)
	}
	return &Matrix{rows, cols, data}
}

func Identity(n int) *Matrix {
	m := New(n, n)
	for i := range n {
		*m.at(i, i) = 1
	}
	return m
}

func (m *Matrix) at(i, j int) *float64 { return &m.data[i*m.cols+j] }
func (m *Matrix) row(i int) []float64  { return m.data[i*m.cols : (i+1)*m.cols] }
func (m *Matrix) clone() *Matrix       { return New(m.rows, m.cols, append([]float64{}, m.data...)...) }

func (m *Matrix) Mul(o *Matrix) *Matrix {
	out := New(m.rows, o.cols)
	for i := range m.rows {
		for k, v := range m.row(i) {
			for j, w := range o.row(k) {
				out.row(i)[j] += v * w
			}
		}
	}
	return out
}

func (m *Matrix) T() *Matrix {
	out := New(m.cols, m.rows)
	for i := range m.rows {
		for j, v := range m.row(i) {
			*out.at(j, i) = v
		}
	}
	return out
}

func (m *Matrix) Sub(o *Matrix) *Matrix {
	out := m.clone()
	for i, v := range o.data {
		out.data[i] -= v
	}
	return out
}

// Norm is the largest absolute value.
func (m *Matrix) Norm() (norm float64) {
	for _, v := range m.data {
		norm = max(norm, math.Abs(v))
	}
	return norm
}

func (m *Matrix) String() string {
	var b strings.Builder
	for i := range m.rows {
		b.WriteString("[")
		for _, v := range m.row(i) {
			if math.Abs(v) < 1e-12 {
				v = 0
			}
			fmt.Fprintf(&b, "%9.4f", v)
		}
		b.WriteString(" ]\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

var (
	ErrSingular    = errors.New("matrix is singular")
	ErrNotPositive = errors.New("matrix is not positive definite")
)

type LU struct {
	m    *Matrix
	perm []int
	sign float64
}

func Factor(a *Matrix) (*LU, error) {
	lu := &LU{m: a.clone(), sign: 1}
	n := a.rows
	for i := range n {
		lu.perm = append(lu.perm, i)
	}
	for k := range n {
		pivot := k
		for i := k + 1; i < n; i++ {
			if math.Abs(*lu.m.at(i, k)) > math.Abs(*lu.m.at(pivot, k)) {
				pivot = i
			}
		}
		if math.Abs(*lu.m.at(pivot, k)) < 1e-12 {
			return nil, fmt.Errorf("column %d: %w", k, ErrSingular)
		}
		if pivot != k {
			for j, v := range lu.m.row(k) {
				lu.m.row(k)[j], lu.m.row(pivot)[j] = lu.m.row(pivot)[j], v
			}
			lu.perm[k], lu.perm[pivot] = lu.perm[pivot], lu.perm[k]
			lu.sign = -lu.sign
		}
		for i := k + 1; i < n; i++ {
			f := *lu.m.at(i, k) / *lu.m.at(k, k)
			*lu.m.at(i, k) = f
			for j := k + 1; j < n; j++ {
				*lu.m.at(i, j) -= f * *lu.m.at(k, j)
			}
		}
	}
	return lu, nil
}

func (lu *LU) Det() float64 {
	d := lu.sign
	for i := range lu.m.rows {
		d *= *lu.m.at(i, i)
	}
	return d
}

func (lu *LU) Solve(b *Matrix) *Matrix {
	n := lu.m.rows
	x := New(n, b.cols)
	for c := range b.cols {
		for i := range n {
			s := *b.at(lu.perm[i], c)
			for j := range i {
				s -= *lu.m.at(i, j) * *x.at(j, c)
			}
			*x.at(i, c) = s
		}
		for i := n - 1; i >= 0; i-- {
			s := *x.at(i, c)
			for j := i + 1; j < n; j++ {
				s -= *lu.m.at(i, j) * *x.at(j, c)
			}
			*x.at(i, c) = s / *lu.m.at(i, i)
		}
	}
	return x
}

// QR reflects column after column onto the axes (Householder).
func QR(a *Matrix) (q, r *Matrix) {
	r, q = a.clone(), Identity(a.rows)
	for k := range min(a.rows-1, a.cols) {
		v := make([]float64, a.rows)
		norm := 0.0
		for i := k; i < a.rows; i++ {
			v[i] = *r.at(i, k)
			norm = math.Hypot(norm, v[i])
		}
		if norm == 0 {
			continue
		}
		v[k] += math.Copysign(norm, v[k])
		vv := 0.0
		for _, x := range v {
			vv += x * x
		}
		reflect := func(m *Matrix) {
			for j := range m.cols {
				dot := 0.0
				for i := range v {
					dot += v[i] * *m.at(i, j)
				}
				for i := range v {
					*m.at(i, j) -= 2 * dot / vv * v[i]
				}
			}
		}
		reflect(r)
		reflect(q)
	}
	return q.T(), r
}

func Cholesky(a *Matrix) (*Matrix, error) {
	l := New(a.rows, a.rows)
	for i := range a.rows {
		for j := range i + 1 {
			s := *a.at(i, j)
			for k := range j {
				s -= *l.at(i, k) * *l.at(j, k)
			}
			if i != j {
				*l.at(i, j) = s / *l.at(j, j)
				continue
			}
			if s <= 0 {
				return nil, fmt.Errorf("pivot %d is %.3g: %w", i, s, ErrNotPositive)
			}
			*l.at(i, i) = math.Sqrt(s)
		}
	}
	return l, nil
}

func main() {
	a := New(3, 3, 2, 1, -1, -3, -1, 2, -2, 1, 2)
	b := New(3, 1, 8, -11, -3)
	lu, err := Factor(a)
	fmt.Println(lu.Solve(b), err)
	fmt.Printf("det %.6f perm %v\n", lu.Det(), lu.perm)
	inverse := lu.Solve(Identity(3))
	fmt.Println(inverse)
	fmt.Println("a·a⁻¹ is one:", a.Mul(inverse).Sub(Identity(3)).Norm() < 1e-12)
	_, err = Factor(New(3, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9))
	fmt.Println(err, errors.Is(err, ErrSingular))

	q, r := QR(New(4, 2, 1, 1, 1, 2, 1, 3, 1, 4))
	fmt.Println("R is\n" + r.String())
	fmt.Println("Q is orthogonal:", q.T().Mul(q).Sub(Identity(4)).Norm() < 1e-12)

	// Least squares: a line through four points, by QR and by the normal equations.
	points := New(4, 2, 1, 1, 1, 2, 1, 3, 1, 4)
	y := New(4, 1, 6, 5, 7, 10)
	qty := q.T().Mul(y)
	top, _ := Factor(New(2, 2, *r.at(0, 0), *r.at(0, 1), 0, *r.at(1, 1)))
	line := top.Solve(New(2, 1, qty.data[:2]...))
	normal, _ := Factor(points.T().Mul(points))
	line2 := normal.Solve(points.T().Mul(y))
	fmt.Println(line.T(), line.Sub(line2).Norm() < 1e-12)
	residual := points.Mul(line).Sub(y)
	fmt.Printf("sum of squares %.4f\n", *residual.T().Mul(residual).at(0, 0))

	spd := New(3, 3, 4, 12, -16, 12, 37, -43, -16, -43, 98)
	l, err := Cholesky(spd)
	fmt.Println(l, err)
	fmt.Println("L·Lᵀ is the matrix:", l.Mul(l.T()).Sub(spd).Norm() < 1e-9)
	_, err = Cholesky(New(2, 2, 1, 2, 2, 1))
	fmt.Println(err, errors.Is(err, ErrNotPositive))

	// The Hilbert matrix is hard: the solution loses digits as it grows.
	for n := 2; n <= 8; n += 2 {
		h := New(n, n)
		for i := range n {
			for j := range n {
				*h.at(i, j) = 1 / float64(i+j+1)
			}
		}
		f, _ := Factor(h)
		ones := New(n, 1)
		for i := range ones.data {
			ones.data[i] = 1
		}
		x := f.Solve(h.Mul(ones))
		fmt.Printf("hilbert %d det %.3e, right to 1e-4: %t\n", n, f.Det(), x.Sub(ones).Norm() < 1e-4)
	}
}
