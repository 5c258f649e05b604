package search

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
)

// Random draws each parameter by itself: numbers evenly, or evenly in their logarithm
// with Log, and choices with equal chances.
type Random struct{}

// Suggest draws a point.
func (Random) Suggest(s Space, _ int, _ []Observation, r *rand.Rand) ([]float64, error) {
	return s.draw(r), nil
}

// draw returns a random point.
func (s Space) draw(r *rand.Rand) []float64 {
	return s.fill(func(i int) float64 {
		if s[i].kind == choice {
			return float64(r.IntN(len(s[i].choices)))
		}
		return r.Float64()
	})
}

// Grid goes through all combinations: all values of a choice, and of a number the bounds
// and values between them, evenly spaced, in their logarithm with Log. The last parameter
// changes the fastest. After the last combination, the search is complete.
type Grid struct {
	// Points is the number of values of a number; 0 means 3. An Int with fewer values
	// has each of them once.
	Points int
}

// Suggest returns the combination with that number.
func (g Grid) Suggest(s Space, number int, _ []Observation, _ *rand.Rand) ([]float64, error) {
	if g.Points < 0 || g.Points > 1<<20 {
		return nil, fmt.Errorf("a grid of %d points: want 1 to 2^20", g.Points)
	}
	g.Points = cmp.Or(g.Points, 3)
	point := s.fill(func(int) float64 { return 0 })
	left := number - 1
	return g.walk(s, 0, point, &left), nil
}

// walk returns the point after left others of those that share the first i coordinates,
// or nil if there are fewer, and counts them down.
func (g Grid) walk(s Space, i int, point []float64, left *int) []float64 {
	if i == len(s) {
		if *left == 0 {
			return point
		}
		*left--
		return nil
	}
	point[i] = math.NaN()
	if !s.has(i, point) {
		return g.walk(s, i+1, point, left)
	}
	for _, at := range g.places(s[i]) {
		point[i] = at
		if found := g.walk(s, i+1, point, left); found != nil {
			return found
		}
	}
	return nil
}

// places are the coordinates of a parameter on the grid.
func (g Grid) places(p Parameter) []float64 {
	var out []float64
	if p.kind == choice {
		for i := range p.choices {
			out = append(out, float64(i))
		}
		return out
	}
	for k := range g.Points {
		at := 0.5
		if g.Points > 1 {
			at = float64(k) / float64(g.Points-1)
		}
		if at = p.snap(at); len(out) == 0 || at != out[len(out)-1] {
			out = append(out, at)
		}
	}
	return out
}
