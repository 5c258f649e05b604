package onnxproto

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// FloatTensor returns an array of float32.
func FloatTensor(name string, x []float64, dims ...int64) *Tensor {
	t := &Tensor{Name: name, Dims: dims, Type: Float, Raw: make([]byte, 0, 4*len(x))}
	for _, v := range x {
		t.Raw = binary.LittleEndian.AppendUint32(t.Raw, math.Float32bits(float32(v)))
	}
	return t
}

// IntTensor returns an array of int64.
func IntTensor(name string, x []int64, dims ...int64) *Tensor {
	t := &Tensor{Name: name, Dims: dims, Type: Int64, Raw: make([]byte, 0, 8*len(x))}
	for _, v := range x {
		t.Raw = binary.LittleEndian.AppendUint64(t.Raw, uint64(v))
	}
	return t
}

// elementSizes are the bytes of an element in Raw.
var elementSizes = map[int64]int{
	Float: 4, Double: 8, Float16: 2, Bfloat16: 2, Bool: 1,
	Int8: 1, Int16: 2, Int32: 4, Int64: 8, Uint8: 1, Uint16: 2, Uint32: 4, Uint64: 8,
}

// Size returns the number of elements that the dims say. It is an error if one is
// negative or there are more than 2^31-1.
func (t *Tensor) Size() (int, error) {
	n := int64(1)
	for _, d := range t.Dims {
		if d < 0 || d > math.MaxInt32 || n*d > math.MaxInt32 {
			return 0, fmt.Errorf("tensor %q has the shape %v: want extents from 0, and at most 2^31-1 elements", t.Name, t.Dims)
		}
		n *= d
	}
	return int(n), nil
}

// IsFloat reports whether the elements are of a float type.
func (t *Tensor) IsFloat() bool {
	return t.Type == Float || t.Type == Double || t.Type == Float16 || t.Type == Bfloat16
}

// Elements returns the elements: as floats of a float type, else as integers, where
// truth values are 0 and 1.
func (t *Tensor) Elements() (floats []float64, ints []int64, err error) {
	n, err := t.Size()
	if err != nil {
		return nil, nil, err
	}
	size, known := elementSizes[t.Type]
	switch {
	case t.Location != 0:
		return nil, nil, fmt.Errorf("the elements of tensor %q are in another file, %q", t.Name, t.external("location"))
	case !known:
		return nil, nil, fmt.Errorf("tensor %q has elements of type %d, which are not numbers", t.Name, t.Type)
	}
	if len(t.Raw) > 0 || n == 0 {
		if len(t.Raw) != n*size {
			return nil, nil, fmt.Errorf("tensor %q %v has %d bytes, want %d", t.Name, t.Dims, len(t.Raw), n*size)
		}
		floats, ints = t.raw(n, size)
		return floats, ints, nil
	}
	switch t.Type {
	case Float:
		for _, v := range t.Floats {
			floats = append(floats, float64(v))
		}
	case Double:
		floats = t.Doubles
	case Float16, Bfloat16:
		for _, v := range t.Ints32 {
			floats = append(floats, half(uint16(v), t.Type == Bfloat16))
		}
	case Int64:
		ints = t.Ints64
	case Uint32, Uint64:
		ints = t.Uints64
	default:
		ints = t.Ints32
	}
	if len(floats)+len(ints) != n {
		return nil, nil, fmt.Errorf("tensor %q %v has %d elements, want %d", t.Name, t.Dims, len(floats)+len(ints), n)
	}
	return floats, ints, nil
}

// Check returns an error unless there are as many elements as the dims say.
func (t *Tensor) Check() error {
	n, err := t.Size()
	have := len(t.Floats) + len(t.Ints32) + len(t.Ints64) + len(t.Doubles) + len(t.Uints64)
	if size := elementSizes[t.Type]; len(t.Raw) > 0 && size > 0 {
		have = len(t.Raw) / size
	}
	if err == nil && have != n && t.Type != String {
		err = fmt.Errorf("tensor %q %v has %d elements, want %d", t.Name, t.Dims, have, n)
	}
	return err
}

// raw reads n elements from Raw.
func (t *Tensor) raw(n, size int) (floats []float64, ints []int64) {
	for i := range n {
		b := t.Raw[i*size:]
		var v int64
		switch t.Type {
		case Float:
			floats = append(floats, float64(math.Float32frombits(binary.LittleEndian.Uint32(b))))
			continue
		case Double:
			floats = append(floats, math.Float64frombits(binary.LittleEndian.Uint64(b)))
			continue
		case Float16, Bfloat16:
			floats = append(floats, half(binary.LittleEndian.Uint16(b), t.Type == Bfloat16))
			continue
		case Bool, Uint8:
			v = int64(b[0])
		case Int8:
			v = int64(int8(b[0]))
		case Int16:
			v = int64(int16(binary.LittleEndian.Uint16(b)))
		case Uint16:
			v = int64(binary.LittleEndian.Uint16(b))
		case Int32:
			v = int64(int32(binary.LittleEndian.Uint32(b)))
		case Uint32:
			v = int64(binary.LittleEndian.Uint32(b))
		default:
			v = int64(binary.LittleEndian.Uint64(b))
		}
		ints = append(ints, v)
	}
	return floats, ints
}

// half is a number of 16 bits: of IEEE 754, or the upper half of a float32.
func half(bits uint16, brain bool) float64 {
	if brain {
		return float64(math.Float32frombits(uint32(bits) << 16))
	}
	sign, exponent, fraction := 1.0, int(bits>>10&0x1f), float64(bits&0x3ff)
	if bits>>15 != 0 {
		sign = -1
	}
	switch exponent {
	case 0:
		return sign * math.Ldexp(fraction, -24)
	case 0x1f:
		if fraction != 0 {
			return math.NaN()
		}
		return sign * math.Inf(1)
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}

// external returns one of the External entries.
func (t *Tensor) external(key string) string {
	for _, e := range t.External {
		if e.Key == key {
			return e.Value
		}
	}
	return ""
}

// TypeName names an element type, for errors.
func TypeName(t int64) string {
	names := []string{"undefined", "float", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool", "float16", "double", "uint32", "uint64", "complex64", "complex128", "bfloat16"}
	if t >= 0 && t < int64(len(names)) {
		return names[t]
	}
	return fmt.Sprintf("type %d", t)
}

// ShapeText writes a shape for errors, with names for extents that are known only at run
// time.
func (s *Shape) ShapeText() string {
	if s == nil {
		return "of unknown rank"
	}
	var parts []string
	for _, d := range s.Dims {
		if d.Param != "" {
			parts = append(parts, d.Param)
			continue
		}
		parts = append(parts, fmt.Sprint(d.Value))
	}
	return "[" + strings.Join(parts, " ") + "]"
}
