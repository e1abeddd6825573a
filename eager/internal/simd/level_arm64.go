package simd

// available needs to ask nobody: Advanced SIMD is part of every arm64 that Go runs on.
func available() []Level { return []Level{Generic, NEON} }

// load makes l's kernels the running ones. There are none for float64, convolutions, pooling and moves of rows: their plain
// forms, and matrix products, stand in.
func load(l Level) {
	use, tile32 = plain, &plainTile32
	if l == NEON {
		use, tile32 = kernels128, &tile32x128
	}
}

var kernels128 = func() kernels {
	k := plain
	k.add, k.sub, k.mul, k.div, k.max, k.min = add128, sub128, mul128, div128, max128, min128
	k.reluGrad, k.mulAdd = reluGrad128, mulAdd128
	k.relu, k.exp, k.log, k.tanh, k.sigmoid, k.silu = relu128, exp128, log128, tanh128, sigmoid128, silu128
	k.erf, k.gelu, k.geluTanh = erf128, gelu128, geluTanh128
	k.sqrt, k.neg, k.square, k.abs, k.recip = sqrt128, neg128, square128, abs128, recip128
	k.addS, k.mulS, k.axpy = addS128, mulS128, axpy128
	k.sum, k.maxOf, k.dot, k.expSum = sum128, maxOf128, dot128, expSum128
	k.sumRows, k.leaky, k.leakyGrad = sumRows128, leaky128, leakyGrad128
	k.moment, k.normalise, k.normSums, k.normGrad, k.normAdd = moment128, normalise128, normSums128, normGrad128, normAdd128
	k.shift, k.shiftSums, k.shiftGrad = shift128, shiftSums128, shiftGrad128
	k.adam, k.sgd, k.momentum = adam128, sgd128, momentum128
	return k
}()

var tile32x128 = Tile[float32]{
	Rows: 12, Cols: 8,
	Panel: [MaxRows + 1]func(kc int, a, b *float32, ldb int, c *float32, ldc int, acc int){
		nil, sgemm1x128, sgemm2x128, sgemm3x128, sgemm4x128, sgemm5x128, sgemm6x128,
		sgemm7x128, sgemm8x128, sgemm9x128, sgemm10x128, sgemm11x128, sgemm12x128,
	},
	Edge: [2][MaxRows + 1]func(kc int, a *float32, ars, aks int, b *float32, ldb int, c *float32, ldc int, n int, acc int){{
		nil, sgemmEdge1x1x128, sgemmEdge2x1x128, sgemmEdge3x1x128, sgemmEdge4x1x128, sgemmEdge5x1x128, sgemmEdge6x1x128,
		sgemmEdge7x1x128, sgemmEdge8x1x128, sgemmEdge9x1x128, sgemmEdge10x1x128, sgemmEdge11x1x128, sgemmEdge12x1x128,
	}, {
		nil, sgemmEdge1x2x128, sgemmEdge2x2x128, sgemmEdge3x2x128, sgemmEdge4x2x128, sgemmEdge5x2x128, sgemmEdge6x2x128,
		sgemmEdge7x2x128, sgemmEdge8x2x128, sgemmEdge9x2x128, sgemmEdge10x2x128, sgemmEdge11x2x128, sgemmEdge12x2x128,
	}},
	Combine: scombine128, Dots: sdots128, PackColumns: spackColumns128,
	Block: 12, PackRows: spackRows128,
}
