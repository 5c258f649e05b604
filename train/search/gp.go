package search

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// GP models the function by a Gaussian process and takes the point with the largest
// expected improvement over the smallest value seen (Jones et al. 1998, eq. 15). The
// covariance is Matérn's with exponent 5/2 and a length for each parameter, chosen with
// the noise by the marginal likelihood (Snoek et al. 2012). Choices are equally far from
// each other. A pending point has the value that the process predicts (Ginsbourger et
// al. 2010, kriging believer). A suggestion after n observations takes time like n^3.
// Its rounding, and so the suggestions, can differ between types of processors.
type GP struct {
	// Startup is the number of values to observe before the process is used; until
	// then points are random. 0 means 8.
	Startup int
	// Candidates is the number of random points among which the search for the largest
	// improvement begins; 0 means 500.
	Candidates int
}

// Suggest returns the candidate with the largest expected improvement.
func (g GP) Suggest(s Space, _ int, seen []Observation, r *rand.Rand) ([]float64, error) {
	if g.Startup < 0 || g.Candidates < 0 {
		return nil, fmt.Errorf("GP with %d random points and %d candidates: want no negative number", g.Startup, g.Candidates)
	}
	g.Startup, g.Candidates = cmp.Or(g.Startup, 8), cmp.Or(g.Candidates, 500)
	known := finished(seen)
	if len(known) < g.Startup || math.IsInf(known[0].Value, 1) {
		return s.draw(r), nil
	}
	process, err := s.fit(known)
	if err != nil {
		return nil, err
	}
	for _, o := range seen {
		if o.Pending {
			mean, _ := process.predict(s.encode(o.Point))
			if err := process.add(s.encode(o.Point), mean); err != nil {
				return nil, err
			}
		}
	}
	return g.maximize(s, process, known, r), nil
}

// candidate is a point with its expected improvement.
type candidate struct {
	point []float64
	gain  float64
}

// maximize draws points anywhere and near the best ones, then ever closer to those with
// the largest improvement.
func (g GP) maximize(s Space, process *process, known []Observation, r *rand.Rand) []float64 {
	var all []candidate
	try := func(point []float64) { all = append(all, candidate{point, process.improvement(s.encode(point))}) }
	for range g.Candidates {
		try(s.draw(r))
	}
	for _, o := range known[:min(5, len(known))] {
		for range g.Candidates / 25 {
			try(s.near(o.Point, 0.1, r))
		}
	}
	for radius := 0.1; radius > 0.001; radius /= 2 {
		slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(b.gain, a.gain) })
		all = all[:min(len(all), 5)]
		for _, c := range slices.Clone(all) {
			for range 10 {
				try(s.near(c.point, radius, r))
			}
		}
	}
	return slices.MaxFunc(all, func(a, b candidate) int { return cmp.Compare(a.gain, b.gain) }).point
}

// near returns a point close to another: numbers move by a normal distribution, and a
// choice changes with the radius as probability.
func (s Space) near(point []float64, radius float64, r *rand.Rand) []float64 {
	return s.fill(func(i int) float64 {
		switch at := point[i]; {
		case s[i].kind != choice && math.IsNaN(at):
			return r.Float64()
		case s[i].kind != choice:
			return min(max(at+radius*r.NormFloat64(), 0), 1)
		case math.IsNaN(at) || r.Float64() < radius:
			return float64(r.IntN(len(s[i].choices)))
		default:
			return at
		}
	})
}

// encode returns a point as numbers, of which the process takes distances. Two choices
// are at distance 1. Numbers that are not there are in the middle.
func (s Space) encode(point []float64) [][]float64 {
	out := make([][]float64, len(s))
	for i, p := range s {
		switch {
		case p.kind == choice:
			out[i] = make([]float64, len(p.choices))
			if !math.IsNaN(point[i]) {
				out[i][int(point[i])] = math.Sqrt(0.5)
			}
		case math.IsNaN(point[i]):
			out[i] = []float64{0.5}
		default:
			out[i] = []float64{point[i]}
		}
	}
	return out
}
