// The kernels of a matrix multiplication on one instruction set.

package kernel

// The bits of the flags of a tile.
const (
	gemmAccumulate = 1 << iota // start with c
	gemmBias                   // then add bias to each row
	gemmReLU                   // then replace negative results by zero
)

// gemmTile computes a few rows by one, two, four or eight vectors of c. Strides are in
// bytes: row i of a is read at a + i*aRow + k*aStep, and the first vector of b at
// b + k*bStep. In the last vector only the given number of lanes, at least one, is
// read and written in c and read in bias (on AVX512 also in b). Four or eight vectors are
// pairs with a stride of bPanel in b, and all lanes are used. Tiles of one or two
// vectors prefetch the cache lines at next + k*nextStep, which may be any address.
type gemmTile[F Float] func(k int, a *F, aRow, aStep int, b *F, bStep, bPanel int,
	c *F, cRow, lanes, flags int, bias, next *F, nextStep int)

// wideTile is a gemmTile of some panels, for products of few rows.
type wideTile[F Float] struct {
	panels int
	run    gemmTile[F]
}

// gemmPackRows copies k rows of cols elements, at most the lanes of its vectors, and
// pads the vectors with zeros. Steps are in bytes.
type gemmPackRows[F Float] func(dst *F, dstStep int, src *F, srcStep, k, cols int)

// implicitTile computes a few rows of a panel of c. Like b, it is stored in rows of two
// vectors; some tiles compute only the first one. The i-th of the k products of row r
// reads a[rows[r]+steps[i]].
type implicitTile[F Float] func(k int, a *F, rows, steps *int32, b, c *F, accumulate int)

// gemmTiles are the kernels of one instruction set.
type gemmTiles[F Float] struct {
	lanes   int  // elements of a vector
	rows    int  // of the tallest tile of two vectors
	lowest  int  // the least height of the last tiles, if all others are the tallest; 0 if heights are equal
	maskedB bool // tiles read only the used lanes of b

	packA int // panels of c from which on a transposed a is packed; 0 for never
	packB int // rows of a from which on b is packed

	narrow [2][14]gemmTile[F] // by vectors-1 and rows-1
	wide   []wideTile[F]      // by rows-1

	implicit [2][]implicitTile[F] // by vectors-1 and rows-1

	packRows [2]gemmPackRows[F] // to rows of one vector or two, by vectors-1
	// packColumns copies dst[i][j] = src[i + j*across] for blocks*lanes rows i with a
	// stride of dstStep, and for a vector of columns j; columns beyond n-1 are copies
	// of column n-1. Steps are in bytes.
	packColumns func(dst *F, dstStep int, src *F, across, n, blocks int)
}

// gemmTilesFor returns the kernels for isa.
func gemmTilesFor[F Float](isa ISA) *gemmTiles[F] {
	if t, ok := any(gemmTiles32(isa)).(*gemmTiles[F]); ok {
		return t
	}
	return any(gemmTiles64(isa)).(*gemmTiles[F])
}

// panel returns the columns in a panel of b.
func (t *gemmTiles[F]) panel() int { return 2 * t.lanes }

// aWidth returns the elements for one k in a packed tile of a: one vector, or an even number.
func (t *gemmTiles[F]) aWidth() int { return (t.rows + t.lanes - 1) / t.lanes * t.lanes }
