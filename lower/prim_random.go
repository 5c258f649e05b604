package lower

import (
	"errors"
	"fmt"
	"math"
)

// RandomKind is the distribution that Random draws from.
type RandomKind uint8

// The distributions: UniformOf and NormalOf of random words.
const (
	RandomUniform RandomKind = iota
	RandomNormal
)

func (k RandomKind) String() string {
	switch k {
	case RandomUniform:
		return "uniform"
	case RandomNormal:
		return "normal"
	}
	return fmt.Sprintf("RandomKind(%d)", uint8(k))
}

// Random draws an array of independent numbers from the stream of a key. Axis 0 of
// the array counts the samples of a batch. The operand, the clock, says which samples
// they are: row r belongs to sample first+r of the epoch's order. So the numbers do
// not depend on how an epoch is cut into batches, or a batch into parts.
//
// The clock is an array [4] of whole numbers from 0 to 65535, which every element
// type holds exactly: the low and the high 16 bits of the epoch, and then of the
// number of the first sample. With s = first+r, element e of row r (counted in
// row-major order within the row) comes from word e%4 of Philox4x32 with the counter
//
//	e/4, s's low 32 bits, epoch, s's high 32 bits
//
// The counter has the epoch and not the step, because a step's number depends on the
// batch size. The numbers are float32; a float64 array has the same numbers.
type Random struct {
	Kind  RandomKind
	Key   uint64
	Shape Shape
}

func (p Random) String() string { return fmt.Sprintf("random[%v, key %#x]%v", p.Kind, p.Key, p.Shape) }

// Infer requires a clock [4], and a Shape with at least one axis.
func (p Random) Infer(in []Shape) ([]Shape, error) {
	if err := checkOperands(in, 1); err != nil {
		return nil, err
	}
	if !in[0].Equal(Shape{4}) {
		return nil, fmt.Errorf("the clock is %v, want [4]", in[0])
	}
	if p.Kind > RandomNormal {
		return nil, fmt.Errorf("there is no distribution %v", p.Kind)
	}
	if len(p.Shape) == 0 {
		return nil, errors.New("want an array with an axis 0 that counts samples, have a scalar")
	}
	if err := p.Shape.Check(); err != nil {
		return nil, err
	}
	return []Shape{p.Shape}, nil
}

// At returns element e of the row of sample s in an epoch. It defines Random, one
// number at a time.
func (p Random) At(epoch uint32, s uint64, e int) float32 {
	words := Philox4x32([4]uint32{uint32(e / 4), uint32(s), epoch, uint32(s >> 32)}, p.Key)
	if p.Kind == RandomNormal {
		return NormalOf(words[e%4])
	}
	return UniformOf(words[e%4])
}

// ReadClock reads the epoch and the number of the first sample from a clock's four
// words. A word that is not a whole number from 0 to 65535 is an error.
func ReadClock[T Float](words []T) (epoch uint32, first uint64, err error) {
	if len(words) != 4 {
		return 0, 0, fmt.Errorf("the clock has %d words, want 4", len(words))
	}
	var w [4]uint32
	for i, v := range words {
		if !(v >= 0 && v <= math.MaxUint16) || v != T(uint16(v)) {
			return 0, 0, fmt.Errorf("word %d of the clock is %v, want a whole number from 0 to 65535", i, v)
		}
		w[i] = uint32(v)
	}
	return w[0] | w[1]<<16, uint64(w[2] | w[3]<<16), nil
}

// ClockWords returns the clock's four words for an epoch and a first sample.
func ClockWords(epoch, first uint32) [4]float64 {
	return [4]float64{float64(epoch & 0xffff), float64(epoch >> 16), float64(first & 0xffff), float64(first >> 16)}
}
