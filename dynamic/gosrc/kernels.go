package gosrc

import (
	"math"
	"sort"
)

//lint:file-ignore U1000 generated packages call these

// The functions of this file are copied into generated packages, those that are needed. They are plain Go without
// dependencies, over numbers row by row.

// product is y (n,m) = a (n,k) b (k,m), or added to what y holds.
func product(y, a, b []float32, n, k, m int, add bool) {
	i := 0
	for ; i+2 <= n; i += 2 {
		a0, a1 := a[i*k:i*k+k], a[i*k+k:i*k+2*k]
		y0, y1 := y[i*m:i*m+m], y[i*m+m:i*m+2*m]
		j := 0
		for ; j+4 <= m; j += 4 {
			var s00, s01, s02, s03, s10, s11, s12, s13 float32
			if add {
				s00, s01, s02, s03 = y0[j], y0[j+1], y0[j+2], y0[j+3]
				s10, s11, s12, s13 = y1[j], y1[j+1], y1[j+2], y1[j+3]
			}
			at := j
			for p, u := range a0 {
				v := a1[p]
				w := b[at : at+4 : at+4]
				s00 += u * w[0]
				s01 += u * w[1]
				s02 += u * w[2]
				s03 += u * w[3]
				s10 += v * w[0]
				s11 += v * w[1]
				s12 += v * w[2]
				s13 += v * w[3]
				at += m
			}
			y0[j], y0[j+1], y0[j+2], y0[j+3] = s00, s01, s02, s03
			y1[j], y1[j+1], y1[j+2], y1[j+3] = s10, s11, s12, s13
		}
		for ; j < m; j++ {
			var s0, s1 float32
			if add {
				s0, s1 = y0[j], y1[j]
			}
			for p, u := range a0 {
				s0 += u * b[p*m+j]
				s1 += a1[p] * b[p*m+j]
			}
			y0[j], y1[j] = s0, s1
		}
	}
	for ; i < n; i++ {
		row, to := a[i*k:i*k+k], y[i*m:i*m+m]
		if !add {
			clear(to)
		}
		for p, u := range row {
			for j, w := range b[p*m : p*m+m] {
				to[j] += u * w
			}
		}
	}
}

// transposed is y (m,n) = x (n,m) turned over.
func transposed(y, x []float32, n, m int) {
	for i := 0; i < n; i++ {
		for j := 0; j < m; j++ {
			y[j*n+i] = x[i*m+j]
		}
	}
}

// window is the settings of a convolution or pooling over images of h by w.
type window struct {
	h, w, kh, kw, sh, sw, dh, dw, top, left, oh, ow int
}

// columns lays the windows of an image (c,h,w) out as columns: (c*kh*kw, oh*ow).
func columns(y, x []float32, c int, s window) {
	at := 0
	for ch := 0; ch < c; ch++ {
		img := x[ch*s.h*s.w : (ch+1)*s.h*s.w]
		for ky := 0; ky < s.kh; ky++ {
			for kx := 0; kx < s.kw; kx++ {
				for oy := 0; oy < s.oh; oy++ {
					row := y[at : at+s.ow]
					at += s.ow
					iy := oy*s.sh + ky*s.dh - s.top
					if iy < 0 || iy >= s.h {
						clear(row)
						continue
					}
					line := img[iy*s.w : iy*s.w+s.w]
					ix := kx*s.dw - s.left
					for ox := range row {
						if ix >= 0 && ix < s.w {
							row[ox] = line[ix]
						} else {
							row[ox] = 0
						}
						ix += s.sw
					}
				}
			}
		}
	}
}

