package simd

import "golang.org/x/sys/cpu"

// best is the highest level that CPU and operating system have.
func best() Level {
	x := &cpu.X86
	switch {
	case x.HasAVX512F && x.HasAVX512DQ && x.HasAVX512BW && x.HasAVX512VL && x.HasBMI2 && x.HasFMA:
		return AVX512
	case x.HasAVX2 && x.HasFMA:
		return AVX2
	}
	return Generic
}

func setOf(Level) kernels { return plain }
