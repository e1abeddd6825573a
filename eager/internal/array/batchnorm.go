package array

import (
	"math"
	"runtime"

	"github.com/tapir-go/tapir/eager/internal/simd"
)

// Channels are the numbers of x (n,c,...) by channel: axis 1. A channel is one run of numbers in each example.
type Channels struct {
	n, c, size int // examples, channels, numbers of a channel in an example
}

// ChannelsOf are those of a shape of two axes or more.
func ChannelsOf(shape []int) Channels { return Channels{shape[0], shape[1], Size(shape[2:])} }

// shortRun is how long the runs of a channel have to be for kernels to work on them where they are. Shorter ones are
// copied together.
const shortRun = 128

// float32s calls f, in parallel, for the numbers of each channel of some arrays, which are given in runs that belong
// together: f is called with a function that calls its argument for each run. What is written to the first array is kept.
func (l Channels) float32s(arrays [][]float32, f func(c int, runs func(func(of [][]float32)))) {
	k := len(arrays)
	Parallel(l.c, 1+(1<<14)/(1+k*l.n*l.size), func(lo, hi int) {
		of := make([][]float32, k)
		if l.size >= shortRun || l.n == 1 {
			for c := lo; c < hi; c++ {
				f(c, func(run func([][]float32)) {
					for i := range l.n {
						at := (i*l.c + c) * l.size
						for j, x := range arrays {
							of[j] = x[at : at+l.size]
						}
						run(of)
					}
				})
			}
			return
		}
		count := l.n * l.size
		s, together := scratch[float32](k * count)
		defer s.Free()
		for j := range of {
			of[j] = together[j*count:][:count]
		}
		for c := lo; c < hi; c++ {
			for j, x := range arrays {
				simd.CopyRows(of[j], l.size, x[c*l.size:], l.c*l.size, l.size, l.n)
			}
			f(c, func(run func([][]float32)) { run(of) })
			simd.CopyRows(arrays[0][c*l.size:], l.c*l.size, of[0], l.size, l.size, l.n)
		}
	})
}

// float64s is float32s without vectors.
func (l Channels) float64s(arrays [][]float64, f func(c int, runs func(func(of [][]float64)))) {
	of := make([][]float64, len(arrays))
	for c := range l.c {
		f(c, func(run func([][]float64)) {
			for i := range l.n {
				at := (i*l.c + c) * l.size
				for j, x := range arrays {
					of[j] = x[at : at+l.size]
				}
				run(of)
			}
		})
	}
}

// BatchNorm returns a with each channel brought to mean 0 and variance 1, times w plus b, and stats (2,c): the means, and
// the variances, which divide by the count. eps is added to the variance.
func BatchNorm(a, w, b *Array, eps float64) (y, stats Array) {
	l := ChannelsOf(a.Shape)
	y, stats = New(a.DType, a.Shape), New(a.DType, []int{2, l.c})
	x, done := packed(a)
	defer done()
	count := float64(l.n * l.size)
	if a.DType == Float32 {
		scale, bias, st := row[float32](w), row[float32](b), stats.F32()
		l.float32s([][]float32{y.F32(), x.F32()}, func(c int, runs func(func([][]float32))) {
			sum, moment := 0.0, 0.0
			runs(func(of [][]float32) { sum += float64(simd.Sum(of[1])) })
			mean := float32(sum / count)
			runs(func(of [][]float32) { moment += float64(simd.Moment(of[1], mean)) })
			st[c], st[l.c+c] = mean, float32(moment/count)
			inv := 1 / math.Sqrt(moment/count+eps)
			runs(func(of [][]float32) { simd.Shift(of[0], of[1], mean, float32(inv*float64(scale[c])), bias[c]) })
		})
	} else {
		scale, bias, st := row[float64](w), row[float64](b), Flat[float64](&stats)
		l.float64s([][]float64{Flat[float64](&y), Flat[float64](&x)}, func(c int, runs func(func([][]float64))) {
			mean, moment := 0.0, 0.0
			runs(func(of [][]float64) {
				for _, v := range of[1] {
					mean += v
				}
			})
			mean /= count
			runs(func(of [][]float64) {
				for _, v := range of[1] {
					moment += (v - mean) * (v - mean)
				}
			})
			st[c], st[l.c+c] = mean, moment/count
			inv := 1 / math.Sqrt(moment/count+eps)
			runs(func(of [][]float64) {
				for i, v := range of[1] {
					of[0][i] = (v-mean)*inv*scale[c] + bias[c]
				}
			})
		})
	}
	runtime.KeepAlive(a.Store)
	return y, stats
}

