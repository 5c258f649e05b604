package onnxproto

import (
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// coded is a message: a list of fields, each bound to a member of it.
type coded interface{ fields() []field }

// field writes and reads one field of a message.
type field struct {
	number protowire.Number
	write  func(b []byte) []byte
	// read reads one occurrence of the field, whose value starts b, and returns the
	// value's length.
	read func(t protowire.Type, b []byte) (int, error)
}

var errWireType = errors.New("the value has another wire type than the field")

// Marshal returns the model in protobuf's wire format.
func Marshal(m *Model) []byte { return appendMessage(nil, m) }

// Unmarshal reads a model. Its byte slices are parts of b. Fields that this package does
// not know are left out.
func Unmarshal(b []byte) (*Model, error) {
	m := &Model{}
	if err := read(b, m); err != nil {
		return nil, err
	}
	return m, nil
}

func appendMessage(b []byte, m coded) []byte {
	for _, f := range m.fields() {
		b = f.write(b)
	}
	return b
}

func read(b []byte, m coded) error {
	fields, total := m.fields(), len(b)
	for len(b) > 0 {
		number, t, n := protowire.ConsumeTag(b)
		if n < 0 {
			return fmt.Errorf("byte %d of %T: %w", total-len(b), m, protowire.ParseError(n))
		}
		b = b[n:]
		var err error
		if n, err = readField(fields, number, t, b); err != nil {
			return fmt.Errorf("field %d of %T: %w", number, m, err)
		}
		b = b[n:]
	}
	return nil
}

func readField(fields []field, number protowire.Number, t protowire.Type, b []byte) (int, error) {
	for _, f := range fields {
		if f.number == number {
			return f.read(t, b)
		}
	}
	n := protowire.ConsumeFieldValue(number, t, b)
	if n < 0 {
		return 0, protowire.ParseError(n)
	}
	return n, nil
}

// content reads a value with a length.
func content(t protowire.Type, b []byte) ([]byte, int, error) {
	if t != protowire.BytesType {
		return nil, 0, errWireType
	}
	v, n := protowire.ConsumeBytes(b)
	if n < 0 {
		return nil, 0, protowire.ParseError(n)
	}
	return v, n, nil
}

func appendBytes[B string | []byte](b []byte, number protowire.Number, v B) []byte {
	b = protowire.AppendTag(b, number, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(len(v)))
	return append(b, v...)
}

func text(number protowire.Number, to *string) field {
	return field{number, func(b []byte) []byte {
		if *to == "" {
			return b
		}
		return appendBytes(b, number, *to)
	}, func(t protowire.Type, b []byte) (int, error) {
		v, n, err := content(t, b)
		*to = string(v)
		return n, err
	}}
}

func texts(number protowire.Number, to *[]string) field {
	return field{number, func(b []byte) []byte {
		for _, v := range *to {
			b = appendBytes(b, number, v)
		}
		return b
	}, func(t protowire.Type, b []byte) (int, error) {
		v, n, err := content(t, b)
		if err == nil {
			*to = append(*to, string(v))
		}
		return n, err
	}}
}

func raw(number protowire.Number, to *[]byte) field {
	return field{number, func(b []byte) []byte {
		if len(*to) == 0 {
			return b
		}
		return appendBytes(b, number, *to)
	}, func(t protowire.Type, b []byte) (int, error) {
		v, n, err := content(t, b)
		*to = v
		return n, err
	}}
}

func raws(number protowire.Number, to *[][]byte) field {
	return field{number, func(b []byte) []byte {
		for _, v := range *to {
			b = appendBytes(b, number, v)
		}
		return b
	}, func(t protowire.Type, b []byte) (int, error) {
		v, n, err := content(t, b)
		if err == nil {
			*to = append(*to, v)
		}
		return n, err
	}}
}

func message[T any, P interface {
	*T
	coded
}](number protowire.Number, to **T) field {
	return field{number, func(b []byte) []byte {
		if *to == nil {
			return b
		}
		return appendBytes(b, number, appendMessage(nil, P(*to)))
	}, func(t protowire.Type, b []byte) (int, error) {
		v, n, err := content(t, b)
		if err != nil {
			return n, err
		}
		if *to == nil {
			*to = new(T)
		}
		return n, read(v, P(*to))
	}}
}

func messages[T any, P interface {
	*T
	coded
}](number protowire.Number, to *[]*T) field {
	return field{number, func(b []byte) []byte {
		for _, v := range *to {
			b = appendBytes(b, number, appendMessage(nil, P(v)))
		}
		return b
	}, func(t protowire.Type, b []byte) (int, error) {
		v, n, err := content(t, b)
		if err != nil {
			return n, err
		}
		m := new(T)
		*to = append(*to, m)
		return n, read(v, P(m))
	}}
}

func integer(number protowire.Number, to *int64) field {
	return field{number, func(b []byte) []byte {
		if *to == 0 {
			return b
		}
		return protowire.AppendVarint(protowire.AppendTag(b, number, protowire.VarintType), uint64(*to))
	}, func(t protowire.Type, b []byte) (int, error) {
		v, n, err := varint(t, b)
		*to = v
		return n, err
	}}
}

func single(number protowire.Number, to *float32) field {
	return field{number, func(b []byte) []byte {
		if *to == 0 {
			return b
		}
		return protowire.AppendFixed32(protowire.AppendTag(b, number, protowire.Fixed32Type), math.Float32bits(*to))
	}, func(t protowire.Type, b []byte) (int, error) {
		v, n, err := fixed32(t, b)
		*to = v
		return n, err
	}}
}

func integers(number protowire.Number, to *[]int64) field {
	return list(number, to, protowire.VarintType, func(b []byte, v int64) []byte { return protowire.AppendVarint(b, uint64(v)) }, varint)
}

func singles(number protowire.Number, to *[]float32) field {
	return list(number, to, protowire.Fixed32Type, func(b []byte, v float32) []byte {
		return protowire.AppendFixed32(b, math.Float32bits(v))
	}, fixed32)
}

func doubles(number protowire.Number, to *[]float64) field {
	return list(number, to, protowire.Fixed64Type, func(b []byte, v float64) []byte {
		return protowire.AppendFixed64(b, math.Float64bits(v))
	}, fixed64)
}

// list is a field of numbers. It writes each by itself, as proto2 does, and reads packed
// ones too.
func list[T any](number protowire.Number, to *[]T, of protowire.Type, put func([]byte, T) []byte, get func(protowire.Type, []byte) (T, int, error)) field {
	return field{number, func(b []byte) []byte {
		for _, v := range *to {
			b = put(protowire.AppendTag(b, number, of), v)
		}
		return b
	}, func(t protowire.Type, b []byte) (int, error) {
		if t != protowire.BytesType {
			v, n, err := get(t, b)
			if err == nil {
				*to = append(*to, v)
			}
			return n, err
		}
		packed, size, err := content(t, b)
		for err == nil && len(packed) > 0 {
			var v T
			var n int
			if v, n, err = get(of, packed); err == nil {
				*to, packed = append(*to, v), packed[n:]
			}
		}
		return size, err
	}}
}

func varint(t protowire.Type, b []byte) (int64, int, error) {
	if t != protowire.VarintType {
		return 0, 0, errWireType
	}
	v, n := protowire.ConsumeVarint(b)
	return int64(v), max(n, 0), protowire.ParseError(min(n, 0))
}

func fixed32(t protowire.Type, b []byte) (float32, int, error) {
	if t != protowire.Fixed32Type {
		return 0, 0, errWireType
	}
	v, n := protowire.ConsumeFixed32(b)
	return math.Float32frombits(v), max(n, 0), protowire.ParseError(min(n, 0))
}

func fixed64(t protowire.Type, b []byte) (float64, int, error) {
	if t != protowire.Fixed64Type {
		return 0, 0, errWireType
	}
	v, n := protowire.ConsumeFixed64(b)
	return math.Float64frombits(v), max(n, 0), protowire.ParseError(min(n, 0))
}

// UnmarshalTensor reads a TensorProto by itself.
func UnmarshalTensor(b []byte) (*Tensor, error) {
	t := &Tensor{}
	if err := read(b, t); err != nil {
		return nil, err
	}
	return t, nil
}
