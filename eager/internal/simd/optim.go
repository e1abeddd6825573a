package simd

import "math"

// The numbers of an Adam step, worked out once for a whole parameter; the assembly knows the order.
const (
	adamB1, adamNB1, adamB2, adamNB2 = 0, 1, 2, 3 // beta and 1 - beta
	adamDecay                        = 4          // 1 - lr*wd
	adamStep                         = 5          // -lr / c1
	adamRoot                         = 6          // 1 / sqrt(c2)
	adamEps                          = 7
)

// The numbers of a step of RMSprop, in the order that the assembly knows.
const (
	rmsAlpha, rmsRest = 0, 1 // alpha and 1 - alpha
	rmsEps            = 2
	rmsStep           = 3 // -lr
	rmsMomentum       = 4
)

// tinyEps is the least eps with which it does not matter that kernels take numbers below 1.2e-38 for 0, the root of which is 1e-19.
const tinyEps = 1e-14

// Adam makes one step of AdamW (Loshchilov and Hutter 2019, algorithm 2) on parameter p with gradient g and the
// running means m and v, all of one length:
//
//	m = b1*m + (1-b1)*g
//	v = b2*v + (1-b2)*g*g
//	p = p*(1-lr*wd) - lr * (m/c1) / (sqrt(v/c2) + eps)
//
// c1 and c2 are 1-b1**t and 1-b2**t. wd 0 is plain Adam. The settings are float64 because 1-0.999 in float32 is wrong
// in its fifth digit.
func Adam(p, g, m, v []float32, lr, b1, b2, eps, wd, c1, c2 float64) {
	k := [8]float32{float32(b1), float32(1 - b1), float32(b2), float32(1 - b2), float32(1 - lr*wd), float32(-lr / c1), float32(1 / math.Sqrt(c2)), float32(eps)}
	g, m, v = g[:len(p)], m[:len(p)], v[:len(p)]
	if eps < tinyEps {
		plainAdam(p, g, m, v, &k)
		return
	}
	for len(p) > chunk {
		use.adam(p[:chunk], g[:chunk], m[:chunk], v[:chunk], &k)
		p, g, m, v = p[chunk:], g[chunk:], m[chunk:], v[chunk:]
	}
	use.adam(p, g, m, v, &k)
}

// Sgd makes one step of gradient descent, p -= lr * (g + wd*p).
func Sgd(p, g []float32, lr, wd float32) {
	g = g[:len(p)]
	for len(p) > chunk {
		use.sgd(p[:chunk], g[:chunk], lr, wd)
		p, g = p[chunk:], g[chunk:]
	}
	use.sgd(p, g, lr, wd)
}

// SgdMomentum makes one step of gradient descent with momentum mu and the running velocity v:
//
//	d = g + wd*p
//	v = mu*v + d
//	p -= lr*v, or p -= lr*(d + mu*v) with nesterov
func SgdMomentum(p, g, v []float32, lr, mu, wd float32, nesterov bool) {
	n := float32(0)
	if nesterov {
		n = 1
	}
	g, v = g[:len(p)], v[:len(p)]
	for len(p) > chunk {
		use.momentum(p[:chunk], g[:chunk], v[:chunk], lr, mu, wd, n)
		p, g, v = p[chunk:], g[chunk:], v[chunk:]
	}
	use.momentum(p, g, v, lr, mu, wd, n)
}

// Pull sets dst = clamp(scale*g, -limit, limit) + wd*p, what clipping and decay make of a gradient. NaN stays.
func Pull(dst, g, p []float32, scale, limit, wd float32) {
	g, p = g[:len(dst)], p[:len(dst)]
	for len(dst) > chunk {
		use.pull(dst[:chunk], g[:chunk], p[:chunk], scale, limit, wd)
		dst, g, p = dst[chunk:], g[chunk:], p[chunk:]
	}
	use.pull(dst, g, p, scale, limit, wd)
}

// RMSprop makes one step of RMSprop (Tieleman and Hinton 2012) with the running mean of squares s; v is the velocity, or
// nil where mu is 0:
//
//	s = alpha*s + (1-alpha)*g*g
//	v = mu*v + g/(sqrt(s) + eps)
//	p -= lr*v
func RMSprop(p, g, s, v []float32, lr, alpha, eps, mu float64) {
	k := [5]float32{float32(alpha), float32(1 - alpha), float32(eps), float32(-lr), float32(mu)}
	g, s = g[:len(p)], s[:len(p)]
	if eps < tinyEps {
		if v == nil {
			plainRMSprop(p, g, s, &k)
		} else {
			plainRMSMoving(p, g, s, v, &k)
		}
		return
	}
	for len(p) > 0 {
		n := min(len(p), chunk)
		if v == nil {
			use.rmsprop(p[:n], g[:n], s[:n], &k)
		} else {
			use.rmsMoving(p[:n], g[:n], s[:n], v[:n], &k)
			v = v[n:]
		}
		p, g, s = p[n:], g[n:], s[n:]
	}
}
