package simd

import "os"

// Level says which family of kernels runs.
type Level uint8

// The levels, each including the ones before it.
const (
	Generic Level = iota // plain Go
	AVX2                 // AVX2 and FMA, 256 bits
	AVX512               // AVX-512 F, DQ, BW, VL, 512 bits
)

// String is the name that TAPIR_CPU knows the level by.
func (l Level) String() string {
	switch l {
	case AVX512:
		return "avx512"
	case AVX2:
		return "avx2"
	}
	return "generic"
}

// level is the running one. It is written at start, and by Use in tests.
var level = Generic

// Active is the level whose kernels run now.
func Active() Level { return level }

// Use switches to level l, or to the best below it that this CPU has, and returns what undoes it. It is meant for
// tests and benchmarks: nothing else may be computing at that moment.
func Use(l Level) (restore func()) {
	old := level
	set(min(l, best()))
	return func() { set(old) }
}

func set(l Level) {
	level = l
	load(l)
}

func init() {
	l := best()
	switch os.Getenv("TAPIR_CPU") {
	case "generic":
		l = Generic
	case "avx2":
		l = min(l, AVX2)
	}
	set(l)
}
