package picture

import (
	"fmt"
	"image"
	"image/color"
	"math"
)

// Pixels of a plane and of its dots.
const (
	planeSide = 512
	dot       = 4
)

// palette are colours of classes that are easy to tell apart (those of Tableau).
var palette = [...]color.RGBA{
	{31, 119, 180, 255}, {255, 127, 14, 255}, {44, 160, 44, 255}, {214, 39, 40, 255}, {148, 103, 189, 255},
	{140, 86, 75, 255}, {227, 119, 194, 255}, {127, 127, 127, 255}, {188, 189, 34, 255}, {23, 190, 207, 255},
}

// Plane draws two-dimensional codes [N,2] as dots, the first number from left to right
// and the second from bottom to top, with lines at 0. Dots of the same class, labels
// [N], have the same colour. Labels may be nil.
func Plane(codes, labels []float32) (image.Image, error) {
	n := len(codes) / 2
	if n == 0 || len(codes)%2 != 0 || labels != nil && len(labels) != n {
		return nil, fmt.Errorf("picture: a plane of %d values with %d labels: want two values for each label", len(codes), len(labels))
	}
	reach := 1.0
	for _, v := range codes {
		if x := math.Abs(float64(v)); x > reach && !math.IsInf(x, 0) {
			reach = x
		}
	}
	reach *= 1.05
	place := func(v float32) (int, bool) {
		x := (float64(v)/reach + 1) / 2 * planeSide
		return int(x), x >= 0 && x < planeSide
	}
	to := image.NewRGBA(image.Rect(0, 0, planeSide, planeSide))
	fill(to, to.Bounds(), color.RGBA{255, 255, 255, 255})
	axis := color.RGBA{200, 200, 200, 255}
	fill(to, image.Rect(0, planeSide/2, planeSide, planeSide/2+1), axis)
	fill(to, image.Rect(planeSide/2, 0, planeSide/2+1, planeSide), axis)
	for i := range n {
		x, okX := place(codes[2*i])
		y, okY := place(-codes[2*i+1])
		if !okX || !okY {
			continue
		}
		c := palette[0]
		if labels != nil {
			c = palette[max(0, int(labels[i]))%len(palette)]
		}
		fill(to, image.Rect(x-dot/2, y-dot/2, x+dot/2, y+dot/2), c)
	}
	return to, nil
}

// ClassColor is the colour of a class in a plane, which repeats after ten.
func ClassColor(class int) color.RGBA { return palette[max(0, class)%len(palette)] }
