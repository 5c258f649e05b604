// Numbers as files store them: the types of elements, and their sizes in bytes.

package data

import (
	"encoding/binary"
	"math"
)

// An element is a type of number in a file.
type element struct {
	name string // as NumPy calls it, such as "int16"
	size int    // in bytes
	at   func(order binary.ByteOrder, b []byte) float64
}

// The types of numbers that can be read.
func uint8s() element {
	return element{"uint8", 1, func(_ binary.ByteOrder, b []byte) float64 { return float64(b[0]) }}
}

func int8s() element {
	return element{"int8", 1, func(_ binary.ByteOrder, b []byte) float64 { return float64(int8(b[0])) }}
}

func uint16s() element {
	return element{"uint16", 2, func(o binary.ByteOrder, b []byte) float64 { return float64(o.Uint16(b)) }}
}

func int16s() element {
	return element{"int16", 2, func(o binary.ByteOrder, b []byte) float64 { return float64(int16(o.Uint16(b))) }}
}

func uint32s() element {
	return element{"uint32", 4, func(o binary.ByteOrder, b []byte) float64 { return float64(o.Uint32(b)) }}
}

func int32s() element {
	return element{"int32", 4, func(o binary.ByteOrder, b []byte) float64 { return float64(int32(o.Uint32(b))) }}
}

func uint64s() element {
	return element{"uint64", 8, func(o binary.ByteOrder, b []byte) float64 { return float64(o.Uint64(b)) }}
}

func int64s() element {
	return element{"int64", 8, func(o binary.ByteOrder, b []byte) float64 { return float64(int64(o.Uint64(b))) }}
}

func float16s() element {
	return element{"float16", 2, func(o binary.ByteOrder, b []byte) float64 { return half(o.Uint16(b)) }}
}

func float32s() element {
	return element{"float32", 4, func(o binary.ByteOrder, b []byte) float64 {
		return float64(math.Float32frombits(o.Uint32(b)))
	}}
}

func float64s() element {
	return element{"float64", 8, func(o binary.ByteOrder, b []byte) float64 { return math.Float64frombits(o.Uint64(b)) }}
}

// half is the value of a float16: 1 bit of sign, 5 of exponent, 10 of fraction.
func half(bits uint16) float64 {
	exponent, fraction := int(bits>>10&31), float64(bits&1023)/1024
	var v float64
	switch exponent {
	case 0:
		v = math.Ldexp(fraction, -14)
	case 31:
		if v = math.Inf(1); fraction != 0 {
			v = math.NaN()
		}
	default:
		v = math.Ldexp(1+fraction, exponent-15)
	}
	if bits>>15 == 1 {
		return -v
	}
	return v
}

// floats decodes len(to) elements.
func (e element) floats(order binary.ByteOrder, raw []byte, to []float32) {
	for i := range to {
		to[i] = float32(e.at(order, raw[i*e.size:(i+1)*e.size]))
	}
}
