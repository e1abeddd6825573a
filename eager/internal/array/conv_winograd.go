package array

import "github.com/tapir-go/tapir/eager/internal/simd"

// Convolution with kernels of 3 by 3 as Winograd's minimal filtering F(2x2,3x3) (Lavin and Gray, Fast Algorithms for
// Convolutional Neural Networks, 2016): squares of 4 by 4 numbers of the image and the kernels are transformed to 16 planes
// each, which are matrix products over the channels, 2.25 times fewer multiplications; what comes out is transformed to
// squares of 2 by 2 numbers of the result. The transformations are sums and differences of whole planes.

// winograd is one such convolution.
type winograd struct {
	*layout // of the image, for windows of 4 by 4 in steps of 2
	t       *simd.Tile[float32]
	images  int
	maps    int // of the result
	h, w    int // of the result
	all     int // rows of squares
	bias    []float32
	packed  []float32 // for each plane and panel of maps and channel the kernels of the panel's maps
}

// suitsWinograd tells a convolution of so many channels and maps that the transformations are little beside the products.
func (p *ConvParams) suitsWinograd() bool {
	one := [2]int{1, 1}
	return p.KH == 3 && p.KW == 3 && p.Groups == 1 && p.Stride == one && p.Dilation == one && p.C >= 32 && p.O >= 32 && p.OutH() >= 4 && p.OutW() >= 8
}

// winogradForward is Conv2d32.
func winogradForward(y, x, w, bias []float32, p ConvParams) {
	v := newWinograd(p.N, p.C, p.O, p.H, p.W, p.OutH(), p.OutW(), p.Pad, bias)
	v.run(y, x, func(planes []float32, o, h int) {
		for c := range p.C {
			for i := range h {
				from := w[((o+i)*p.C+c)*9:][:9]
				for k, x := range from {
					planes[(k*p.C+c)*h+i] = x
				}
			}
		}
	})
}

// winogradInput is Conv2dInput32: the convolution of the gradient with the turned kernels.
func winogradInput(dx, g, w, bias []float32, p ConvParams) {
	v := newWinograd(p.N, p.O, p.C, p.OutH(), p.OutW(), p.H, p.W, [2]int{2 - p.Pad[0], 2 - p.Pad[1]}, bias)
	v.run(dx, g, func(planes []float32, c, h int) {
		for o := range p.O {
			for i := range h {
				from := w[(o*p.C+c+i)*9:][:9]
				for k, x := range from {
					planes[((8-k)*p.O+o)*h+i] = x
				}
			}
		}
	})
}

func newWinograd(images, channels, maps, inH, inW, h, w int, pad [2]int, bias []float32) *winograd {
	v := &winograd{t: simd.Tile32(), images: images, maps: maps, h: h, w: w, all: (h + 1) / 2, bias: bias}
	down, _ := forwardAxis(inH, 4, 2, pad[0], 1)
	across, _ := forwardAxis(inW, 4, 2, pad[1], 1)
	cols := (w + 1) / 2
	// As many rows of squares at a time as let the planes of all channels stay in the second cache.
	rows := min(v.all, max(1, (1<<18)/(16*channels*(cols+1))))
	bands := (v.all + rows - 1) / rows
	rows = (v.all + bands - 1) / bands
	v.layout = newLayout(channels, down, across, v.all, rows, cols)
	return v
}

// run computes the result from images. pack writes the 9 planes, channel by channel, of the kernels of h maps from one on.
func (v *winograd) run(dst, src []float32, pack func(planes []float32, first, h int)) {
	s, packed := scratch[float32](16 * v.maps * v.channels)
	defer s.Free()
	v.packed = packed
	panels := v.panels()
	Parallel(panels, 1+(1<<12)/(v.channels*v.t.Rows), func(lo, hi int) {
		s, planes := scratch[float32](25 * v.channels * v.t.Rows)
		defer s.Free()
		for q := lo; q < hi; q++ {
			o, h := v.panel(q)
			n := v.channels * h
			pack(planes[:9*n], o, h)
			v.kernels(o, n, planes, planes[9*n:])
		}
	})
	bands := (v.all + v.rows - 1) / v.rows
	Parallel(v.images*bands, 1, func(lo, hi int) {
		ld := (v.across(v.rows) + 15) &^ 15
		s, memory := scratch[float32](v.size() + 16*(v.channels+v.t.Rows)*ld + 10*v.pitch*v.rows)
		defer s.Free()
		image, memory := memory[:v.size()], memory[v.size():]
		planes, memory := memory[:16*v.channels*ld], memory[16*v.channels*ld:]
		sums, near := memory[:16*v.t.Rows*ld], memory[16*v.t.Rows*ld:]
		in, out := v.channels*v.y.n*v.x.n, v.maps*v.h*v.w
		last := -1
		for i := lo; i < hi; i++ {
			n, row := i%v.images, i/v.images*v.rows
			v.fill(image, src[n*in:][:in], row, row == last)
			last = row
			v.squares(planes, image, near, ld)
			for q := range panels {
				v.products(sums, planes, q, ld)
				o, h := v.panel(q)
				for i := range h {
					v.place(dst[n*out+(o+i)*v.h*v.w:][:v.h*v.w], sums[i*ld:], near, o+i, row, h*ld)
				}
			}
		}
	})
}

