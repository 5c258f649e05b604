// Warps: images turned, moved, scaled and bent, in one pass.

package data

import (
	"fmt"
	"math"
)

// A Warp moves the pixels of images: it turns, scales, slants, shifts and bends them, each by an amount that is uniform
// between minus and plus the setting, and reads the image once, by bilinear interpolation; a field of classes, such as a
// mask of segments, by the nearest pixel. All its fields get the same map. A zero setting leaves its part out.
//
// The pixel of the result at p, from the centre of the image, is that of the image at
//
//	M (p - shift) + bend(p),   M the inverse of a rotation, a scale and a slant
type Warp struct {
	// Fields are the images, all of one height and width; none: "x".
	Fields []string
	// Rotate is the largest angle, in degrees, 0 to 180.
	Rotate float64
	// Shift is the furthest move along either axis, in pixels.
	Shift float64
	// Scale is the largest change of size: 0.1 is a factor from 0.9 to 1.1. It is below 1.
	Scale float64
	// Shear is the largest slant, in pixels along a row for each row.
	Shear float64
	// Elastic is the standard deviation of a bend, in pixels: each pixel moves at random, and close ones move alike
	// (Simard, Steinkraus and Platt, "Best Practices for Convolutional Neural Networks", 2003). Their alpha is about 6.1
	// times Elastic times Smooth, so that 34 with a sigma of 4 is 1.4 pixels.
	Elastic float64
	// Smooth is the deviation of the Gaussian that smooths the bend, in pixels, at least 0.5; 0: 4. A cubic B-spline
	// stands for it.
	Smooth float64
	// Fill is the value outside the image; it is class 0 for a field of classes.
	Fill float32
}

func (a Warp) prepare(in *layout) (change, error) {
	p, err := picturesOf(in, a.Fields)
	if err != nil {
		return nil, err
	}
	for _, s := range []struct {
		name        string
		value, most float64
	}{
		{"Rotate", a.Rotate, 180}, {"Shift", a.Shift, maxSide}, {"Shear", a.Shear, maxSide},
		{"Elastic", a.Elastic, maxSide}, {"Smooth", a.Smooth, maxSide},
	} {
		if !(s.value >= 0 && s.value <= s.most) {
			return nil, fmt.Errorf("%s is %g: want a number from 0 to %g", s.name, s.value, s.most)
		}
	}
	if a.Smooth == 0 {
		a.Smooth = 4
	}
	if a.Smooth < 0.5 {
		return nil, fmt.Errorf("the Smooth is %g: want at least 0.5 pixels", a.Smooth)
	}
	if !(a.Scale >= 0 && a.Scale < 1) {
		return nil, fmt.Errorf("the Scale is %g: want a number from 0 to below 1", a.Scale)
	}
	if p.height > maxSide || p.width > maxSide {
		return nil, fmt.Errorf("an image of %d by %d cannot be warped: at most %d by %d can", p.height, p.width, maxSide, maxSide)
	}
	s := newSampler(p.height, p.width)
	var e *elastic
	if a.Elastic > 0 {
		e = newElastic(p.height, p.width, a.Elastic, a.Smooth)
	}
	return func(b *Batch, d draws) error {
		for i := range b.N {
			g := d.of(i)
			m := a.draw(&g)
			if e != nil {
				e.draw(&g)
			}
			s.place(m, e)
			for f := range p.at {
				for c := range p.planes[f] {
					s.read(p.plane(b, i, f, c), p.fill(f, a.Fill), p.classes[f])
				}
			}
		}
		return nil
	}, nil
}

// maxSide bounds the sides of images and the moves of their pixels, so that a float32 holds a pixel's place to 1/256.
const maxSide = 1 << 14

// An affine map gives the place (xx x + xy y + x0, yx x + yy y + y0), from the centre of an image.
type affine struct{ xx, xy, yx, yy, x0, y0 float64 }

// draw draws the affine part of the map.
func (a Warp) draw(g *splitMix) affine {
	angle := g.within(a.Rotate) * (math.Pi / 180)
	size := 1 / (1 + g.within(a.Scale))
	slant := g.within(a.Shear)
	x, y := g.within(a.Shift), g.within(a.Shift)
	sin, cos := sinCos(angle)
	// A slant, then the inverse rotation. The conversions keep products and sums from being fused.
	m := affine{xx: cos * size, xy: sin * size, yx: -sin * size, yy: cos * size}
	m.xy -= float64(m.xx * slant)
	m.yy -= float64(m.yx * slant)
	m.x0 = -float64(m.xx*x) - float64(m.xy*y)
	m.y0 = -float64(m.yx*x) - float64(m.yy*y)
	return m
}

// sinCos returns sin and cos of an angle from -pi to pi by their series. Unlike those of package math, they are the same
// to the last bit on every platform.
func sinCos(angle float64) (sin, cos float64) {
	term := 1.
	for n := 1; n <= 32; n++ {
		switch (n - 1) % 4 {
		case 0:
			cos += term
		case 1:
			sin += term
		case 2:
			cos -= term
		case 3:
			sin -= term
		}
		term = float64(term*angle) / float64(n)
	}
	return sin, cos
}
