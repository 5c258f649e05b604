package search

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Method suggests points of a space. Its value holds its settings, and no state. Points
// have a coordinate for each parameter: the index of a choice, the place of a number
// between its bounds, from 0 to 1, or NaN if the parameter is not there.
type Method interface {
	// Suggest returns the point with the given number, counted from 1, or nil if the
	// search is complete. It depends on its arguments only.
	Suggest(s Space, number int, seen []Observation, r *rand.Rand) ([]float64, error)
}

// Observation is a point that was suggested before, in the order of suggestion.
type Observation struct {
	Point []float64
	// Value is what is to be made small. It is +Inf for a failure.
	Value float64
	// Pending means that the value is not known yet.
	Pending bool
}

// Suggestion is a point to try.
type Suggestion struct {
	Number int // counted from 1
	Values Values
}

// Optimizer looks for the values at which a function is smallest. It calls no function:
// it suggests values, and the caller observes the function there, in any order. It is for
// one goroutine at a time.
type Optimizer struct {
	space     Space
	method    Method
	seed      uint64
	suggested []suggested
	known     map[string]bool // the values suggested
}

// suggested is a point with what was observed there, by the number of epochs.
type suggested struct {
	point  []float64
	values map[int]float64
}

// NewOptimizer returns an optimiser; a nil method means TPE{}. The same seed gives the
// same suggestions after the same observations.
func NewOptimizer(space Space, method Method, seed uint64) (*Optimizer, error) {
	if err := space.Validate(); err != nil {
		return nil, err
	}
	if method == nil {
		method = TPE{}
	}
	return &Optimizer{space: space, method: method, seed: seed, known: map[string]bool{}}, nil
}

// To find values that were not suggested before, a method is asked several times, and
// then points are random.
const attempts, draws = 5, 100

// Suggest returns the next n suggestions, or fewer if there are no more. Those without
// an observation count as pending. Values are suggested again only if new ones are hard
// to find, as in a small space.
func (o *Optimizer) Suggest(n int) ([]Suggestion, error) {
	if o.space == nil {
		return nil, errors.New("search: create an optimiser with NewOptimizer")
	}
	var out []Suggestion
	for range n {
		number := len(o.suggested) + 1
		r := rand.New(rand.NewPCG(o.seed, uint64(number)))
		var point []float64
		seen := o.seen()
		for try := range attempts + draws {
			if try >= attempts {
				if p := o.space.draw(r); !o.known[o.space.values(p).String()] {
					point = p
					break
				}
				continue
			}
			p, err := o.method.Suggest(o.space, number, seen, r)
			if err != nil {
				return out, fmt.Errorf("search: suggestion %d: %w", number, err)
			}
			if p == nil {
				return out, nil
			}
			if point, err = o.space.checked(p); err != nil {
				return out, fmt.Errorf("search: suggestion %d: %T: %w", number, o.method, err)
			}
			if !o.known[o.space.values(point).String()] {
				break
			}
		}
		values := o.space.values(point)
		o.known[values.String()] = true
		o.suggested = append(o.suggested, suggested{point, map[int]float64{}})
		out = append(out, Suggestion{number, values})
	}
	return out, nil
}

// Observe tells the function's value for a suggestion. A NaN or an infinity is a failure,
// which counts as worse than all others.
func (o *Optimizer) Observe(number int, value float64) error { return o.ObserveAt(number, 0, value) }

// ObserveAt tells the value after a number of epochs. Methods compare values after the
// same number: the largest for which there are enough values, two more than parameters
// (Falkner et al. 2018, section 3.2).
func (o *Optimizer) ObserveAt(number, epochs int, value float64) error {
	if number < 1 || number > len(o.suggested) {
		return fmt.Errorf("search: an observation for suggestion %d of %d", number, len(o.suggested))
	}
	if math.IsNaN(value) || math.IsInf(value, 0) {
		value = math.Inf(1)
	}
	o.suggested[number-1].values[epochs] = value
	return nil
}

// seen are the observations that methods see.
func (o *Optimizer) seen() []Observation {
	counts := map[int]int{}
	for _, s := range o.suggested {
		for epochs := range s.values {
			counts[epochs]++
		}
	}
	var all []int
	for epochs := range counts {
		all = append(all, epochs)
	}
	slices.Sort(all)
	at := 0
	for i, epochs := range all {
		if i == 0 || counts[epochs] >= len(o.space)+2 {
			at = epochs
		}
	}
	var out []Observation
	for _, s := range o.suggested {
		if v, known := s.values[at]; known {
			out = append(out, Observation{Point: s.point, Value: v})
		} else if len(s.values) == 0 {
			out = append(out, Observation{Point: s.point, Pending: true})
		}
	}
	return out
}

// finished are the observations with a value, the smallest first.
func finished(seen []Observation) []Observation {
	out := slices.DeleteFunc(slices.Clone(seen), func(s Observation) bool { return s.Pending })
	slices.SortStableFunc(out, func(a, b Observation) int {
		switch {
		case a.Value < b.Value:
			return -1
		case a.Value > b.Value:
			return 1
		}
		return 0
	})
	return out
}
