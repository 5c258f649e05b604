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
type gemmTile[F Float] func(k int, a *F, aRow, aStep int, b *F, bStep, bPanel int,
	c *F, cRow, lanes, flags int, bias, next *F, nextStep int)

// gemmPackRows copies k rows of cols elements, cols at most the vectors' lanes, and
// fills the vectors up with zeros. Steps are in bytes.
type gemmPackRows[F Float] func(dst *F, dstStep int, src *F, srcStep, k, cols int)

// implicitTile computes a few rows of a panel of c, which lies as b does: in rows of
// two vectors, of which it may be for the first alone. Of k products, the i-th of
// row r is that of a[rows[r]+steps[i]].
type implicitTile[F Float] func(k int, a *F, rows, steps *int32, b, c *F, accumulate int)

// gemmTiles are the kernels of one instruction set.
type gemmTiles[F Float] struct {
	lanes    int  // elements of a vector
	rows     int  // of the tallest tile of two vectors
	wideRows int  // of the tallest tile of eight vectors
	maskedB  bool // tiles read no more of b than the lanes in use

	narrow [2][14]gemmTile[F] // by vectors-1 and rows-1
	wide   [3]gemmTile[F]     // eight vectors, by rows-1

	implicit [2][]implicitTile[F] // by vectors-1 and rows-1

	packRows [2]gemmPackRows[F] // to rows of one vector or two, by vectors-1
	// packColumns copies dst[i][j] = src[i + j*across] for blocks*lanes rows i,
	// which are dstStep apart, and a vector of columns j of which the last is n-1.
	// Steps are in bytes.
	packColumns func(dst *F, dstStep int, src *F, across, n, blocks int)
}

// gemmTilesFor returns the kernels for isa; nil for Plain.
func gemmTilesFor[F Float](isa ISA) *gemmTiles[F] {
	if t, ok := any(gemmTiles32(isa)).(*gemmTiles[F]); ok {
		return t
	}
	return any(gemmTiles64(isa)).(*gemmTiles[F])
}

// panel returns the columns in a panel of b.
func (t *gemmTiles[F]) panel() int { return 2 * t.lanes }

// aWidth returns the elements that one k takes in a packed tile of a, one or two
// vectors.
func (t *gemmTiles[F]) aWidth() int { return (t.rows + t.lanes - 1) / t.lanes * t.lanes }
