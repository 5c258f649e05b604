// Tiles: large pictures and long sounds, restored by a net for small ones.

package restore

import (
	"fmt"
	"math"
)

// Tiles cover a picture [C,H,W]: they overlap by half, so that no pixel is restored only at
// the edge of a tile. A sound is a picture with one row.
type Tiles struct {
	shape, tile [3]int
	at          [][3]int  // channel, row and column of the first pixel
	weight      []float64 // of a pixel of a tile, by its place: [h*w]
}

// Cover covers pictures of a shape by tiles. Tiles of fewer channels cover the channels in
// turn. If a picture is smaller than a tile, copies of its edge are around it.
func Cover(shape, tile []int) (*Tiles, error) {
	if len(shape) != 3 || len(tile) != 3 || min(shape[0], shape[1], shape[2], tile[0], tile[1], tile[2]) < 1 {
		return nil, fmt.Errorf("restore: tiles %v for pictures %v: want [channels, height, width]", tile, shape)
	}
	if shape[0]%tile[0] != 0 {
		return nil, fmt.Errorf("restore: tiles of %d channels for pictures of %d", tile[0], shape[0])
	}
	t := &Tiles{shape: [3]int(shape), tile: [3]int(tile)}
	for c := 0; c < shape[0]; c += tile[0] {
		for _, i := range starts(shape[1], tile[1]) {
			for _, j := range starts(shape[2], tile[2]) {
				t.at = append(t.at, [3]int{c, i, j})
			}
		}
	}
	rows, columns := bell(tile[1]), bell(tile[2])
	for _, a := range rows {
		for _, b := range columns {
			t.weight = append(t.weight, a*b)
		}
	}
	return t, nil
}

// starts are where tiles of n begin on a length: each half a tile after the one before, and
// the last one at the end.
func starts(length, n int) (out []int) {
	for at := 0; at+n < length; at += max(1, n/2) {
		out = append(out, at)
	}
	return append(out, max(0, length-n))
}

// bell is a raised cosine of n values, all above 0.
func bell(n int) []float64 {
	w := make([]float64, n)
	for i := range w {
		w[i] = math.Pow(math.Sin(math.Pi*(float64(i)+.5)/float64(n)), 2) + 1e-3
	}
	return w
}

// Len is the number of tiles.
func (t *Tiles) Len() int { return len(t.at) }

// size is the number of values of a tile.
func (t *Tiles) size() int { return t.tile[0] * t.tile[1] * t.tile[2] }

// Cut returns the tiles from (inclusive) to to (exclusive) of a picture, [N, tile...].
func (t *Tiles) Cut(x []float32, from, to int) []float32 {
	height, width := t.shape[1], t.shape[2]
	out := make([]float32, 0, (to-from)*t.size())
	for _, at := range t.at[from:to] {
		for c := range t.tile[0] {
			for i := range t.tile[1] {
				row := x[((at[0]+c)*height+min(height-1, at[1]+i))*width:][:width]
				for j := range t.tile[2] {
					out = append(out, row[min(width-1, at[2]+j)])
				}
			}
		}
	}
	return out
}

// tilesAtOnce is how many tiles a net gets at a time.
const tilesAtOnce = 256

// Restore restores a picture: restore maps tiles [N, tile...], and their masks if there is
// one, to N restored ones. The result is the mean of the tiles, in which the middle of a
// tile weighs more than its edge. mask is nil or the mask of the picture, 0 where it is
// hidden; then tiles without a hidden pixel are not restored, and shown pixels are kept.
func (t *Tiles) Restore(x, mask []float32, restore func(n int, tiles, masks []float32) ([]float32, error)) ([]float32, error) {
	size := t.size()
	if n := t.shape[0] * t.shape[1] * t.shape[2]; len(x) != n || mask != nil && len(mask) != n {
		return nil, fmt.Errorf("restore: a picture of %d values with a mask of %d, where the tiles cover %v", len(x), len(mask), t.shape)
	}
	sum, weight := make([]float64, len(x)), make([]float64, len(x))
	for from := 0; from < t.Len(); from += tilesAtOnce {
		to := min(t.Len(), from+tilesAtOnce)
		tiles := t.Cut(x, from, to)
		var masks []float32
		which := make([]int, 0, to-from)
		for i := range to - from {
			which = append(which, from+i)
		}
		if mask != nil {
			masks = t.Cut(mask, from, to)
			tiles, masks, which = withHoles(tiles, masks, which, size)
		}
		if len(which) == 0 {
			continue
		}
		y, err := restore(len(which), tiles, masks)
		if err != nil {
			return nil, err
		}
		if len(y) != len(tiles) {
			return nil, fmt.Errorf("restore: %d tiles of %v were restored to %d values", len(which), t.tile, len(y))
		}
		for k, i := range which {
			t.add(t.at[i], y[k*size:(k+1)*size], sum, weight)
		}
	}
	out := make([]float32, len(x))
	for i := range out {
		if out[i] = x[i]; weight[i] > 0 && (mask == nil || mask[i] == 0) {
			out[i] = float32(sum[i] / weight[i])
		}
	}
	return out, nil
}

// withHoles keeps the tiles that have a hidden pixel.
func withHoles(tiles, masks []float32, which []int, size int) (holed, their []float32, are []int) {
	for k, i := range which {
		for _, m := range masks[k*size : (k+1)*size] {
			if m == 0 {
				holed, their, are = append(holed, tiles[k*size:(k+1)*size]...), append(their, masks[k*size:(k+1)*size]...), append(are, i)
				break
			}
		}
	}
	return holed, their, are
}

// add adds a tile to the sums of the picture's pixels.
func (t *Tiles) add(at [3]int, y []float32, sum, weight []float64) {
	height, width := t.shape[1], t.shape[2]
	for c := range t.tile[0] {
		for i := range min(t.tile[1], height) {
			for j := range min(t.tile[2], width) {
				w := t.weight[i*t.tile[2]+j]
				k := ((at[0]+c)*height+at[1]+i)*width + at[2] + j
				sum[k] += w * float64(y[(c*t.tile[1]+i)*t.tile[2]+j])
				weight[k] += w
			}
		}
	}
}
