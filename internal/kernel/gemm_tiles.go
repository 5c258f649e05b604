// The kernels of one instruction set that a matrix multiplication is made of.

package kernel

// The bits of the flags of a tile.
const (
	gemmAccumulate = 1 << iota // begin at what is in c
	gemmBias                   // then add bias to each row
	gemmReLU                   // then replace what is less than zero by zero
)

// gemmTile computes a few rows by one, two or eight vectors of c. Strides are in
// bytes: a is read at a + i*aRow + k*aStep for row i, b at b + k*bStep for the
// first of the vectors. Of the last vector only the given number of lanes, at
// least one, is read and written in c and read in bias (on AVX512 also in b).
// Eight vectors are four pairs, bPanel apart in b, and all lanes are used. The
// cache lines at next + k*nextStep are fetched on the way, which changes nothing
// and may be of any address; not by the tiles of eight vectors.
type gemmTile func(k int, a *float32, aRow, aStep int, b *float32, bStep, bPanel int,
	c *float32, cRow, lanes, flags int, bias, next *float32, nextStep int)

// gemmPackRows copies k rows of cols elements, cols at most the vectors' lanes, and
// fills the vectors up with zeros. Steps are in bytes.
type gemmPackRows func(dst *float32, dstStep int, src *float32, srcStep, k, cols int)

// gemmTiles are the kernels of one instruction set.
type gemmTiles struct {
	lanes    int  // float32 in a vector
	rows     int  // of the tallest tile of two vectors
	wideRows int  // of the tallest tile of eight vectors
	maskedB  bool // tiles read no more of b than the lanes in use

	narrow [2][14]gemmTile // by vectors-1 and rows-1
	wide   [3]gemmTile     // eight vectors, by rows-1

	packRows [2]gemmPackRows // to rows of one vector or two, by vectors-1
	// packColumns copies dst[i][j] = src[i + j*across] for blocks*lanes rows i,
	// which are dstStep apart, and a vector of columns j of which the last is n-1.
	// Steps are in bytes.
	packColumns func(dst *float32, dstStep int, src *float32, across, n, blocks int)
}

// panel returns the columns in a panel of b.
func (t *gemmTiles) panel() int { return 2 * t.lanes }

// aWidth returns the elements that one k takes in a packed tile of a.
func (t *gemmTiles) aWidth() int { return t.lanes }
