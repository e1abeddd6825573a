package simd

// Winograd is what convolutions with kernels of 3 by 3 are made of, by Winograd's F(4x4,3x3): squares of 6 by 6 numbers of
// the image and kernels become 36 numbers each, whose products, added up over channels, become squares of 4 by 4 numbers of
// the result. A number here is a vector of Lanes, one for each channel or map. There is none at the plain level.
type Winograd struct {
	Lanes int
	// Image transforms 6 by 6 numbers of the image to 36, Kernel 3 by 3 of a kernel, and Result 36 to 4 by 4 of the result.
	// For the gradient of the kernel it is Gradient that transforms 4 by 4 numbers of the result's to 36, and Weight 36 to 3
	// by 3. All counts are 1 or more.
	Image, Kernel, Result, Gradient, Weight SquareFunc
	// Turn copies dst[i*ds+j] = src[j*ss+i] + plus[i], for i below rows, at most Lanes, and j below n. It reads whole
	// vectors of src.
	Turn func(dst *float32, ds int, src *float32, ss int, plus *float32, rows, n int)
}

// SquareFunc transforms n squares of vectors. The vector in row i and column j of square k is at src[i*sr+j*sc+k*sn], and goes
// to dst[i*dr+j*dc+k*dn]. There is room for 36 vectors.
type SquareFunc = func(dst *float32, dr, dc, dn int, src *float32, sr, sc, sn int, room *float32, n int)

// Winograd32 is the running level's Winograd; nil if it has none.
func Winograd32() *Winograd { return winograd32 }

var winograd32 *Winograd
