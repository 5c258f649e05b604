// Sets: samples readable by index, and the parts of a set.

package data

import "fmt"

// A Set is a finite collection of samples, readable by index from several goroutines at once. A position in a set is an
// index; Batches and Stream have a Position that can be saved.
type Set interface {
	// Len is the number of samples.
	Len() int
	// Fields are the fields of each sample, at least one; always the same.
	Fields() []Field
	// Read reads sample i, 0 <= i < Len. It fills to[k], whose length is the size of field k, with the sample's values
	// of that field in row-major order; NewSample makes such a to.
	Read(i int, to [][]float32) error
}

// NewSample returns memory for one sample of a set, as Read fills it: a slice for each field.
func NewSample(set Set) [][]float32 {
	if set == nil {
		return nil
	}
	var to [][]float32
	for _, f := range set.Fields() {
		to = append(to, make([]float32, f.Size()))
	}
	return to
}

// FieldOf returns the field of that name; the error lists the fields that the set has.
func FieldOf(set Set, name string) (Field, error) {
	if set == nil {
		return Field{}, errNoSet
	}
	fields := set.Fields()
	k, err := find(fields, name)
	if err != nil {
		return Field{}, err
	}
	return fields[k], nil
}

// Subset returns the samples from (inclusive) to to (exclusive) of a set, 0 <= from <= to <= set.Len().
func Subset(set Set, from, to int) (Set, error) {
	if set == nil {
		return nil, fmt.Errorf("subset: %w", errNoSet)
	}
	if from < 0 || from > to || to > set.Len() {
		return nil, fmt.Errorf("subset: samples %d to %d are not within a set of %d", from, to, set.Len())
	}
	return &subset{Set: set, from: from, n: to - from}, nil
}

// Limit returns the first n samples of a set, all of them if it has fewer, none if n is below 1. Limit of nil is nil.
func Limit(set Set, n int) Set {
	if set == nil {
		return nil
	}
	return &subset{Set: set, n: min(max(n, 0), set.Len())}
}

type subset struct {
	Set
	from, n int
}

func (s *subset) Len() int { return s.n }

func (s *subset) Read(i int, to [][]float32) error {
	if i < 0 || i >= s.n {
		return fmt.Errorf("subset: no sample %d in a set of %d", i, s.n)
	}
	return s.Set.Read(s.from+i, to)
}

// maxVolume bounds the values of one sample, so that a product of sizes cannot overflow.
const maxVolume = 1 << 30

// volumeOf returns the product of a shape's sizes, which must each be positive.
func volumeOf(shape []int) (int, error) {
	volume := 1
	for _, n := range shape {
		if n < 1 {
			return 0, fmt.Errorf("shape %v has a size below 1", shape)
		}
		if n > maxVolume/volume {
			return 0, fmt.Errorf("shape %v has more than %d values", shape, maxVolume)
		}
		volume *= n
	}
	return volume, nil
}

// toFloat writes grey values 0 to 255 as 0 to 1. len(x) == len(pix).
func toFloat(x []float32, pix []uint8) {
	for i, p := range pix {
		x[i] = float32(p) / 255
	}
}
