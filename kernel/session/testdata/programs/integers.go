// Integers: overflow wraps, shifts fill, conversions cut, and bits can be counted.

package main

import (
	"fmt"
	"math"
	"math/bits"
)

// hash is FNV-1a, which lives on wrapping multiplication.
func hash(s string) uint32 {
	h := uint32(2166136261)
	for i := range len(s) {
		h ^= uint32(s[i])
		h *= 16777619
	}
	return h
}

// xorshift is a generator made of shifts alone.
type xorshift uint64

func (x *xorshift) next() uint64 {
	*x ^= *x << 13
	*x ^= *x >> 7
	*x ^= *x << 17
	return uint64(*x)
}

func crc8(data []byte) (crc uint8) {
	for _, b := range data {
		crc ^= b
		for range 8 {
			if crc&0x80 != 0 {
				crc = crc<<1 ^ 0x07
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return max(a, -a)
}

// powMod multiplies in 128 bits, so that no product overflows.
func powMod(base, exp, mod uint64) uint64 {
	result := uint64(1)
	for base %= mod; exp > 0; exp >>= 1 {
		if exp&1 == 1 {
			hi, lo := bits.Mul64(result, base)
			_, result = bits.Div64(hi, lo, mod)
		}
		hi, lo := bits.Mul64(base, base)
		_, base = bits.Div64(hi, lo, mod)
	}
	return result
}

// add reports the sum and whether it overflowed.
func add(a, b int32) (int32, bool) {
	sum := a + b
	return sum, (sum > a) != (b > 0)
}

func isqrt(n uint64) uint64 {
	if n < 2 {
		return n
	}
	x := uint64(1) << ((bits.Len64(n) + 1) / 2)
	for {
		y := (x + n/x) / 2
		if y >= x {
			return x
		}
		x = y
	}
}

func main() {
	var (
		i8  int8   = math.MaxInt8
		u8  uint8  = math.MaxUint8
		i16 int16  = math.MinInt16
		u16 uint16 = 0
		i32 int32  = math.MaxInt32
		u32 uint32 = 1 << 31
		i64 int64  = math.MinInt64
		u64 uint64 = math.MaxUint64
	)
	i8++
	u8 += 2
	i16--
	u16--
	i32 *= 2
	u32 *= 2
	i64 = -i64
	u64 *= u64
	fmt.Println(i8, u8, i16, u16, i32, u32, i64, u64)

	// Conversions keep the low bits; signs extend, floats lose their fraction.
	big := 0x1_2345_6789
	fmt.Println(int32(big), uint16(big), int8(big), uint8(big), int16(-40000+big-big))
	minus := -1
	fmt.Println(uint8(minus), uint32(minus), uint64(minus), int64(uint32(minus)), uint64(int32(minus)) == math.MaxUint64)
	f := -3.99
	fmt.Println(int(f), int(3.99-f), float32(1<<24+1) == 1<<24, int64(float64(1<<53)))
	fmt.Println(rune(200), byte('a'), string(rune('a'+1)), int('€'))

	// Division truncates towards zero; the remainder takes the sign of the dividend.
	for _, d := range [][2]int{{7, 3}, {-7, 3}, {7, -3}, {-7, -3}} {
		fmt.Print(d[0]/d[1], ",", d[0]%d[1], " ")
	}
	fmt.Println()
	least, one := int8(-128), int8(-1)
	fmt.Println(least/one, least%one, -least, least-1)

	// Shifts: the count may exceed the width; a signed number keeps its sign.
	count := uint(70)
	seven, below := 7, -8
	fmt.Println(seven<<count, seven>>count, below>>1, below>>count, uint8(below)>>1, int8(seven)<<5, 1<<(count-64))
	fmt.Println(seven&^5, seven^5, ^seven, seven|8, below&0xff, -seven&seven)
	mask := uint16(1)<<12 - 1
	fmt.Printf("%#x %#x %016b\n", mask, ^mask, mask&0x0f0f<<1)
	x := 0b1011
	x &^= 1 << 1
	x |= 1 << 4
	x ^= 0xff
	x <<= 2
	x %= 1000
	fmt.Println(x, x>>1&1, x&-x)

	fmt.Println(hash(""), hash("hello"), hash("hellp"))
	g := xorshift(42)
	for range 4 {
		fmt.Print(g.next()%1000, " ")
	}
	fmt.Println(uint64(g))
	fmt.Println(crc8([]byte("123456789")), gcd(-48, 36), gcd(17, 5), isqrt(1<<62+12345), isqrt(99))
	fmt.Println(powMod(3, 1<<40, 1_000_000_007), powMod(2, math.MaxUint64, math.MaxUint64-58))
	for _, p := range [][2]int32{{1, 2}, {math.MaxInt32, 1}, {math.MinInt32, -1}, {math.MinInt32, math.MaxInt32}} {
		sum, over := add(p[0], p[1])
		fmt.Print(sum, over, " ")
	}
	fmt.Println()

	fmt.Println(bits.OnesCount(255), bits.LeadingZeros32(1), bits.TrailingZeros64(1<<40), bits.Len(1023), bits.Reverse8(0b0001_0011))
	fmt.Println(bits.RotateLeft8(0b1000_0001, 1), bits.RotateLeft32(1, -1), bits.ReverseBytes32(0x01020304) == 0x04030201)
	sum, carry := bits.Add64(math.MaxUint64, 2, 1)
	diff, borrow := bits.Sub32(1, 2, 0)
	hi, lo := bits.Mul32(1<<31, 6)
	fmt.Println(sum, carry, diff, borrow, hi, lo)
	fmt.Println(uintptr(minus) == math.MaxUint, math.MaxInt64, uint64(math.Float64bits(1.5)), math.Float32bits(-2), math.Float32frombits(0x40490fdb))
	var total uint8
	for i := uint8(250); i >= 250; i++ {
		total += i
	}
	fmt.Println(total)
}
