package picture

import (
	"errors"
	"fmt"
	"image"
	"image/color"
)

// Layout of a grid, in pixels.
const (
	gap  = 2       // between samples
	most = 1 << 28 // pixels of a grid
	side = 64      // the least width of a small sample, and its least height if it has several rows
)

// Grid draws rows of samples below each other, such as inputs and their
// reconstructions. Each row holds samples of the given shape, one after the other; all
// rows have the same number of samples. A sample [1,H,W] is a grey image, [3,H,W] a
// colour image, and [T,D] a heat map of a sequence, with time from left to right; any
// other is a line of a heat map. Values from 0 to 1 are black to white; if the first row
// has others, its least value is black and its greatest white.
func Grid(shape []int, rows ...[]float32) (image.Image, error) {
	size := 1
	for _, n := range shape {
		if n < 1 || size > 1<<24/n {
			return nil, fmt.Errorf("picture: a sample of shape %v cannot be drawn", shape)
		}
		size *= n
	}
	if len(rows) == 0 || len(rows[0]) == 0 || len(rows[0])%size != 0 {
		return nil, errors.New("picture: the rows of a grid are not whole samples")
	}
	n := len(rows[0]) / size
	f, s := formOf(shape, size), scaleOf(rows[0])
	wide, high := zoom(f)
	cell := image.Pt(f.columns*wide+gap, f.rows*high+gap)
	if n > most/cell.X/cell.Y/len(rows) {
		return nil, fmt.Errorf("picture: %d rows of %d samples of %d by %d pixels are too large for a grid", len(rows), n, cell.X, cell.Y)
	}
	to := image.NewRGBA(image.Rect(0, 0, n*cell.X+gap, len(rows)*cell.Y+gap))
	fill(to, to.Bounds(), color.RGBA{128, 128, 128, 255})
	for k, row := range rows {
		if len(row) != n*size {
			return nil, fmt.Errorf("picture: row %d of a grid has %d values, the first has %d", k+1, len(row), n*size)
		}
		for i := range n {
			f.draw(to, image.Pt(gap+i*cell.X, gap+k*cell.Y), row[i*size:(i+1)*size], s, wide, high)
		}
	}
	return to, nil
}

// zoom is the width and height of a value in pixels. Images keep their proportions.
func zoom(f form) (wide, high int) {
	times := func(n int) int { return max(1, (side+n-1)/n) }
	if f.channels > 0 {
		z := times(max(f.rows, f.columns))
		return z, z
	}
	if f.rows == 1 {
		return times(f.columns), side / 4
	}
	return times(f.columns), times(f.rows)
}
