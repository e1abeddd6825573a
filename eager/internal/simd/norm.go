package simd

// Moment is the sum of (a - shift)**2, in an order that depends on len(a) and the level alone.
func Moment(a []float32, shift float32) float32 {
	if len(a) <= chunk {
		return use.moment(a, shift)
	}
	s := 0.0
	for len(a) > chunk {
		s += float64(use.moment(a[:chunk], shift))
		a = a[chunk:]
	}
	return float32(s + float64(use.moment(a, shift)))
}

// Normalise sets dst = (a - shift) * scale * w + b.
func Normalise(dst, a, w, b []float32, shift, scale float32) {
	a, w, b = a[:len(dst)], w[:len(dst)], b[:len(dst)]
	for len(dst) > chunk {
		use.normalise(dst[:chunk], a[:chunk], w[:chunk], b[:chunk], shift, scale)
		dst, a, w, b = dst[chunk:], a[chunk:], w[chunk:], b[chunk:]
	}
	use.normalise(dst, a, w, b, shift, scale)
}

// NormSums are the sums of g * w and of g * w * (a - shift) over len(g) elements, in an order that depends on len(g) and
// the level alone.
func NormSums(g, w, a []float32, shift float32) (plain, moved float32) {
	w, a = w[:len(g)], a[:len(g)]
	var part [2]float32
	s, t := 0.0, 0.0
	for len(g) > chunk {
		use.normSums(g[:chunk], w[:chunk], a[:chunk], shift, &part)
		s += float64(part[0])
		t += float64(part[1])
		g, w, a = g[chunk:], w[chunk:], a[chunk:]
	}
	use.normSums(g, w, a, shift, &part)
	return float32(s + float64(part[0])), float32(t + float64(part[1]))
}

// NormGrad sets dst = slope * g * w + pull * (a - shift) + move.
func NormGrad(dst, g, w, a []float32, shift, slope, pull, move float32) {
	g, w, a = g[:len(dst)], w[:len(dst)], a[:len(dst)]
	for len(dst) > chunk {
		use.normGrad(dst[:chunk], g[:chunk], w[:chunk], a[:chunk], shift, slope, pull, move)
		dst, g, w, a = dst[chunk:], g[chunk:], w[chunk:], a[chunk:]
	}
	use.normGrad(dst, g, w, a, shift, slope, pull, move)
}

// NormAdd adds g * (a - shift) * scale to dw and g to db.
func NormAdd(dw, db, g, a []float32, shift, scale float32) {
	db, g, a = db[:len(dw)], g[:len(dw)], a[:len(dw)]
	for len(dw) > chunk {
		use.normAdd(dw[:chunk], db[:chunk], g[:chunk], a[:chunk], shift, scale)
		dw, db, g, a = dw[chunk:], db[chunk:], g[chunk:], a[chunk:]
	}
	use.normAdd(dw, db, g, a, shift, scale)
}

func plainMoment(a []float32, shift float32) float32 {
	s := 0.0
	for _, x := range a {
		d := float64(x) - float64(shift)
		s += d * d
	}
	return float32(s)
}

func plainNormalise(dst, a, w, b []float32, shift, scale float32) {
	w, b = w[:len(dst)], b[:len(dst)]
	for i, x := range a[:len(dst)] {
		dst[i] = (x-shift)*scale*w[i] + b[i]
	}
}

func plainNormSums(g, w, a []float32, shift float32, sums *[2]float32) {
	s, t := 0.0, 0.0
	w, a = w[:len(g)], a[:len(g)]
	for i, x := range g {
		v := float64(x) * float64(w[i])
		s += v
		t += v * (float64(a[i]) - float64(shift))
	}
	sums[0], sums[1] = float32(s), float32(t)
}

func plainNormGrad(dst, g, w, a []float32, shift, slope, pull, move float32) {
	g, w = g[:len(dst)], w[:len(dst)]
	for i, x := range a[:len(dst)] {
		dst[i] = slope*(g[i]*w[i]) + pull*(x-shift) + move
	}
}

func plainNormAdd(dw, db, g, a []float32, shift, scale float32) {
	db, g = db[:len(dw)], g[:len(dw)]
	for i, x := range a[:len(dw)] {
		dw[i] += g[i] * ((x - shift) * scale)
		db[i] += g[i]
	}
}
