// Flips and crops: pixels that move by whole places.

package data

import (
	"fmt"
	"slices"
)

// A Flip mirrors images, with a probability for each direction.
type Flip struct {
	Fields     []string // images, all of one height and width; none: "x"
	Horizontal float64  // probability that left and right change places
	Vertical   float64  // probability that top and bottom change places
}

func (a Flip) prepare(in *layout) (change, error) {
	p, err := picturesOf(in, a.Fields)
	if err != nil {
		return nil, err
	}
	if err := probability("Horizontal", a.Horizontal); err != nil {
		return nil, err
	}
	if err := probability("Vertical", a.Vertical); err != nil {
		return nil, err
	}
	return func(b *Batch, d draws) error {
		for i := range b.N {
			g := d.of(i)
			across, down := g.unit() < a.Horizontal, g.unit() < a.Vertical
			for f := range p.at {
				for c := range p.planes[f] {
					plane := p.plane(b, i, f, c)
					if across && down {
						slices.Reverse(plane)
						continue
					}
					if across {
						for y := range p.height {
							slices.Reverse(plane[y*p.width : (y+1)*p.width])
						}
					}
					if down {
						swapRows(plane, p.height, p.width)
					}
				}
			}
		}
		return nil
	}, nil
}

func swapRows(plane []float32, height, width int) {
	for y := range height / 2 {
		upper, lower := plane[y*width:(y+1)*width], plane[(height-1-y)*width:(height-y)*width]
		for x := range upper {
			upper[x], lower[x] = lower[x], upper[x]
		}
	}
}

func probability(name string, p float64) error {
	if !(p >= 0 && p <= 1) {
		return fmt.Errorf("%s is %g: want a probability, 0 to 1", name, p)
	}
	return nil
}

// A Crop pads images by Pad pixels on each side and takes a part of their old size at a random place: the image moves by
// whole pixels, at most Pad along each axis.
type Crop struct {
	Fields []string // images, all of one height and width; none: "x"
	Pad    int      // pixels, at least 1
	Fill   float32  // value of the padding; it is class 0 for a field of classes
}

func (a Crop) prepare(in *layout) (change, error) {
	p, err := picturesOf(in, a.Fields)
	if err != nil {
		return nil, err
	}
	if a.Pad < 1 || a.Pad > maxSide {
		return nil, fmt.Errorf("the Pad is %d: want 1 to %d pixels", a.Pad, maxSide)
	}
	return func(b *Batch, d draws) error {
		for i := range b.N {
			g := d.of(i)
			dx, dy := g.below(2*a.Pad+1)-a.Pad, g.below(2*a.Pad+1)-a.Pad
			for f := range p.at {
				for c := range p.planes[f] {
					move(p.plane(b, i, f, c), p.height, p.width, dx, dy, p.fill(f, a.Fill))
				}
			}
		}
		return nil
	}, nil
}

// move moves an image by dx to the right and dy down.
func move(plane []float32, height, width, dx, dy int, fill float32) {
	for k := range height {
		y := k
		if dy > 0 { // from below, so that no row is overwritten before it is read
			y = height - 1 - k
		}
		row, from := plane[y*width:(y+1)*width], y-dy
		if from < 0 || from >= height || dx <= -width || dx >= width {
			setAll(row, fill)
			continue
		}
		source := plane[from*width : (from+1)*width]
		switch {
		case dx >= 0:
			copy(row[dx:], source)
			setAll(row[:dx], fill)
		default:
			copy(row, source[-dx:])
			setAll(row[width+dx:], fill)
		}
	}
}

func setAll(values []float32, v float32) {
	for i := range values {
		values[i] = v
	}
}
