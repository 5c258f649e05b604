// Package strided addresses memory at multiples of a step that is known when the code runs.
package strided

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Steps addresses base+k*step for k up to 15, with multiples of step in registers. For
// k above 8 it counts from far, which is base+8*step.
type Steps struct{ s1, s3, s5, s7, far Register }

// New computes the multiples that k up to last needs.
func New(step Register, last int) Steps {
	s := Steps{s1: step}
	if last >= 3 {
		r := GP64()
		LEAQ(Mem{Base: step, Index: step, Scale: 2}, r)
		s.s3 = r
	}
	if last >= 5 {
		r := GP64()
		LEAQ(Mem{Base: step, Index: step, Scale: 4}, r)
		s.s5 = r
	}
	if last >= 7 {
		r := GP64()
		LEAQ(Mem{Base: s.s3, Index: step, Scale: 4}, r)
		s.s7 = r
	}
	return s
}

// From computes far for At(base, k) with k up to last.
func (s Steps) From(base Register, last int) Steps {
	if last > 8 {
		r := GP64()
		LEAQ(Mem{Base: base, Index: s.s1, Scale: 8}, r)
		s.far = r
	}
	return s
}

// At is the memory at base+k*step.
func (s Steps) At(base Register, k int) Mem {
	switch k {
	case 0:
		return Mem{Base: base}
	case 1, 2, 4, 8:
		return Mem{Base: base, Index: s.s1, Scale: uint8(k)}
	case 3, 6:
		return Mem{Base: base, Index: s.s3, Scale: uint8(k / 3)}
	case 5:
		return Mem{Base: base, Index: s.s5, Scale: 1}
	case 7:
		return Mem{Base: base, Index: s.s7, Scale: 1}
	default:
		return s.At(s.far, k-8)
	}
}
