// Drawing strokes into a 28x28 image, in fixed-point integers so that every platform gives the same bytes.

package data

// side is the height and width of a generated digit, as in MNIST.
const side = 28

// A bitmap is one generated digit: side rows of side pixels, 0 is paper and 255 full ink.
type bitmap [side * side]uint8

// pixel is the width of one pixel in the fixed-point coordinates of an image.
const pixel = 1 << 8

// A dot is a place that the pen passes: x, y and the radius of the ink there, in 1/256 pixel. If lift is set, the pen
// moves to this dot without touching the paper.
type dot struct {
	x, y, r int64
	lift    bool
}

// soft is half the width of the ramp from full ink to none at a stroke's edge, in 1/256 pixel.
const soft = pixel / 2

// draw draws the pen's path along the dots.
func draw(pix *bitmap, dots []dot) {
	for i, d := range dots {
		if i > 0 && !d.lift {
			segment(pix, dots[i-1], d)
		}
	}
}

// segment draws the pen's path from a to b with round ends and the mean of their radii. Where strokes overlap, the
// stronger ink counts.
//
// Ink falls linearly in the square of the distance, which needs no square root and is within a few hundredths of
// falling linearly in the distance, as the covered area of a pixel does.
func segment(pix *bitmap, a, b dot) {
	r := (a.r + b.r) / 2
	inner, outer := max(r-soft, 0), r+soft
	inner2, outer2 := inner*inner, outer*outer
	ramp := (255 << 20) / (outer2 - inner2)

	x0, x1 := span(a.x, b.x, outer)
	y0, y1 := span(a.y, b.y, outer)
	ex, ey := b.x-a.x, b.y-a.y
	length2 := ex*ex + ey*ey
	inverse := int64(0) // 2^20 over the segment's length
	if length2 > 0 {
		inverse = (1 << 20) / root(length2)
	}

	for y := y0; y <= y1; y++ {
		row := pix[y*side : y*side+side]
		py := y*pixel + pixel/2 - a.y
		for x := x0; x <= x1; x++ {
			px := x*pixel + pixel/2 - a.x
			var d2 int64 // squared distance of the pixel's centre from the segment
			switch along := px*ex + py*ey; {
			case along <= 0:
				d2 = px*px + py*py
			case along >= length2:
				d2 = (px-ex)*(px-ex) + (py-ey)*(py-ey)
			default:
				d := ((px*ey - py*ex) * inverse) >> 20
				d2 = d * d
			}
			if d2 >= outer2 {
				continue
			}
			ink := int64(255)
			if d2 > inner2 {
				ink = ((outer2 - d2) * ramp) >> 20
			}
			row[x] = max(row[x], uint8(ink))
		}
	}
}

// span returns the first and last pixel, within the image, that a stroke from a to b of the given reach can touch.
func span(a, b, reach int64) (first, last int64) {
	return max((min(a, b)-reach)>>8, 0), min((max(a, b)+reach)>>8, side-1)
}

// root returns the square root of n, rounded down, for 0 < n < 2^32.
func root(n int64) int64 {
	r := int64(0)
	for bit := int64(1 << 15); bit > 0; bit >>= 1 {
		if t := r | bit; t*t <= n {
			r = t
		}
	}
	return r
}

// spline returns the point at t/steps between p1 and p2 on the Catmull-Rom spline through p0, p1, p2 and p3.
func spline(p0, p1, p2, p3, t, steps int64) int64 {
	a := 2 * p1
	b := p2 - p0
	c := 2*p0 - 5*p1 + 4*p2 - p3
	d := 3*p1 - p0 - 3*p2 + p3
	n := steps * steps * steps
	return (a*n + b*t*steps*steps + c*t*t*steps + d*t*t*t) / (2 * n)
}
