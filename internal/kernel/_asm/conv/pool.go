package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The words of poolRow.
const (
	poolX      = 0
	poolY      = 3
	poolIndex  = 6
	poolTaps   = 9
	poolTapLen = 10
	poolIDs    = 12
	poolPixels = 15
	poolFloats = 16
	poolXStep  = 17
	poolYStep  = 18
	poolScale  = 19
	poolReLU   = 20
	poolBias   = 21
)

// The predicates of VCMPPS; none of them signals.
const (
	equal          = 0x00
	lessThan       = 0x11
	lessOrEqual    = 0x12
	notLessOrEqual = 0x16
	ordered        = 0x07
)

// poolKernel is a pooling kernel: loops over pixels and over the vectors of a pixel.
type poolKernel struct {
	op   string               // the name of the kernel after "pool", and of the poolOp after "op"
	body func(p *pool, n int) // writes the code for n vectors
}

// pools are the pooling kernels, except for the one of boxSums.
func pools() []poolKernel {
	return []poolKernel{
		{"Max", (*pool).max},
		{"Sum", (*pool).sum},
		{"MaxGradSet", func(p *pool, n int) { p.maxGrad(n, false) }},
		{"SpreadSet", func(p *pool, n int) { p.spread(n, false) }},
		{"MaxGradAdd", func(p *pool, n int) { p.maxGrad(n, true) }},
		{"SpreadAdd", func(p *pool, n int) { p.spread(n, true) }},
	}
}

// pool is the registers of a pooling kernel.
type pool struct {
	isa
	args, x, y, index Register
	left              Register // floats of the pixel that are not done yet
	labels            int
}

// write writes the kernel, which works on four vectors at a time and then on one.
func (k poolKernel) write(v isa) {
	begin("pool"+k.op+v.name, "func(a *uint64)", "pool"+k.op+"Generic")
	p := &pool{isa: v, args: Load(Param("a"), GP64())}
	p.x, p.y, p.index = load(p.args, poolX), load(p.args, poolY), load(p.args, poolIndex)
	pixels := load(p.args, poolPixels)

	Label("pixel")
	CMPQ(pixels, Imm(0))
	JLE(LabelRef("done"))
	left := load(p.args, poolFloats)
	p.left = left
	for _, n := range []int{4, 1} {
		loop, out := fmt.Sprintf("vectors%d", n), fmt.Sprintf("fewer%d", n)
		Label(loop)
		CMPQ(left, U32(n*v.lanes))
		JLT(LabelRef(out))
		k.body(p, n)
		for _, r := range []Register{p.x, p.y, p.index} {
			ADDQ(U32(n*v.bytes()), r)
		}
		SUBQ(U32(n*v.lanes), left)
		JMP(LabelRef(loop))
		Label(out)
	}
	for i, r := range []Register{p.x, p.y, p.index} {
		step := poolYStep
		if i == 0 {
			step = poolXStep
		}
		more := load(p.args, step)
		SUBQ(field(p.args, poolFloats), more)
		LEAQ(Mem{Base: r, Index: more, Scale: 4}, r)
	}
	DECQ(pixels)
	JMP(LabelRef("pixel"))

	Label("done")
	VZEROUPPER()
	RET()
}

// eachTap writes the loop over taps; at points to vector 0 of the tap. With ids, id is
// the tap's id in all lanes.
func (p *pool) eachTap(ids bool, f func(at Register, id VecVirtual)) {
	p.labels++
	loop, out := fmt.Sprintf("tap%d", p.labels), fmt.Sprintf("tapped%d", p.labels)
	taps, n, id := load(p.args, poolTaps), load(p.args, poolTapLen), load(p.args, poolIDs)
	Label(loop)
	CMPQ(n, Imm(0))
	JLE(LabelRef(out))
	at := GP64()
	MOVQ(Mem{Base: taps}, at)
	LEAQ(Mem{Base: p.x, Index: at, Scale: 4}, at)
	var number VecVirtual
	if ids {
		number = p.vector()
		VBROADCASTSS(Mem{Base: id}, number)
		ADDQ(Imm(4), id)
	}
	f(at, number)
	ADDQ(Imm(8), taps)
	DECQ(n)
	JMP(LabelRef(loop))
	Label(out)
}

func (p *pool) vec(base Register, i int) Mem { return Mem{Base: base, Disp: i * p.bytes()} }

