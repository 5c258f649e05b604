// The elements of IDX files, as numbers.

package data

import (
	"encoding/binary"
	"fmt"
)

// An IDXType is the type of an IDX file's elements, as the number in the file.
type IDXType byte

// The types. In an IDX that was not read from a file, the type may be left out, and is then Uint8.
const (
	Uint8   IDXType = 0x08
	Int8    IDXType = 0x09
	Int16   IDXType = 0x0b
	Int32   IDXType = 0x0c
	Float32 IDXType = 0x0d
	Float64 IDXType = 0x0e
)

// element says how an element of the type is read.
func (t IDXType) element() (e element, ok bool) {
	switch t {
	case 0, Uint8:
		return uint8s(), t == Uint8
	case Int8:
		return int8s(), true
	case Int16:
		return int16s(), true
	case Int32:
		return int32s(), true
	case Float32:
		return float32s(), true
	case Float64:
		return float64s(), true
	default:
		return element{}, false
	}
}

// String is the name of the type, such as "int32".
func (t IDXType) String() string {
	if e, ok := t.filled().element(); ok {
		return e.name
	}
	return fmt.Sprintf("type 0x%02x", byte(t))
}

// filled is t, or Uint8 if the type was left out.
func (t IDXType) filled() IDXType {
	if t == 0 {
		return Uint8
	}
	return t
}

// Floats returns the elements as float32 numbers, in row-major order, as they are: bytes are 0 to 255.
func (x *IDX) Floats() ([]float32, error) {
	e, raw, err := x.elements()
	if err != nil {
		return nil, err
	}
	to := make([]float32, len(raw)/e.size)
	e.floats(binary.BigEndian, raw, to)
	return to, nil
}

// elements are the bytes of the elements, as many as the dimensions say, or an error.
func (x *IDX) elements() (e element, raw []byte, err error) {
	e, ok := x.Type.filled().element()
	if !ok {
		return e, nil, x.wrong(2, fmt.Sprintf("elements of type 0x%02x", byte(x.Type)))
	}
	n, err := volumeOf(x.Dims)
	if err != nil {
		return e, nil, x.wrong(4, err.Error())
	}
	if len(x.Data)/e.size < n {
		return e, nil, x.wrong(x.offset(0), fmt.Sprintf("%d elements, but the dimensions %v promise %d", len(x.Data)/e.size, x.Dims, n))
	}
	return e, x.Data[:n*e.size], nil
}

// offset is the offset in the file of byte i of the elements.
func (x *IDX) offset(i int) int64 { return 4 + 4*int64(len(x.Dims)) + int64(i) }

func (x *IDX) wrong(offset int64, reason string) error {
	return &FormatError{File: x.Name, Offset: offset, Packed: x.packed, Reason: reason}
}
