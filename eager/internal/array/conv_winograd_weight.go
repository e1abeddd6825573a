package array

import "github.com/tapir-go/tapir/eager/internal/simd"

// The gradient of kernels of 3 by 3 by the same filtering, as F(3x3,4x4): the gradient of the result is cut into squares of 4
// by 4 numbers, and for each of the 36 planes those of all maps are multiplied with those of all channels, added up over the
// squares; only the sums are transformed back.

// winogradWeight is Conv2dWeight32. Rows of squares are dealt out to a number of sums that depends on sizes alone, and where that
// is little work to share, maps are dealt out, too.
func winogradWeight(dw, x, g []float32, p ConvParams) {
	v := newWinograd(p.N, p.C, p.O, p.H, p.W, p.OutH(), p.OutW(), p.Pad, nil)
	from := v.in
	from.f, from.side, from.channels, from.h, from.w, from.top, from.left = v.k.Gradient, step, p.O, v.h, v.w, 0, 0
	panels, units, rows := v.panels(), v.in.images*v.in.rows, v.in.rowsAtOnce()
	plane := apart(p.C * v.t.Cols)
	size := planes * plane // of a panel's sums
	all := panels * size
	parts := max(1, min(units*v.in.cols/256, 16, (1<<24)/all))
	shares := min(panels, (3+parts)/parts)
	s, sums := scratch[float32](parts * all)
	defer s.Free()
	Parallel(parts*shares, 1, func(lo, hi int) {
		t, ld := rows*v.in.cols, v.in.ld()
		in, out := apart(t*ld), apart(t*v.t.Cols)
		s, memory := scratch[float32](planes*(in+out) + planes*v.k.Lanes + v.in.strip(rows))
		defer s.Free()
		images, memory := memory[:planes*in], memory[planes*in:]
		grads, memory := memory[:planes*out], memory[planes*out:]
		for i := lo; i < hi; i++ {
			i, share := i/shares, i%shares
			first, end := cut(units, parts, i), cut(units, parts, i+1)
			for u := first; u < end; u += rows {
				to := min(end, u+rows)
				v.in.transform(images, in, ld, x, 0, p.C, u, to, memory)
				for q := cut(panels, shares, share); q < cut(panels, shares, share+1); q++ {
					width := v.panel(q)
					from.transform(grads, out, width, g, q*v.t.Cols, min(p.O, (q+1)*v.t.Cols), u, to, memory)
					v.correlate(sums[i*all+q*size:], grads, images, plane, out, in, width, (to-u)*v.in.cols, min(u-first, 1))
				}
			}
		}
	})
	const chunk = 1 << 14
	chunks := (all + chunk - 1) / chunk
	if parts == 1 {
		chunks = 0 // there is nothing to add
	}
	Parallel(chunks, 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			to := sums[i*chunk : min(all, (i+1)*chunk)]
			for k := 1; k < parts; k++ {
				simd.Add(to, to, sums[k*all+i*chunk:][:len(to)])
			}
		}
	})
	v.weights(dw, sums, plane, size)
}

// correlate multiplies the planes of n squares of images and of the gradient of a panel of maps.
func (v *winograd) correlate(sums, grads, images []float32, plane, out, in, width, n, acc int) {
	ld := v.in.ld()
	kernel := &v.t.Edge[(width-1)/(v.t.Cols/2)]
	strips := (v.in.channels + v.t.Rows - 1) / v.t.Rows
	for p := range planes {
		for k := 0; k < n; k += blockK {
			for i := range strips {
				c := cut(v.in.channels, strips, i)
				h := cut(v.in.channels, strips, i+1) - c
				kernel[h](min(blockK, n-k), &images[p*in+k*ld+c], 1, ld, &grads[p*out+k*width], width, &sums[p*plane+c*width], width,
					width, max(acc, min(k, 1)))
			}
		}
	}
}

// weights transforms sums to kernels.
func (v *winograd) weights(dw, sums []float32, plane, size int) {
	lanes, channels := v.k.Lanes, v.in.channels
	var plus [maxLanes]float32
	addends(&plus, nil, 0, 0)
	Parallel((v.maps+lanes-1)/lanes, 1+(1<<8)/channels, func(lo, hi int) {
		n := min(channels, squaresOfCall)
		s, memory := scratch[float32](planes*lanes + 9*n*lanes)
		defer s.Free()
		room, to := memory[:planes*lanes], memory[planes*lanes:]
		for i := lo; i < hi; i++ {
			o := i * lanes
			q := o / v.t.Cols
			width := v.panel(q)
			from := sums[q*size+o%v.t.Cols:]
			for c := 0; c < channels; c += n {
				m := min(n, channels-c)
				v.k.Weight(&to[0], 3*lanes, lanes, 9*lanes, &from[c*width], 6*plane, plane, width, &room[0], m)
				v.k.Turn(&dw[(o*channels+c)*9], channels*9, &to[0], lanes, &plus[0], min(lanes, v.maps-o), 9*m)
			}
		}
	})
}
