// Random erasing.

package data

import (
	"fmt"
	"math"
)

// An Erase sets a rectangle of an image to one value (Zhong, Zheng, Kang, Li and Yang, "Random Erasing Data
// Augmentation", 2020): its area is uniform between Least and Most of the image's, its ratio of height to width between
// 0.3 and 1/0.3. All its fields lose the same rectangle.
type Erase struct {
	Fields      []string // images, all of one height and width; none: "x"
	Probability float64  // that an image loses a rectangle; 0: 0.5
	Least, Most float64  // parts of the area, 0 to 1; both 0: 0.02 and 0.2
	Fill        float32  // value of the rectangle; it is class 0 for a field of classes
}

// aspect is the least ratio of a rectangle's sides.
const aspect = 0.3

func (a Erase) prepare(in *layout) (change, error) {
	p, err := picturesOf(in, a.Fields)
	if err != nil {
		return nil, err
	}
	if a.Probability == 0 {
		a.Probability = 0.5
	}
	if a.Least == 0 && a.Most == 0 {
		a.Least, a.Most = 0.02, 0.2
	}
	if err := probability("Probability", a.Probability); err != nil {
		return nil, err
	}
	if !(a.Least >= 0 && a.Least <= a.Most && a.Most <= 1) {
		return nil, fmt.Errorf("the Least and Most are %g and %g: want 0 <= Least <= Most <= 1", a.Least, a.Most)
	}
	return func(b *Batch, d draws) error {
		for i := range b.N {
			g := d.of(i)
			if g.unit() >= a.Probability {
				continue
			}
			x, y, w, h := a.rectangle(&g, p.width, p.height)
			for f := range p.at {
				for c := range p.planes[f] {
					plane := p.plane(b, i, f, c)
					for r := y; r < y+h; r++ {
						setAll(plane[r*p.width+x:r*p.width+x+w], p.fill(f, a.Fill))
					}
				}
			}
		}
		return nil
	}, nil
}

// rectangle draws a rectangle within an image; it is empty if ten in turn are too long for it.
func (a Erase) rectangle(g *splitMix, width, height int) (x, y, w, h int) {
	for range 10 {
		area := (a.Least + float64((a.Most-a.Least)*g.unit())) * float64(width*height)
		ratio := aspect + float64((1/aspect-aspect)*g.unit())
		h, w = int(math.Round(math.Sqrt(area*ratio))), int(math.Round(math.Sqrt(area/ratio)))
		if h <= height && w <= width {
			return g.below(width - w + 1), g.below(height - h + 1), w, h
		}
	}
	return 0, 0, 0, 0
}