func (v *winograd) panels() int { return (v.maps + v.t.Rows - 1) / v.t.Rows }

// panel is the first map of a panel and how many it has.
func (v *winograd) panel(q int) (o, h int) {
	n := v.panels()
	o = cut(v.maps, n, q)
	return o, cut(v.maps, n, q+1) - o
}

// kernels transforms the 9 planes, of n numbers, of the kernels of the panel whose first map is o; rows has room for 12 more.
func (v *winograd) kernels(o, n int, planes, rows []float32) {
	at := func(of []float32, i int) []float32 { return of[i*n:][:n] }
	for s := range 3 {
		combine3(at(rows, s), at(rows, 3+s), at(rows, 6+s), at(rows, 9+s), at(planes, s), at(planes, 3+s), at(planes, 6+s))
	}
	all := v.maps * v.channels
	to := func(plane int) []float32 { return v.packed[plane*all+o*v.channels:][:n] }
	for r := range 4 {
		combine3(to(4*r), to(4*r+1), to(4*r+2), to(4*r+3), at(rows, 3*r), at(rows, 3*r+1), at(rows, 3*r+2))
	}
}

// combine3 sets y to a, (a+b+c)/2, (a-b+c)/2 and c.
func combine3(y0, y1, y2, y3, a, b, c []float32) {
	copy(y0, a)
	copy(y3, c)
	simd.Add(y1, a, c)
	simd.Sub(y2, y1, b)
	simd.Add(y1, y1, b)
	simd.MulS(y1, y1, 0.5)
	simd.MulS(y2, y2, 0.5)
}

// squares transforms the squares of an image, channel by channel, to planes whose rows are ld apart.
func (v *winograd) squares(planes, image, near []float32, ld int) {
	row, n := v.rows*v.pitch, v.across(v.rows) // a row of squares reads one number beyond its last
	size := v.height * v.pitch
	for c := range v.channels {
		from := image[c*v.channel:][:v.channel]
		for b := range 2 {
			even, odd := from[b*size:][:size], from[(2+b)*size:][:size]
			to := func(r int) []float32 { return near[(2*r+b)*row:][:row] }
			combine4(to(0), to(1), to(2), to(3), even, odd, even[v.pitch:], odd[v.pitch:])
		}
		to := func(plane int) []float32 { return planes[(plane*v.channels+c)*ld:][:n] }
		for r := range 4 {
			even, odd := near[2*r*row:][:row], near[(2*r+1)*row:][:row]
			combine4(to(4*r), to(4*r+1), to(4*r+2), to(4*r+3), even, odd, even[1:], odd[1:])
		}
	}
}

// combine4 sets y to a-c, b+c, c-b and b-d.
func combine4(y0, y1, y2, y3, a, b, c, d []float32) {
	simd.Sub(y0, a, c)
	simd.Add(y1, b, c)
	simd.Sub(y2, c, b)
	simd.Sub(y3, b, d)
}

// products multiplies the planes of the channels with those of the kernels of a panel.
func (v *winograd) products(sums, planes []float32, q, ld int) {
	t, n := v.t, v.across(v.rows)
	o, h := v.panel(q)
	all := v.maps * v.channels
	for plane := range 16 {
		for k := 0; k < v.channels; k += blockK {
			kc, acc := min(blockK, v.channels-k), min(k, 1)
			a := &v.packed[plane*all+o*v.channels+k*h]
			for j := 0; j < n; j += t.Cols {
				b, c := &planes[(plane*v.channels+k)*ld+j], &sums[plane*h*ld+j]
				if w := n - j; w < t.Cols {
					t.Edge[(w-1)/(t.Cols/2)][h](kc, a, 1, h, b, ld, c, ld, w, acc)
				} else {
					t.Panel[h](kc, a, b, ld, c, ld, acc)
				}
			}
		}
	}
}

// place transforms the sums of a map, whose planes are apart, to rows of the result, from row of squares row on.
func (v *winograd) place(dst, sums, near []float32, o, row, apart int) {
	n := v.across(v.rows)
	at := func(plane int) []float32 { return sums[plane*apart:][:n] }
	to := func(i int) []float32 { return near[i*n:][:n] }
	for s := range 4 {
		combine2(to(s), to(4+s), at(s), at(4+s), at(8+s), at(12+s))
	}
	for r := range 2 {
		rows := min(v.rows, (v.h-r+1)/2-row)
		if rows <= 0 {
			continue
		}
		even, odd := to(8), to(9)
		combine2(even, odd, to(4*r), to(4*r+1), to(4*r+2), to(4*r+3))
		if v.bias != nil {
			simd.AddS(even, even, v.bias[o])
			simd.AddS(odd, odd, v.bias[o])
		}
		rest := dst[(2*row+r)*v.w:]
		simd.ZipRows(rest, 2*v.w, even, odd, v.pitch, v.w/2, rows)
		if v.w%2 != 0 {
			for i := range rows {
				rest[i*2*v.w+v.w-1] = even[i*v.pitch+v.w/2]
			}
		}
	}
}

// combine2 sets y to a+b+c and b-c-d.
func combine2(y0, y1, a, b, c, d []float32) {
	simd.Add(y0, a, b)
	simd.Add(y0, y0, c)
	simd.Sub(y1, b, c)
	simd.Sub(y1, y1, d)
}
