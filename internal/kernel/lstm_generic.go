// The plain Go twins of the LSTM's kernels.

package kernel

// lstmForwardGeneric is LSTMForward as its comment has it.
func lstmForwardGeneric(x LSTMForward) {
	n := x.Units
	for row := range x.Rows {
		z, add, acts := x.Z.Row(row, 4*n), x.Add.Row(row, 4*n), x.Acts.Row(row, 4*n)
		cPrev, c := x.CPrev.Row(row, n), x.C.Row(row, n)
		h, h2 := x.H.Row(row, n), x.H2.Row(row, n)
		for u := range n {
			i := sigmoidOf(z[u] + add[u])
			f := sigmoidOf(z[n+u] + add[n+u])
			g := tanhOf(z[2*n+u] + add[2*n+u])
			o := sigmoidOf(z[3*n+u] + add[3*n+u])
			acts[u], acts[n+u], acts[2*n+u], acts[3*n+u] = i, f, g, o
			c[u] = mulAdd32(f, cPrev[u], float32(i*g))
			v := float32(o * tanhOf(c[u]))
			h[u], h2[u] = v, v
		}
	}
}

// lstmBackwardGeneric is LSTMBackward as its comment has it.
func lstmBackwardGeneric(x LSTMBackward) {
	n := x.Units
	for row := range x.Rows {
		acts, dz, sum := x.Acts.Row(row, 4*n), x.DZ.Row(row, 4*n), x.Sum.Row(row, 4*n)
		c, cPrev := x.C.Row(row, n), x.CPrev.Row(row, n)
		dOut, dh, dc := x.DOut.Row(row, n), x.DH.Row(row, n), x.DC.Row(row, n)
		for u := range n {
			i, f, g, o := acts[u], acts[n+u], acts[2*n+u], acts[3*n+u]
			tc, dhu := tanhOf(c[u]), dh[u]+dOut[u]
			dcu := mulAdd32(float32(dhu*o), mulAdd32(-tc, tc, 1), dc[u])
			di := float32(float32(dcu*g) * mulAdd32(-i, i, i))
			df := float32(float32(dcu*cPrev[u]) * mulAdd32(-f, f, f))
			dg := float32(float32(dcu*i) * mulAdd32(-g, g, 1))
			do := float32(float32(dhu*tc) * mulAdd32(-o, o, o))
			dz[u], dz[n+u], dz[2*n+u], dz[3*n+u] = di, df, dg, do
			sum[u] += di
			sum[n+u] += df
			sum[2*n+u] += dg
			sum[3*n+u] += do
			dc[u] = float32(dcu * f)
		}
	}
}
