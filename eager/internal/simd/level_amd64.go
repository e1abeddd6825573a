package simd

import "golang.org/x/sys/cpu"

// available is the levels that CPU and operating system have.
func available() []Level {
	x := &cpu.X86
	switch {
	case x.HasAVX512F && x.HasAVX512DQ && x.HasAVX512BW && x.HasAVX512VL && x.HasBMI2 && x.HasFMA:
		return []Level{Generic, AVX2, AVX512}
	case x.HasAVX2 && x.HasFMA:
		return []Level{Generic, AVX2}
	}
	return []Level{Generic}
}

// load makes l's kernels the running ones.
func load(l Level) {
	switch l {
	case AVX512:
		winograd32 = &winograd512
		gather32, halves, peaks = &gather512, halving{halve512, halveGrad512}, Peak{12 * 16, multiply512}
		use, tile32, tile64, window32 = kernels512, &tile32x512, &tile64x512, &window512
		tile8 = &tile8x256
		if cpu.X86.HasAVX512VNNI {
			tile8 = &tile8x512
		}
		maxWindows, moves = maxWindows512, rowMoves{copyRows512, pickRows512, zipRows512}
	case AVX2:
		winograd32 = &winograd256
		gather32, halves, peaks = &gather256, halving{halve256, halveGrad256}, Peak{12 * 8, multiply256}
		use, tile32, tile64, window32 = kernels256, &tile32x256, &tile64x256, &window256
		tile8 = &tile8x256
		maxWindows, moves = maxWindows256, rowMoves{copyRows256, pickRows256, zipRows256}
	default:
		winograd32 = nil
		gather32, halves, peaks = nil, plainHalves, Peak{}
		use, tile32, tile64, window32 = plain, &plainTile32, &plainTile64, nil
		tile8 = &plainTile8
		maxWindows, moves = nil, plainMoves
	}
}

var kernels512 = kernels{
	add:          add512,
	sub:          sub512,
	mul:          mul512,
	div:          div512,
	max:          max512,
	min:          min512,
	reluGrad:     reluGrad512,
	mulAdd:       mulAdd512,
	relu:         relu512,
	exp:          exp512,
	log:          log512,
	tanh:         tanh512,
	sigmoid:      sigmoid512,
	erf:          erf512,
	gelu:         gelu512,
	geluTanh:     geluTanh512,
	sqrt:         sqrt512,
	neg:          neg512,
	square:       square512,
	abs:          abs512,
	recip:        recip512,
	addS:         addS512,
	mulS:         mulS512,
	axpy:         axpy512,
	leaky:        leaky512,
	leakyGrad:    leakyGrad512,
	sum:          sum512,
	maxOf:        maxOf512,
	dot:          dot512,
	expSum:       expSum512,
	sumRows:      sumRows512,
	moment:       moment512,
	normalise:    normalise512,
	normSums:     normSums512,
	normGrad:     normGrad512,
	normAdd:      normAdd512,
	shift:        shift512,
	shiftSums:    shiftSums512,
	shiftGrad:    shiftGrad512,
	lstmCell:     lstmCell512,
	lstmGrad:     lstmGrad512,
	gruCell:      gruCell512,
	gruGrad:      gruGrad512,
	silu:         silu512,
	round:        round512,
	floor:        floor512,
	ceil:         ceil512,
	sign:         sign512,
	clip:         clip512,
	log1p:        log1p512,
	elu:          elu512,
	equals:       equals512,
	differs:      differs512,
	below:        below512,
	atMost:       atMost512,
	choose:       choose512,
	softplus:     softplus512,
	tanhGrad:     tanhGrad512,
	sigmoidGrad:  sigmoidGrad512,
	siluGrad:     siluGrad512,
	geluGrad:     geluGrad512,
	geluTanhGrad: geluTanhGrad512,
	adam:         adam512,
	sgd:          sgd512,
	momentum:     momentum512,

	pull:      pull512,
	rmsprop:   rmsprop512,
	rmsMoving: rmsMoving512,
}

