// The plain Go twins of the kernels of depthwise convolutions.

package kernel

// depthwiseFrameGeneric copies rows of x to y, with zeros after each row up to a whole
// vector.
func depthwiseFrameGeneric[F Float](a depthwiseRows[F], lanes int) {
	for r := range a.rows {
		for q := range (a.cols + lanes - 1) / lanes * lanes {
			v := F(0)
			if q < a.cols {
				v = a.x[r*a.xRow+q]
			}
			a.y[r*a.yRow+q] = v
		}
	}
}

// depthwiseSplitGeneric copies the even columns of x to y and the odd ones to w, with
// zeros after each row up to a whole vector.
func depthwiseSplitGeneric[F Float](a depthwiseRows[F], lanes int) {
	for r := range a.rows {
		for q := range (a.cols + 2*lanes - 1) / (2 * lanes) * 2 * lanes {
			v, to := F(0), a.y
			if q < a.cols {
				v = a.x[r*a.xRow+q]
			}
			if q%2 == 1 {
				to = a.w
			}
			to[r*a.yRow+q/2] = v
		}
	}
}

// depthwiseTapsGeneric sets y[r,q] to the sum over taps t of w[t] * x[taps[t]+r*xRow+q].
func depthwiseTapsGeneric[F Float](a depthwiseRows[F], fma func(x, y, z F) F) {
	for r := range a.rows {
		for q := range a.cols {
			a.y[r*a.yRow+q] = tapSum(a.x[r*a.xRow+q:], a.w, a.taps, fma)
		}
	}
}

// depthwiseSpreadGeneric computes as depthwiseTapsGeneric y[r,2*q] from taps, with the
// first weights, and y[r,2*q+1] from more, with the others.
func depthwiseSpreadGeneric[F Float](a depthwiseRows[F], fma func(x, y, z F) F) {
	for r := range a.rows {
		for q := range a.cols {
			x, y := a.x[r*a.xRow+q:], a.y[r*a.yRow+2*q:]
			y[0] = tapSum(x, a.w, a.taps, fma)
			y[1] = tapSum(x, a.w[len(a.taps):], a.more, fma)
		}
	}
}

// depthwiseSquareGeneric is depthwiseTapsGeneric for 3x3 taps, in rows ld apart.
func depthwiseSquareGeneric[F Float](a depthwiseRows[F], fma func(x, y, z F) F) {
	taps := squareTaps(a.taps, a.ld)
	a.taps = taps[:]
	depthwiseTapsGeneric(a, fma)
}

func tapSum[F Float](x, w []F, taps []int, fma func(x, y, z F) F) F {
	sum := F(0)
	for t, at := range taps {
		sum = fma(w[t], x[at], sum)
	}
	return sum
}

// squareTaps are the places of 3x3 taps whose first row is given.
func squareTaps(row []int, ld int) (taps [9]int) {
	for t := range taps {
		taps[t] = row[t%3] + t/3*ld
	}
	return taps
}

// depthwiseFilterGeneric adds y[r,q] * x[taps[t]+r*xRow+q] to w[t], in as many lanes as a
// vector has. The last vector of a row ends with the row where that is long enough.
func depthwiseFilterGeneric[F Float](a depthwiseRows[F], lanes int, fma func(x, y, z F) F) {
	depthwiseSums(a, lanes, fma)
}

// depthwiseFilterSquareGeneric is depthwiseFilterGeneric for 3x3 taps, in rows ld apart.
func depthwiseFilterSquareGeneric[F Float](a depthwiseRows[F], lanes int, fma func(x, y, z F) F) {
	taps := squareTaps(a.taps, a.ld)
	a.taps = taps[:]
	depthwiseSums(a, lanes, fma)
}

// depthwiseSums goes over the vectors of blocks of four rows, and then of fewer.
func depthwiseSums[F Float](a depthwiseRows[F], lanes int, fma func(x, y, z F) F) {
	from := 0
	for _, rows := range []int{4, 2, 1} {
		for ; from+rows <= a.rows; from += rows {
			for at := 0; at < a.cols; at += lanes {
				first, skip := at, 0
				if at+lanes > a.cols && a.cols >= lanes {
					first = a.cols - lanes
					skip = at - first
				}
				for r := from; r < from+rows; r++ {
					addProducts(a, r, first, skip, lanes, fma)
				}
			}
		}
	}
}

// addProducts adds the products of a vector of a row, from lane skip on.
func addProducts[F Float](a depthwiseRows[F], row, first, skip, lanes int, fma func(x, y, z F) F) {
	for t, tap := range a.taps {
		for l := range lanes {
			grad := F(0)
			if l >= skip && first+l < a.cols {
				grad = a.y[row*a.yRow+first+l]
			}
			sum := &a.w[t*lanes+l]
			*sum = fma(a.x[tap+row*a.xRow+first+l], grad, *sum)
		}
	}
}
