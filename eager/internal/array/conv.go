package array

// ConvParams are the sizes of a two-dimensional convolution: x (N,C,H,W), w (O,C/Groups,KH,KW), y (N,O,OutH,OutW).
type ConvParams struct {
	N, C, H, W int
	O, KH, KW  int
	Stride     [2]int // down, across; 1 or more
	Pad        [2]int // zeros above and below, left and right
	Dilation   [2]int // 1 or more
	Groups     int    // 1 or more; divides C and O
}

// OutH is the height of the result, 0 if the kernel is larger than the padded image.
func (p *ConvParams) OutH() int {
	return windows(p.H, p.KH, p.Stride[0], p.Pad[0], p.Dilation[0])
}

// OutW is the width of the result, 0 if the kernel is larger than the padded image.
func (p *ConvParams) OutW() int {
	return windows(p.W, p.KW, p.Stride[1], p.Pad[1], p.Dilation[1])
}

// windows is how many places a window of k has in n numbers with pad zeros on both sides.
func windows(n, k, stride, pad, dilation int) int {
	room := n + 2*pad - ((k-1)*dilation + 1)
	if room < 0 || k == 0 {
		return 0
	}
	return room/stride + 1
}

// Conv2d32 sets y to the convolution (cross-correlation, as networks mean it) of x with w.
func Conv2d32(y, x, w []float32, p ConvParams) { convPlain(y, x, w, p) }

// Conv2dInput32 sets dx to the gradient of a convolution's input, from g, the gradient of its result, and w.
func Conv2dInput32(dx, g, w []float32, p ConvParams) { convInputPlain(dx, g, w, p) }

// Conv2dWeight32 sets dw to the gradient of a convolution's weights, from its input x and g, the gradient of its result.
func Conv2dWeight32(dw, x, g []float32, p ConvParams) { convWeightPlain(dw, x, g, p) }

// Conv2d64 is Conv2d32 for float64.
func Conv2d64(y, x, w []float64, p ConvParams) { convPlain(y, x, w, p) }

// Conv2dInput64 is Conv2dInput32 for float64.
func Conv2dInput64(dx, g, w []float64, p ConvParams) { convInputPlain(dx, g, w, p) }

// Conv2dWeight64 is Conv2dWeight32 for float64.
func Conv2dWeight64(dw, x, g []float64, p ConvParams) { convWeightPlain(dw, x, g, p) }

// convPairs calls f for every product of a convolution: y[yi] takes x[xi] * w[wi].
func convPairs(p *ConvParams, f func(yi, xi, wi int)) {
	oh, ow, cg, og := p.OutH(), p.OutW(), p.C/p.Groups, p.O/p.Groups
	for n := range p.N {
		for o := range p.O {
			for r := range oh {
				for s := range ow {
					yi := ((n*p.O+o)*oh+r)*ow + s
					for c := range cg {
						for i := range p.KH {
							h := r*p.Stride[0] + i*p.Dilation[0] - p.Pad[0]
							if h < 0 || h >= p.H {
								continue
							}
							for j := range p.KW {
								w := s*p.Stride[1] + j*p.Dilation[1] - p.Pad[1]
								if w < 0 || w >= p.W {
									continue
								}
								xc := n*p.C + o/og*cg + c
								f(yi, (xc*p.H+h)*p.W+w, ((o*cg+c)*p.KH+i)*p.KW+j)
							}
						}
					}
				}
			}
		}
	}
}

func convPlain[T real](y, x, w []T, p ConvParams) {
	clear(y[:p.N*p.O*p.OutH()*p.OutW()])
	convPairs(&p, func(yi, xi, wi int) { y[yi] += x[xi] * w[wi] })
}

func convInputPlain[T real](dx, g, w []T, p ConvParams) {
	clear(dx[:p.N*p.C*p.H*p.W])
	convPairs(&p, func(yi, xi, wi int) { dx[xi] += g[yi] * w[wi] })
}

func convWeightPlain[T real](dw, x, g []T, p ConvParams) {
	clear(dw[:p.O*p.C/p.Groups*p.KH*p.KW])
	convPairs(&p, func(yi, xi, wi int) { dw[wi] += g[yi] * x[xi] })
}
