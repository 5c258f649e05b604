// The plain Go twins of the kernels that find rows and elements by their numbers.

package kernel

import "math"

// rowAt returns the row that a number names, -1 for none. limit is the number of rows.
func rowAt[F Float](number, limit F) int {
	if number >= 0 && number < limit {
		return int(number)
	}
	return -1
}

func takeRowsGeneric[F Float](dst, x, at []F, n int, limit F) {
	for i, number := range at {
		to := dst[i*n : (i+1)*n]
		if r := rowAt(number, limit); r >= 0 {
			copy(to, x[r*n:])
		} else {
			fillGeneric(to, F(math.NaN()))
		}
	}
}

func sumRowsGeneric[F Float](dst, x, at []F, n, count int, limit F) {
	clear(dst)
	for i, number := range at {
		to := dst[i/count*n:][:n]
		if r := rowAt(number, limit); r >= 0 {
			for j, v := range x[r*n : (r+1)*n] {
				to[j] += v
			}
		} else {
			fillGeneric(to, F(math.NaN()))
		}
	}
}

// addRowsAtGeneric adds to dst, which is some rows from first on.
func addRowsAtGeneric[F Float](dst, x, at []F, n, first, rows int, limit F) {
	for i, number := range at {
		if r := rowAt(number, limit); r >= first && r < first+rows {
			to := dst[(r-first)*n:][:n]
			for j, v := range x[i*n : (i+1)*n] {
				to[j] += v
			}
		}
	}
}

func takeElementsGeneric[F Float](dst, x, at []F, n, k int, limit F) {
	for i, number := range at {
		if r := rowAt(number, limit); r >= 0 {
			dst[i] = x[i/k*n+r]
		} else {
			dst[i] = F(math.NaN())
		}
	}
}

func addElementsGeneric[F Float](dst, x, at []F, n, k int, limit F) {
	for i, number := range at {
		if r := rowAt(number, limit); r >= 0 {
			dst[i/k*n+r] += x[i]
		}
	}
}
