package npy

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/stheno-ml/stheno/internal/element"
)

// Array is an array as it lies in a file.
type Array struct {
	Shape []int
	Data  any          // []float32 or []float64, row-major
	Type  element.Type // of its elements in the file
}

// types are the types of elements by NumPy's descriptions, without the byte order.
var types = map[string]string{
	"b1": "BOOL", "u1": "U8", "i1": "I8", "u2": "U16", "i2": "I16", "u4": "U32", "i4": "I32", "u8": "U64", "i8": "I64",
	"f2": "F16", "f4": "F32", "f8": "F64",
}

// Read reads an array of at most maxBytes bytes, header included, up to the end of r.
// Memory grows only with the bytes that have arrived.
func Read(r io.Reader, maxBytes int64) (Array, error) {
	h, read, err := ReadHeader(r)
	if err != nil {
		return Array{}, err
	}
	t, ok := element.Named(types[strings.TrimLeft(h.Descr, "<>|=")])
	if !ok {
		return Array{}, fmt.Errorf("elements of type %q: %w", h.Descr, ErrNotNumbers)
	}
	count, err := h.Count(math.MaxInt32)
	if err != nil {
		return Array{}, err
	}
	want := int64(count) * int64(t.Size)
	if read+want > maxBytes {
		return Array{}, fmt.Errorf("the shape %v of %s takes %d bytes, more than the %d there are", h.Shape, h.Descr, read+want, maxBytes)
	}
	raw, err := io.ReadAll(io.LimitReader(r, want+1)) // to the end, so that an archive checks its sum
	if err != nil {
		return Array{}, cut(err)
	}
	if int64(len(raw)) != want {
		return Array{}, fmt.Errorf("%d bytes of values or more, but the shape %v of %s takes %d", len(raw), h.Shape, h.Descr, want)
	}
	order := binary.ByteOrder(binary.LittleEndian)
	if strings.HasPrefix(h.Descr, ">") {
		order = binary.BigEndian
	}
	a := Array{Shape: h.Shape, Type: t}
	if a.Data, err = t.Decode(order, raw); err != nil || !h.Fortran {
		return a, err
	}
	switch x := a.Data.(type) {
	case []float32:
		a.Data = RowMajor(x, h.Shape)
	case []float64:
		a.Data = RowMajor(x, h.Shape)
	}
	return a, nil
}

// Write writes an array of []float32 or []float64, in row-major order.
func Write(w io.Writer, shape []int, data any) error {
	h := Header{Descr: "<f4", Shape: shape}
	if _, ok := data.([]float64); ok {
		h.Descr = "<f8"
	}
	if _, err := w.Write(h.Start()); err != nil {
		return err
	}
	return binary.Write(w, binary.LittleEndian, data)
}

// RowMajor reorders values whose first index runs fastest.
func RowMajor[T any](values []T, shape []int) []T {
	out := make([]T, len(values))
	stride := make([]int, len(shape))
	step := 1
	for d := len(shape) - 1; d >= 0; d-- {
		stride[d] = step
		step *= shape[d]
	}
	index, at := make([]int, len(shape)), 0
	for _, v := range values {
		out[at] = v
		for d := range index {
			index[d]++
			at += stride[d]
			if index[d] < shape[d] {
				break
			}
			at -= stride[d] * shape[d]
			index[d] = 0
		}
	}
	return out
}
