// Sets of the caller's own numbers.

package data

import (
	"errors"
	"fmt"
)

// An Array has the values of one field of many samples, one sample after another. Name, Shape and Classes are the
// field's; Shape is the shape in one sample.
type Array struct {
	Name    string
	Shape   []int
	Classes int
	Values  []float32
}

// Len is the number of samples; 0 if the shape is not valid.
func (a Array) Len() int {
	size := a.field().Size()
	if size == 0 {
		return 0
	}
	return len(a.Values) / size
}

func (a Array) field() Field { return Field{a.Name, a.Shape, a.Classes} }

// Labels returns the array "label" of the samples' classes; Classes is the largest label plus one.
func Labels(labels []int) Array {
	a := Array{Name: "label", Classes: 1, Values: make([]float32, len(labels))}
	for i, label := range labels {
		a.Values[i] = float32(label)
		a.Classes = max(a.Classes, label+1)
	}
	return a
}

// InMemory returns a set of the caller's samples, each array a field of it:
//
//	set, err := data.InMemory(
//		data.Array{Name: "x", Shape: []int{1, 28, 28}, Values: pixels},
//		data.Array{Name: "label", Classes: 10, Values: labels},
//	)
//
// All arrays must have the same number of samples. The set reads the values in place, so they must not change while it
// is used. Values are returned as they are, whatever their range; only classes must be whole numbers from 0 to
// Classes-1.
func InMemory(arrays ...Array) (Set, error) {
	s, err := inMemory(arrays)
	if err != nil {
		return nil, fmt.Errorf("in-memory set: %w", err)
	}
	return s, nil
}

func inMemory(arrays []Array) (*memory, error) {
	if len(arrays) == 0 {
		return nil, errors.New("no array: give at least one")
	}
	s := &memory{}
	fields := make([]Field, len(arrays))
	for k, a := range arrays {
		fields[k] = a.field()
		s.values = append(s.values, a.Values)
	}
	var err error
	if s.layout, err = newLayout(fields); err != nil {
		return nil, err
	}
	for k, a := range arrays {
		size := s.sizes[k]
		if len(a.Values)%size != 0 {
			return nil, fmt.Errorf("field %q: %d values are not a whole number of samples of shape %v (%d values)",
				a.Name, len(a.Values), a.Shape, size)
		}
		n := len(a.Values) / size
		if k == 0 {
			s.n = n
		}
		if n != s.n {
			return nil, fmt.Errorf("field %q has %d samples, but %q has %d", a.Name, n, arrays[0].Name, s.n)
		}
		if a.Classes == 0 {
			continue
		}
		for i, v := range a.Values {
			if err := checkClass(v, a.Classes); err != nil {
				return nil, fmt.Errorf("field %q: sample %d: %w", a.Name, i/size, err)
			}
		}
	}
	return s, nil
}

// checkClass checks that v is the number of a class.
func checkClass(v float32, classes int) error {
	if !(v >= 0 && v < float32(classes)) || v != float32(int(v)) {
		return fmt.Errorf("%g is not a class: the %d classes are the whole numbers from 0 to %d", v, classes, classes-1)
	}
	return nil
}

type memory struct {
	*layout
	n      int
	values [][]float32
}

func (s *memory) Len() int { return s.n }

func (s *memory) Read(i int, to [][]float32) error {
	if err := s.check("in-memory set", i, s.n, to); err != nil {
		return err
	}
	for k, size := range s.sizes {
		copy(to[k], s.values[k][i*size:])
	}
	return nil
}
