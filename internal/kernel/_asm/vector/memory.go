package main

import (
	"math"
	"slices"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// num is a float32 constant in every lane of one register, for all chains.
func (m machine) num(v float64) vec { return m.bits(math.Float32bits(float32(v))) }

// bits is num for the bits of a lane.
func (m machine) bits(b uint32) vec {
	r := m.register()
	VBROADCASTSS(constant(b), r)
	return m.same(r)
}

// each is a float32 constant in a register of its own for each chain, to be
// written over.
func (m machine) each(v float64) vec {
	c, to := m.num(v), m.vec()
	for i := range to {
		VMOVAPS(c[i], to[i])
	}
	return to
}

// pool holds the constants of the file being generated, in the order of their
// places.
var pool struct {
	mem    Mem
	values []uint32
}

// constant is the place of a 32-bit constant.
func constant(b uint32) Mem {
	at := slices.Index(pool.values, b)
	if at < 0 {
		at = len(pool.values)
		pool.values = append(pool.values, b)
	}
	return pool.mem.Offset(4 * at)
}

// load reads chain i from i vectors beyond p.
func (m machine) load(p Register) vec { return m.loadFrom(Mem{Base: p}) }

func (m machine) store(v vec, p Register) { m.storeTo(v, Mem{Base: p}) }

// loadFrom reads chain i from i vectors beyond at.
func (m machine) loadFrom(at Mem) vec {
	to := m.vec()
	for i, v := range to {
		at := at.Offset(4 * m.lanes * i)
		switch {
		case m.tail == nil:
			VMOVUPS(at, v)
		case m.wide:
			VMOVUPS_Z(at, m.tail, v)
		default:
			VMASKMOVPS(at, m.tail, v)
		}
	}
	return to
}

func (m machine) storeTo(v vec, at Mem) {
	for i, v := range v {
		at := at.Offset(4 * m.lanes * i)
		switch {
		case m.tail == nil:
			VMOVUPS(v, at)
		case m.wide:
			VMOVUPS(v, m.tail, at)
		default:
			VMASKMOVPS(v, m.tail, at)
		}
	}
}

func (m machine) at(p Register, i int) Mem { return Mem{Base: p, Disp: 4 * m.lanes * i} }

// tailMask sets the mask of the first n lanes, 0 < n < lanes.
func (m machine) tailMask(n Register) Op {
	if m.wide {
		k, count, ones := K(), GP64(), GP32()
		MOVQ(n, count)
		MOVQ(count, RCX)
		MOVL(U32(1), ones)
		SHLL(CL, ones)
		DECL(ones)
		KMOVW(ones, k)
		return k
	}
	at, y := GP64(), YMM()
	LEAQ(lanesInUse.Offset(4*m.lanes), at)
	shift := GP64()
	MOVQ(n, shift)
	SHLQ(U8(2), shift)
	SUBQ(shift, at)
	VMOVUPS(Mem{Base: at}, y)
	return y
}
