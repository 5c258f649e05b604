package lower

// The elementwise parts of CellLSTM for one sample at one step. Gates lie in
// the order i, f, g, o, each a stretch of H elements.

// lstmForward computes acts, c and h from the projections and cPrev:
//
//	z = zx + zh + bias
//	i, f, g, o = sigmoid(z[0]), sigmoid(z[1]), tanh(z[2]), sigmoid(z[3])
//	c = f cPrev + i g
//	h = o tanh(c)
func lstmForward[T Float](r recurRow[T], loop MapLoop[T]) {
	n := len(r.h)
	loop(FnAdd, r.acts, r.zx, r.zh, r.zh)
	loop(FnAdd, r.acts, r.acts, r.bias, r.bias)
	i, f, g, o := gates(r.acts, n)
	loop(FnSigmoid, r.acts[:2*n], r.acts[:2*n], r.acts[:2*n], r.acts[:2*n]) // i and f
	loop(FnTanh, g, g, g, g)
	loop(FnSigmoid, o, o, o, o)
	loop(FnMul, r.c, f, r.cPrev, f)
	loop(FnMul, r.h, i, g, g)
	loop(FnAdd, r.c, r.c, r.h, r.h)
	loop(FnTanh, r.h, r.c, r.c, r.c)
	loop(FnMul, r.h, o, r.h, o)
}

// lstmBackward computes dz and the gradient of cPrev from that of h and c:
//
//	dc = dc + dh o (1 - tanh(c)^2)
//	dz = dc g i(1-i), dc cPrev f(1-f), dc i (1-g^2), dh tanh(c) o(1-o)
//	dcPrev = dc f
func lstmBackward[T Float](r recurRow[T], loop MapLoop[T]) {
	n := len(r.h)
	i, f, g, o := gates(r.acts, n)
	di, df, dg, do := gates(r.dz, n)
	loop(FnTanh, di, r.c, r.c, r.c) // until di is known
	for u, dh := range r.dh {
		if r.dOut != nil {
			dh += r.dOut[u]
		}
		tc := di[u]
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