var kernels256 = kernels{
	add:          add256,
	sub:          sub256,
	mul:          mul256,
	div:          div256,
	max:          max256,
	min:          min256,
	reluGrad:     reluGrad256,
	mulAdd:       mulAdd256,
	relu:         relu256,
	exp:          exp256,
	log:          log256,
	tanh:         tanh256,
	sigmoid:      sigmoid256,
	erf:          erf256,
	gelu:         gelu256,
	geluTanh:     geluTanh256,
	sqrt:         sqrt256,
	neg:          neg256,
	square:       square256,
	abs:          abs256,
	recip:        recip256,
	addS:         addS256,
	mulS:         mulS256,
	axpy:         axpy256,
	leaky:        leaky256,
	leakyGrad:    leakyGrad256,
	sum:          sum256,
	maxOf:        maxOf256,
	dot:          dot256,
	expSum:       expSum256,
	sumRows:      sumRows256,
	moment:       moment256,
	normalise:    normalise256,
	normSums:     normSums256,
	normGrad:     normGrad256,
	normAdd:      normAdd256,
	shift:        shift256,
	shiftSums:    shiftSums256,
	shiftGrad:    shiftGrad256,
	lstmCell:     lstmCell256,
	lstmGrad:     lstmGrad256,
	gruCell:      gruCell256,
	gruGrad:      gruGrad256,
	silu:         silu256,
	round:        round256,
	floor:        floor256,
	ceil:         ceil256,
	sign:         sign256,
	clip:         clip256,
	log1p:        log1p256,
	elu:          elu256,
	equals:       equals256,
	differs:      differs256,
	below:        below256,
	atMost:       atMost256,
	choose:       choose256,
	softplus:     softplus256,
	tanhGrad:     tanhGrad256,
	sigmoidGrad:  sigmoidGrad256,
	siluGrad:     siluGrad256,
	geluGrad:     geluGrad256,
	geluTanhGrad: geluTanhGrad256,
	adam:         adam256,
	sgd:          sgd256,
	momentum:     momentum256,

	pull:      pull256,
	rmsprop:   rmsprop256,
	rmsMoving: rmsMoving256,
}

var tile32x512 = Tile[float32]{
	Rows: 14, Cols: 32,
	Panel: [MaxRows + 1]func(kc int, a, b *float32, ldb int, c *float32, ldc int, acc int){
		nil, sgemm1x512, sgemm2x512, sgemm3x512, sgemm4x512,
		sgemm5x512, sgemm6x512, sgemm7x512, sgemm8x512, sgemm9x512,
		sgemm10x512, sgemm11x512, sgemm12x512, sgemm13x512, sgemm14x512,
	},
	Edge: [2][MaxRows + 1]func(kc int, a *float32, ars, aks int, b *float32, ldb int, c *float32, ldc int, n int, acc int){{
		nil, sgemmEdge1x1x512, sgemmEdge2x1x512, sgemmEdge3x1x512, sgemmEdge4x1x512,
		sgemmEdge5x1x512, sgemmEdge6x1x512, sgemmEdge7x1x512, sgemmEdge8x1x512, sgemmEdge9x1x512,
		sgemmEdge10x1x512, sgemmEdge11x1x512, sgemmEdge12x1x512, sgemmEdge13x1x512, sgemmEdge14x1x512,
	}, {
		nil, sgemmEdge1x2x512, sgemmEdge2x2x512, sgemmEdge3x2x512, sgemmEdge4x2x512,
		sgemmEdge5x2x512, sgemmEdge6x2x512, sgemmEdge7x2x512, sgemmEdge8x2x512, sgemmEdge9x2x512,
		sgemmEdge10x2x512, sgemmEdge11x2x512, sgemmEdge12x2x512, sgemmEdge13x2x512, sgemmEdge14x2x512,
	}},
	Combine: scombine512, Dots: sdots512, PackColumns: spackColumns512,
	Block: 16, PackRows: spackRows512,
}

