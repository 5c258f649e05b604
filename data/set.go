// Sets: samples readable by index, the parts of a set, and a set of the caller's own numbers.

package data

import (
	"fmt"
	"slices"
)

// A Set is a finite collection of samples, readable by index from several goroutines at once. A position in a set is an
// index; Batches and Stream have one that can be saved.
type Set interface {
	// Len is the number of samples.
	Len() int
	// Shape is that of one sample, channels first: [1 28 28] for a grey image of 28 by 28.
	Shape() []int
	// Classes is the number of classes; labels are 0 to Classes-1. It is 0 for a set without labels.
	Classes() int
	// Read fills x with sample i, 0 <= i < Len, in row-major order, and returns its label, or -1 in a set without
	// labels. len(x) is the product of Shape. Images have values in [0,1].
	Read(i int, x []float32) (label int, err error)
}

// InMemory returns a set of the caller's samples: x holds them one after another, each of the given shape (none: each
// is a single number), and labels has one label, 0 or more, for each, or is nil. The set reads x and labels where they
// are, so they must not change while it is used; values are given as they are, whatever their range.
func InMemory(x []float32, labels []int, shape ...int) (Set, error) {
	volume, err := volumeOf(shape)
	if err != nil {
		return nil, fmt.Errorf("in-memory set: %w", err)
	}
	if len(x)%volume != 0 {
		return nil, fmt.Errorf("in-memory set: %d values are not a whole number of samples of shape %v (%d values)",
			len(x), shape, volume)
	}
	s := &memory{x: x, labels: labels, shape: slices.Clone(shape), volume: volume}
	if labels == nil {
		return s, nil
	}
	if len(labels) != s.Len() {
		return nil, fmt.Errorf("in-memory set: %d labels for %d samples", len(labels), s.Len())
	}
	for i, label := range labels {
		if label < 0 {
			return nil, fmt.Errorf("in-memory set: label %d of sample %d is below 0", label, i)
		}
		s.classes = max(s.classes, label+1)
	}
	return s, nil
}

type memory struct {
	x       []float32
	labels  []int
	shape   []int
	volume  int
	classes int
}

func (s *memory) Len() int     { return len(s.x) / s.volume }
func (s *memory) Shape() []int { return slices.Clone(s.shape) }
func (s *memory) Classes() int { return s.classes }

func (s *memory) Read(i int, x []float32) (label int, err error) {
	if uint(i) >= uint(s.Len()) || len(x) != s.volume {
		return -1, checkRead("in-memory set", s, i, x)
	}
	copy(x, s.x[i*s.volume:])
	if s.labels == nil {
		return -1, nil
	}
	return s.labels[i], nil
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

// Limit returns the first n samples of a set, all of them if it has fewer, none if n is below 1. Of nil it returns nil.
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

func (s *subset) Read(i int, x []float32) (label int, err error) {
	if i < 0 || i >= s.n {
		return -1, fmt.Errorf("subset: no sample %d in a set of %d", i, s.n)
	}
	return s.Set.Read(s.from+i, x)
}

// checkRead checks the arguments of a set's Read.
func checkRead(what string, s Set, i int, x []float32) error {
	if i < 0 || i >= s.Len() {
		return fmt.Errorf("%s: no sample %d in a set of %d", what, i, s.Len())
	}
	return checkRoom(what, s.Shape(), x)
}

// checkRoom checks that x has the length of a sample of the given shape.
func checkRoom(what string, shape []int, x []float32) error {
	volume := 1
	for _, n := range shape {
		volume *= n
	}
	if len(x) != volume {
		return fmt.Errorf("%s: a buffer of %d values for a sample of shape %v, which has %d", what, len(x), shape, volume)
	}
	return nil
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
