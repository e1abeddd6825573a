package main

// batchNorms emits the passes over the numbers of one channel of a batch normalisation, forward and back.
func batchNorms(m *machine) {
	m.function("shift", "func(dst, a []float32, shift, scale, move float32)", "sets dst = (a-shift)*scale + move."+lengths)
	dst, n, a := m.slice("dst"), m.length("dst"), m.slice("a")
	shift, scale, move := m.spread("shift"), m.spread("scale"), m.spread("move")
	m.sweep(n, 4, func(p *place) {
		x := p.load(a)
		each(x, func(i int) {
			m.sub(shift, x[i], x[i])
			m.horner(move, scale, x[i])
		})
		p.store(x, dst)
	})
	m.end()

	m.function("shiftSums", "func(g, a []float32, shift float32, sums *[2]float32)",
		"sets sums to the sum of g and that of g*(a-shift). Lengths are that of g.")
	g, n, a := m.slice("g"), m.length("g"), m.slice("a")
	shift = m.spread("shift")
	sums := m.arg("sums")
	plain, moved := m.zeros(3), m.zeros(3)
	m.sweep(n, 3, func(p *place) {
		G, x := p.load(g), p.load(a)
		each(G, func(i int) {
			m.sub(shift, x[i], x[i])
			m.add(G[i], plain[i], plain[i])
			m.fma(G[i], x[i], moved[i])
		})
	})
	m.VMOVSS(m.across(plain, m.VADDPS).AsX(), mem{Base: sums})
	m.VMOVSS(m.across(moved, m.VADDPS).AsX(), mem{Base: sums, Disp: 4})
	m.end()

	m.function("shiftGrad", "func(dst, g, a []float32, mean, shift, slope, pull float32)",
		"sets dst = slope*(g-mean) + pull*(a-shift)."+lengths)
	dst, n, g, a = m.slice("dst"), m.length("dst"), m.slice("g"), m.slice("a")
	mean := m.spread("mean")
	shift = m.spread("shift")
	slope, pull := m.spread("slope"), m.spread("pull")
	m.sweep(n, 3, func(p *place) {
		G, x := p.load(g), p.load(a)
		each(G, func(i int) {
			m.sub(shift, x[i], x[i])
			m.sub(mean, G[i], G[i])
			m.mul(pull, x[i], x[i])
			m.fma(slope, G[i], x[i])
		})
		p.store(x, dst)
	})
	m.end()
}
