// The tiles of matrix multiplication in plain Go.

package kernel

import "unsafe"

const (
	plainLanes = 4 // the columns whose sums a loop keeps in registers, for two rows
	plainRows  = 8
)

// plainTiles are the kernels of processors without assembly. They address memory without
// bounds checks, as assembly does: plan and arguments were checked before.
func plainTiles[F Float]() *gemmTiles[F] {
	t := &gemmTiles[F]{lanes: plainLanes, rows: plainRows, packB: 12 * plainRows, packColumns: plainPackColumns[F]}
	for n := range t.narrow {
		for rows := range plainRows {
			t.narrow[n][rows] = plainTile[F](rows+1, n+1)
			t.implicit[n] = append(t.implicit[n], plainImplicit[F](rows+1, n+1))
		}
		t.packRows[n] = plainPackRows[F](n + 1)
	}
	return t
}

// element is the element at a number of bytes after p.
func element[F Float](p *F, bytes int) *F { return (*F)(unsafe.Add(unsafe.Pointer(p), bytes)) }

// fourOf are four elements from there.
func fourOf[F Float](p *F, bytes int) *[4]F { return (*[4]F)(unsafe.Add(unsafe.Pointer(p), bytes)) }

// plainTile is a gemmTile of rows by n vectors.
func plainTile[F Float](rows, n int) gemmTile[F] {
	size := gemmSize[F]()
	return func(k int, a *F, aRow, aStep int, b *F, bStep, _ int, c *F, cRow, lanes, flags int, bias, _ *F, _ int) {
		for j := range n {
			at := j * plainLanes * size
			t := plainSums[F]{used: plainLanes, flags: flags}
			if j == n-1 {
				t.used = lanes
			}
			if flags&gemmBias != 0 {
				t.bias = element(bias, at)
			}
			for r := 0; r < rows; r += 2 {
				var sums [2][4]F
				c0, c1 := element(c, r*cRow+at), element(c, min(r+1, rows-1)*cRow+at)
				if flags&gemmAccumulate != 0 {
					t.load(&sums[0], c0)
					t.load(&sums[1], c1)
				}
				switch {
				case k == 0:
				case r+1 < rows:
					twoByFour(k, element(a, r*aRow), element(a, (r+1)*aRow), aStep, element(b, at), bStep, &sums)
				default:
					oneByFour(k, element(a, r*aRow), aStep, element(b, at), bStep, &sums[0])
					sums[1] = sums[0]
				}
				t.store(c1, &sums[1])
				t.store(c0, &sums[0])
			}
		}
	}
}

// plainSums is what happens to four sums, of which some are used, before and after the
// products are added.
type plainSums[F Float] struct {
	used, flags int
	bias        *F // of the first
}

func (t *plainSums[F]) load(sums *[4]F, c *F) {
	if t.used == plainLanes {
		*sums = *fourOf(c, 0)
		return
	}
	copy(sums[:], unsafe.Slice(c, t.used))
}

func (t *plainSums[F]) store(c *F, sums *[4]F) {
	if t.flags&gemmBias != 0 {
		for l, v := range unsafe.Slice(t.bias, t.used) {
			sums[l] += v
		}
	}
	if t.flags&gemmReLU != 0 {
		for l, v := range sums {
			if v < 0 {
				sums[l] = 0
			}
		}
	}
	if t.used == plainLanes {
		*fourOf(c, 0) = *sums
		return
	}
	copy(unsafe.Slice(c, t.used), sums[:])
}

// twoByFour adds the products of two rows of a and four columns of b. It takes four at a
// time: the compiler keeps all sums in registers but for the last products of a turn.
func twoByFour[F Float](k int, a0, a1 *F, aStep int, b *F, bStep int, sums *[2][4]F) {
	v00, v01, v02, v03 := sums[0][0], sums[0][1], sums[0][2], sums[0][3]
	v10, v11, v12, v13 := sums[1][0], sums[1][1], sums[1][2], sums[1][3]
	at, row := 0, 0
	for ; k > 3; k -= 4 {
		x0, x1, y := *element(a0, at), *element(a1, at), fourOf(b, row)
		y0, y1, y2, y3 := y[0], y[1], y[2], y[3]
		v00 += x0 * y0
		v01 += x0 * y1
		v02 += x0 * y2
		v03 += x0 * y3
		v10 += x1 * y0
		v11 += x1 * y1
		v12 += x1 * y2
		v13 += x1 * y3
		at, row = at+aStep, row+bStep
		x0, x1, y = *element(a0, at), *element(a1, at), fourOf(b, row)
		y0, y1, y2, y3 = y[0], y[1], y[2], y[3]
		v00 += x0 * y0
		v01 += x0 * y1
		v02 += x0 * y2
		v03 += x0 * y3
		v10 += x1 * y0
		v11 += x1 * y1
		v12 += x1 * y2
		v13 += x1 * y3
		at, row = at+aStep, row+bStep
		x0, x1, y = *element(a0, at), *element(a1, at), fourOf(b, row)
		y0, y1, y2, y3 = y[0], y[1], y[2], y[3]
		v00 += x0 * y0
		v01 += x0 * y1
		v02 += x0 * y2
		v03 += x0 * y3
		v10 += x1 * y0
		v11 += x1 * y1
		v12 += x1 * y2
		v13 += x1 * y3
		at, row = at+aStep, row+bStep
		x0, x1, y = *element(a0, at), *element(a1, at), fourOf(b, row)
		y0, y1, y2, y3 = y[0], y[1], y[2], y[3]
		v00 += x0 * y0
		v01 += x0 * y1
		v02 += x0 * y2
		v03 += x0 * y3
		v10 += x1 * y0
		v11 += x1 * y1
		v12 += x1 * y2
		v13 += x1 * y3
		at, row = at+aStep, row+bStep
	}
	for range k {
		x0, x1, y := *element(a0, at), *element(a1, at), fourOf(b, row)
		y0, y1, y2, y3 := y[0], y[1], y[2], y[3]
		v00 += x0 * y0
		v01 += x0 * y1
		v02 += x0 * y2
		v03 += x0 * y3
		v10 += x1 * y0
		v11 += x1 * y1
		v12 += x1 * y2
		v13 += x1 * y3
		at, row = at+aStep, row+bStep
	}
	*sums = [2][4]F{{v00, v01, v02, v03}, {v10, v11, v12, v13}}
}

