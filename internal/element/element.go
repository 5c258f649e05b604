// Package element decodes the numbers of files of arrays: floats of 16, 32 and 64 bits,
// integers and truth values. No number changes by being read.
package element

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Type is a type of numbers in a file.
type Type struct {
	Name    string // as safetensors calls it, such as "F32"
	Size    int    // of a number, in bytes
	Integer bool   // integers and truth values
	wide    bool   // float32 does not hold every number of the type
	at      func(o binary.ByteOrder, b []byte) float64
}

var types = map[string]Type{
	"BOOL": {Size: 1, Integer: true, at: func(_ binary.ByteOrder, b []byte) float64 { return float64(b[0]) }},
	"U8":   {Size: 1, Integer: true, at: func(_ binary.ByteOrder, b []byte) float64 { return float64(b[0]) }},
	"I8":   {Size: 1, Integer: true, at: func(_ binary.ByteOrder, b []byte) float64 { return float64(int8(b[0])) }},
	"U16":  {Size: 2, Integer: true, at: func(o binary.ByteOrder, b []byte) float64 { return float64(o.Uint16(b)) }},
	"I16":  {Size: 2, Integer: true, at: func(o binary.ByteOrder, b []byte) float64 { return float64(int16(o.Uint16(b))) }},
	"U32":  {Size: 4, Integer: true, wide: true, at: func(o binary.ByteOrder, b []byte) float64 { return float64(o.Uint32(b)) }},
	"I32":  {Size: 4, Integer: true, wide: true, at: func(o binary.ByteOrder, b []byte) float64 { return float64(int32(o.Uint32(b))) }},
	"U64":  {Size: 8, Integer: true, wide: true, at: func(o binary.ByteOrder, b []byte) float64 { return float64(o.Uint64(b)) }},
	"I64":  {Size: 8, Integer: true, wide: true, at: func(o binary.ByteOrder, b []byte) float64 { return float64(int64(o.Uint64(b))) }},
	"F16":  {Size: 2, at: func(o binary.ByteOrder, b []byte) float64 { return half(o.Uint16(b)) }},
	"BF16": {Size: 2, at: func(o binary.ByteOrder, b []byte) float64 {
		return float64(math.Float32frombits(uint32(o.Uint16(b)) << 16))
	}},
	"F32": {Size: 4},
	"F64": {Size: 8, wide: true},
}

// Named returns the type that safetensors calls by that name.
func Named(name string) (t Type, ok bool) {
	t, ok = types[name]
	t.Name = name
	return t, ok
}

// Decode returns the numbers in raw, a whole number of them: []float32, or []float64 for
// F64 and for integers of 32 and 64 bits. An integer beyond 2^53 is an error.
func (t Type) Decode(o binary.ByteOrder, raw []byte) (any, error) {
	n := len(raw) / t.Size
	if t.wide {
		out := make([]float64, n)
		for i := range out {
			b := raw[i*t.Size:]
			if t.at == nil {
				out[i] = math.Float64frombits(o.Uint64(b))
				continue
			}
			if out[i] = t.at(o, b); math.Abs(out[i]) > 1<<53 {
				return nil, fmt.Errorf("element %d of type %s is beyond 2^53: a float64 does not hold it", i, t.Name)
			}
		}
		return out, nil
	}
	out := make([]float32, n)
	for i := range out {
		b := raw[i*t.Size:]
		if t.at == nil {
			out[i] = math.Float32frombits(o.Uint32(b))
		} else {
			out[i] = float32(t.at(o, b))
		}
	}
	return out, nil
}

// half is the value of a float16: 1 bit of sign, 5 of exponent, 10 of fraction.
func half(bits uint16) float64 {
	exponent, fraction := int(bits>>10&31), float64(bits&1023)/1024
	v := math.Ldexp(1+fraction, exponent-15)
	switch {
	case exponent == 0:
		v = math.Ldexp(fraction, -14)
	case exponent == 31 && fraction == 0:
		v = math.Inf(1)
	case exponent == 31:
		v = math.NaN()
	}
	if bits>>15 == 1 {
		return -v
	}
	return v
}
