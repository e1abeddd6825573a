package simd

// Shift sets dst = (a - shift) * scale + move.
func Shift(dst, a []float32, shift, scale, move float32) {
	a = a[:len(dst)]
	for len(dst) > chunk {
		use.shift(dst[:chunk], a[:chunk], shift, scale, move)
		dst, a = dst[chunk:], a[chunk:]
	}
	use.shift(dst, a, shift, scale, move)
}

// ShiftSums are the sums of g and of g * (a - shift) over len(g) elements, in an order that depends on len(g) and the
// level alone.
func ShiftSums(g, a []float32, shift float32) (plain, moved float64) {
	a = a[:len(g)]
	var part [2]float32
	for len(g) > chunk {
		use.shiftSums(g[:chunk], a[:chunk], shift, &part)
		plain += float64(part[0])
		moved += float64(part[1])
		g, a = g[chunk:], a[chunk:]
	}
	use.shiftSums(g, a, shift, &part)
	return plain + float64(part[0]), moved + float64(part[1])
}

// ShiftGrad sets dst = slope * (g - mean) + pull * (a - shift).
func ShiftGrad(dst, g, a []float32, mean, shift, slope, pull float32) {
	g, a = g[:len(dst)], a[:len(dst)]
	for len(dst) > chunk {
		use.shiftGrad(dst[:chunk], g[:chunk], a[:chunk], mean, shift, slope, pull)
		dst, g, a = dst[chunk:], g[chunk:], a[chunk:]
	}
	use.shiftGrad(dst, g, a, mean, shift, slope, pull)
}

func plainShift(dst, a []float32, shift, scale, move float32) {
	for i, x := range a[:len(dst)] {
		dst[i] = (x-shift)*scale + move
	}
}

func plainShiftSums(g, a []float32, shift float32, sums *[2]float32) {
	s, t := 0.0, 0.0
	a = a[:len(g)]
	for i, x := range g {
		s += float64(x)
		t += float64(x) * (float64(a[i]) - float64(shift))
	}
	sums[0], sums[1] = float32(s), float32(t)
}

func plainShiftGrad(dst, g, a []float32, mean, shift, slope, pull float32) {
	g = g[:len(dst)]
	for i, x := range a[:len(dst)] {
		dst[i] = slope*(g[i]-mean) + pull*(x-shift)
	}
}
