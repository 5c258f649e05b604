// Generated ratings: users who see items by known tastes.

package data

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
)

// RatingsOptions are the options of NewRatings.
type RatingsOptions struct {
	// Users and Items are their numbers; 0 means 5000 and 500. There are at least 20
	// items.
	Users, Items int
	// Factors is the number of directions of taste; 0 means 8.
	Factors int
	// Taste is the standard deviation of a user's preferences over items, on the scale of
	// the logarithm of odds, at least 0; nil means 1.5. At 0 all users prefer the same.
	Taste *float64
	Seed  uint64
}

// NewRatings returns generated users. Items and users have factors v and u from the
// standard normal distribution, and items have a popularity that falls as 1/rank. A user
// prefers an item by
//
//	Taste u.v / sqrt(Factors) + log popularity
//
// and sees between 10 and a quarter of all items, 30 at the median, drawn one after the
// other with probabilities in proportion to e^preference. A fifth of those, drawn
// evenly, are held out. The fields, each of shape [Items], are
//
//	"x"           1 for the items that the user has seen, else 0
//	"held"        1 for those that are held out, and are 0 in "x"
//	"preference"  the preference, up to a constant, which ranks the items best
//
// User i depends only on the options other than Users and on i.
func NewRatings(o RatingsOptions) (Set, error) {
	o = o.defaults()
	switch {
	case o.Users < 1 || o.Items < 20 || o.Factors < 1:
		return nil, fmt.Errorf("ratings: %d users, %d items, %d factors: want at least 1, 20 and 1", o.Users, o.Items, o.Factors)
	case !(*o.Taste >= 0) || math.IsInf(*o.Taste, 0):
		return nil, fmt.Errorf("ratings: Taste is %g, want a finite number, at least 0", *o.Taste)
	case o.Items > maxVolume/o.Factors:
		return nil, fmt.Errorf("ratings: %d items with %d factors are too many", o.Items, o.Factors)
	}
	fields := []Field{{Name: "x", Shape: []int{o.Items}}, {Name: "held", Shape: []int{o.Items}}, {Name: "preference", Shape: []int{o.Items}}}
	l, err := newLayout(fields)
	if err != nil {
		return nil, fmt.Errorf("ratings: %w", err)
	}
	s := &ratings{layout: l, o: o, factors: make([]float64, o.Items*o.Factors)}
	r := rand.New(rand.NewPCG(keyOf(o.Seed), 0))
	for i := range s.factors {
		s.factors[i] = *o.Taste / math.Sqrt(float64(o.Factors)) * r.NormFloat64()
	}
	s.rank = r.Perm(o.Items)
	return s, nil
}

func (o RatingsOptions) defaults() RatingsOptions {
	for _, d := range []struct {
		at *int
		to int
	}{{&o.Users, 5000}, {&o.Items, 500}, {&o.Factors, 8}} {
		if *d.at == 0 {
			*d.at = d.to
		}
	}
	if o.Taste == nil {
		o.Taste = new(1.5)
	}
	return o
}

type ratings struct {
	*layout
	o       RatingsOptions
	factors []float64 // of the items, with the scale of the preferences
	rank    []int     // of the items by popularity
}

func (s *ratings) Len() int { return s.o.Users }

func (s *ratings) Read(i int, to [][]float32) error {
	if err := s.check("ratings", i, s.o.Users, to); err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(keyOf(s.o.Seed, i), 1))
	user := make([]float64, s.o.Factors)
	for k := range user {
		user[k] = r.NormFloat64()
	}
	items := s.o.Items
	drawn, order := make([]float64, items), make([]int, items) // by preference and Gumbel noise
	for j := range items {
		preference := -math.Log(float64(s.rank[j] + 1))
		for k, u := range user {
			preference += u * s.factors[j*s.o.Factors+k]
		}
		to[2][j] = float32(preference)
		drawn[j], order[j] = preference-math.Log(r.ExpFloat64()), j
	}
	sort.Slice(order, func(a, b int) bool { return drawn[order[a]] > drawn[order[b]] })
	seen := int(30 * math.Exp(0.6*r.NormFloat64()))
	seen = max(min(seen, items/4), min(10, items/4))
	chosen := slices.Clone(order[:seen])
	r.Shuffle(seen, func(a, b int) { chosen[a], chosen[b] = chosen[b], chosen[a] })
	clear(to[0])
	clear(to[1])
	for k, j := range chosen {
		if k < seen/5 {
			to[1][j] = 1
		} else {
			to[0][j] = 1
		}
	}
	return nil
}
