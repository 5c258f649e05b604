// How images go side by side and back where there is no assembly.

//go:build !amd64 || purego

package kernel

// transpose runs transposeGeneric.
func transpose(_ ISA, a *transposeTiles) { transposeGeneric(a) }

// transposeSide is the side of the largest tiles.
func transposeSide(ISA) int { return Group }
