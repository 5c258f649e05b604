// Numbers as files store them: the types of elements, their sizes in bytes, and how they are read.

package data

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
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

func int24s() element {
	return element{"int24", 3, func(o binary.ByteOrder, b []byte) float64 {
		if o == binary.ByteOrder(binary.BigEndian) {
			return float64(int32(uint32(b[0])<<24|uint32(b[1])<<16|uint32(b[2])<<8) >> 8)
		}
		return float64(int32(uint32(b[2])<<24|uint32(b[1])<<16|uint32(b[0])<<8) >> 8)
	}}
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
	if e.name == "float32" && order == binary.ByteOrder(binary.LittleEndian) {
		for i := range to {
			to[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		}
		return
	}
	for i := range to {
		to[i] = float32(e.at(order, raw[i*e.size:(i+1)*e.size]))
	}
}

// read reads count elements. Memory grows only with the bytes that have arrived.
func (e element) read(r io.Reader, order binary.ByteOrder, count int) ([]float32, error) {
	const most = 1 << 14 // bytes at a time
	buf := make([]byte, min(count, most/e.size)*e.size)
	values := make([]float32, 0, min(count, most/e.size))
	for len(values) < count {
		at := len(values)
		n := min(count-at, len(buf)/e.size)
		if _, err := io.ReadFull(r, buf[:n*e.size]); err != nil {
			return nil, fmt.Errorf("value %d of %d: %w", at, count, cut(err))
		}
		values = slices.Grow(values, n)[:at+n]
		e.floats(order, buf, values[at:])
	}
	return values, nil
}