// BatchNormGrad is the gradients of the arguments of BatchNorm, from that of its result and from its stats.
func BatchNormGrad(a, w, g, stats *Array, eps float64) (dx, dw, db Array) {
	l := ChannelsOf(a.Shape)
	dx, dw, db = New(a.DType, a.Shape), New(a.DType, w.Shape), New(a.DType, w.Shape)
	x, doneX := packed(a)
	defer doneX()
	q, doneG := packed(g)
	defer doneG()
	count := float64(l.n * l.size)
	// With h = (x-mean) inv the gradient is w inv (g - mean(g) - h mean(g h)).
	if a.DType == Float32 {
		scale, st, ws, bs := row[float32](w), stats.F32(), dw.F32(), db.F32()
		l.float32s([][]float32{dx.F32(), q.F32(), x.F32()}, func(c int, runs func(func([][]float32))) {
			mean, inv := st[c], 1/math.Sqrt(float64(st[l.c+c])+eps)
			plain, moved := 0.0, 0.0
			runs(func(of [][]float32) {
				p, m := simd.ShiftSums(of[1], of[2], mean)
				plain += p
				moved += m
			})
			ws[c], bs[c] = float32(moved*inv), float32(plain)
			slope := inv * float64(scale[c])
			runs(func(of [][]float32) {
				simd.ShiftGrad(of[0], of[1], of[2], float32(plain/count), mean, float32(slope), float32(-slope*inv*inv*moved/count))
			})
		})
	} else {
		scale, st, ws, bs := row[float64](w), Flat[float64](stats), Flat[float64](&dw), Flat[float64](&db)
		l.float64s([][]float64{Flat[float64](&dx), Flat[float64](&q), Flat[float64](&x)}, func(c int, runs func(func([][]float64))) {
			mean, inv := st[c], 1/math.Sqrt(st[l.c+c]+eps)
			plain, moved := 0.0, 0.0
			runs(func(of [][]float64) {
				for i, v := range of[1] {
					plain += v
					moved += v * (of[2][i] - mean)
				}
			})
			ws[c], bs[c] = moved*inv, plain
			runs(func(of [][]float64) {
				for i, v := range of[1] {
					of[0][i] = inv * scale[c] * (v - plain/count - (of[2][i]-mean)*inv*inv*moved/count)
				}
			})
		})
	}
	runtime.KeepAlive(a.Store)
	runtime.KeepAlive(g.Store)
	return dx, dw, db
}

// ShiftChannels is (a - mean) * inv * w + b for each channel, where inv is 1/sqrt(variance+eps).
func ShiftChannels(a, w, b, mean, variance *Array, eps float64) Array {
	l := ChannelsOf(a.Shape)
	y := New(a.DType, a.Shape)
	x, done := packed(a)
	defer done()
	if a.DType == Float32 {
		d, s := y.F32(), x.F32()
		scale, bias, m, v := row[float32](w), row[float32](b), row[float32](mean), row[float32](variance)
		if l.size == 1 { // a channel is a column
			slope, move := make([]float32, l.c), make([]float32, l.c)
			for c := range slope {
				inv := float64(scale[c]) / math.Sqrt(float64(v[c])+eps)
				slope[c], move[c] = float32(inv), float32(float64(bias[c])-float64(m[c])*inv)
			}
			each(l.n, 1+(1<<14)/(1+l.c), func(lo, hi int) {
				for i := lo * l.c; i < hi*l.c; i += l.c {
					simd.Normalise(d[i:i+l.c], s[i:i+l.c], slope, move, 0, 1)
				}
			})
			runtime.KeepAlive(a.Store)
			return y
		}
		each(l.n*l.c, 1+(1<<14)/(1+l.size), func(lo, hi int) {
			for i := lo; i < hi; i++ {
				c, at := i%l.c, i*l.size
				inv := 1 / math.Sqrt(float64(v[c])+eps)
				simd.Shift(d[at:at+l.size], s[at:at+l.size], m[c], float32(inv*float64(scale[c])), bias[c])
			}
		})
	} else {
		scale, bias, m, v := row[float64](w), row[float64](b), row[float64](mean), row[float64](variance)
		l.float64s([][]float64{Flat[float64](&y), Flat[float64](&x)}, func(c int, runs func(func([][]float64))) {
			inv := 1 / math.Sqrt(v[c]+eps)
			runs(func(of [][]float64) {
				for i, t := range of[1] {
					of[0][i] = (t-m[c])*inv*scale[c] + bias[c]
				}
			})
		})
	}
	runtime.KeepAlive(a.Store)
	return y
}
