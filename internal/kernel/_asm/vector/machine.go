package main

import (
	"slices"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/stheno-ml/stheno/internal/kernel/_asm/dispatch"
)

// machine is an instruction set, with the state of the code that is being written: how
// many vectors it works on, and which lanes it loads and stores.
type machine struct {
	elementType
	isa    string // the suffix of the functions' names
	lanes  int    // elements in a vector
	wide   bool   // 512-bit vectors and mask registers
	chains int    // independent vectors per operation
	tail   Op     // mask of the used lanes, nil for all
}

// vec is one value per chain. All chains may share a register.
type vec []VecVirtual

// mask is one condition per chain, in mask registers or in vectors.
type mask []Register

func (m machine) register() VecVirtual {
	switch m.size * m.lanes {
	case 64:
		return ZMM()
	case 32:
		return YMM()
	}
	return XMM()
}

// crosses reports whether a vector has several parts of 128 bits, within which instructions
// shuffle.
func (m machine) crosses() bool { return m.size*m.lanes > 16 }

func (m machine) vec() vec {
	v := make(vec, m.chains)
	for i := range v {
		v[i] = m.register()
	}
	return v
}

// same is one register for every chain.
func (m machine) same(r VecVirtual) vec {
	v := make(vec, m.chains)
	for i := range v {
		v[i] = r
	}
	return v
}

// binary applies an instruction with the operands b, a, destination.
func (m machine) binary(op func(...Op), a, b vec) vec {
	to := m.vec()
	for i := range to {
		op(b[i], a[i], to[i])
	}
	return to
}

func (m machine) add(a, b vec) vec    { return m.binary(m.addOp, a, b) }
func (m machine) sub(a, b vec) vec    { return m.binary(m.subOp, a, b) }
func (m machine) mul(a, b vec) vec    { return m.binary(m.mulOp, a, b) }
func (m machine) div(a, b vec) vec    { return m.binary(m.divOp, a, b) }
func (m machine) addInt(a, b vec) vec { return m.binary(m.addIntOp, a, b) }
func (m machine) subInt(a, b vec) vec { return m.binary(m.subIntOp, a, b) }

// max and min return b where a or b is NaN, or both are zero.
func (m machine) max(a, b vec) vec { return m.binary(m.maxOp, a, b) }
func (m machine) min(a, b vec) vec { return m.binary(m.minOp, a, b) }

func (m machine) and(a, b vec) vec {
	if m.wide {
		return m.binary(VPANDD, a, b)
	}
	return m.binary(VANDPS, a, b)
}

func (m machine) or(a, b vec) vec {
	if m.wide {
		return m.binary(VPORD, a, b)
	}
	return m.binary(VORPS, a, b)
}

func (m machine) xor(a, b vec) vec {
	if m.wide {
		return m.binary(VPXORD, a, b)
	}
	return m.binary(VXORPS, a, b)
}

// unary applies an instruction with the operands before, a, destination.
func (m machine) unary(op func(...Op), a vec, before ...Op) vec {
	to := m.vec()
	for i := range to {
		op(append(slices.Clone(before), a[i], to[i])...)
	}
	return to
}

func (m machine) sqrt(a vec) vec  { return m.unary(m.sqrtOp, a) }
func (m machine) float(a vec) vec { return m.unary(VCVTDQ2PS, a) }

func (m machine) shiftLeft(a vec, n uint8) vec          { return m.unary(m.shiftLeftOp, a, U8(n)) }
func (m machine) shiftRight(a vec, n uint8) vec         { return m.unary(VPSRAD, a, U8(n)) }
func (m machine) shiftRightUnsigned(a vec, n uint8) vec { return m.unary(m.shiftRightOp, a, U8(n)) }

// accumulate is acc += a*b, and accumulateNeg is acc -= a*b. Both overwrite acc.
func (m machine) accumulate(acc, a, b vec) vec {
	for i := range acc {
		m.fma231(b[i], a[i], acc[i])
	}
	return acc
}

func (m machine) accumulateNeg(acc, a, b vec) vec {
	for i := range acc {
		m.fnma231(b[i], a[i], acc[i])
	}
	return acc
}

// mulAdd is p*x + c. It overwrites p.
func (m machine) mulAdd(p, x, c vec) vec {
	if m.isa == dispatch.NEON { // which can only overwrite c
		to := m.vec()
		for i := range to {
			m.moveOp(c[i], to[i])
			m.fma231(x[i], p[i], to[i])
		}
		return to
	}
	for i := range p {
		m.fma213(c[i], x[i], p[i])
	}
	return p
}

// polynomial is c[0] + c[1]*x + ..., with one rounding for each coefficient.
func (m machine) polynomial(x vec, c []float64) vec {
	p := m.each(c[len(c)-1])
	for i := len(c) - 2; i >= 0; i-- {
		p = m.mulAdd(p, x, m.num(c[i]))
	}
	return p
}

// The predicates of compare; none of them signals.
const (
	equal        = 0
	unordered    = 3
	notEqual     = 4 // or unordered
	ordered      = 7
	less         = 17
	notLessEq    = 22 // or unordered
	notGreaterEq = 25 // or unordered
	greaterEq    = 29
)

func (m machine) compare(predicate uint8, a, b vec) mask {
	to := make(mask, m.chains)
	for i := range to {
		if m.wide {
			to[i] = K()
		} else {
			to[i] = m.register()
		}
		m.compareOp(U8(predicate), b[i], a[i], to[i])
	}
	return to
}

// choose is yes where the condition holds, else no. It overwrites no.
func (m machine) choose(c mask, yes, no vec) vec {
	for i := range no {
		if m.wide {
			m.moveOp(yes[i], c[i], no[i])
		} else {
			m.blend(c[i], yes[i], no[i], no[i])
		}
	}
	return no
}

// where is v where the condition holds, else 0.
func (m machine) where(c mask, v vec) vec {
	to := m.vec()
	for i := range to {
		if m.wide {
			m.moveZero(v[i], c[i], to[i])
		} else {
			VANDPS(v[i], c[i], to[i])
		}
	}
	return to
}

func (m machine) name(base string) string { return base + m.suffix + m.isa }
