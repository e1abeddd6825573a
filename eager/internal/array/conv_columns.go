package array

// Convolution by columns: for an image and a group, the windows of all pixels are written out as the columns of a matrix
// (c*kh*kw by pixels), and the rest is a matrix product. It does every case, at the price of that matrix.

type matMulFunc[T real] func(c, a, b []T, m, n, k int, transA, transB bool, accumulate bool)

// column is the sizes of one image's matrix in one group.
func (p *ConvParams) column() (cg, og, k, pixels int) {
	cg, og = p.C/p.Groups, p.O/p.Groups
	return cg, og, cg * p.KH * p.KW, p.OutH() * p.OutW()
}

// images runs f over images and groups, in parallel if there are several: work is the multiplications of one.
func (p *ConvParams) images(work int, f func(n, g int)) {
	Parallel(p.N*p.Groups, 1+(1<<19)/(1+work), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			f(i/p.Groups, i%p.Groups)
		}
	})
}

func convColumns[T real](y, x, w []T, p ConvParams, mul matMulFunc[T]) {
	cg, og, k, pixels := p.column()
	p.images(og*k*pixels, func(n, g int) {
		in := x[(n*p.C+g*cg)*p.H*p.W:][:cg*p.H*p.W]
		col := in
		if !p.flat() {
			s, m := scratch[T](k * pixels)
			defer s.Free()
			toColumns(m, in, &p)
			col = m
		}
		mul(y[(n*p.O+g*og)*pixels:], w[g*og*k:], col, og, pixels, k, false, false, false)
	})
}

func convInputColumns[T real](dx, g, w []T, p ConvParams, mul matMulFunc[T]) {
	cg, og, k, pixels := p.column()
	p.images(og*k*pixels, func(n, gr int) {
		out := dx[(n*p.C+gr*cg)*p.H*p.W:][:cg*p.H*p.W]
		grad := g[(n*p.O+gr*og)*pixels:]
		if p.flat() {
			mul(out, w[gr*og*k:], grad, k, pixels, og, true, false, false)
			return
		}
		s, col := scratch[T](k * pixels)
		defer s.Free()
		mul(col, w[gr*og*k:], grad, k, pixels, og, true, false, false)
		clear(out)
		fromColumns(out, col, &p)
	})
}

// convWeightColumns takes one image after the other, since all add to the same weights.
func convWeightColumns[T real](dw, x, g []T, p ConvParams, mul matMulFunc[T]) {
	cg, og, k, pixels := p.column()
	s, col := scratch[T](k * pixels)
	defer s.Free()
	for n := range p.N {
		for gr := range p.Groups {
			in := x[(n*p.C+gr*cg)*p.H*p.W:][:cg*p.H*p.W]
			if p.flat() {
				col = in
			} else {
				toColumns(col, in, &p)
			}
			mul(dw[gr*og*k:], g[(n*p.O+gr*og)*pixels:], col, og, k, pixels, false, true, n > 0)
		}
	}
}

// rows calls f for every row of the matrix and every row of pixels in it: those from j0 to j1 have at least a number of
// the image, the first at index x of it. The others, and all if j0 == j1, are padding.
func (p *ConvParams) rows(channels int, f func(at, j0, j1, x int)) {
	oh, ow := p.OutH(), p.OutW()
	at := 0
	for c := range channels {
		for r := range p.KH {
			for s := range p.KW {
				left := s*p.Dilation[1] - p.Pad[1] // of the first pixel
				j0 := 0
				if left < 0 {
					j0 = min(ow, (-left+p.Stride[1]-1)/p.Stride[1])
				}
				j1 := j0
				if last := p.W - 1 - left; last >= 0 {
					j1 = max(j0, min(ow, last/p.Stride[1]+1))
				}
				for i := range oh {
					h := i*p.Stride[0] + r*p.Dilation[0] - p.Pad[0]
					if h < 0 || h >= p.H || j0 == j1 {
						f(at, j0, j0, 0)
					} else {
						f(at, j0, j1, (c*p.H+h)*p.W+left+j0*p.Stride[1])
					}
					at += ow
				}
			}
		}
	}
}

func toColumns[T real](col, in []T, p *ConvParams) {
	ow, step := p.OutW(), p.Stride[1]
	p.rows(p.C/p.Groups, func(at, j0, j1, x int) {
		row := col[at:][:ow]
		clear(row[:j0])
		clear(row[j1:])
		row = row[j0:j1]
		if step == 1 {
			copy(row, in[x:])
			return
		}
		for j := range row {
			row[j] = in[x+j*step]
		}
	})
}

func fromColumns[T real](out, col []T, p *ConvParams) {
	step := p.Stride[1]
	p.rows(p.C/p.Groups, func(at, j0, j1, x int) {
		for j, v := range col[at+j0 : at+j1] {
			out[x+j*step] += v
		}
	})
}
