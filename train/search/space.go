package search

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Space is what is searched: parameters, those that others depend on before those.
type Space []Parameter

// Validate returns an error that names the first wrong parameter.
func (s Space) Validate() error {
	if len(s) == 0 {
		return errors.New("search: the space has no parameters")
	}
	for i, p := range s {
		if err := s.validate(i); err != nil {
			return fmt.Errorf("search: parameter %d: %w", i+1, err)
		}
		if s.index(p.name) != i {
			return fmt.Errorf("search: parameter %q is there twice", p.name)
		}
	}
	return nil
}

func (s Space) validate(i int) error {
	p := s[i]
	if err := p.validate(); err != nil || p.parent == "" {
		return err
	}
	k := s[:i].index(p.parent)
	switch {
	case k < 0:
		return fmt.Errorf("%q depends on %q, which does not come before it", p.name, p.parent)
	case s[k].kind == float:
		return fmt.Errorf("%q depends on %q, which is not a choice or a whole number", p.name, p.parent)
	case len(p.when) == 0:
		return fmt.Errorf("%q depends on %q, but for none of its values", p.name, p.parent)
	}
	for _, v := range p.when {
		if _, ok := s[k].coordinate(v); !ok {
			return fmt.Errorf("%q depends on the value %v of %q, which it never has", p.name, v, p.parent)
		}
	}
	return nil
}

func (s Space) index(name string) int {
	return slices.IndexFunc(s, func(p Parameter) bool { return p.name == name })
}

// A point has a coordinate for each parameter, and NaN for those that are not there.

// has reports whether parameter i is there in a point, of which the coordinates before
// it are known.
func (s Space) has(i int, point []float64) bool {
	p := s[i]
	if p.parent == "" {
		return true
	}
	k := s.index(p.parent)
	if math.IsNaN(point[k]) {
		return false
	}
	v := s[k].value(point[k])
	return slices.ContainsFunc(p.when, func(w any) bool { return same(v, w) })
}

// fill returns a point whose coordinates come from a function, in order.
func (s Space) fill(at func(i int) float64) []float64 {
	point := make([]float64, len(s))
	for i := range s {
		point[i] = math.NaN()
		if !s.has(i, point) {
			continue
		}
		if x := at(i); !math.IsNaN(x) {
			point[i] = s[i].snap(x)
		}
	}
	return point
}

// checked returns the point that a method suggested, with coordinates of values.
func (s Space) checked(p []float64) ([]float64, error) {
	if len(p) != len(s) {
		return nil, fmt.Errorf("%d coordinates for %d parameters", len(p), len(s))
	}
	point := s.fill(func(i int) float64 { return p[i] })
	for i := range s {
		if math.IsNaN(point[i]) && s.has(i, point) {
			return nil, fmt.Errorf("%q has no coordinate", s[i].name)
		}
	}
	return point, nil
}

// values are the values at a point.
func (s Space) values(point []float64) Values {
	v := Values{}
	for i, p := range s {
		if !math.IsNaN(point[i]) {
			v[p.name] = p.value(point[i])
		}
	}
	return v
}
