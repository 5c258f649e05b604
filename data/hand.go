// The hand that writes a generated digit: from a glyph to the dots that the pen passes, with the variations between
// people's writing.

package data

// unit is half a glyph's box in the fixed-point coordinates of its plane, and 1 in the fixed-point coefficients.
const unit = 1 << 12

// steps is the number of straight pieces between two knots.
const steps = 5

// maxDots bounds the dots of a drawing: a glyph has at most maxKnots knots, some of them in two strokes.
const maxDots = 2 * maxKnots * steps

// write writes a glyph as a random hand would, and returns the dots, kept in room.
func (way *glyph) write(g *splitMix, room *[maxDots]dot) []dot {
	var knots [maxKnots]dot
	way.bend(g, &knots)
	dots := room[:0]
	for _, stroke := range way.strokes {
		dots = trace(dots, stroke, &knots)
	}
	fit(g, dots)
	return dots
}

// choose picks one of several ways to write a digit, by weight.
func choose(g *splitMix, ways []glyph) *glyph {
	total := 0
	for i := range ways {
		total += ways[i].weight
	}
	at, i := g.below(total), 0
	for at >= ways[i].weight {
		at -= ways[i].weight
		i++
	}
	return &ways[i]
}

// bend places the knots in the glyph's plane: each moved a little, then all together warped, widened, slanted and
// turned. r becomes each knot's share of the pen's radius.
func (way *glyph) bend(g *splitMix, to *[maxKnots]dot) {
	var warp [6]int64
	for i := range warp {
		warp[i] = g.normal(unit * 13 / 100)
	}
	wide := unit*86/100 + g.normal(unit*20/100)
	slant := unit*20/100 + g.normal(unit*28/100)
	sin := g.normal(unit * 9 / 100)
	cos := unit - sin*sin/(2*unit)

	for i, k := range way.knots {
		u := (k.x-50)*unit/50 + g.normal(unit*10/100)
		v := (k.y-50)*unit/50 + g.normal(unit*8/100)
		uu, uv, vv := u*u/unit, u*v/unit, v*v/unit
		x := u + (warp[0]*uu+warp[1]*uv+warp[2]*vv)/unit
		y := v + (warp[3]*uu+warp[4]*uv+warp[5]*vv)/unit
		x = (x*wide - y*slant) / unit
		to[i] = dot{
			x: (x*cos - y*sin) / unit,
			y: (x*sin + y*cos) / unit,
			r: unit + g.normal(unit*10/100),
		}
	}
}

// trace appends the dots of the smooth stroke through the given knots.
func trace(dots []dot, stroke []uint8, knots *[maxKnots]dot) []dot {
	last := len(stroke) - 1
	for k := range last {
		p1, p2 := knots[stroke[k]], knots[stroke[k+1]]
		p0 := dot{x: 2*p1.x - p2.x, y: 2*p1.y - p2.y}
		if k > 0 {
			p0 = knots[stroke[k-1]]
		}
		p3 := dot{x: 2*p2.x - p1.x, y: 2*p2.y - p1.y}
		if k+1 < last {
			p3 = knots[stroke[k+2]]
		}
		for t := range int64(steps) {
			dots = append(dots, dot{
				x:    spline(p0.x, p1.x, p2.x, p3.x, t, steps),
				y:    spline(p0.y, p1.y, p2.y, p3.y, t, steps),
				r:    p1.r + (p2.r-p1.r)*t/steps,
				lift: k == 0 && t == 0,
			})
		}
	}
	return append(dots, knots[stroke[last]])
}

// fit scales the dots from the glyph's plane into a box of about 20 pixels, moves their mass near the middle of the
// image but no ink to its border, and chooses the pen.
func fit(g *splitMix, dots []dot) {
	lo, hi := dots[0], dots[0]
	var mass, sumX, sumY int64
	for i, p := range dots {
		lo.x, hi.x = min(lo.x, p.x), max(hi.x, p.x)
		lo.y, hi.y = min(lo.y, p.y), max(hi.y, p.y)
		if i > 0 && !p.lift {
			q := dots[i-1]
			way := max(p.x-q.x, q.x-p.x, p.y-q.y, q.y-p.y)
			mass += way
			sumX += way * (p.x + q.x) / 2
			sumY += way * (p.y + q.y) / 2
		}
	}
	mass = max(mass, 1)

	radius := max(pixel*126/100+g.normal(pixel*38/100), pixel*60/100)
	box := 20*pixel - 2*radius - int64(g.below(pixel*3/2))
	size := max(hi.x-lo.x, hi.y-lo.y, 1)
	place := func(mass, lo, hi int64) int64 {
		reach := radius*3/2 + soft
		middle := side*pixel/2 + g.normal(pixel/2) - mass*box/size
		return min(max(middle, pixel+reach-lo*box/size), (side-1)*pixel-reach-hi*box/size)
	}
	midX := place(sumX/mass, lo.x, hi.x)
	midY := place(sumY/mass, lo.y, hi.y)
	for i := range dots {
		p := &dots[i]
		p.x = p.x*box/size + midX
		p.y = p.y*box/size + midY
		p.r = max(radius*p.r/unit, pixel/2)
	}
}

// addInkNoise makes the ink slightly uneven, as pens and scanners do. Paper stays exactly black.
func addInkNoise(g *splitMix, pix *bitmap) {
	weak := int64(g.below(6))
	for i, p := range pix {
		if p > 0 {
			pix[i] = uint8(min(max(int64(p)-weak+g.normal(6), 0), 255))
		}
	}
}
