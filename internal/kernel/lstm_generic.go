// The plain Go twins of the LSTM's kernels.

package kernel

// gateMath is the functions of one number that gates use, in one type. mulAdd is x*y + z,
// rounded once.
type gateMath[F Float] struct {
	sigmoid, tanh func(F) F
	mulAdd        func(x, y, z F) F
}

func lstmGeneric[F Float](m gateMath[F]) LSTM[F] {
	return LSTM[F]{
		func(x LSTMForward[F]) { lstmForwardGeneric(m, x) },
		func(x LSTMBackward[F]) { lstmBackwardGeneric(m, x) },
	}
}

func lstmPlain32() LSTM[float32] {
	return lstmGeneric(gateMath[float32]{sigmoidOf, tanhOf, mulAdd32})
}

func lstmPlain64() LSTM[float64] {
	return lstmGeneric(gateMath[float64]{sigmoid64, tanh64, mulAdd64})
}

// lstmForwardGeneric computes the formulas of LSTMForward.
func lstmForwardGeneric[F Float](m gateMath[F], x LSTMForward[F]) {
	n := x.Units
	for row := range x.Rows {
		z, add, acts := x.Z.Row(row, 4*n), x.Add.Row(row, 4*n), x.Acts.Row(row, 4*n)
		cPrev, c := x.CPrev.Row(row, n), x.C.Row(row, n)
		h, h2 := x.H.Row(row, n), x.H2.Row(row, n)
		for u := range n {
			i := m.sigmoid(z[u] + add[u])
			f := m.sigmoid(z[n+u] + add[n+u])
			g := m.tanh(z[2*n+u] + add[2*n+u])
			o := m.sigmoid(z[3*n+u] + add[3*n+u])
			acts[u], acts[n+u], acts[2*n+u], acts[3*n+u] = i, f, g, o
			c[u] = m.mulAdd(f, cPrev[u], F(i*g))
			v := F(o * m.tanh(c[u]))
			h[u], h2[u] = v, v
		}
	}
}

// lstmBackwardGeneric computes the formulas of LSTMBackward.
func lstmBackwardGeneric[F Float](m gateMath[F], x LSTMBackward[F]) {
	n := x.Units
	for row := range x.Rows {
		acts, dz, sum := x.Acts.Row(row, 4*n), x.DZ.Row(row, 4*n), x.Sum.Row(row, 4*n)
		c, cPrev := x.C.Row(row, n), x.CPrev.Row(row, n)
		dOut, dh, dc := x.DOut.Row(row, n), x.DH.Row(row, n), x.DC.Row(row, n)
		for u := range n {
			i, f, g, o := acts[u], acts[n+u], acts[2*n+u], acts[3*n+u]
			tc, dhu := m.tanh(c[u]), dh[u]+dOut[u]
			dcu := m.mulAdd(F(dhu*o), m.mulAdd(-tc, tc, 1), dc[u])
			di := F(F(dcu*g) * m.mulAdd(-i, i, i))
			df := F(F(dcu*cPrev[u]) * m.mulAdd(-f, f, f))
			dg := F(F(dcu*i) * m.mulAdd(-g, g, 1))
			do := F(F(dhu*tc) * m.mulAdd(-o, o, o))
			dz[u], dz[n+u], dz[2*n+u], dz[3*n+u] = di, df, dg, do
			sum[u] += di
			sum[n+u] += df
			sum[2*n+u] += dg
			sum[3*n+u] += do
			dc[u] = F(dcu * f)
		}
	}
}
