// The plain Go twin of the transposes between images one after the other and
// images side by side.

package kernel

import "unsafe"

// transposeTiles is tiles to be transposed, one after the other, each as
// transposeGeneric has it. The assembly knows the order of the fields.
type transposeTiles struct {
	dst, src         []float32
	dstAt, srcAt     []int
	rows, cols       int // of a tile of src
	width            int // from rows up: what is beyond rows becomes zero
	repeat           int // tiles, at least 1
	dstNext, srcNext int // from tile to tile
	dstAtNext        int
	srcAtNext        int
}

// pointer is the argument of the assembly.
func (a *transposeTiles) pointer() *uint64 { return (*uint64)(unsafe.Pointer(a)) }

// transposeGeneric writes
//
//	dst[dstAt[i]+j] = src[srcAt[j]+i] for j < rows, 0 for rows <= j < width
//
// for i < cols, then for the next tile, where each slice begins that much later.
func transposeGeneric(a *transposeTiles) {
	for t := range a.repeat {
		dst, src := a.dst[t*a.dstNext:], a.src[t*a.srcNext:]
		dstAt, srcAt := a.dstAt[t*a.dstAtNext:], a.srcAt[t*a.srcAtNext:]
		for i := range a.cols {
			d := dst[dstAt[i]:][:a.width]
			for j := range a.rows {
				d[j] = src[srcAt[j]+i]
			}
			clear(d[a.rows:])
		}
	}
}
