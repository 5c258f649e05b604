// Smooth random displacements of an image's pixels.

package data

import "math"

// An elastic draws a displacement of each pixel: independent numbers at the knots of a coarse grid, between which cubic
// B-splines go. Knots that are sqrt(3) sigma apart give the correlation of independent pixels smoothed by a Gaussian of
// deviation sigma.
type elastic struct {
	width        int
	deviation    float64 // of the numbers at the knots
	across, down bSpline
	knots        [2][]float32 // for x and y: [down.knots, across.knots]
	rows         [2][]float32 // at the columns of the image: [down.knots, width]
	row1         [2][]float32 // a row of displacements
}

// A bSpline has the places of one axis's pixels among the knots.
type bSpline struct {
	knots   int
	first   []int        // for each pixel, the first of four knots around it
	weights [][4]float32 // of these
}

func newElastic(height, width int, deviation, sigma float64) *elastic {
	// The weights of a cubic B-spline along one axis, squared, sum to 2416/5040 on average.
	e := &elastic{width: width, deviation: deviation / (2416. / 5040)}
	e.across, e.down = newBSpline(width, sigma*math.Sqrt(3)), newBSpline(height, sigma*math.Sqrt(3))
	for axis := range 2 {
		e.knots[axis] = make([]float32, e.down.knots*e.across.knots)
		e.rows[axis] = make([]float32, e.down.knots*width)
		e.row1[axis] = make([]float32, width)
	}
	return e
}

func newBSpline(pixels int, spacing float64) bSpline {
	s := bSpline{knots: int(float64(pixels-1)/spacing) + 4}
	for i := range pixels {
		at := float64(i) / spacing
		first := int(at)
		t := at - float64(first)
		u := 1 - t
		t2, t3, u3 := float64(t*t), float64(t*t*t), float64(u*u*u)
		s.first = append(s.first, first)
		s.weights = append(s.weights, [4]float32{
			float32(u3 / 6),
			float32((float64(3*t3) - float64(6*t2) + 4) / 6),
			float32((float64(3*t) + float64(3*t2) - float64(3*t3) + 1) / 6),
			float32(t3 / 6),
		})
	}
	return s
}

// draw draws the displacements of an image.
func (e *elastic) draw(g *splitMix) {
	const one = 1 << 20
	for axis := range 2 {
		knots := e.knots[axis]
		for k := range knots {
			knots[k] = float32(float64(g.normal(one)) / one * e.deviation)
		}
		n := e.across.knots
		for k := range e.down.knots {
			from, to := knots[k*n:(k+1)*n], e.rows[axis][k*e.width:(k+1)*e.width]
			for x := range to {
				w, f := &e.across.weights[x], from[e.across.first[x]:]
				f = f[:4]
				to[x] = float32(w[0]*f[0]) + float32(w[1]*f[1]) + float32(w[2]*f[2]) + float32(w[3]*f[3])
			}
		}
	}
}

// row is the displacement of the pixels of a row, until the next call.
func (e *elastic) row(y int) (dx, dy []float32) {
	w := e.down.weights[y]
	for axis := range 2 {
		to := e.row1[axis]
		from := e.rows[axis][e.down.first[y]*e.width:]
		r0, r1 := from[:len(to)], from[e.width:][:len(to)]
		r2, r3 := from[2*e.width:][:len(to)], from[3*e.width:][:len(to)]
		for x := range to {
			to[x] = float32(w[0]*r0[x]) + float32(w[1]*r1[x]) + float32(w[2]*r2[x]) + float32(w[3]*r3[x])
		}
	}
	return e.row1[0], e.row1[1]
}
