// The plain Go twin of the transposes that interleave images.

package kernel

import "unsafe"

// transposeTiles is the argument of a transpose: consecutive tiles, each as
// transposeGeneric describes. The assembly reads the fields by position.
type transposeTiles struct {
	dst, src         []float32
	dstAt, srcAt     []int
	rows, cols       int // of a tile of src
	width            int // columns of dst, at least rows; those beyond rows become zero
	repeat           int // tiles, at least 1
	dstNext, srcNext int // how far each slice advances from tile to tile
	dstAtNext        int
	srcAtNext        int
}

// pointer returns the argument for the assembly.
func (a *transposeTiles) pointer() *uint64 { return (*uint64)(unsafe.Pointer(a)) }

// transposeGeneric writes
//
//	dst[dstAt[i]+j] = src[srcAt[j]+i] for j < rows, 0 for rows <= j < width
//
// for i < cols. It then advances each slice and writes the next tile.
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
