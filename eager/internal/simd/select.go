package simd

// Equals sets dst to 1 where a = b, else 0.
func Equals(dst []uint8, a, b []float32) {
	related(use.equals, dst, a, b, func(x, y float32) bool { return x == y })
}

// Differs sets dst to 1 where a is not b, as NaN is not NaN, else 0.
func Differs(dst []uint8, a, b []float32) {
	related(use.differs, dst, a, b, func(x, y float32) bool { return x != y })
}

// Below sets dst to 1 where a < b, else 0.
func Below(dst []uint8, a, b []float32) {
	related(use.below, dst, a, b, func(x, y float32) bool { return x < y })
}

// AtMost sets dst to 1 where a <= b, else 0.
func AtMost(dst []uint8, a, b []float32) {
	related(use.atMost, dst, a, b, func(x, y float32) bool { return x <= y })
}

// related runs a kernel, and the same relation on what it leaves over.
func related(f func(dst []uint8, a, b []float32), dst []uint8, a, b []float32, holds func(x, y float32) bool) {
	a, b = a[:len(dst)], b[:len(dst)]
	for len(dst) > chunk {
		f(dst[:chunk], a[:chunk], b[:chunk])
		dst, a, b = dst[chunk:], a[chunk:], b[chunk:]
	}
	f(dst, a, b)
	for i := len(dst) &^ 15; i < len(dst); i++ {
		dst[i] = 0
		if holds(a[i], b[i]) {
			dst[i] = 1
		}
	}
}

// Choose sets dst to a where c is 1 and to b where it is 0, bit by bit as they are.
func Choose(dst []float32, c []uint8, a, b []float32) {
	c, a, b = c[:len(dst)], a[:len(dst)], b[:len(dst)]
	for len(dst) > chunk {
		use.choose(dst[:chunk], c[:chunk], a[:chunk], b[:chunk])
		dst, c, a, b = dst[chunk:], c[chunk:], a[chunk:], b[chunk:]
	}
	use.choose(dst, c, a, b)
	n := len(dst) &^ 15
	plainChoose(dst[n:], c[n:], a[n:], b[n:])
}

// plainRelated is a comparison of all numbers.
func plainRelated(holds func(x, y float32) bool) func(dst []uint8, a, b []float32) {
	return func(dst []uint8, a, b []float32) {
		for i, x := range a[:len(dst)] {
			dst[i] = 0
			if holds(x, b[i]) {
				dst[i] = 1
			}
		}
	}
}

func plainChoose(dst []float32, c []uint8, a, b []float32) {
	for i := range dst {
		if c[i] != 0 {
			dst[i] = a[i]
		} else {
			dst[i] = b[i]
		}
	}
}
