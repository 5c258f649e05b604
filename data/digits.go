// Generated digits: a data set like MNIST that needs no files, drawn stroke by stroke when it is read.

package data

import (
	"sync"
	"sync/atomic"
)

// NewDigits returns n generated digits: grey images "x" [1,28,28] with values in [0,1], white on black as in MNIST, and
// their "label", 0 to 9. Image i depends only on the seed and on i, to the last bit on every platform, so n may be any
// number; below zero it counts as zero. The images are drawn when they are read.
//
// A digit is drawn as strokes through knots, in one of several ways that people write it. For every image, the knots
// are moved, the plane is warped, widened, slanted and turned, and the drawing is fitted into a box of about 20 pixels,
// centred by its mass. The pen's thickness varies from image to image, and the ink is slightly uneven.
func NewDigits(seed uint64, n int) Set {
	return newDigits(seed, 0, n)
}

// digits are the images first to first+n-1 of the endless sequence of a seed.
type digits struct {
	*layout
	key  uint64 // where that sequence begins in the space of generators
	n    int
	ways [10][]glyph
}

func newDigits(seed, first uint64, n int) *digits {
	return &digits{layout: imageLayout([]int{1, side, side}, 10), key: mix(seed+golden) + first, n: max(n, 0), ways: glyphs()}
}

func (d *digits) Len() int { return d.n }

func (d *digits) Read(i int, to [][]float32) error {
	if err := d.check("generated digits", i, d.n, to); err != nil {
		return err
	}
	var pix bitmap
	to[1][0] = float32(d.draw(i, &pix))
	toFloat(to[0], pix[:])
	return nil
}

// draw draws image i on a black bitmap and returns its label.
func (d *digits) draw(i int, pix *bitmap) (label int) {
	g := splitMix(mix(d.key + uint64(i)))
	label = g.below(10)
	var room [maxDots]dot
	draw(pix, choose(&g, d.ways[label]).write(&g, &room))
	addInkNoise(&g, pix)
	return label
}

// keptDigits are digits that are drawn once and then kept, a byte a pixel, so that only the first epoch draws.
type keptDigits struct {
	*digits
	pix    []uint8
	labels []uint8
	drawn  []atomic.Bool // set once that image's pix and label are written
	mu     sync.Mutex    // held to write them
}

func keep(d *digits) *keptDigits {
	return &keptDigits{
		digits: d,
		pix:    make([]uint8, d.n*side*side),
		labels: make([]uint8, d.n),
		drawn:  make([]atomic.Bool, d.n),
	}
}

func (d *keptDigits) Read(i int, to [][]float32) error {
	if err := d.check("generated digits", i, d.n, to); err != nil {
		return err
	}
	kept := d.pix[i*side*side : (i+1)*side*side]
	if !d.drawn[i].Load() {
		var pix bitmap
		label := d.draw(i, &pix)
		d.mu.Lock()
		if !d.drawn[i].Load() {
			copy(kept, pix[:])
			d.labels[i] = uint8(label)
			d.drawn[i].Store(true)
		}
		d.mu.Unlock()
	}
	toFloat(to[0], kept)
	to[1][0] = float32(d.labels[i])
	return nil
}
