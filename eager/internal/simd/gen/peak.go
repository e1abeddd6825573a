package main

import "github.com/mmcloughlin/avo/operand"

// peakSums is how many sums the kernel of the peak keeps: more than fused multiply-adds are under way at once.
const peakSums = 12

// peak emits what the processor can do at most.
func peak(m *machine) {
	m.function("multiply", "func(n int)", "does 12*n fused multiply-adds of whole vectors, which wait for nothing but each other's registers.")
	n := m.arg("n")
	sums, a, b := m.vecs(peakSums), m.zero(), m.zero()
	for _, s := range sums {
		m.VXORPS(s, s, s)
	}
	m.Label("loop")
	for _, s := range sums {
		m.VFMADD231PS(a, b, s)
	}
	m.DECQ(n)
	m.JNZ(operand.LabelRef("loop"))
	m.end()
}