var tile64x512 = Tile[float64]{
	Rows: 14, Cols: 16,
	Panel: [MaxRows + 1]func(kc int, a, b *float64, ldb int, c *float64, ldc int, acc int){
		nil, dgemm1x512, dgemm2x512, dgemm3x512, dgemm4x512,
		dgemm5x512, dgemm6x512, dgemm7x512, dgemm8x512, dgemm9x512,
		dgemm10x512, dgemm11x512, dgemm12x512, dgemm13x512, dgemm14x512,
	},
	Edge: [2][MaxRows + 1]func(kc int, a *float64, ars, aks int, b *float64, ldb int, c *float64, ldc int, n int, acc int){{
		nil, dgemmEdge1x1x512, dgemmEdge2x1x512, dgemmEdge3x1x512, dgemmEdge4x1x512,
		dgemmEdge5x1x512, dgemmEdge6x1x512, dgemmEdge7x1x512, dgemmEdge8x1x512, dgemmEdge9x1x512,
		dgemmEdge10x1x512, dgemmEdge11x1x512, dgemmEdge12x1x512, dgemmEdge13x1x512, dgemmEdge14x1x512,
	}, {
		nil, dgemmEdge1x2x512, dgemmEdge2x2x512, dgemmEdge3x2x512, dgemmEdge4x2x512,
		dgemmEdge5x2x512, dgemmEdge6x2x512, dgemmEdge7x2x512, dgemmEdge8x2x512, dgemmEdge9x2x512,
		dgemmEdge10x2x512, dgemmEdge11x2x512, dgemmEdge12x2x512, dgemmEdge13x2x512, dgemmEdge14x2x512,
	}},
	Combine: dcombine512, Dots: ddots512, PackColumns: dpackColumns512,
}

var tile32x256 = Tile[float32]{
	Rows: 6, Cols: 16,
	Panel: [MaxRows + 1]func(kc int, a, b *float32, ldb int, c *float32, ldc int, acc int){
		nil, sgemm1x256, sgemm2x256, sgemm3x256, sgemm4x256,
		sgemm5x256, sgemm6x256,
	},
	Edge: [2][MaxRows + 1]func(kc int, a *float32, ars, aks int, b *float32, ldb int, c *float32, ldc int, n int, acc int){{
		nil, sgemmEdge1x1x256, sgemmEdge2x1x256, sgemmEdge3x1x256, sgemmEdge4x1x256,
		sgemmEdge5x1x256, sgemmEdge6x1x256,
	}, {
		nil, sgemmEdge1x2x256, sgemmEdge2x2x256, sgemmEdge3x2x256, sgemmEdge4x2x256,
		sgemmEdge5x2x256, sgemmEdge6x2x256,
	}},
	Combine: scombine256, Dots: sdots256, PackColumns: spackColumns256,
	Block: 8, PackRows: spackRows256,
}

var tile64x256 = Tile[float64]{
	Rows: 6, Cols: 8,
	Panel: [MaxRows + 1]func(kc int, a, b *float64, ldb int, c *float64, ldc int, acc int){
		nil, dgemm1x256, dgemm2x256, dgemm3x256, dgemm4x256,
		dgemm5x256, dgemm6x256,
	},
	Edge: [2][MaxRows + 1]func(kc int, a *float64, ars, aks int, b *float64, ldb int, c *float64, ldc int, n int, acc int){{
		nil, dgemmEdge1x1x256, dgemmEdge2x1x256, dgemmEdge3x1x256, dgemmEdge4x1x256,
		dgemmEdge5x1x256, dgemmEdge6x1x256,
	}, {
		nil, dgemmEdge1x2x256, dgemmEdge2x2x256, dgemmEdge3x2x256, dgemmEdge4x2x256,
		dgemmEdge5x2x256, dgemmEdge6x2x256,
	}},
	Combine: dcombine256, Dots: ddots256, PackColumns: dpackColumns256,
}

var tile8x512 = Tile8{
	Rows: 14, Cols: 32, Group: 4,
	Panel: [MaxRows + 1]func(groups int, a, b *byte, c *int32, ldc int, acc int){
		nil, igemm1x512, igemm2x512, igemm3x512, igemm4x512, igemm5x512, igemm6x512, igemm7x512,
		igemm8x512, igemm9x512, igemm10x512, igemm11x512, igemm12x512, igemm13x512, igemm14x512,
	},
	Dequantise: dequantise512,
}

