package simd

import "math"

// LSTMGates are the four gates of a step of an LSTM, for one example: input, forget, candidate and output, each of as many
// numbers as the state has.
type LSTMGates[T Number] struct{ I, F, G, O []T }

// GRUGates are what a step of a GRU keeps, for one example: reset, update, candidate, and the state's part of the
// candidate before the reset.
type GRUGates[T Number] struct{ R, Z, N, HN []T }

// LSTMCell makes one step (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000): it takes I, F and O
// to their sigmoid and G to its tanh, and sets c = F*prev + I*G and h = O*tanh(c).
func LSTMCell(k LSTMGates[float32], prev, c, h []float32) {
	for n := len(h); n > 0; n = len(h) {
		n = min(n, chunk/4)
		use.lstmCell(k.I[:n], k.F[:n], k.G[:n], k.O[:n], prev[:n], c[:n], h[:n])
		k.I, k.F, k.G, k.O, prev, c, h = k.I[n:], k.F[n:], k.G[n:], k.O[n:], prev[n:], c[n:], h[n:]
	}
}

// LSTMGrad goes back over a step: from the gates and states that LSTMCell left and the gradients dh and dc of h and c it sets
// d to the gradients of what the gates were before, and dc to that of prev.
func LSTMGrad(d, k LSTMGates[float32], c, prev, dh, dc []float32) {
	for n := len(dh); n > 0; n = len(dh) {
		n = min(n, chunk/4)
		use.lstmGrad(k.I[:n], k.F[:n], k.G[:n], k.O[:n], c[:n], prev[:n], dh[:n], dc[:n], d.I[:n], d.F[:n], d.G[:n], d.O[:n])
		k.I, k.F, k.G, k.O, c, prev, dh, dc = k.I[n:], k.F[n:], k.G[n:], k.O[n:], c[n:], prev[n:], dh[n:], dc[n:]
		d.I, d.F, d.G, d.O = d.I[n:], d.F[n:], d.G[n:], d.O[n:]
	}
}

// GRUCell makes one step (Cho et al. 2014, with the reset after the product, as in PyTorch): R = sigmoid(R+hr), Z =
// sigmoid(Z+hz), N = tanh(N + R*HN) and h = (1-Z)*N + Z*prev.
func GRUCell(k GRUGates[float32], hr, hz, prev, h []float32) {
	for n := len(h); n > 0; n = len(h) {
		n = min(n, chunk/4)
		use.gruCell(k.R[:n], k.Z[:n], k.N[:n], hr[:n], hz[:n], k.HN[:n], prev[:n], h[:n])
		k.R, k.Z, k.N, k.HN, hr, hz, prev, h = k.R[n:], k.Z[n:], k.N[n:], k.HN[n:], hr[n:], hz[n:], prev[n:], h[n:]
	}
}

// GRUGrad goes back over a step: from the gates that GRUCell left and the gradient dh of h it sets d to the gradients of what
// the gates were before, and dh to the part of the gradient of prev that does not go through the gates.
func GRUGrad(d, k GRUGates[float32], prev, dh []float32) {
	for n := len(dh); n > 0; n = len(dh) {
		n = min(n, chunk/4)
		use.gruGrad(k.R[:n], k.Z[:n], k.N[:n], k.HN[:n], prev[:n], dh[:n], d.R[:n], d.Z[:n], d.N[:n], d.HN[:n])
		k.R, k.Z, k.N, k.HN, prev, dh = k.R[n:], k.Z[n:], k.N[n:], k.HN[n:], prev[n:], dh[n:]
		d.R, d.Z, d.N, d.HN = d.R[n:], d.Z[n:], d.N[n:], d.HN[n:]
	}
}

// LSTMCell64 is LSTMCell for float64.
func LSTMCell64(k LSTMGates[float64], prev, c, h []float64) {
	plainLSTMCell(k.I, k.F, k.G, k.O, prev, c, h)
}

// LSTMGrad64 is LSTMGrad for float64.
func LSTMGrad64(d, k LSTMGates[float64], c, prev, dh, dc []float64) {
	plainLSTMGrad(k.I, k.F, k.G, k.O, c, prev, dh, dc, d.I, d.F, d.G, d.O)
}

// GRUCell64 is GRUCell for float64.
func GRUCell64(k GRUGates[float64], hr, hz, prev, h []float64) {
	plainGRUCell(k.R, k.Z, k.N, hr, hz, k.HN, prev, h)
}

// GRUGrad64 is GRUGrad for float64.
func GRUGrad64(d, k GRUGates[float64], prev, dh []float64) {
	plainGRUGrad(k.R, k.Z, k.N, k.HN, prev, dh, d.R, d.Z, d.N, d.HN)
}

func plainSigmoid[T Number](x T) T { return T(1 / (1 + math.Exp(-float64(x)))) }

func plainTanh[T Number](x T) T { return T(math.Tanh(float64(x))) }

func plainLSTMCell[T Number](i, f, g, o, prev, c, h []T) {
	for k := range h {
		i[k], f[k], g[k], o[k] = plainSigmoid(i[k]), plainSigmoid(f[k]), plainTanh(g[k]), plainSigmoid(o[k])
		c[k] = f[k]*prev[k] + i[k]*g[k]
		h[k] = o[k] * plainTanh(c[k])
	}
}

func plainLSTMGrad[T Number](i, f, g, o, c, prev, dh, dc, di, df, dg, do []T) {
	for k := range dh {
		t := plainTanh(c[k])
		d := dc[k] + dh[k]*o[k]*(1-t*t)
		do[k] = dh[k] * t * o[k] * (1 - o[k])
		di[k] = d * g[k] * i[k] * (1 - i[k])
		dg[k] = d * i[k] * (1 - g[k]*g[k])
		df[k] = d * prev[k] * f[k] * (1 - f[k])
		dc[k] = d * f[k]
	}
}

func plainGRUCell[T Number](r, z, n, hr, hz, hn, prev, h []T) {
	for k := range h {
		r[k], z[k] = plainSigmoid(r[k]+hr[k]), plainSigmoid(z[k]+hz[k])
		n[k] = plainTanh(n[k] + r[k]*hn[k])
		h[k] = n[k] + z[k]*(prev[k]-n[k])
	}
}

func plainGRUGrad[T Number](r, z, n, hn, prev, dh, dr, dz, dn, dhn []T) {
	for k, d := range dh {
		dn[k] = d * (1 - z[k]) * (1 - n[k]*n[k])
		dz[k] = d * (prev[k] - n[k]) * z[k] * (1 - z[k])
		dhn[k] = dn[k] * r[k]
		dr[k] = dhn[k] * hn[k] * (1 - r[k])
		dh[k] = d * z[k]
	}
}
