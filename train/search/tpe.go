package search

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
)

// TPE is the tree-structured Parzen estimator (Bergstra et al. 2011, section 4). It
// estimates two densities of each parameter: l(x) over the best of the points seen, and
// g(x) over the others. Of candidates drawn from l, it takes the one with the largest
// l(x)/g(x), which has the largest expected improvement. Pending points count as others,
// so that a round does not try the same place twice.
type TPE struct {
	// Startup is the number of values to observe before the densities are used; until
	// then points are random. 0 means 10.
	Startup int
	// Best is the part of the points that is best, in (0, 1); 0 means 0.15. There are
	// never more than 25.
	Best float64
	// Candidates is the number of candidates; 0 means 24.
	Candidates int
}

// Suggest returns the best candidate.
func (t TPE) Suggest(s Space, _ int, seen []Observation, r *rand.Rand) ([]float64, error) {
	if t.Startup < 0 || !(t.Best >= 0 && t.Best < 1) || t.Candidates < 0 {
		return nil, fmt.Errorf("TPE with %d random points, the best %g and %d candidates: want no negative number, and a part below 1", t.Startup, t.Best, t.Candidates)
	}
	t.Startup, t.Best, t.Candidates = cmp.Or(t.Startup, 10), cmp.Or(t.Best, 0.15), cmp.Or(t.Candidates, 24)
	known := finished(seen)
	if len(known) < t.Startup {
		return s.draw(r), nil
	}
	best := min(25, int(math.Ceil(t.Best*float64(len(known)))))
	good, bad := points(known[:best]), points(known[best:])
	for _, o := range seen {
		if o.Pending {
			bad = append(bad, o.Point)
		}
	}
	return s.fill(func(i int) float64 {
		l, g := densityOf(s[i], i, good), densityOf(s[i], i, bad)
		at, most := 0.0, math.Inf(-1)
		for range t.Candidates {
			x := s[i].snap(l.draw(r))
			if ratio := math.Log(l.at(x)) - math.Log(g.at(x)); ratio > most {
				at, most = x, ratio
			}
		}
		return at
	}), nil
}

func points(seen []Observation) (out [][]float64) {
	for _, o := range seen {
		out = append(out, o.Point)
	}
	return out
}
