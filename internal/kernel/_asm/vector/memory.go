package main

import (
	"math/bits"
	"slices"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// num is a constant in every lane of one register, which all chains share.
func (m machine) num(v float64) vec { return m.bits(m.bitsOf(v)) }

// bits is num for a constant given by its bits.
func (m machine) bits(b uint64) vec {
	r := m.register()
	m.broadcastOp(m.constant(b), r)
	return m.same(r)
}

// each is a constant in a separate register for each chain, which may be overwritten.
func (m machine) each(v float64) vec {
	c, to := m.num(v), m.vec()
	for i := range to {
		m.moveOp(c[i], to[i])
	}
	return to
}

// pool is the constants of the generated file, in the order of memory.
var pool struct {
	mem    Mem
	values []uint64
}

// constant is the memory of a constant of an element's size. Equal constants share it.
func (m machine) constant(b uint64) Mem {
	at := slices.Index(pool.values, b)
	if at < 0 {
		at = len(pool.values)
		pool.values = append(pool.values, b)
	}
	return pool.mem.Offset(m.size * at)
}

// load reads chain i at i vectors after p.
func (m machine) load(p Register) vec { return m.loadFrom(Mem{Base: p}) }

func (m machine) store(v vec, p Register) { m.storeTo(v, Mem{Base: p}) }

// loadFrom reads chain i at i vectors after at.
func (m machine) loadFrom(at Mem) vec {
	to := m.vec()
	for i, v := range to {
		at := at.Offset(m.size * m.lanes * i)
		switch {
		case m.tail == nil:
			VMOVUPS(at, v)
		case m.wide:
			m.loadZero(at, m.tail, v)
		default:
			m.maskMove(at, m.tail, v)
		}
	}
	return to
}

func (m machine) storeTo(v vec, at Mem) {
	for i, v := range v {
		at := at.Offset(m.size * m.lanes * i)
		switch {
		case m.tail == nil:
			VMOVUPS(v, at)
		case m.wide:
			m.storeSome(v, m.tail, at)
		default:
			m.maskMove(v, m.tail, at)
		}
	}
}

func (m machine) at(p Register, i int) Mem { return Mem{Base: p, Disp: m.size * m.lanes * i} }

// tailMask returns the mask of the first n lanes, 0 < n < lanes.
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
	at, y := GP64(), m.register()
	LEAQ(lanesInUse.Offset(32), at)
	shift := GP64()
	MOVQ(n, shift)
	SHLQ(U8(uint8(bits.TrailingZeros(uint(m.size)))), shift)
	SUBQ(shift, at)
	VMOVUPS(Mem{Base: at}, y)
	return y
}
