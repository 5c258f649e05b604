// Fields: what a sample consists of, by name.

package data

import (
	"fmt"
	"slices"
	"strings"
)

// A Field is a part of a sample that has a name: an image "x", a class "label", a "mask".
type Field struct {
	// Name is the field's name in batches, nets and errors. It is not empty, and unique in a set.
	Name string
	// Shape is the shape in one sample, channels first: [1 28 28] for a grey image of 28 by 28. Without sizes, the
	// field is a single number.
	Shape []int
	// Classes, if above 0, means that every value is the number of a class: a whole number from 0 to Classes-1.
	Classes int
}

// Size is the number of values in one sample: the product of Shape, 1 if it has no sizes; 0 if a size is below 1 or the
// product is above 2^30.
func (f Field) Size() int {
	n, err := volumeOf(f.Shape)
	if err != nil {
		return 0
	}
	return n
}

// String is the name and the shape, such as "x [1 28 28]", and the number of classes if there are any.
func (f Field) String() string {
	if f.Classes > 0 {
		return fmt.Sprintf("%s %v of %d classes", f.Name, f.Shape, f.Classes)
	}
	return fmt.Sprintf("%s %v", f.Name, f.Shape)
}

// check checks one field by itself.
func (f Field) check() error {
	if f.Name == "" {
		return fmt.Errorf("field %v has no name", f.Shape)
	}
	if _, err := volumeOf(f.Shape); err != nil {
		return fmt.Errorf("field %q: %w", f.Name, err)
	}
	if f.Classes < 0 || f.Classes > maxClasses {
		return fmt.Errorf("field %q: %d classes; between 0 (not a class) and %d are possible", f.Name, f.Classes, maxClasses)
	}
	return nil
}

// maxClasses is the largest number of classes: float32 represents all whole numbers up to it.
const maxClasses = 1 << 24

// A layout is the fields of a set or stream, checked, with their sizes.
type layout struct {
	fields []Field
	sizes  []int
	total  int // values of one sample
}

// newLayout checks fields and takes a copy of them.
func newLayout(fields []Field) (*layout, error) {
	l := &layout{fields: cloneFields(fields)}
	if len(fields) == 0 {
		return nil, fmt.Errorf("there are no fields")
	}
	for i, f := range l.fields {
		if err := f.check(); err != nil {
			return nil, err
		}
		if indexOf(fields[:i], f.Name) >= 0 {
			return nil, fmt.Errorf("there are two fields %q", f.Name)
		}
		l.sizes = append(l.sizes, f.Size())
		if l.total += f.Size(); l.total > maxVolume {
			return nil, fmt.Errorf("a sample has more than %d values", maxVolume)
		}
	}
	return l, nil
}

// Fields returns a copy of the fields.
func (l *layout) Fields() []Field { return cloneFields(l.fields) }

// check checks the arguments of a Read of sample i of n.
func (l *layout) check(what string, i, n int, to [][]float32) error {
	if uint(i) >= uint(n) {
		return fmt.Errorf("%s: no sample %d in a set of %d", what, i, n)
	}
	return l.checkRoom(what, to)
}

// checkRoom checks that there is a slice for each field, and that it has the field's size.
func (l *layout) checkRoom(what string, to [][]float32) error {
	if len(to) != len(l.sizes) {
		return fmt.Errorf("%s: %d slices for the %d fields %s", what, len(to), len(l.sizes), names(l.fields))
	}
	for k, size := range l.sizes {
		if len(to[k]) != size {
			return fmt.Errorf("%s: a slice of %d values for field %s, which has %d", what, len(to[k]), l.fields[k], size)
		}
	}
	return nil
}

// room is memory for n samples, one slice per field.
func (l *layout) room(n int) [][]float32 {
	to := make([][]float32, len(l.sizes))
	for k, size := range l.sizes {
		to[k] = make([]float32, n*size)
	}
	return to
}

func cloneFields(fields []Field) []Field {
	fields = slices.Clone(fields)
	for i := range fields {
		fields[i].Shape = slices.Clone(fields[i].Shape)
	}
	return fields
}

// indexOf is the place of the field of that name, or -1.
func indexOf(fields []Field, name string) int {
	return slices.IndexFunc(fields, func(f Field) bool { return f.Name == name })
}

// find is the place of the field of that name, or an error that lists the fields.
func find(fields []Field, name string) (int, error) {
	if k := indexOf(fields, name); k >= 0 {
		return k, nil
	}
	return 0, fmt.Errorf("no field %q: the fields are %s", name, names(fields))
}

// names lists the names of fields.
func names(fields []Field) string {
	if len(fields) == 0 {
		return "none"
	}
	all := make([]string, len(fields))
	for i, f := range fields {
		all[i] = f.Name
	}
	return strings.Join(all, ", ")
}
