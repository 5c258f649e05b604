// The plain Go twins of the kernels of recurrent cells.

package kernel

// cellMath is the functions of one number that cells use, in one type. mulAdd is
// x*y + z, rounded once.
type cellMath[F Float] struct {
	sigmoid, tanh func(F) F
	mulAdd        func(x, y, z F) F
}

func cellsGeneric[F Float](m cellMath[F]) [cellKinds]cellCode[F] {
	return [cellKinds]cellCode[F]{
		LSTM: {
			func(x CellForward[F]) { lstmForwardGeneric(m, x) },
			func(x CellBackward[F]) { lstmBackwardGeneric(m, x) },
		},
		GRU: {
			func(x CellForward[F]) { gruForwardGeneric(m, x) },
			func(x CellBackward[F]) { gruBackwardGeneric(m, x) },
		},
		RNN: {
			func(x CellForward[F]) { rnnForwardGeneric(m, x) },
			func(x CellBackward[F]) { rnnBackwardGeneric(m, x) },
		},
	}
}

func cellsPlain32() [cellKinds]cellCode[float32] {
	return cellsGeneric(cellMath[float32]{sigmoidOf, tanhOf, mulAdd32})
}

func cellsPlain64() [cellKinds]cellCode[float64] {
	return cellsGeneric(cellMath[float64]{sigmoid64, tanh64, mulAdd64})
}

// sigmoidSlope is the derivative of a sigmoid with result y, and tanhSlope that of a
// tanh.
func (m cellMath[F]) sigmoidSlope(y F) F { return m.mulAdd(-y, y, y) }
func (m cellMath[F]) tanhSlope(y F) F    { return m.mulAdd(-y, y, 1) }

// The functions below compute the formulas of the cells' kinds.

func lstmForwardGeneric[F Float](m cellMath[F], x CellForward[F]) {
	n := x.Units
	for row := range x.Rows {
		z, add, saved := x.Z.Row(row, 4*n), x.Add.Row(row, 4*n), x.Saved.Row(row, 4*n)
		prev, c := x.Prev.Row(row, n), x.C.Row(row, n)
		h, h2 := x.H.Row(row, n), x.H2.Row(row, n)
		for u := range n {
			i := m.sigmoid(z[u] + add[u])
			f := m.sigmoid(z[n+u] + add[n+u])
			g := m.tanh(z[2*n+u] + add[2*n+u])
			o := m.sigmoid(z[3*n+u] + add[3*n+u])
			saved[u], saved[n+u], saved[2*n+u], saved[3*n+u] = i, f, g, o
			c[u] = m.mulAdd(f, prev[u], F(i*g))
			v := F(o * m.tanh(c[u]))
			h[u], h2[u] = v, v
		}
	}
}

func lstmBackwardGeneric[F Float](m cellMath[F], x CellBackward[F]) {
	n := x.Units
	for row := range x.Rows {
		saved, dz, sum := x.Saved.Row(row, 4*n), x.DZ.Row(row, 4*n), x.Sum.Row(row, 4*n)
		c, prev := x.C.Row(row, n), x.Prev.Row(row, n)
		dOut, dh, dc := x.DOut.Row(row, n), x.DH.Row(row, n), x.DC.Row(row, n)
		for u := range n {
			i, f, g, o := saved[u], saved[n+u], saved[2*n+u], saved[3*n+u]
			tc, dhu := m.tanh(c[u]), dh[u]+dOut[u]
			dcu := m.mulAdd(F(dhu*o), m.tanhSlope(tc), dc[u])
			di := F(F(dcu*g) * m.sigmoidSlope(i))
			df := F(F(dcu*prev[u]) * m.sigmoidSlope(f))
			dg := F(F(dcu*i) * m.tanhSlope(g))
			do := F(F(dhu*tc) * m.sigmoidSlope(o))
			dz[u], dz[n+u], dz[2*n+u], dz[3*n+u] = di, df, dg, do
			sum[u] += di
			sum[n+u] += df
			sum[2*n+u] += dg
			sum[3*n+u] += do
			dc[u] = F(dcu * f)
		}
	}
}

func gruForwardGeneric[F Float](m cellMath[F], x CellForward[F]) {
	n := x.Units
	for row := range x.Rows {
		z, add, saved := x.Z.Row(row, 4*n), x.Add.Row(row, 4*n), x.Saved.Row(row, 4*n)
		prev, h, h2 := x.Prev.Row(row, n), x.H.Row(row, n), x.H2.Row(row, n)
		for k := range n {
			r := m.sigmoid(z[k] + add[k])
			u := m.sigmoid(z[n+k] + add[n+k])
			q := z[2*n+k] + add[3*n+k]
			c := m.tanh(m.mulAdd(r, q, z[3*n+k]+add[2*n+k]))
			saved[k], saved[n+k], saved[2*n+k], saved[3*n+k] = r, u, q, c
			v := m.mulAdd(u, prev[k]-c, c)
			h[k], h2[k] = v, v
		}
	}
}

func gruBackwardGeneric[F Float](m cellMath[F], x CellBackward[F]) {
	n := x.Units
	for row := range x.Rows {
		saved, dz, sum := x.Saved.Row(row, 4*n), x.DZ.Row(row, 4*n), x.Sum.Row(row, 4*n)
		prev, dOut, dh := x.Prev.Row(row, n), x.DOut.Row(row, n), x.DH.Row(row, n)
		for k := range n {
			r, u, q, c := saved[k], saved[n+k], saved[2*n+k], saved[3*n+k]
			d := dh[k] + dOut[k]
			dc := F(m.mulAdd(-d, u, d) * m.tanhSlope(c))
			dr := F(F(dc*q) * m.sigmoidSlope(r))
			du := F(F(d*(prev[k]-c)) * m.sigmoidSlope(u))
			dq := F(dc * r)
			dz[k], dz[n+k], dz[2*n+k], dz[3*n+k] = dr, du, dc, dq
			sum[k] += dr
			sum[n+k] += du
			sum[2*n+k] += dc
			sum[3*n+k] += dq
			dh[k] = F(d * u)
		}
	}
}

func rnnForwardGeneric[F Float](m cellMath[F], x CellForward[F]) {
	n := x.Units
	for row := range x.Rows {
		z, add, saved := x.Z.Row(row, n), x.Add.Row(row, n), x.Saved.Row(row, n)
		h, h2 := x.H.Row(row, n), x.H2.Row(row, n)
		for u := range n {
			v := m.tanh(z[u] + add[u])
			saved[u], h[u], h2[u] = v, v, v
		}
	}
}

func rnnBackwardGeneric[F Float](m cellMath[F], x CellBackward[F]) {
	n := x.Units
	for row := range x.Rows {
		saved, dz, sum := x.Saved.Row(row, n), x.DZ.Row(row, n), x.Sum.Row(row, n)
		dOut, dh := x.DOut.Row(row, n), x.DH.Row(row, n)
		for u := range n {
			d := F((dh[u] + dOut[u]) * m.tanhSlope(saved[u]))
			dz[u] = d
			sum[u] += d
		}
	}
}
