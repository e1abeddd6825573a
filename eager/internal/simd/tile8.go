package simd

import "unsafe"

// Tile8 is what an exact product of uint8 by int8 to int32 is made of at one level. Along k numbers are taken in groups of 4
// bytes: Group numbers of 8 bits if Group is 4, of 16 bits if it is 2. Groups that are not full end in zeros. Kernels
// trust their arguments; a call should take less than 100 microseconds.
type Tile8 struct {
	Rows, Cols, Group int
	// Panel[h] computes h rows, ldc apart, of Cols columns, or adds to them with acc not 0. For each step along k, a holds
	// the groups of h rows together, b those of Cols columns. Sums that leave 32 bits wrap.
	Panel [MaxRows + 1]func(groups int, a, b *byte, c *int32, ldc int, acc int)
	// Dequantise sets y[j] = (c[j]-zero*sums[j]) * (scale*scales[j]) + bias[j] for j below n, a multiple of Cols that is not 0.
	// It gives the same at every level.
	Dequantise func(n int, c, sums *int32, zero int, scale, scales, bias, y *float32)
}

var tile8 = &plainTile8

// Int8 is the running level's Tile8.
func Int8() *Tile8 { return tile8 }

var plainTile8 = Tile8{
	Rows: 2, Cols: 4, Group: 2,
	Panel: [MaxRows + 1]func(groups int, a, b *byte, c *int32, ldc int, acc int){
		nil,
		func(groups int, a, b *byte, c *int32, ldc int, acc int) { plainPanel8(groups, 1, a, b, c, ldc, acc) },
		func(groups int, a, b *byte, c *int32, ldc int, acc int) { plainPanel8(groups, 2, a, b, c, ldc, acc) },
	},
	Dequantise: plainDequantise,
}

func plainPanel8(groups, h int, a, b *byte, c *int32, ldc int, acc int) {
	var x [][2]int16
	var y [][4][2]int16
	if groups > 0 { // else there may be nothing at a and b
		x, y = unsafe.Slice((*[2]int16)(unsafe.Pointer(a)), groups*h), unsafe.Slice((*[4][2]int16)(unsafe.Pointer(b)), groups)
	}
	for i := range h {
		to := (*[4]int32)(unsafe.Add(unsafe.Pointer(c), 4*i*ldc))
		var s [4]int32
		if acc != 0 {
			s = *to
		}
		for p := range y {
			u, v, w := int32(x[p*h+i][0]), int32(x[p*h+i][1]), &y[p]
			s[0] += u*int32(w[0][0]) + v*int32(w[0][1])
			s[1] += u*int32(w[1][0]) + v*int32(w[1][1])
			s[2] += u*int32(w[2][0]) + v*int32(w[2][1])
			s[3] += u*int32(w[3][0]) + v*int32(w[3][1])
		}
		*to = s
	}
}

func plainDequantise(n int, c, sums *int32, zero int, scale, scales, bias, y *float32) {
	in, sum, by, add := unsafe.Slice(c, n), unsafe.Slice(sums, n), unsafe.Slice(scales, n), unsafe.Slice(bias, n)
	for j := range unsafe.Slice(y, n) {
		s := float32(*scale * by[j]) // conversions forbid the compiler to fuse
		unsafe.Slice(y, n)[j] = float32(float32(in[j]-int32(zero)*sum[j])*s) + add[j]
	}
}
