package eager

import (
	"fmt"
	"testing"
)

// Every number of the transposed convolution is what the gradient of the convolution gives it, and the convolution is a sum over the
// window, written out here.
func TestConv1dIsTheSumOverItsWindow(t *testing.T) {
	for _, c := range []struct {
		n, in, out, l, k int
		o                Conv1dOptions
	}{
		{2, 3, 4, 11, 3, Conv1dOptions{}},
		{1, 4, 6, 20, 5, Conv1dOptions{Stride: 2, Pad: 2, Groups: 2}},
		{2, 2, 20, 35, 3, Conv1dOptions{Stride: 3, Pad: 1, Dilation: 2}},
		{3, 4, 4, 50, 4, Conv1dOptions{Groups: 4, Dilation: 3}},
	} {
		r := NewRand(8)
		groups, stride, dilation := max(c.o.Groups, 1), max(c.o.Stride, 1), max(c.o.Dilation, 1)
		x, w, b := Param("x", r.Normal(c.n, c.in, c.l)), r.Normal(c.out, c.in/groups, c.k), r.Normal(c.out)
		y := x.Conv1dWith(w, b, c.o)
		m := (c.l+2*c.o.Pad-((c.k-1)*dilation+1))/stride + 1
		if want := (Shape{c.n, c.out, m}).String(); y.Shape().String() != want {
			t.Fatalf("%+v: shape %v, want %s", c, y.Shape(), want)
		}
		xs, ws, bs := x.Values(), w.Values(), b.Values()
		var want []float64
		for i := range c.n * c.out * m {
			im, o, j := i/m/c.out, i/m%c.out, i%m
			sum := bs[o]
			for ch := range c.in / groups {
				for k := range c.k {
					if at := j*stride + k*dilation - c.o.Pad; at >= 0 && at < c.l {
						sum += xs[(im*c.in+o/(c.out/groups)*(c.in/groups)+ch)*c.l+at] * ws[(o*(c.in/groups)+ch)*c.k+k]
					}
				}
			}
			want = append(want, sum)
		}
		close64(t, fmt.Sprint(c), y, want, 1e-6)
		g := r.Normal(y.Shape()...)
		extra := (c.l + 2*c.o.Pad - ((c.k-1)*dilation + 1)) % stride
		close64(t, fmt.Sprint("transposed ", c), g.ConvTranspose1dWith(w, nil, extra, c.o), GradOf(y, g, []*Tensor{x}, false, false)[0].Values(), 1e-6)
	}
}
