package simd

import (
	"os"
	"slices"
)

// Level says which family of kernels runs.
type Level uint8

// The levels, each better than the ones before it. A machine has those of its own kind.
const (
	Generic Level = iota // plain Go
	NEON                 // Advanced SIMD of arm64, 128 bits
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
	case NEON:
		return "neon"
	}
	return "generic"
}

// ladder are those that this machine has, Generic first.
var ladder = available()

// level is the running one. It is written at start, and by Use in tests.
var level = Generic

// Active is the level whose kernels run now.
func Active() Level { return level }

// Levels are those that this machine has, Generic first.
func Levels() []Level { return slices.Clone(ladder) }

// Use switches to level l, or to the best below it that this machine has, and returns what undoes it. It is meant for
// tests and benchmarks: nothing else may be computing at that moment.
func Use(l Level) (restore func()) {
	old := level
	set(atMost(l))
	return func() { set(old) }
}

// atMost is the best level of this machine that is not above l.
func atMost(l Level) Level {
	best := Generic
	for _, have := range ladder {
		if have <= l {
			best = have
		}
	}
	return best
}

func set(l Level) {
	level = l
	load(l)
}

func init() { set(choose(os.Getenv("TAPIR_CPU"))) }

// choose is the level for a choice of TAPIR_CPU: the best that is not above it; the best of all for no level's name.
func choose(name string) Level {
	for l := range AVX512 + 1 {
		if name == l.String() {
			return atMost(l)
		}
	}
	return atMost(AVX512)
}
