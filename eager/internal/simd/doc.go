// Package simd holds the inner loops of the engine on flat slices: vector kernels as Go assembly beside their plain Go twins.
//
// Every exported function works on contiguous slices of any length, zero included, at any alignment. The destination
// gives the length; the other operands must be at least as long (a shorter one panics with an index error). The
// destination may be the very same slice as an operand, but must not overlap one in any other way. Each element's
// result depends on its operands alone, never on its place in the slice.
//
// Which instructions run is decided once, at start: AVX-512 (F, DQ, BW, VL) or AVX2 with FMA on amd64, NEON on arm64,
// or plain Go. The environment variable TAPIR_CPU=avx512|avx2|neon|generic picks a lower level than the CPU has.
//
// # Decisions
//
// 2026-11-23: assembly is made by avo (gen/, a module of its own, so that users of the engine do not depend on it) and
// checked in; `go generate` rewrites it and a test compares. The experimental archsimd package was measured at half of
// the FMA peak and needs GOEXPERIMENT=simd from everyone who builds.
//
// 2026-11-23: golang.org/x/sys/cpu tells the CPU's features. It knows which need the operating system's consent, which
// is easy to get wrong by hand; it is kept by the Go team and drags in nothing. To leave it: 60 lines of CPUID.
//
// 2026-11-23: a kernel call is not preemptible, and the collector has to wait for it. The exported functions therefore
// cut long slices into chunks of 64 KiB, some microseconds each.
//
// 2026-11-26: kernels for arm64 are written by a text generator of our own, beside avo's in gen/, since avo knows amd64
// alone. Vector instructions are words from one table: Go's assembler lacks most that work on floats. A test holds each
// word against GNU objdump, and the tests of this package run under qemu-user. Numbers that do not fill a vector go
// through the same instructions one by one, as NEON has no masks. float64, convolutions and pooling stay plain Go
// (convolutions through matrix products, which are not); what that costs on real hardware was not measured.
//
// 2026-11-26, 8 bits: unsigned by signed, exact. VPDPBUSD where there is VNNI; else VPMADDWD on 16-bit copies of the weights,
// since VPMADDUBSW of AVX2 saturates. Dequantising has no fused steps, so that every level gives the same bits.
package simd

//go:generate go -C gen run . -dir ..
