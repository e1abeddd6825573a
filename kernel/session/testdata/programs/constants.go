// Constants: iota, untyped arithmetic of any size, typed enumerations and bit sets.

package main

import (
	"fmt"
	"math"
	"strings"
	"time"
)

type weekday int

const (
	sunday weekday = iota
	monday
	tuesday
	_
	thursday
	friday
	saturday
	days = iota
)

func (d weekday) String() string {
	if d < 0 || d >= days {
		return fmt.Sprintf("weekday(%d)", int(d))
	}
	return [...]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}[d]
}

type size float64

const (
	_       = iota
	kB size = 1 << (10 * iota)
	mB
	gB
)

func (s size) String() string {
	switch {
	case s >= gB:
		return fmt.Sprintf("%.2fGB", s/gB)
	case s >= mB:
		return fmt.Sprintf("%.2fMB", s/mB)
	case s >= kB:
		return fmt.Sprintf("%.2fkB", s/kB)
	}
	return fmt.Sprintf("%.0fB", s)
}

type flags uint8

const (
	read flags = 1 << iota
	write
	execute
	all = read | write | execute
)

func (f flags) String() string {
	if f == 0 {
		return "none"
	}
	var parts []string
	for i, name := range []string{"read", "write", "execute"} {
		if f&(1<<i) != 0 {
			parts = append(parts, name)
		}
	}
	return strings.Join(parts, "|")
}

const (
	a, b = iota, iota * 10
	c, d
	_, _
	e, f
)

const (
	big   = 1 << 100
	huge  = big * big
	third = 1.0 / 3
	small = big >> 98
	root2 = 1.41421356237309504880168872420969807856967187537694807317667974
)

const (
	greeting = "hello, " + "wörld"
	length   = len(greeting)
	letter   = 'a' + 1
	truth    = length > 10 && letter == 'b'
)

type temperature float32

const (
	freezing temperature = 0
	boiling              = freezing + 100
)

func main() {
	fmt.Println(sunday, monday, thursday, saturday, weekday(9), days)
	fmt.Printf("%v %d %s %q %x\n", friday, friday, friday, friday, int(friday))
	fmt.Println([]weekday{monday, 3}, map[weekday]bool{tuesday: true})
	fmt.Println(kB, mB, gB, size(1500), size(123456789), 3*gB/2)
	fmt.Println(read, write, all, all&^write, flags(0), read|execute)
	fmt.Printf("%d %08b %v\n", all, execute, ^read&all)
	fmt.Println(a, b, c, d, e, f)

	// Untyped constants keep every digit until they meet a type.
	fmt.Println(huge/big/(1<<90), small, big/(big-1), huge>>198)
	fmt.Println(third*3 == 1, root2*root2 == 2, float32(third), third)
	fmt.Println(math.MaxUint32*math.MaxUint32/math.MaxUint32, uint64(math.MaxUint64), math.MinInt64)
	fmt.Println(5/2, 5/2.0, 5.0/2, 7%4, -7/2, -7%4, 1<<3.0, 'a'/2)
	fmt.Printf("%T %T %T %T %T %T\n", 1, 1.0, 'x', 1i, "s", 2*'x')
	fmt.Printf("%T %T %T %v\n", letter, truth, boiling, boiling)
	fmt.Println(greeting, length, string(rune(letter)), truth)

	// The same constant becomes what its place wants.
	const one = 1
	var (
		f32 float32       = one
		u8  uint8         = one << 7
		z   complex128    = one + 2i
		dur time.Duration = one * time.Second
		r   rune          = one + '0'
	)
	fmt.Println(f32/3, u8, z*z, dur/4, string(r))
	const hour = 60 * time.Minute
	fmt.Println(hour, hour.Seconds(), 90*time.Minute, time.Duration(2.5*float64(hour)))
	var shift uint = 3
	var wide int64 = 1 << shift
	var narrow = uint8(1) << shift << 5
	fmt.Println(wide, narrow, 1.0*float64(int(1)<<shift))
	fmt.Println(math.Pi*1e10, float32(math.Pi), math.MaxInt8, -1<<7, 0b1010_1010, 0o17, 0x_ff, 1_000_000, 0x1p-2, 'é', '\x41', '\u00e9')

	// A local iota has its own scope and can shadow.
	const (
		iotaStart = iota + 5
		iotaNext
	)
	{
		const days = "shadowed"
		fmt.Println(days, iotaStart, iotaNext)
	}
	const (
		real1, imag1 = real(3 + 4i), imag(3 + 4i)
		modulus      = real1*real1 + imag1*imag1
	)
	var arr [modulus]struct{}
	fmt.Println(len(arr), modulus, complex(real1, imag1))
}
