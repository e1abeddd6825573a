package simd

import "math"

// plain is the portable set, and the oracle of the others.
var plain = kernels{
	add:          func(dst, a, b []float32) { zip(dst, a, b, func(x, y float32) float32 { return x + y }) },
	sub:          func(dst, a, b []float32) { zip(dst, a, b, func(x, y float32) float32 { return x - y }) },
	mul:          func(dst, a, b []float32) { zip(dst, a, b, func(x, y float32) float32 { return x * y }) },
	div:          func(dst, a, b []float32) { zip(dst, a, b, func(x, y float32) float32 { return x / y }) },
	max:          func(dst, a, b []float32) { zip(dst, a, b, func(x, y float32) float32 { return max(x, y) }) },
	min:          func(dst, a, b []float32) { zip(dst, a, b, func(x, y float32) float32 { return min(x, y) }) },
	reluGrad:     func(dst, x, g []float32) { zip(dst, x, g, plainReluGrad) },
	relu:         func(dst, a []float32) { each(dst, a, plainRelu) },
	exp:          func(dst, a []float32) { each(dst, a, wide(math.Exp)) },
	log:          func(dst, a []float32) { each(dst, a, wide(math.Log)) },
	tanh:         func(dst, a []float32) { each(dst, a, wide(math.Tanh)) },
	sigmoid:      func(dst, a []float32) { each(dst, a, wide(wideSigmoid)) },
	softplus:     func(dst, a []float32) { each(dst, a, wide(wideSoftplus)) },
	tanhGrad:     slopes(func(y float64) float64 { return 1 - y*y }),
	sigmoidGrad:  slopes(func(y float64) float64 { return y * (1 - y) }),
	siluGrad:     slopes(wideSiluSlope),
	geluGrad:     slopes(wideGeluSlope),
	geluTanhGrad: slopes(wideGeluTanhSlope),
	equals:       plainRelated(func(x, y float32) bool { return x == y }),
	differs:      plainRelated(func(x, y float32) bool { return x != y }),
	below:        plainRelated(func(x, y float32) bool { return x < y }),
	atMost:       plainRelated(func(x, y float32) bool { return x <= y }),
	choose:       plainChoose,
	round:        func(dst, a []float32) { each(dst, a, wide(math.RoundToEven)) },
	floor:        func(dst, a []float32) { each(dst, a, wide(math.Floor)) },
	ceil:         func(dst, a []float32) { each(dst, a, wide(math.Ceil)) },
	sign:         func(dst, a []float32) { each(dst, a, plainSign) },
	clip: func(dst, a []float32, lo, hi float32) {
		each(dst, a, func(x float32) float32 { return min(max(x, lo), hi) })
	},
	log1p:     func(dst, a []float32) { each(dst, a, wide(math.Log1p)) },
	elu:       plainElu,
	silu:      func(dst, a []float32) { each(dst, a, wide(wideSilu)) },
	erf:       func(dst, a []float32) { each(dst, a, wide(math.Erf)) },
	gelu:      func(dst, a []float32) { each(dst, a, wide(wideGelu)) },
	geluTanh:  func(dst, a []float32) { each(dst, a, wide(wideGeluTanh)) },
	sqrt:      func(dst, a []float32) { each(dst, a, wide(math.Sqrt)) },
	neg:       func(dst, a []float32) { each(dst, a, func(x float32) float32 { return -x }) },
	square:    func(dst, a []float32) { each(dst, a, func(x float32) float32 { return x * x }) },
	abs:       func(dst, a []float32) { each(dst, a, wide(math.Abs)) },
	recip:     func(dst, a []float32) { each(dst, a, func(x float32) float32 { return 1 / x }) },
	addS:      func(dst, a []float32, s float32) { each(dst, a, func(x float32) float32 { return x + s }) },
	mulS:      func(dst, a []float32, s float32) { each(dst, a, func(x float32) float32 { return x * s }) },
	axpy:      plainAxpy,
	leaky:     plainLeaky,
	leakyGrad: plainLeakyGrad,
	mulAdd:    plainMulAdd,
	sum:       plainSum,
	maxOf:     plainMaxOf,
	dot:       plainDot,
	expSum:    plainExpSum,
	sumRows:   plainSumRows,
	moment:    plainMoment,
	normalise: plainNormalise,
	normSums:  plainNormSums,
	normGrad:  plainNormGrad,
	normAdd:   plainNormAdd,
	shift:     plainShift,
	shiftSums: plainShiftSums,
	shiftGrad: plainShiftGrad,
	lstmCell:  plainLSTMCell[float32],
	lstmGrad:  plainLSTMGrad[float32],
	gruCell:   plainGRUCell[float32],
	gruGrad:   plainGRUGrad[float32],
	adam:      plainAdam,
	sgd:       plainSgd,
	momentum:  plainMomentum,

	pull:      plainPull,
	rmsprop:   plainRMSprop,
	rmsMoving: plainRMSMoving,
}

func each(dst, a []float32, f func(float32) float32) {
	for i, x := range a[:len(dst)] {
		dst[i] = f(x)
	}
}

func zip(dst, a, b []float32, f func(x, y float32) float32) {
	b = b[:len(dst)]
	for i, x := range a[:len(dst)] {
		dst[i] = f(x, b[i])
	}
}

func wide(f func(float64) float64) func(float32) float32 {
	return func(x float32) float32 { return float32(f(float64(x))) }
}

