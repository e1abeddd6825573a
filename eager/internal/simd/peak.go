package simd

// Peak is the kernel of the running level that multiplies and adds in registers alone, as fast as the processor can.
type Peak struct {
	Products int         // multiply-adds of float32 in each of n
	Multiply func(n int) // n is above 0; 10,000 take less than 100 microseconds
}

// peaks is the running level's.
var peaks Peak

// MostProducts is the running level's Peak; one whose Multiply is nil where there is none.
func MostProducts() Peak { return peaks }
