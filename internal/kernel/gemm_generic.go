// The plain Go twins of the matrix multiplication kernels.

package kernel

// GemmGeneric is the definition of Gemm.RunBlock, and runs where there is no assembly:
//
//	for i in rows, j in columns of the block:
//		v := 0, or C[i*LDC+j] if Accumulate
//		for k := range K: v += A[i*A.Row+k*A.Col] * B[k*B.Row+j*B.Col]
//		v += Bias[j], if there is one
//		if ReLU and v < 0: v = 0
//		C[i*LDC+j] = v
//
// Whether a product and its sum are rounded twice or once depends on the platform; the
// assembly rounds once. It panics if a slice is too short, which RunBlock checks
// before. It does not read PackedB.
func GemmGeneric[F Float](s GemmShape, blk Block, x GemmArgs[F]) {
	for j := blk.Col0; j < blk.Col1; j += 4 {
		i := blk.Row0
		if j+4 <= blk.Col1 {
			for ; i+2 <= blk.Row1; i += 2 {
				gemmTwoByFour(s, i, j, x)
			}
			if i < blk.Row1 {
				gemmOneByFour(s, i, j, x)
			}
			continue
		}
		for ; i < blk.Row1; i++ {
			for c := j; c < blk.Col1; c++ {
				v := F(0)
				if x.Accumulate {
					v = x.C[i*s.LDC+c]
				}
				for k := range s.K {
					v += x.A[i*s.A.Row+k*s.A.Col] * x.B[k*s.B.Row+c*s.B.Col]
				}
				x.C[i*s.LDC+c] = x.epilogue(v, c)
			}
		}
	}
}

// gemmOneByFour computes row i of columns j to j+3: four chains in parallel take
// little longer than one.
func gemmOneByFour[F Float](s GemmShape, i, j int, x GemmArgs[F]) {
	c := x.C[i*s.LDC+j:][:4:4]
	var v0, v1, v2, v3 F
	if x.Accumulate {
		v0, v1, v2, v3 = c[0], c[1], c[2], c[3]
	}
	a, b := i*s.A.Row, j*s.B.Col
	for range s.K {
		ak := x.A[a]
		v0 += ak * x.B[b]
		v1 += ak * x.B[b+s.B.Col]
		v2 += ak * x.B[b+2*s.B.Col]
		v3 += ak * x.B[b+3*s.B.Col]
		a += s.A.Col
		b += s.B.Row
	}
	c[0], c[1], c[2], c[3] = x.epilogue(v0, j), x.epilogue(v1, j+1), x.epilogue(v2, j+2), x.epilogue(v3, j+3)
}

// gemmTwoByFour computes rows i and i+1 of columns j to j+3.
func gemmTwoByFour[F Float](s GemmShape, i, j int, x GemmArgs[F]) {
	c0, c1 := x.C[i*s.LDC+j:][:4:4], x.C[(i+1)*s.LDC+j:][:4:4]
	var v00, v01, v02, v03, v10, v11, v12, v13 F
	if x.Accumulate {
		v00, v01, v02, v03 = c0[0], c0[1], c0[2], c0[3]
		v10, v11, v12, v13 = c1[0], c1[1], c1[2], c1[3]
	}
	a, b := i*s.A.Row, j*s.B.Col
	for range s.K {
		a0, a1 := x.A[a], x.A[a+s.A.Row]
		b0, b1, b2, b3 := x.B[b], x.B[b+s.B.Col], x.B[b+2*s.B.Col], x.B[b+3*s.B.Col]
		v00 += a0 * b0
		v01 += a0 * b1
		v02 += a0 * b2
		v03 += a0 * b3
		v10 += a1 * b0
		v11 += a1 * b1
		v12 += a1 * b2
		v13 += a1 * b3
		a += s.A.Col
		b += s.B.Row
	}
	c0[0], c0[1], c0[2], c0[3] = x.epilogue(v00, j), x.epilogue(v01, j+1), x.epilogue(v02, j+2), x.epilogue(v03, j+3)
	c1[0], c1[1], c1[2], c1[3] = x.epilogue(v10, j), x.epilogue(v11, j+1), x.epilogue(v12, j+2), x.epilogue(v13, j+3)
}

// epilogue returns the result for the sum v in column j.
func (x *GemmArgs[F]) epilogue(v F, j int) F {
	if x.Bias != nil {
		v += x.Bias[j]
	}
	if x.ReLU && v < 0 {
		v = 0
	}
	return v
}

// packRowsGeneric copies dst[i*width+j] = src[i*step+j*across] for i in 0..k-1
// and j in 0..n-1, with n at most width. The assembly also writes columns n to
// width-1: zeros if across = 1, copies of column n-1 if step = 1.
func packRowsGeneric[F Float](dst []F, width int, src []F, step, across, k, n int) {
	for i := range k {
		row := dst[i*width:][:n]
		from := i * step
		for j := range row {
			row[j] = src[from]
			from += across
		}
	}
}
