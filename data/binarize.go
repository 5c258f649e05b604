// Binarisation: grey values as probabilities of 1.

package data

import (
	"errors"
	"fmt"
	"slices"
)

// Binarize returns a copy of a set in memory in which each value of "x" is drawn once: 1 with the value as probability,
// else 0. Values must be from 0 to 1. The numbers depend only on the seed and on the sample's index, so that every
// part of a set is binarised alike wherever it is used; other fields are copied. To draw anew in every step, draw in
// the net, as vae.Config.Binarize does.
//
// Likelihoods of models are comparable only for the same kind of binarisation. A likelihood of MNIST "binarised once"
// with seed 1 is that of these draws, which are not those of the files of Larochelle and Murray (2011).
func Binarize(set Set, seed uint64) (Set, error) {
	if set == nil {
		return nil, fmt.Errorf("binarise: %w", errNoSet)
	}
	fields := set.Fields()
	at := slices.IndexFunc(fields, func(f Field) bool { return f.Name == "x" })
	if at < 0 {
		return nil, errors.New(`binarise: the set has no field "x"`)
	}
	arrays := make([]Array, len(fields))
	for k, f := range fields {
		a, err := ArrayOf(set, f.Name)
		if err != nil {
			return nil, fmt.Errorf("binarise: %w", err)
		}
		arrays[k] = Array{f.Name, f.Shape, f.Classes, a.Values}
	}
	size := fields[at].Size()
	for i := range set.Len() {
		g := splitMix(keyOf(seed, i))
		x := arrays[at].Values[i*size : (i+1)*size]
		for k, v := range x {
			if !(v >= 0 && v <= 1) {
				return nil, fmt.Errorf("binarise: sample %d, element %d is %g: want a number from 0 to 1: scale it, such as pixels by 1/255", i, k, v)
			}
			x[k] = 0
			if g.unit() < float64(v) {
				x[k] = 1
			}
		}
	}
	return InMemory(arrays...)
}