// max starts with the first tap. The loop compares that tap too, which changes nothing.
func (p *pool) max(n int) {
	first := load(p.args, poolTaps)
	MOVQ(Mem{Base: first}, first)
	LEAQ(Mem{Base: p.x, Index: first, Scale: 4}, first)
	ids := load(p.args, poolIDs)
	top, index := p.vectors(n), p.vectors(n)
	for i := range n {
		VMOVUPS(p.vec(first, i), top[i])
		VBROADCASTSS(Mem{Base: ids}, index[i])
	}
	p.eachTap(true, func(at Register, id VecVirtual) {
		for i := range n {
			x := p.vector()
			VMOVUPS(p.vec(at, i), x)
			if p.wide {
				k, ok := K(), K()
				VCMPPS(U8(ordered), top[i], top[i], ok)
				VCMPPS(U8(notLessOrEqual), top[i], x, ok, k)
				VMOVAPS(x, k, top[i])
				VMOVAPS(id, k, index[i])
				continue
			}
			k, ok := p.vector(), p.vector()
			VCMPPS(U8(ordered), top[i], top[i], ok)
			VCMPPS(U8(notLessOrEqual), top[i], x, k)
			VANDPS(ok, k, k)
			VBLENDVPS(k, x, top[i], top[i])
			VBLENDVPS(k, id, index[i], index[i])
		}
	})
	p.labels++
	store := fmt.Sprintf("store%d", p.labels)
	CMPQ(field(p.args, poolReLU), Imm(0))
	JEQ(LabelRef(store))
	zero, none := p.vector(), p.vector()
	p.zero(zero)
	minusOne := GP32()
	MOVL(U32(0xbf800000), minusOne)
	low := XMM()
	VMOVD(minusOne, low)
	VBROADCASTSS(low, none)
	for i := range n {
		if p.wide {
			k := K()
			VCMPPS(U8(lessOrEqual), zero, top[i], k)
			VMOVAPS(none, k, index[i])
		} else {
			k := p.vector()
			VCMPPS(U8(lessOrEqual), zero, top[i], k)
			VBLENDVPS(k, none, index[i], index[i])
		}
		VMAXPS(top[i], zero, top[i]) // NaN stays
	}
	Label(store)
	for i := range n {
		VMOVUPS(top[i], p.vec(p.y, i))
		VMOVUPS(index[i], p.vec(p.index, i))
	}
}

func (p *pool) maxGrad(n int, add bool) {
	grads, index := p.vectors(n), p.vectors(n)
	for i := range n {
		VMOVUPS(p.vec(p.y, i), grads[i])
		VMOVUPS(p.vec(p.index, i), index[i])
	}
	p.eachTap(true, func(at Register, id VecVirtual) {
		for i := range n {
			part := p.vector()
			if p.wide {
				k := K()
				VCMPPS(U8(equal), id, index[i], k)
				VMOVAPS_Z(grads[i], k, part)
			} else {
				VCMPPS(U8(equal), id, index[i], part)
				VANDPS(grads[i], part, part)
			}
			if add {
				VADDPS(p.vec(at, i), part, part)
			}
			VMOVUPS(part, p.vec(at, i))
		}
	})
}

func (p *pool) sum(n int) {
	sums := p.vectors(n)
	for _, s := range sums {
		p.zero(s)
	}
	p.eachTap(false, func(at Register, _ VecVirtual) {
		for i, s := range sums {
			VADDPS(p.vec(at, i), s, s)
		}
	})
	scale := p.vector()
	VBROADCASTSS(field(p.args, poolScale), scale)
	for _, s := range sums {
		VMULPS(scale, s, s)
	}
	p.labels++
	relu, store := fmt.Sprintf("relu%d", p.labels), fmt.Sprintf("store%d", p.labels)
	bias := load(p.args, poolBias)
	TESTQ(bias, bias)
	JEQ(LabelRef(relu))
	at := load(p.args, poolFloats) // floats of the pixel that are done
	SUBQ(p.left, at)
	for i, s := range sums {
		VADDPS(Mem{Base: bias, Index: at, Scale: 4, Disp: i * p.bytes()}, s, s)
	}
	Label(relu)
	CMPQ(field(p.args, poolReLU), Imm(0))
	JEQ(LabelRef(store))
	zero := p.vector()
	p.zero(zero)
	for _, s := range sums {
		VMAXPS(s, zero, s) // NaN stays
	}
	Label(store)
	for i, s := range sums {
		VMOVUPS(s, p.vec(p.y, i))
	}
}

func (p *pool) spread(n int, add bool) {
	parts, scale := p.vectors(n), p.vector()
	VBROADCASTSS(field(p.args, poolScale), scale)
	for i, s := range parts {
		VMULPS(p.vec(p.y, i), scale, s)
	}
	p.eachTap(false, func(at Register, _ VecVirtual) {
		for i, s := range parts {
			if add {
				sum := p.vector()
				VADDPS(p.vec(at, i), s, sum)
				s = sum
			}
			VMOVUPS(s, p.vec(at, i))
		}
	})
}
