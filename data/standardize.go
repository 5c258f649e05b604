// Fields of measurements in units of their own, brought to one scale.

package data

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Standardize returns a set in which each value v of a sample's field is
//
//	(v - mean) / deviation
//
// by the mean and the standard deviation of that value, such as a column of a table, over the samples of another set
// with such a field: for a test set that is the training set, for the training set itself. A value that is the same in
// all of these samples is only brought to 0. One that is not finite there is an error that names the sample.
func Standardize(set Set, field string, by Set) (Set, error) {
	s, err := standardize(set, field, by)
	if err != nil {
		return nil, fmt.Errorf("standardize: %w", err)
	}
	return s, nil
}

func standardize(set Set, field string, by Set) (Set, error) {
	in, err := layoutOf(set)
	if err != nil {
		return nil, err
	}
	at, err := find(in.fields, field)
	if err != nil {
		return nil, err
	}
	mean, deviation, err := statistics(by, field)
	if err != nil {
		return nil, err
	}
	if len(mean) != in.sizes[at] {
		return nil, fmt.Errorf("field %s: the set to take means of has %d values of it", in.fields[at], len(mean))
	}
	made := Field{Name: field, Shape: in.fields[at].Shape}
	return derive(set, []Field{made}, 0, func(_ int, _ *rand.Rand, from, to [][]float32) error {
		for k, v := range from[at] {
			to[0][k] = float32((float64(v) - mean[k]) / deviation[k])
		}
		return nil
	})
}

// statistics returns the mean and the standard deviation over a set of each value of a field, 1 for a deviation of 0.
func statistics(set Set, field string) (mean, deviation []float64, err error) {
	in, err := layoutOf(set)
	if err != nil {
		return nil, nil, err
	}
	at, err := find(in.fields, field)
	if err != nil {
		return nil, nil, err
	}
	if set.Len() < 1 {
		return nil, nil, fmt.Errorf("field %q: there is no sample to take means of", field)
	}
	mean, deviation = make([]float64, in.sizes[at]), make([]float64, in.sizes[at])
	sample := in.room(1)
	for i := range set.Len() {
		if err := set.Read(i, sample); err != nil {
			return nil, nil, fmt.Errorf("sample %d: %w", i, err)
		}
		for k, v := range sample[at] {
			v := float64(v)
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, nil, fmt.Errorf("field %q: sample %d, value %d is %g, and has no mean with others: replace it", field, i, k, v)
			}
			d := v - mean[k] // Welford 1962
			mean[k] += d / float64(i+1)
			deviation[k] += d * (v - mean[k])
		}
	}
	for k, sum := range deviation {
		if deviation[k] = math.Sqrt(sum / float64(set.Len())); deviation[k] == 0 {
			deviation[k] = 1
		}
	}
	return mean, deviation, nil
}
