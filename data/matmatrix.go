// The variables of a mat file: their classes, and the elements that they are made of.

package data

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/stheno-ml/stheno/internal/npy"
)

// The types of a mat file's data elements that are not numbers.
const (
	matMatrix     = 14
	matCompressed = 15
)

// matNumber is the type of numbers with that number in a tag.
func matNumber(kind uint32) (e element, ok bool) {
	types := map[uint32]func() element{
		1: int8s, 2: uint8s, 3: int16s, 4: uint16s, 5: int32s, 6: uint32s, 7: float32s, 9: float64s, 12: int64s, 13: uint64s,
	}
	of, ok := types[kind]
	if !ok {
		return element{}, false
	}
	return of(), true
}

// matClass is a class of variables; why is the reason to leave it out, "" for numbers.
func matClass(class byte) (name, why string) {
	if class >= 6 && class <= 15 {
		return "numbers", ""
	}
	const number = ": only full arrays of numbers can be read"
	switch class {
	case 1:
		return "cell", "it is a cell array" + number
	case 2:
		return "struct", "it is a struct" + number + "; save its fields as variables, with save -struct"
	case 3, 17:
		return "object", "it is an object" + number
	case 4:
		return "char", "it is text" + number
	case 5:
		return "sparse", "it is sparse" + number + "; save full(X)"
	case 16:
		return "function", "it is a function" + number
	}
	return "unknown", fmt.Sprintf("it is of class %d%s", class, number)
}

// padding is how many bytes follow data of that size, so that the next begins at a multiple of eight.
func padding(size int64) int64 { return -size & 7 }

// tag reads the type and the size of a data element. io.EOF means that there is none.
func (in *matReader) tag(r io.Reader) (kind uint32, size int64, err error) {
	var word [8]byte
	if _, err := io.ReadFull(r, word[:]); err == io.EOF {
		return 0, 0, err
	} else if err != nil {
		return 0, 0, cut(err)
	}
	return in.order.Uint32(word[:]), int64(in.order.Uint32(word[4:])), nil
}

// A matElement is a data element of numbers, whose values follow, except for small ones, which lie within their tag.
type matElement struct {
	element
	count int
	small []byte // the values, if they lie within the tag
	pad   int64  // bytes that follow the values
}

// begin reads the tag of a data element of numbers, at most most of them. The first word of a small one has the size and
// the type, in 16 bits each, and the second has the values.
func (in *matReader) begin(r io.Reader, most int) (d matElement, err error) {
	var word [8]byte
	if _, err := io.ReadFull(r, word[:]); err != nil {
		return d, cut(err)
	}
	kind := in.order.Uint32(word[:])
	size := int64(in.order.Uint32(word[4:]))
	small := kind>>16 != 0
	if small {
		kind, size = kind&0xffff, int64(kind>>16)
	}
	e, ok := matNumber(kind)
	switch {
	case !ok:
		return d, fmt.Errorf("a data element of type %d, where numbers are wanted", kind)
	case small && size > 4:
		return d, fmt.Errorf("a small data element of %d bytes; at most 4 fit", size)
	case size%int64(e.size) != 0 || size/int64(e.size) > int64(most):
		return d, fmt.Errorf("a data element of %d bytes of %s; at most %d values are wanted", size, e.name, most)
	}
	d.element, d.count = e, int(size/int64(e.size))
	if small {
		d.small = word[4:]
	} else {
		d.pad = padding(size)
	}
	return d, nil
}

// numbers reads a data element of at most most numbers.
func (in *matReader) numbers(r io.Reader, most int) ([]float32, error) {
	d, err := in.begin(r, most)
	if err != nil {
		return nil, err
	}
	if d.small != nil {
		r = bytes.NewReader(d.small)
	}
	return d.read(r, in.order, d.count) // the padding at the end of a variable may be missing
}

// few reads a data element of at most most numbers, a small number, with all their digits.
func (in *matReader) few(r io.Reader, most int) ([]float64, error) {
	d, err := in.begin(r, most)
	if err != nil {
		return nil, err
	}
	raw := d.small
	if raw == nil {
		raw = make([]byte, d.count*d.size+int(d.pad))
		if _, err := io.ReadFull(r, raw); err != nil {
			return nil, cut(err)
		}
	}
	values := make([]float64, d.count)
	for i := range values {
		values[i] = d.at(in.order, raw[i*d.size:])
	}
	return values, nil
}

// matrix reads a variable: its flags, dimensions, name and values.
func (in *matReader) matrix(r io.Reader) error {
	flags, err := in.flags(r)
	if err != nil {
		return fmt.Errorf("its flags: %w", err)
	}
	const most = 64 // dimensions
	sizes, err := in.few(r, most)
	if err != nil {
		return fmt.Errorf("its dimensions: %w", err)
	}
	name, err := in.text(r)
	if err != nil {
		return fmt.Errorf("its name: %w", err)
	}
	_, why := matClass(byte(flags))
	if complex := flags&0x0800 != 0; complex && why == "" {
		why = "it is complex: save real(X) and imag(X)"
	}
	if why != "" {
		in.file.refused[name] = errors.New(why)
		return nil
	}
	a, err := in.full(r, sizes)
	if err != nil {
		return fmt.Errorf("array %q: %w", name, err)
	}
	a.Name = name
	in.file.Arrays = append(in.file.Arrays, a)
	return nil
}

// full reads the values of a full array of those sizes.
func (in *matReader) full(r io.Reader, sizes []float64) (Array, error) {
	h := npy.Header{Fortran: true}
	for _, v := range sizes {
		if !(v >= 0 && v <= math.MaxInt32) {
			return Array{}, fmt.Errorf("a dimension of %g", v)
		}
		h.Shape = append(h.Shape, int(v))
	}
	if len(h.Shape) < 2 {
		return Array{}, fmt.Errorf("%d dimensions; arrays have at least 2", len(h.Shape))
	}
	count, err := h.Count(maxVolume)
	if err != nil {
		return Array{}, err
	}
	values, err := in.numbers(r, count)
	if err != nil {
		return Array{}, err
	}
	if len(values) != count {
		return Array{}, fmt.Errorf("%d values, but the dimensions %v promise %d", len(values), h.Shape, count)
	}
	return Array{Shape: h.Shape[1:], Values: npy.RowMajor(values, h.Shape)}, nil
}

// flags reads the array flags: two words, of which the first has the class in its low byte.
func (in *matReader) flags(r io.Reader) (uint32, error) {
	var word [16]byte
	if _, err := io.ReadFull(r, word[:]); err != nil {
		return 0, cut(err)
	}
	if kind, size := in.order.Uint32(word[:]), in.order.Uint32(word[4:]); kind != 6 || size != 8 {
		return 0, fmt.Errorf("a data element of type %d and %d bytes; two words are wanted", kind, size)
	}
	return in.order.Uint32(word[8:]), nil
}

// text reads a name.
func (in *matReader) text(r io.Reader) (string, error) {
	const most = 1 << 12 // MATLAB's names have at most 63 characters
	letters, err := in.few(r, most)
	if err != nil {
		return "", err
	}
	name := make([]byte, len(letters))
	for i, c := range letters {
		if !(c >= 0 && c <= 255) {
			return "", fmt.Errorf("a character %g", c)
		}
		name[i] = byte(c)
	}
	return string(name), nil
}
