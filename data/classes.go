// The samples of some classes.

package data

import (
	"errors"
	"fmt"
	"slices"
)

// OfClasses returns the samples of a set whose field, such as "label", has one of the given classes, in the set's
// order. It reads every sample once. The classes keep their numbers, and the field its Classes.
func OfClasses(set Set, field string, classes ...int) (Set, error) {
	s, err := ofClasses(set, field, classes)
	if err != nil {
		return nil, fmt.Errorf("of classes: %w", err)
	}
	return s, nil
}

func ofClasses(set Set, field string, classes []int) (*picked, error) {
	in, err := layoutOf(set)
	if err != nil {
		return nil, err
	}
	at, err := find(in.fields, field)
	if err != nil {
		return nil, err
	}
	switch f := in.fields[at]; {
	case f.Classes == 0 || in.sizes[at] != 1:
		return nil, fmt.Errorf("field %s is not one class a sample", f)
	case len(classes) == 0:
		return nil, errors.New("name at least one class")
	case set.Len() > maxVolume:
		return nil, fmt.Errorf("a set of %d samples cannot be read, at most %d can: take a Subset", set.Len(), maxVolume)
	default:
		for _, c := range classes {
			if c < 0 || c >= f.Classes {
				return nil, fmt.Errorf("there is no class %d of %s", c, f)
			}
		}
	}
	s := &picked{Set: set, what: fmt.Sprintf("those with %s in %v", field, classes)}
	sample := in.room(1)
	for i := range set.Len() {
		if err := set.Read(i, sample); err != nil {
			return nil, fmt.Errorf("sample %d: %w", i, err)
		}
		if slices.Contains(classes, int(sample[at][0])) {
			s.order = append(s.order, i)
		}
	}
	return s, nil
}