var tile8x256 = Tile8{
	Rows: 6, Cols: 16, Group: 2,
	Panel: [MaxRows + 1]func(groups int, a, b *byte, c *int32, ldc int, acc int){
		nil, igemm1x256, igemm2x256, igemm3x256, igemm4x256, igemm5x256, igemm6x256,
	},
	Dequantise: dequantise256,
}

var window512 = Window{
	Rows: 14, Cols: 32, Maps: 4, Taps: 6, Lanes: 16,
	Apply: [3][MaxRows + 1]func(kc int, a *float32, off *int, x *float32, c *float32, ldc int, n int, acc int){{
		nil, window1x1x512, window2x1x512, window3x1x512, window4x1x512,
		window5x1x512, window6x1x512, window7x1x512, window8x1x512, window9x1x512,
		window10x1x512, window11x1x512, window12x1x512, window13x1x512, window14x1x512,
	}, {
		nil, window1x2x512, window2x2x512, window3x2x512, window4x2x512,
		window5x2x512, window6x2x512, window7x2x512, window8x2x512, window9x2x512,
		window10x2x512, window11x2x512, window12x2x512, window13x2x512, window14x2x512,
	}, {
		nil, window1x4x512, window2x4x512, window3x4x512, window4x4x512, window5x4x512, window6x4x512,
	}},
	Correlate: [5]func(images, rows, n int, y *float32, ymap, yrow, yimage int, x *float32, xrow, ximage int, off *int, dst *float32, ld int){
		nil, correlate1x512, correlate2x512, correlate3x512, correlate4x512,
	},
}

var window256 = Window{
	Rows: 6, Cols: 16, Maps: 3, Taps: 3, Lanes: 8,
	Apply: [3][MaxRows + 1]func(kc int, a *float32, off *int, x *float32, c *float32, ldc int, n int, acc int){{
		nil, window1x1x256, window2x1x256, window3x1x256, window4x1x256,
		window5x1x256, window6x1x256,
	}, {
		nil, window1x2x256, window2x2x256, window3x2x256, window4x2x256,
		window5x2x256, window6x2x256,
	}, {
		nil, window1x4x256, window2x4x256,
	}},
	Correlate: [5]func(images, rows, n int, y *float32, ymap, yrow, yimage int, x *float32, xrow, ximage int, off *int, dst *float32, ld int){
		nil, correlate1x256, correlate2x256, correlate3x256,
	},
}

var gather512 = Gather{
	Lanes: 16, Taps: 12,
	Apply: [2][13]func(images, rows, n int, y *float32, x *float32, xrow, ximage int, off *int, dst *float32){{
		nil, gather1x1x512, gather2x1x512, gather3x1x512, gather4x1x512, gather5x1x512, gather6x1x512, gather7x1x512, gather8x1x512, gather9x1x512, gather10x1x512, gather11x1x512, gather12x1x512,
	}, {
		nil, gather1x2x512, gather2x2x512, gather3x2x512, gather4x2x512, gather5x2x512, gather6x2x512, gather7x2x512, gather8x2x512, gather9x2x512, gather10x2x512, gather11x2x512, gather12x2x512,
	}},
}

var gather256 = Gather{
	Lanes: 8, Taps: 6,
	Apply: [2][13]func(images, rows, n int, y *float32, x *float32, xrow, ximage int, off *int, dst *float32){{
		nil, gather1x1x256, gather2x1x256, gather3x1x256, gather4x1x256, gather5x1x256, gather6x1x256,
	}, {
		nil, gather1x2x256, gather2x2x256, gather3x2x256, gather4x2x256, gather5x2x256, gather6x2x256,
	}},
}

var winograd512 = Winograd{
	Lanes: 16, Image: winogradImage512, Kernel: winogradKernel512, Result: winogradResult512,
	Gradient: winogradGradient512, Weight: winogradWeight512, Turn: turnColumns512,
}

var winograd256 = Winograd{
	Lanes: 8, Image: winogradImage256, Kernel: winogradKernel256, Result: winogradResult256,
	Gradient: winogradGradient256, Weight: winogradWeight256, Turn: turnColumns256,
}
