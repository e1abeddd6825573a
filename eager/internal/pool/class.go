package pool

import "math/bits"

// Big is the size in bytes from which blocks are pooled.
const Big = 64 << 10

const bigShift = 16 // 1<<bigShift == Big

// classes is the number of size classes: four to each doubling, up to the largest int that counts bytes.
const classes = 4*(bits.UintSize-2-bigShift) + 1

// classOf is the smallest class that holds n bytes.
func classOf(n int) int {
	if n <= Big {
		return 0
	}
	shift := bits.Len(uint(n-1)) - 1 // 1<<shift < n <= 2<<shift
	quarter := 1 << (shift - 2)
	return 4*(shift-bigShift) + (n-1<<shift+quarter-1)/quarter
}

// sizeOf is the bytes of a block of class c, a multiple of 16 KiB.
func sizeOf(c int) int {
	if c == 0 {
		return Big
	}
	shift := bigShift + (c-1)/4
	return 1<<shift + ((c-1)%4+1)<<(shift-2)
}