func plainRelu(x float32) float32 {
	if x <= 0 {
		return 0
	}
	return x
}

func plainReluGrad(x, g float32) float32 {
	if x > 0 {
		return g
	}
	return 0
}

func plainLeaky(dst, a []float32, s float32) { plainLeakyGrad(dst, a, a, s) }

func plainLeakyGrad(dst, a, b []float32, s float32) {
	zip(dst, a, b, func(x, g float32) float32 {
		if x > 0 {
			return g
		}
		return g * s
	})
}

func wideSigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func wideSilu(x float64) float64 { return x * wideSigmoid(x) }

func wideGelu(x float64) float64 { return x / 2 * math.Erfc(-x/math.Sqrt2) }

func wideGeluTanh(x float64) float64 {
	const a, b = 1.5957691216057308, 0.07135481627159286 // 2*sqrt(2/pi) and that times 0.044715
	return x * wideSigmoid(x*(a+b*x*x))
}

func wideSoftplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

// slopes is the gradient of a function of which f is the slope.
func slopes(f func(float64) float64) func(dst, a, b []float32) {
	return func(dst, a, b []float32) {
		zip(dst, a, b, func(x, g float32) float32 { return float32(f(float64(x)) * float64(g)) })
	}
}

func wideSiluSlope(x float64) float64 {
	s := wideSigmoid(x)
	return s * (1 + x*(1-s))
}

func wideGeluSlope(x float64) float64 {
	return math.Erfc(-x/math.Sqrt2)/2 + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi)
}

func wideGeluTanhSlope(x float64) float64 {
	const a, b = 1.5957691216057308, 0.07135481627159286
	s := wideSigmoid(x * (a + b*x*x))
	return s * (1 + (1-s)*x*(a+3*b*x*x))
}

func plainSign(x float32) float32 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x
}

func plainElu(dst, a []float32, s float32) {
	for i, x := range a[:len(dst)] {
		if !(x > 0) {
			x = float32(float64(s) * math.Expm1(float64(x)))
		}
		dst[i] = x
	}
}

func plainAxpy(dst, x []float32, a float32) {
	for i, v := range x[:len(dst)] {
		dst[i] += a * v
	}
}

func plainMulAdd(dst, a, b []float32) {
	b = b[:len(dst)]
	for i, v := range a[:len(dst)] {
		dst[i] += v * b[i]
	}
}

func plainSum(a []float32) float32 {
	s := 0.0
	for _, x := range a {
		s += float64(x)
	}
	return float32(s)
}

func plainDot(a, b []float32) float32 {
	s := 0.0
	b = b[:len(a)]
	for i, x := range a {
		s += float64(x) * float64(b[i])
	}
	return float32(s)
}

func plainMaxOf(a []float32) float32 {
	m := float32(math.Inf(-1))
	for _, x := range a {
		m = max(m, x)
	}
	return m
}

func plainExpSum(dst, a []float32, shift float32) float32 {
	s := 0.0
	for i, x := range a[:len(dst)] {
		dst[i] = float32(math.Exp(float64(x - shift)))
		s += float64(dst[i])
	}
	return float32(s)
}

func plainAdam(p, g, m, v []float32, k *[8]float32) {
	g, m, v = g[:len(p)], m[:len(p)], v[:len(p)]
	for i, x := range g {
		m[i] = k[adamB1]*m[i] + k[adamNB1]*x
		v[i] = k[adamB2]*v[i] + k[adamNB2]*(x*x)
		d := m[i] / (float32(math.Sqrt(float64(v[i])))*k[adamRoot] + k[adamEps])
		p[i] = k[adamDecay]*p[i] + k[adamStep]*d
	}
}

func plainSgd(p, g []float32, lr, wd float32) {
	g = g[:len(p)]
	for i, x := range p {
		p[i] = x - lr*(g[i]+wd*x)
	}
}

func plainPull(dst, g, p []float32, scale, limit, wd float32) {
	g, p = g[:len(dst)], p[:len(dst)]
	for i, x := range g {
		dst[i] = max(-limit, min(limit, scale*x)) + wd*p[i]
	}
}

func plainRMSprop(p, g, s []float32, k *[5]float32) {
	g, s = g[:len(p)], s[:len(p)]
	for i, x := range g {
		s[i] = k[rmsAlpha]*s[i] + k[rmsRest]*(x*x)
		p[i] += k[rmsStep] * (x / (float32(math.Sqrt(float64(s[i]))) + k[rmsEps]))
	}
}

func plainRMSMoving(p, g, s, v []float32, k *[5]float32) {
	g, s, v = g[:len(p)], s[:len(p)], v[:len(p)]
	for i, x := range g {
		s[i] = k[rmsAlpha]*s[i] + k[rmsRest]*(x*x)
		v[i] = k[rmsMomentum]*v[i] + x/(float32(math.Sqrt(float64(s[i])))+k[rmsEps])
		p[i] += k[rmsStep] * v[i]
	}
}

func plainMomentum(p, g, v []float32, lr, mu, wd, nesterov float32) {
	g, v = g[:len(p)], v[:len(p)]
	for i, x := range p {
		d := g[i] + wd*x
		u := mu*v[i] + d
		v[i] = u
		if nesterov != 0 {
			u = d + mu*u
		}
		p[i] = x - lr*u
	}
}