// convolve is y (n,o,oh,ow) = x (n,c,h,w) convolved with k (o,c/groups,kh,kw), plus a bias (o) if there is one; cols has
// room for the windows of one image and group.
func convolve(y, x, k, bias, cols []float32, n, c, o, groups int, s window) {
	size, inner := s.oh*s.ow, c/groups*s.kh*s.kw
	cols = cols[:inner*size]
	for i := 0; i < n; i++ {
		for g := 0; g < groups; g++ {
			columns(cols, x[(i*c+g*c/groups)*s.h*s.w:], c/groups, s)
			to := y[(i*o+g*o/groups)*size : (i*o+(g+1)*o/groups)*size]
			if bias != nil {
				for j := 0; j < o/groups; j++ {
					b, row := bias[g*o/groups+j], to[j*size:j*size+size]
					for p := range row {
						row[p] = b
					}
				}
			}
			product(to, k[g*o/groups*inner:], cols, o/groups, inner, size, bias != nil)
		}
	}
}

// spread is the reverse of a convolution: y (n,o,h,w) from x (n,c,oh,ow) and k (c,o/groups,kh,kw); s has the sizes of y as
// h and w, and those of x as oh and ow.
func spread(y, x, k, bias []float32, n, c, o, groups int, s window) {
	size := s.h * s.w
	for i := 0; i < n; i++ {
		to := y[i*o*size : (i+1)*o*size]
		clear(to)
		for j := range bias {
			row := to[j*size : j*size+size]
			for p := range row {
				row[p] = bias[j]
			}
		}
		for ch := 0; ch < c; ch++ {
			g := ch / (c / groups)
			for j := 0; j < o/groups; j++ {
				plane := to[(g*o/groups+j)*size : (g*o/groups+j+1)*size]
				kernel := k[(ch*(o/groups)+j)*s.kh*s.kw:]
				for oy := 0; oy < s.oh; oy++ {
					for ox := 0; ox < s.ow; ox++ {
						v := x[((i*c+ch)*s.oh+oy)*s.ow+ox]
						for ky := 0; ky < s.kh; ky++ {
							iy := oy*s.sh + ky*s.dh - s.top
							if iy < 0 || iy >= s.h {
								continue
							}
							for kx := 0; kx < s.kw; kx++ {
								if ix := ox*s.sw + kx*s.dw - s.left; ix >= 0 && ix < s.w {
									plane[iy*s.w+ix] += v * kernel[ky*s.kw+kx]
								}
							}
						}
					}
				}
			}
		}
	}
}

// maxPool is the largest number of each window of n planes.
func maxPool(y, x []float32, n int, s window) {
	at := 0
	for i := 0; i < n; i++ {
		img := x[i*s.h*s.w : (i+1)*s.h*s.w]
		for oy := 0; oy < s.oh; oy++ {
			for ox := 0; ox < s.ow; ox++ {
				top := float32(math.Inf(-1))
				for ky := 0; ky < s.kh; ky++ {
					iy := oy*s.sh + ky*s.dh - s.top
					if iy < 0 || iy >= s.h {
						continue
					}
					for kx := 0; kx < s.kw; kx++ {
						if ix := ox*s.sw + kx*s.dw - s.left; ix >= 0 && ix < s.w {
							top = max(top, img[iy*s.w+ix])
						}
					}
				}
				y[at] = top
				at++
			}
		}
	}
}

// meanPool is the mean of each window of n planes; padding counts where counted says so.
func meanPool(y, x []float32, n int, counted bool, s window) {
	at := 0
	for i := 0; i < n; i++ {
		img := x[i*s.h*s.w : (i+1)*s.h*s.w]
		for oy := 0; oy < s.oh; oy++ {
			for ox := 0; ox < s.ow; ox++ {
				sum, count := float32(0), 0
				for ky := 0; ky < s.kh; ky++ {
					for kx := 0; kx < s.kw; kx++ {
						iy, ix := oy*s.sh+ky*s.dh-s.top, ox*s.sw+kx*s.dw-s.left
						if iy >= 0 && iy < s.h && ix >= 0 && ix < s.w {
							sum += img[iy*s.w+ix]
							count++
						} else if counted {
							count++
						}
					}
				}
				y[at] = sum / float32(count)
				at++
			}
		}
	}
}

