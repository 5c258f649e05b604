package lower

import "math"

// The elementwise parts of CellLSTM for one sample at one step. Gates lie in
// the order i, f, g, o, each a stretch of H elements.

// lstmForward computes acts, c and h from the projections and cPrev:
//
//	z = zx + zh + bias
//	i, f, g, o = sigmoid(z[0]), sigmoid(z[1]), tanh(z[2]), sigmoid(z[3])
//	c = f cPrev + i g
//	h = o tanh(c)
func lstmForward[T Float](r recurRow[T]) {
	n := len(r.h)
	for k, act := range [...]func(float64) float64{sigmoid, sigmoid, math.Tanh, sigmoid} {
		zx, zh, bias := r.zx[k*n:][:n], r.zh[k*n:][:n], r.bias[k*n:][:n]
		for u := range r.acts[k*n:][:n] {
			r.acts[k*n+u] = T(act(float64(zx[u] + zh[u] + bias[u])))
		}
	}
	i, f, g, o := gates(r.acts, n)
	for u := range r.h {
		c := f[u]*r.cPrev[u] + i[u]*g[u]
		r.c[u] = c
		r.h[u] = o[u] * T(math.Tanh(float64(c)))
	}
}

// lstmBackward computes dz and the gradient of cPrev from that of h and c:
//
//	dc = dc + dh o (1 - tanh(c)^2)
//	dz = dc g i(1-i), dc cPrev f(1-f), dc i (1-g^2), dh tanh(c) o(1-o)
//	dcPrev = dc f
func lstmBackward[T Float](r recurRow[T]) {
	n := len(r.h)
	i, f, g, o := gates(r.acts, n)
	di, df, dg, do := gates(r.dz, n)
	for u, dh := range r.dh {
		if r.dOut != nil {
			dh += r.dOut[u]
		}
		tc := T(math.Tanh(float64(r.c[u])))
		dc := r.dc[u] + dh*o[u]*(1-tc*tc)
		di[u] = dc * g[u] * i[u] * (1 - i[u])
		df[u] = dc * r.cPrev[u] * f[u] * (1 - f[u])
		dg[u] = dc * i[u] * (1 - g[u]*g[u])
		do[u] = dh * tc * o[u] * (1 - o[u])
		r.dc[u] = dc * f[u]
	}
}

// gates splits a row of four gates of n units.
func gates[T Float](a []T, n int) (i, f, g, o []T) {
	return a[:n], a[n:][:n], a[2*n:][:n], a[3*n:][:n]
}
