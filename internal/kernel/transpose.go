// Transposes of matrices in memory.

package kernel

// transposeRows is the number of rows of the result that are written together. Their
// cache lines stay in the cache until they are full.
const transposeRows = 128

// Transpose returns the function for isa that writes
//
//	dst[i*dstStep+j] = src[j*srcStep+i] for i < rows and j < cols
//
// and nothing else. dst and src must not overlap.
func Transpose[F Float](isa ISA) func(dst []F, dstStep int, src []F, srcStep, rows, cols int) {
	t := gemmTilesFor[F](isa)
	return func(dst []F, dstStep int, src []F, srcStep, rows, cols int) {
		if t == nil || rows < t.lanes || cols < t.lanes {
			packRowsGeneric(dst, dstStep, src, 1, srcStep, rows, cols)
			return
		}
		bytes := gemmSize[F]()
		for from := 0; from < rows; from += transposeRows {
			n := min(transposeRows, rows-from)
			blocks, rest := n/t.lanes, n%t.lanes
			for j := 0; j < cols; j += t.lanes {
				j := min(j, cols-t.lanes) // the last block overlaps the one before it
				if blocks > 0 {
					t.packColumns(&dst[from*dstStep+j], dstStep*bytes, &src[j*srcStep+from], srcStep*bytes, t.lanes, blocks)
				}
				if rest > 0 {
					i := from + n - t.lanes
					t.packColumns(&dst[i*dstStep+j], dstStep*bytes, &src[j*srcStep+i], srcStep*bytes, t.lanes, 1)
				}
			}
		}
	}
}