// softmax is exp(x)/sum(exp(x)) along the middle of (outer,size,inner), or with logs its logarithm.
func softmax(y, x []float32, outer, size, inner int, logs bool) {
	for o := 0; o < outer; o++ {
		for i := 0; i < inner; i++ {
			at := o*size*inner + i
			top := float32(math.Inf(-1))
			for k := 0; k < size; k++ {
				top = max(top, x[at+k*inner])
			}
			sum := 0.0
			for k := 0; k < size; k++ {
				v := math.Exp(float64(x[at+k*inner] - top))
				sum += v
				y[at+k*inner] = float32(v)
			}
			scale, log := float32(1/sum), float32(math.Log(sum))
			for k := 0; k < size; k++ {
				if logs {
					y[at+k*inner] = x[at+k*inner] - top - log
				} else {
					y[at+k*inner] *= scale
				}
			}
		}
	}
}

// logSumExp is log(sum(exp(x))) along the middle of (outer,size,inner).
func logSumExp(y, x []float32, outer, size, inner int) {
	for o := 0; o < outer; o++ {
		for i := 0; i < inner; i++ {
			at := o*size*inner + i
			top := float32(math.Inf(-1))
			for k := 0; k < size; k++ {
				top = max(top, x[at+k*inner])
			}
			sum := 0.0
			for k := 0; k < size; k++ {
				sum += math.Exp(float64(x[at+k*inner] - top))
			}
			y[o*inner+i] = top + float32(math.Log(sum))
		}
	}
}

// layerNorm brings rows to mean 0 and variance 1, then scales and shifts them; shift may be nil.
func layerNorm(y, x, scale, shift []float32, rows int, eps float64) {
	n := len(scale)
	for r := 0; r < rows; r++ {
		from, to := x[r*n:r*n+n], y[r*n:r*n+n]
		mean, square := 0.0, 0.0
		for _, v := range from {
			mean += float64(v)
		}
		mean /= float64(n)
		for _, v := range from {
			square += (float64(v) - mean) * (float64(v) - mean)
		}
		inverse := 1 / math.Sqrt(square/float64(n)+eps)
		for i, v := range from {
			to[i] = float32((float64(v)-mean)*inverse) * scale[i]
			if shift != nil {
				to[i] += shift[i]
			}
		}
	}
}

// cumSum is the running total along the middle of (outer,size,inner).
func cumSum(y, x []float32, outer, size, inner int) {
	for o := 0; o < outer; o++ {
		for i := 0; i < inner; i++ {
			sum := float32(0)
			for k := 0; k < size; k++ {
				sum += x[(o*size+k)*inner+i]
				y[(o*size+k)*inner+i] = sum
			}
		}
	}
}

// argMax is the place of the first largest number along the middle of (outer,size,inner), of the smallest with sign -1.
func argMax(y []int64, x []float32, outer, size, inner int, sign float32) {
	for o := 0; o < outer; o++ {
		for i := 0; i < inner; i++ {
			best := 0
			for k := 1; k < size; k++ {
				if sign*x[(o*size+k)*inner+i] > sign*x[(o*size+best)*inner+i] {
					best = k
				}
			}
			y[o*inner+i] = int64(best)
		}
	}
}

// ranking sorts places by the numbers there, the largest first.
type ranking struct {
	places []int64
	values []float32
}

func (r *ranking) Len() int      { return len(r.places) }
func (r *ranking) Swap(i, j int) { r.places[i], r.places[j] = r.places[j], r.places[i] }
func (r *ranking) Less(i, j int) bool {
	a, b := r.places[i], r.places[j]
	return r.values[a] > r.values[b] || r.values[a] == r.values[b] && a < b
}

