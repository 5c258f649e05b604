// Sets over sets that only arrange fields: choose, rename, reshape or combine them.

package data

import (
	"errors"
	"fmt"
	"slices"
)

// Select returns a set with those fields only, in that order.
func Select(set Set, fields ...string) (Set, error) {
	in, err := layoutOf(set)
	if err != nil {
		return nil, fmt.Errorf("select: %w", err)
	}
	if len(fields) == 0 {
		return nil, errors.New("select: name at least one field")
	}
	chosen := make([]Field, len(fields))
	into := slices.Repeat([]int{-1}, len(in.fields))
	for i, name := range fields {
		k, err := find(in.fields, name)
		if err != nil {
			return nil, fmt.Errorf("select: %w", err)
		}
		chosen[i], into[k] = in.fields[k], i
	}
	out, err := newLayout(chosen)
	if err != nil {
		return nil, fmt.Errorf("select: %w", err)
	}
	return &derived{layout: out, set: set, in: in, into: into}, nil
}

// Rename returns a set whose field from is called to.
func Rename(set Set, from, to string) (Set, error) {
	return relabel("rename", set, from, func(f *Field) error {
		f.Name = to
		return nil
	})
}

// Reshape returns a set whose field has another shape with the same number of values, in the same row-major order: [1
// 28 28] may become [784]. Without sizes, the field becomes a single number.
func Reshape(set Set, field string, shape ...int) (Set, error) {
	return relabel("reshape", set, field, func(f *Field) error {
		was := f.Shape
		f.Shape = shape
		if size := f.Size(); size != (Field{Shape: was}).Size() {
			return fmt.Errorf("field %q of shape %v cannot be %v: the numbers of values differ", f.Name, was, shape)
		}
		return nil
	})
}

// relabel returns a set with another description of the same values.
func relabel(what string, set Set, field string, change func(*Field) error) (Set, error) {
	in, err := layoutOf(set)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	fields := in.Fields()
	k, err := find(fields, field)
	if err == nil {
		err = change(&fields[k])
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	out, err := newLayout(fields)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return &relabelled{set, out}, nil
}

type relabelled struct {
	set Set
	*layout
}

func (s *relabelled) Len() int { return s.set.Len() }

func (s *relabelled) Read(i int, to [][]float32) error {
	if err := s.checkRoom("set of fields", to); err != nil {
		return err
	}
	return s.set.Read(i, to)
}

// With returns a set whose samples have the fields of the set and of the others: sample i has those of sample i of
// each. All sets must have the same number of samples, and field names must differ: see Rename.
func With(set Set, others ...Set) (Set, error) {
	s := &joined{}
	var fields []Field
	for k, part := range slices.Concat([]Set{set}, others) {
		in, err := layoutOf(part)
		if err != nil {
			return nil, fmt.Errorf("with: %w", err)
		}
		if part.Len() != set.Len() {
			return nil, fmt.Errorf("with: %d samples of %s, but %d of %s", part.Len(), names(in.fields), set.Len(), names(set.Fields()))
		}
		for _, f := range in.fields {
			if k > 0 && indexOf(fields, f.Name) >= 0 {
				return nil, fmt.Errorf("with: both sets have a field %q: rename one", f.Name)
			}
		}
		fields = append(fields, in.fields...)
		s.parts, s.ends = append(s.parts, part), append(s.ends, len(fields))
	}
	var err error
	if s.layout, err = newLayout(fields); err != nil {
		return nil, fmt.Errorf("with: %w", err)
	}
	return s, nil
}

type joined struct {
	*layout
	parts []Set
	ends  []int // where each part's fields end
}

func (s *joined) Len() int { return s.parts[0].Len() }

func (s *joined) Read(i int, to [][]float32) error {
	if err := s.checkRoom("set with another", to); err != nil {
		return err
	}
	from := 0
	for k, part := range s.parts {
		if err := part.Read(i, to[from:s.ends[k]]); err != nil {
			return err
		}
		from = s.ends[k]
	}
	return nil
}

// layoutOf are the fields of a set, checked.
func layoutOf(set Set) (*layout, error) {
	if set == nil {
		return nil, errNoSet
	}
	return newLayout(set.Fields())
}
