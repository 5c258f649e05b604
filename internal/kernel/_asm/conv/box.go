package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/stheno-ml/stheno/internal/kernel/_asm/dispatch"
)

// boxSums writes the kernel for sums of 2x2 windows with stride 1. It goes along the
// row with some vectors of a pixel at a time. It reuses the sum of each column of two
// pixels for the next window.
func boxSums(v isa) {
	begin("poolBox"+v.name, "func(a *uint64)", "poolBoxGeneric")
	args := Load(Param("a"), GP64())
	x, y, left := load(args, poolX), load(args, poolY), load(args, poolFloats)
	taps := load(args, poolTaps)
	below, first := GP64(), GP64() // bytes to the second row
	MOVQ(Mem{Base: taps, Disp: 16}, below)
	MOVQ(Mem{Base: taps}, first)
	SUBQ(first, below)
	SHLQ(U8(2), below)
	LEAQ(Mem{Base: x, Index: first, Scale: 4}, x)
	xStep, yStep := loadBytes(args, poolXStep), loadBytes(args, poolYStep)
	bias := load(args, poolBias)
	scale, zero := v.vector(), v.vector()
	VBROADCASTSS(field(args, poolScale), scale)
	v.zero(zero)

	most := 4
	if v.many() {
		most = 8
	}
	for n := most; n > 0; n /= 2 {
		block, next := fmt.Sprintf("block%d", n), fmt.Sprintf("fewer%d", n)
		Label(block)
		CMPQ(left, U32(n*v.lanes))
		JLT(LabelRef(next))
		from, to, pixels := GP64(), GP64(), load(args, poolPixels)
		MOVQ(x, from)
		MOVQ(y, to)
		column := func() []VecVirtual {
			s, lower := v.vectors(n), Mem{Base: from, Index: below, Scale: 1}
			if v.name == dispatch.NEON { // its loads take no offset beside an index
				r := GP64()
				LEAQ(lower, r)
				lower = Mem{Base: r}
			}
			for i := range s {
				VMOVUPS(Mem{Base: from, Disp: i * v.bytes()}, s[i])
				lower.Disp = i * v.bytes()
				VADDPS(lower, s[i], s[i])
			}
			return s
		}
		before := column()
		loop := fmt.Sprintf("pixel%d", n)
		Label(loop)
		ADDQ(xStep, from)
		s := column()
		for i := range s {
			VADDPS(s[i], before[i], before[i])
			VMULPS(scale, before[i], before[i])
		}
		plain, store := fmt.Sprintf("plain%d", n), fmt.Sprintf("store%d", n)
		TESTQ(bias, bias)
		JEQ(LabelRef(plain))
		for i, b := range before {
			VADDPS(Mem{Base: bias, Disp: i * v.bytes()}, b, b)
		}
		Label(plain)
		CMPQ(field(args, poolReLU), Imm(0))
		JEQ(LabelRef(store))
		for _, b := range before {
			VMAXPS(b, zero, b) // NaN stays
		}
		Label(store)
		for i, b := range before {
			VMOVUPS(b, Mem{Base: to, Disp: i * v.bytes()})
			VMOVAPS(s[i], b)
		}
		ADDQ(yStep, to)
		DECQ(pixels)
		JNE(LabelRef(loop))
		for _, r := range []Register{x, y} {
			ADDQ(U32(n*v.bytes()), r)
		}
		more := GP64()
		LEAQ(Mem{Base: bias, Disp: n * v.bytes()}, more)
		TESTQ(bias, bias)
		CMOVQNE(more, bias)
		SUBQ(U32(n*v.lanes), left)
		JMP(LabelRef(block))
		Label(next)
	}
	VZEROUPPER()
	RET()
}
