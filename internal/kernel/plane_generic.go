// The plain Go twins of the kernels on planes.

package kernel

import "math"

// planeTaps calls f for every cell of the windows, for a row of windows at a time: with
// the results of the row, and with cells, where the cell of window q is cells[q*step].
// For each window, the cells come row by row.
func planeTaps[F Float](y, x []F, w PlaneWindows, f func(results, cells []F, step, tap int)) {
	rows, cols := w.Windows[0], w.Windows[1]
	for p := range rows {
		for tap := range w.Size[0] * w.Size[1] {
			i, j := tap/w.Size[1], tap%w.Size[1]
			f(y[p*cols:(p+1)*cols], x[(p*w.Stride[0]+i)*w.LD+j:], w.Stride[1], tap)
		}
	}
}

func planeMaxGeneric[F Float](y, x []F, w PlaneWindows) {
	fillGeneric(y, F(math.Inf(-1)))
	planeTaps(y, x, w, func(results, cells []F, step, _ int) {
		for q, v := range results {
			results[q] = max(v, cells[q*step])
		}
	})
}

func planeSumGeneric[F Float](y, x []F, w PlaneWindows) {
	clear(y)
	planeTaps(y, x, w, func(results, cells []F, step, _ int) {
		for q := range results {
			results[q] += cells[q*step]
		}
	})
}

func planePlaceGeneric[F Float](y, x []F, w PlaneWindows) {
	for p := range w.Windows[0] {
		for q := range w.Windows[1] {
			top, at := F(math.Inf(-1)), 0
			for tap := range w.Size[0] * w.Size[1] {
				v := x[(p*w.Stride[0]+tap/w.Size[1])*w.LD+q*w.Stride[1]+tap%w.Size[1]]
				if v > top || v != v && top == top {
					top, at = v, tap
				}
			}
			y[p*w.Windows[1]+q] = F(at)
		}
	}
}