// topK is the k largest numbers of each row of size, and their places; order has room for size.
func topK(y []float32, places []int64, x []float32, r *ranking, rows, size, k int) {
	for row := 0; row < rows; row++ {
		r.values, r.places = x[row*size:row*size+size], r.places[:size]
		for i := range r.places {
			r.places[i] = int64(i)
		}
		sort.Sort(r)
		for i := 0; i < k; i++ {
			places[row*k+i], y[row*k+i] = r.places[i], r.values[r.places[i]]
		}
	}
}

// gather takes places of the middle of x (outer,size,inner): (outer,len(idx),inner). A place that is not there is taken as
// the nearest one.
func gather[T any](y, x []T, idx []int64, outer, size, inner int) {
	for o := 0; o < outer; o++ {
		for j, at := range idx {
			if at < 0 {
				at += int64(size)
			}
			k := int(min(max(at, 0), int64(size-1)))
			copy(y[(o*len(idx)+j)*inner:(o*len(idx)+j+1)*inner], x[(o*size+k)*inner:(o*size+k+1)*inner])
		}
	}
}

// gatherElements takes one number for each element of idx (outer,count,inner) from the middle of x (outer,size,inner).
func gatherElements(y, x []float32, idx []int64, outer, count, size, inner int) {
	for o := 0; o < outer; o++ {
		for j := 0; j < count; j++ {
			for i := 0; i < inner; i++ {
				at := idx[(o*count+j)*inner+i]
				if at < 0 {
					at += int64(size)
				}
				k := int(min(max(at, 0), int64(size-1)))
				y[(o*count+j)*inner+i] = x[(o*size+k)*inner+i]
			}
		}
	}
}

// triangle keeps the upper or lower part, from diagonal d on, of matrices (rows,columns).
func triangle(y, x []float32, matrices, rows, columns, d int, upper bool) {
	for m := 0; m < matrices; m++ {
		for i := 0; i < rows; i++ {
			for j := 0; j < columns; j++ {
				at := (m*rows+i)*columns + j
				if upper && j-i >= d || !upper && j-i <= d {
					y[at] = x[at]
				} else {
					y[at] = 0
				}
			}
		}
	}
}

// pick is a where c is true, else b.
func pick[T any](c bool, a, b T) T {
	if c {
		return a
	}
	return b
}

// exp and the functions after it are those of package math on float32.
func exp(v float32) float32  { return float32(math.Exp(float64(v))) }
func log(v float32) float32  { return float32(math.Log(float64(v))) }
func sqrt(v float32) float32 { return float32(math.Sqrt(float64(v))) }
func tanh(v float32) float32 { return float32(math.Tanh(float64(v))) }
func erf(v float32) float32  { return float32(math.Erf(float64(v))) }
func sin(v float32) float32  { return float32(math.Sin(float64(v))) }
func cos(v float32) float32  { return float32(math.Cos(float64(v))) }

func pow(v, to float32) float32 { return float32(math.Pow(float64(v), float64(to))) }
func abs(v float32) float32     { return float32(math.Abs(float64(v))) }
func floor(v float32) float32   { return float32(math.Floor(float64(v))) }
func ceil(v float32) float32    { return float32(math.Ceil(float64(v))) }
func round(v float32) float32   { return float32(math.RoundToEven(float64(v))) }

func sigmoid(v float32) float32 { return float32(1 / (1 + math.Exp(-float64(v)))) }

func softplus(v float32) float32 {
	return max(v, 0) + float32(math.Log1p(math.Exp(-math.Abs(float64(v)))))
}

// elu is v where it is above 0, and a (exp(v)-1) elsewhere.
func elu(v, a float32) float32 {
	if v > 0 {
		return v
	}
	return a * float32(math.Expm1(float64(v)))
}

// leaky is v where it is above 0, and a v elsewhere.
func leaky(v, a float32) float32 {
	if v > 0 {
		return v
	}
	return a * v
}

func sign(v float32) float32 {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return v
}

// number is 1 for true and 0 for false.
func number(c bool) float32 {
	if c {
		return 1
	}
	return 0
}
