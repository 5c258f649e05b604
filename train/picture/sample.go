package picture

import (
	"image"
	"image/color"
	"math"
)

// scale maps values to brightness, from 0 to 1.
type scale struct{ low, high float64 }

// scaleOf is the scale of values: 0 to 1 if all are in that range, as pixels are, else
// from the least to the greatest.
func scaleOf(values []float32) scale {
	s := scale{math.Inf(1), math.Inf(-1)}
	for _, v := range values {
		if x := float64(v); !math.IsNaN(x) && !math.IsInf(x, 0) {
			s.low, s.high = min(s.low, x), max(s.high, x)
		}
	}
	if s.low >= 0 && s.high <= 1 || s.low >= s.high {
		return scale{0, 1}
	}
	return s
}

// at is the brightness of a value. NaN is dark.
func (s scale) at(v float32) float64 {
	x := (float64(v) - s.low) / (s.high - s.low)
	if math.IsNaN(x) {
		return 0
	}
	return min(max(x, 0), 1)
}

// form is how a sample is drawn.
type form struct {
	rows, columns int
	channels      int // 1 grey, 3 colour, 0 a heat map
	transposed    bool
}

// formOf is the form of samples of a shape: an image [C,H,W], grey with one channel and
// in colour with three; a sequence [T,D] as a heat map, with time from left to right;
// anything else as one line of a heat map.
func formOf(shape []int, size int) form {
	switch {
	case len(shape) == 3 && (shape[0] == 1 || shape[0] == 3):
		return form{rows: shape[1], columns: shape[2], channels: shape[0]}
	case len(shape) == 3:
		return form{rows: shape[0] * shape[1], columns: shape[2]}
	case len(shape) == 2:
		return form{rows: shape[1], columns: shape[0], transposed: true}
	}
	return form{rows: 1, columns: size}
}

// draw draws a sample with its top left pixel at a point, each value as a rectangle.
func (f form) draw(to *image.RGBA, at image.Point, x []float32, s scale, wide, high int) {
	plane := f.rows * f.columns
	for row := range f.rows {
		for column := range f.columns {
			i := row*f.columns + column
			if f.transposed {
				i = column*f.rows + row
			}
			var c color.RGBA
			switch f.channels {
			case 3:
				c = color.RGBA{grey(s.at(x[i])), grey(s.at(x[plane+i])), grey(s.at(x[2*plane+i])), 255}
			case 1:
				v := grey(s.at(x[i]))
				c = color.RGBA{v, v, v, 255}
			default:
				c = heat(s.at(x[i]))
			}
			fill(to, image.Rect(column*wide, row*high, (column+1)*wide, (row+1)*high).Add(at), c)
		}
	}
}

func grey(v float64) uint8 { return uint8(math.Round(255 * v)) }

// viridis are colours of the map of that name, from low to high (van der Walt and Smith
// 2015).
var viridis = [...][3]float64{{68, 1, 84}, {59, 82, 139}, {33, 145, 140}, {94, 201, 98}, {253, 231, 37}}

// heat is the colour of a value from 0 to 1.
func heat(v float64) color.RGBA {
	at := v * float64(len(viridis)-1)
	i := min(int(at), len(viridis)-2)
	t := at - float64(i)
	mix := func(k int) uint8 { return uint8(math.Round(viridis[i][k]*(1-t) + viridis[i+1][k]*t)) }
	return color.RGBA{mix(0), mix(1), mix(2), 255}
}

func fill(to *image.RGBA, r image.Rectangle, c color.RGBA) {
	r = r.Intersect(to.Bounds())
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			to.SetRGBA(x, y, c)
		}
	}
}
