package recipe

import (
	"errors"
	"slices"

	"github.com/stheno-ml/stheno/metrics"
)

// plane is a plane through points, and the rectangle of it that most of them are in.
type plane struct {
	origin, a, b []float64    // the point u, v is origin + u a + v b
	from, to     [2]float64   // of u and v
	at           [][2]float64 // where the points are
	side         int          // cells in a row of the rectangle
	filled       map[int]bool // cells that have points, or are next to one that has
}

// gridSide is the number of cells in a row of a plane.
const gridSide = 28

// planeOf is the plane of points that have two dimensions; that of their first two
// principal components if they have more.
func planeOf(x []float64, dims int) (*plane, error) {
	if dims < 2 {
		return nil, errors.New("points of one dimension are no plane")
	}
	p := &plane{origin: make([]float64, dims), a: make([]float64, dims), b: make([]float64, dims), side: gridSide, filled: map[int]bool{}}
	p.a[0], p.b[1] = 1, 1
	if dims > 2 {
		c, err := metrics.FitPCA(x, dims, 2)
		if err != nil {
			return nil, err
		}
		p.origin, p.a, p.b = c.Mean, c.Directions[:dims], c.Directions[dims:]
	}
	var sorted [2][]float64
	for i := 0; i+dims <= len(x); i += dims {
		var at [2]float64
		for k, v := range x[i : i+dims] {
			at[0] += (v - p.origin[k]) * p.a[k]
			at[1] += (v - p.origin[k]) * p.b[k]
		}
		p.at = append(p.at, at)
		sorted[0], sorted[1] = append(sorted[0], at[0]), append(sorted[1], at[1])
	}
	for k, s := range sorted {
		slices.Sort(s)
		p.from[k], p.to[k] = s[len(s)/100], s[len(s)-1-len(s)/100]
		if p.to[k] <= p.from[k] {
			p.to[k] = p.from[k] + 1e-9
		}
	}
	for _, at := range p.at {
		i, j := p.cell(0, at[0]), p.cell(1, at[1])
		for di := -1; di <= 1; di++ {
			for dj := -1; dj <= 1; dj++ {
				if in := func(k int) bool { return k >= 0 && k < p.side }; in(i) && in(j) && in(i+di) && in(j+dj) {
					p.filled[(j+dj)*p.side+i+di] = true
				}
			}
		}
	}
	return p, nil
}

// cell is the number of the cell that a coordinate is in, which may be outside.
func (p *plane) cell(k int, v float64) int {
	if v < p.from[k] || v > p.to[k] {
		return -1
	}
	return min(p.side-1, int(float64(p.side)*(v-p.from[k])/(p.to[k]-p.from[k])))
}

// walk are points of the rectangle, side by side of them, row by row from high to low v,
// [side*side, dims].
func (p *plane) walk(side int) []float32 {
	var out []float32
	for j := range side {
		v := p.to[1] - (p.to[1]-p.from[1])*float64(j)/float64(side-1)
		for i := range side {
			u := p.from[0] + (p.to[0]-p.from[0])*float64(i)/float64(side-1)
			for k, o := range p.origin {
				out = append(out, float32(o+u*p.a[k]+v*p.b[k]))
			}
		}
	}
	return out
}

// flat are the coordinates of the points, [n, 2].
func (p *plane) flat() []float32 {
	var out []float32
	for _, at := range p.at {
		out = append(out, float32(at[0]), float32(at[1]))
	}
	return out
}