// oneByFour adds the products of a row of a and four columns of b.
func oneByFour[F Float](k int, a *F, aStep int, b *F, bStep int, sums *[4]F) {
	v0, v1, v2, v3 := sums[0], sums[1], sums[2], sums[3]
	at, row := 0, 0
	for range k {
		x, y := *element(a, at), fourOf(b, row)
		v0 += x * y[0]
		v1 += x * y[1]
		v2 += x * y[2]
		v3 += x * y[3]
		at, row = at+aStep, row+bStep
	}
	*sums = [4]F{v0, v1, v2, v3}
}

// plainImplicit is an implicitTile of rows by n vectors of a panel of two.
func plainImplicit[F Float](rows, n int) implicitTile[F] {
	size := gemmSize[F]()
	const row = 2 * plainLanes // of c
	return func(k int, a *F, offsets, steps *int32, b, c *F, accumulate int) {
		at := unsafe.Slice(offsets, rows)
		for j := range n {
			column := j * plainLanes * size
			for r := 0; r < rows; r += 2 {
				var sums [2][4]F
				last := min(r+1, rows-1)
				c0, c1 := fourOf(c, r*row*size+column), fourOf(c, last*row*size+column)
				if accumulate != 0 {
					sums = [2][4]F{*c0, *c1}
				}
				if k > 0 {
					gatherTwoByFour(unsafe.Slice(steps, k), element(a, int(at[r])*size), element(a, int(at[last])*size), element(b, column), &sums)
				}
				*c0, *c1 = sums[0], sums[1]
			}
		}
	}
}

// gatherTwoByFour is twoByFour for elements of a some steps from the first, and four columns
// of a panel of b.
func gatherTwoByFour[F Float](steps []int32, a0, a1, b *F, sums *[2][4]F) {
	v00, v01, v02, v03 := sums[0][0], sums[0][1], sums[0][2], sums[0][3]
	v10, v11, v12, v13 := sums[1][0], sums[1][1], sums[1][2], sums[1][3]
	row, size := 0, gemmSize[F]()
	for ; len(steps) >= 2; steps = steps[2:] {
		at := int(steps[0]) * size
		x0, x1, y := *element(a0, at), *element(a1, at), fourOf(b, row)
		y0, y1, y2, y3 := y[0], y[1], y[2], y[3]
		v00 += x0 * y0
		v01 += x0 * y1
		v02 += x0 * y2
		v03 += x0 * y3
		v10 += x1 * y0
		v11 += x1 * y1
		v12 += x1 * y2
		v13 += x1 * y3
		at = int(steps[1]) * size
		x0, x1, y = *element(a0, at), *element(a1, at), fourOf(b, row+2*plainLanes*size)
		y0, y1, y2, y3 = y[0], y[1], y[2], y[3]
		v00 += x0 * y0
		v01 += x0 * y1
		v02 += x0 * y2
		v03 += x0 * y3
		v10 += x1 * y0
		v11 += x1 * y1
		v12 += x1 * y2
		v13 += x1 * y3
		row += 4 * plainLanes * size
	}
	*sums = [2][4]F{{v00, v01, v02, v03}, {v10, v11, v12, v13}}
	if len(steps) > 0 {
		at := int(steps[0]) * size
		for l, y := range fourOf(b, row) {
			sums[0][l] += *element(a0, at) * y
			sums[1][l] += *element(a1, at) * y
		}
	}
}

// plainPackRows copies k rows of up to n vectors, and pads them with zeros.
func plainPackRows[F Float](n int) gemmPackRows[F] {
	width := n * plainLanes
	return func(dst *F, dstStep int, src *F, srcStep, k, cols int) {
		cols = min(cols, width)
		for i := range k {
			to := unsafe.Slice(element(dst, i*dstStep), width)
			copy(to, unsafe.Slice(element(src, i*srcStep), cols))
			clear(to[cols:])
		}
	}
}

// plainPackColumns transposes blocks of lanes by lanes; see gemmTiles.packColumns.
func plainPackColumns[F Float](dst *F, dstStep int, src *F, across, n, blocks int) {
	size := gemmSize[F]()
	for i := range blocks * plainLanes {
		to := fourOf(dst, i*dstStep)
		for j := range to {
			to[j] = *element(src, i*size+min(j, n-1)*across)
		}
	}
}
