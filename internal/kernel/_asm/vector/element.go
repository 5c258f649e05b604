package main

import (
	"math"
	"math/bits"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// elementType is a type of elements: its representation, the instructions that depend on
// it, and the constants of the functions.
type elementType struct {
	suffix   string // of the functions' names, before that of the instruction set
	typ      string // in Go
	size     int    // bytes
	mantissa uint8  // bits of the mantissa

	addOp, subOp, mulOp, divOp, maxOp, minOp, sqrtOp func(...Op)
	addIntOp, subIntOp, shiftLeftOp, shiftRightOp    func(...Op) // shifts in zeros
	fma231, fnma231, fma213, scalef                  func(...Op)
	broadcastOp, moveOp, compareOp                   func(...Op)
	loadZero                                         func(m, k, z Op) // some lanes, AVX-512
	storeSome                                        func(...Op)
	maskMove                                         func(m, y, r Op) // some lanes, AVX2
	moveZero                                         func(v, k, z Op)
	blend                                            func(c, yes, no, to Op)
	evens, odds                                      func(...Op) // of the lanes of two vectors, shuffled
	unpackLow, unpackHigh                            func(...Op) // lanes of two vectors in turn, within 128 bits
	scalarMove, scalarAdd                            func(...Op)
	scalarCompare, scalarToInt                       func(from, to Op)

	roundToInt, log2E, ln2High, ln2Low float64
	tanhLimit                          float64 // tanh is 1 above it
	expm1Least                         float64 // expm1 is -1 below it
	expLeast, expMost                  float64 // exp is 0 below and infinite above
	exp                                []float64

	expm1, log, log1p, tanh   func(m machine, x vec) vec
	sigmoidFrom, softplusFrom func(m machine, x, t vec) vec // t is e^-|x|
	log1pChains               int                           // with AVX2
}

// bitsOf returns the bits of a number.
func (f elementType) bitsOf(v float64) uint64 {
	if f.size == 4 {
		return uint64(math.Float32bits(float32(v)))
	}
	return math.Float64bits(v)
}

// sizeShift is the binary logarithm of size.
func (f elementType) sizeShift() uint8 { return uint8(bits.TrailingZeros(uint(f.size))) }

// signBit is the bit of the sign.
func (f elementType) signBit() uint64 { return 1 << (8*f.size - 1) }

// allBits are the bits of an element.
func (f elementType) allBits() uint64 { return 2*f.signBit() - 1 }

// elementTypes returns the types by their number of bits. The constants and coefficients
// are those of vector_math.go and vector_math64.go.
func elementTypes() map[int]elementType {
	return map[int]elementType{
		32: {
			typ: "float32", size: 4, mantissa: 23,
			addOp: VADDPS, subOp: VSUBPS, mulOp: VMULPS, divOp: VDIVPS, maxOp: VMAXPS, minOp: VMINPS, sqrtOp: VSQRTPS,
			addIntOp: VPADDD, subIntOp: VPSUBD, shiftLeftOp: VPSLLD, shiftRightOp: VPSRLD,
			fma231: VFMADD231PS, fnma231: VFNMADD231PS, fma213: VFMADD213PS, scalef: VSCALEFPS,
			broadcastOp: VBROADCASTSS, moveOp: VMOVAPS, compareOp: VCMPPS,
			loadZero: VMOVUPS_Z, storeSome: VMOVUPS, maskMove: VMASKMOVPS, moveZero: VMOVAPS_Z, blend: VBLENDVPS,
			evens:     func(o ...Op) { VSHUFPS(U8(0b10_00_10_00), o[0], o[1], o[2]) },
			odds:      func(o ...Op) { VSHUFPS(U8(0b11_01_11_01), o[0], o[1], o[2]) },
			unpackLow: VUNPCKLPS, unpackHigh: VUNPCKHPS,
			scalarMove: VMOVSS, scalarAdd: VADDSS, scalarCompare: VUCOMISS, scalarToInt: VCVTTSS2SIQ,
			roundToInt: 12582912, log2E: 1.44269504, ln2High: 0.693147182464599609375, ln2Low: -1.904654212132e-9,
			tanhLimit: 9.1, expm1Least: -18, expLeast: -104, expMost: 89,
			exp:   []float64{0.5, 0.1666654497, 0.04166644812, 0.008366400376, 0.001393655082},
			expm1: machine.expm1Of, log: machine.logOf, log1p: machine.log1pOf,
			tanh: machine.tanhOf, sigmoidFrom: machine.sigmoidFrom, softplusFrom: machine.softplusFrom, log1pChains: 3,
		},
		64: {
			suffix: "64", typ: "float64", size: 8, mantissa: 52,
			addOp: VADDPD, subOp: VSUBPD, mulOp: VMULPD, divOp: VDIVPD, maxOp: VMAXPD, minOp: VMINPD, sqrtOp: VSQRTPD,
			addIntOp: VPADDQ, subIntOp: VPSUBQ, shiftLeftOp: VPSLLQ, shiftRightOp: VPSRLQ,
			fma231: VFMADD231PD, fnma231: VFNMADD231PD, fma213: VFMADD213PD, scalef: VSCALEFPD,
			broadcastOp: VBROADCASTSD, moveOp: VMOVAPD, compareOp: VCMPPD,
			loadZero: VMOVUPD_Z, storeSome: VMOVUPD, maskMove: VMASKMOVPD, moveZero: VMOVAPD_Z, blend: VBLENDVPD,
			evens: VUNPCKLPD, odds: VUNPCKHPD, unpackLow: VUNPCKLPD, unpackHigh: VUNPCKHPD,
			scalarMove: VMOVSD, scalarAdd: VADDSD, scalarCompare: VUCOMISD, scalarToInt: VCVTTSD2SIQ,
			roundToInt: 0x1.8p52, log2E: math.Log2E, ln2High: 6.93147180369123816490e-01, ln2Low: 1.90821492927058770002e-10,
			tanhLimit: 19.1, expm1Least: -38, expLeast: -746, expMost: 710,
			exp:   inverseFactorials(2, 13),
			expm1: machine.expm1Of, log: machine.log64, log1p: machine.log1p64,
			tanh: machine.tanh64, sigmoidFrom: machine.sigmoidFrom64, softplusFrom: machine.softplusFrom64, log1pChains: 2,
		},
	}
}

// inverseFactorials returns 1/n! for n from first to last.
func inverseFactorials(first, last int) []float64 {
	var all []float64
	f := 1.0
	for n := 1; n <= last; n++ {
		f *= float64(n) // exact up to 18!
		if n >= first {
			all = append(all, 1/f)
		}
	}
	return all
}
