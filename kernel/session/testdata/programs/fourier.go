// The fast Fourier transform: against the slow one, its inverse, convolution, spectra, and big products.

package main

import (
	"fmt"
	"math"
	"math/bits"
	"math/cmplx"
	"strings"
)

// dft is the definition, with n² steps.
func dft(x []complex128) []complex128 {
	n := len(x)
	out := make([]complex128, n)
	for k := range out {
		for j, v := range x {
			out[k] += v * cmplx.Rect(1, -2*math.Pi*float64(j*k%n)/float64(n))
		}
	}
	return out
}

// fft splits into even and odd places; len(x) must be a power of two.
func fft(x []complex128) []complex128 {
	n := len(x)
	if n == 1 {
		return []complex128{x[0]}
	}
	even, odd := make([]complex128, 0, n/2), make([]complex128, 0, n/2)
	for i, v := range x {
		if i%2 == 0 {
			even = append(even, v)
		} else {
			odd = append(odd, v)
		}
	}
	e, o := fft(even), fft(odd)
	out := make([]complex128, n)
	for k := range n / 2 {
		t := cmplx.Exp(complex(0, -2*math.Pi*float64(k)/float64(n))) * o[k]
		out[k], out[k+n/2] = e[k]+t, e[k]-t
	}
	return out
}

// inPlace is the iterative form: reversed bits first, then butterflies.
func inPlace(x []complex128, inverse bool) {
	n := len(x)
	shift := 64 - bits.Len(uint(n-1))
	for i := range x {
		if j := int(bits.Reverse64(uint64(i)) >> shift); i < j {
			x[i], x[j] = x[j], x[i]
		}
	}
	sign := -1.0
	if inverse {
		sign = 1
	}
	for size := 2; size <= n; size *= 2 {
		step := cmplx.Rect(1, sign*2*math.Pi/float64(size))
		for start := 0; start < n; start += size {
			w := 1 + 0i
			for k := start; k < start+size/2; k++ {
				t := w * x[k+size/2]
				x[k], x[k+size/2] = x[k]+t, x[k]-t
				w *= step
			}
		}
	}
	if inverse {
		for i := range x {
			x[i] /= complex(float64(n), 0)
		}
	}
}

func distance(a, b []complex128) (d float64) {
	for i := range a {
		d = math.Max(d, cmplx.Abs(a[i]-b[i]))
	}
	return d
}

func padded[T int | float64](xs []T, n int) []complex128 {
	out := make([]complex128, n)
	for i, v := range xs {
		out[i] = complex(float64(v), 0)
	}
	return out
}

// convolve multiplies two polynomials by their values at the roots of unity.
func convolve[T int | float64](a, b []T) []T {
	n := 1
	for n < len(a)+len(b)-1 {
		n <<= 1
	}
	fa, fb := padded(a, n), padded(b, n)
	inPlace(fa, false)
	inPlace(fb, false)
	for i := range fa {
		fa[i] *= fb[i]
	}
	inPlace(fa, true)
	out := make([]T, len(a)+len(b)-1)
	for i := range out {
		out[i] = T(math.Round(real(fa[i])*1e6) / 1e6)
	}
	return out
}

// multiply takes decimal numbers of any length.
func multiply(a, b string) string {
	digits := func(s string) (ds []int) {
		for i := range s {
			ds = append(ds, int(s[len(s)-1-i]-'0'))
		}
		return ds
	}
	product := convolve(digits(a), digits(b))
	carry := 0
	var out []byte
	for i := 0; i < len(product) || carry > 0; i++ {
		if i < len(product) {
			carry += product[i]
		}
		out = append([]byte{byte('0' + carry%10)}, out...)
		carry /= 10
	}
	return strings.TrimLeft(string(out), "0")
}

func main() {
	const n = 32
	signal := make([]complex128, n)
	for i := range signal {
		t := float64(i) / n
		signal[i] = complex(1+2*math.Sin(2*math.Pi*3*t)+0.5*math.Cos(2*math.Pi*7*t), 0)
	}
	slow, fast := dft(signal), fft(signal)
	quick := append([]complex128(nil), signal...)
	inPlace(quick, false)
	fmt.Println("all agree:", distance(slow, fast) < 1e-12, distance(fast, quick) < 1e-12)
	for k, v := range fast {
		if a := cmplx.Abs(v) / n; a > 1e-9 {
			fmt.Printf("frequency %2d amplitude %.3f phase %6.1f°\n", k, a, math.Round(cmplx.Phase(v)*180/math.Pi)+0) // +0 for -0
		}
	}
	inPlace(quick, true)
	fmt.Println("and back:", distance(quick, signal) < 1e-12)

	// Parseval: the energy is the same on both sides.
	var before, after float64
	for i := range signal {
		before += real(signal[i] * cmplx.Conj(signal[i]))
		after += real(fast[i]*cmplx.Conj(fast[i])) / n
	}
	fmt.Printf("energy %.6f %.6f\n", before, after)

	fmt.Println(convolve([]int{1, 2, 3}, []int{4, 5}), convolve([]float64{0.5, -1}, []float64{2, 0, 4}), convolve([]int{7}, []int{6}))
	binomial := []int{1}
	for range 8 {
		binomial = convolve(binomial, []int{1, 1})
	}
	fmt.Println(binomial)
	fmt.Println(multiply("123456789", "987654321"), multiply("99999999999999999999", "99999999999999999999"))

	// A low-pass filter takes the fast part away.
	filtered := append([]complex128(nil), fast...)
	for k := range filtered {
		if f := min(k, n-k); f > 5 {
			filtered[k] = 0
		}
	}
	inPlace(filtered, true)
	for i := 0; i < n; i += 2 {
		bar := int(math.Round((real(filtered[i]) + 1.5) * 6))
		fmt.Printf("%7.3f %7.3f %s*\n", real(signal[i]), real(filtered[i]), strings.Repeat(" ", bar))
	}

	// Complex numbers themselves.
	z, w := 3+4i, cmplx.Pow(1i, 0.5)
	fmt.Println(cmplx.Abs(z), real(z), imag(z), z*z, z/(1-2i), -z, z == complex(3, 4), cmplx.Conj(z))
	fmt.Printf("%.4f %.4f %.4f %v %.3f\n", w, cmplx.Sqrt(-2), cmplx.Exp(1i*math.Pi), cmplx.IsNaN(cmplx.NaN()), cmplx.Log(-1))
	for k := range 5 {
		root := cmplx.Rect(1, 2*math.Pi*float64(k)/5)
		fmt.Printf("%.3f^5=%.0f ", root, real(cmplx.Pow(root, 5)))
	}
	fmt.Println()
	var c64 complex64 = 1.5 - 2i
	c64 *= 2
	fmt.Printf("%v %T %T %v\n", c64, c64, real(c64), complex128(c64)+1i)
}
