// The definition of packing.

package kernel

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
