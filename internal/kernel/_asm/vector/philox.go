package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// random writes the counter-based generator.
func random() {
	for _, m := range machines(1, 1) {
		m.philox()
	}
}

// philox writes Philox4x32-10 for as many counters at a time as a vector has lanes.
// Counter 4i+L (AVX2: 2i+L, NEON: i) is in lane i of the L-th 128 bits. The unpacking at the end
// works within 128 bits, and this order makes it put the four words of a counter
// together and the counters in order.
func (m machine) philox() {
	TEXT(m.name("philox"), NOSPLIT, "func(dst, c0, c1 []uint32, c2, c3, k0, k1 uint32)")
	Pragma("noescape")
	Doc(m.name("philox") + " is philoxGeneric for len(c0) a multiple of the lanes of a vector.")
	dst, n := Load(Param("dst").Base(), GP64()), Load(Param("c0").Len(), GP64())
	low, high := Load(Param("c0").Base(), GP64()), Load(Param("c1").Base(), GP64())
	groups := m.lanes / 4
	order := orderOf(m, groups)
	every := func(name string) VecVirtual {
		r := m.register()
		m.broadcast(name, r)
		return r
	}
	mul0, mul1 := m.bits(0xd2511f53)[0], m.bits(0xcd9e8d57)[0]
	weyl0, weyl1 := m.bits(0x9e3779b9)[0], m.bits(0xbb67ae85)[0]
	var odd Register
	if m.wide {
		odd = K()
		mask := GP32()
		MOVL(U32(0xaaaa), mask)
		KMOVW(mask, odd)
	}

	Label("counters")
	CMPQ(n, U32(m.lanes))
	JLT(LabelRef("done"))
	c := [4]VecVirtual{m.register(), m.register(), nil, m.register()}
	if m.crosses() {
		VMOVDQUx(m, order, c[3])
		VPERMD(Mem{Base: low}, c[3], c[0])
		VPERMD(Mem{Base: high}, c[3], c[1])
	} else {
		VMOVDQUx(m, Mem{Base: low}, c[0])
		VMOVDQUx(m, Mem{Base: high}, c[1])
	}
	c[2], c[3] = every("c2"), every("c3")
	k0, k1 := every("k0"), every("k1")
	for round := range 10 {
		if round > 0 {
			VPADDD(weyl0, k0, k0)
			VPADDD(weyl1, k1, k1)
		}
		pLow, pHigh := m.product(c[0], mul0, odd)
		qLow, qHigh := m.product(c[2], mul1, odd)
		a := m.xor(m.xor(vec{qHigh}, vec{c[1]}), vec{k0})[0]
		b := m.xor(m.xor(vec{pHigh}, vec{c[3]}), vec{k1})[0]
		c = [4]VecVirtual{a, qLow, b, pLow}
	}
	t0, t1, u0, u1 := m.register(), m.register(), m.register(), m.register()
	VPUNPCKLDQ(c[1], c[0], t0)
	VPUNPCKHDQ(c[1], c[0], t1)
	VPUNPCKLDQ(c[3], c[2], u0)
	VPUNPCKHDQ(c[3], c[2], u1)
	for i, half := range [][2]VecVirtual{{t0, u0}, {t1, u1}} {
		r := m.register()
		VPUNPCKLQDQ(half[1], half[0], r)
		VMOVDQUx(m, r, Mem{Base: dst, Disp: 2 * i * 4 * m.lanes})
		r = m.register()
		VPUNPCKHQDQ(half[1], half[0], r)
		VMOVDQUx(m, r, Mem{Base: dst, Disp: (2*i + 1) * 4 * m.lanes})
	}
	ADDQ(U32(16*m.lanes), dst)
	ADDQ(U32(4*m.lanes), low)
	ADDQ(U32(4*m.lanes), high)
	SUBQ(U32(m.lanes), n)
	JMP(LabelRef("counters"))
	Label("done")
	VZEROUPPER()
	RET()
}

// product returns the lower and the upper halves of c*f in each lane.
func (m machine) product(c, f VecVirtual, odd Register) (low, high VecVirtual) {
	low, high = m.register(), m.register()
	even, next := m.register(), m.register()
	VPMULUDQ(f, c, even) // of lanes 0, 2, ...
	VPSRLQ(U8(32), c, next)
	VPMULUDQ(f, next, next) // of lanes 1, 3, ...
	VPMULLD(f, c, low)
	VPSRLQ(U8(32), even, high)
	if m.wide {
		VMOVDQU32(next, odd, high)
	} else {
		VPBLENDD(U8(0xaa), next, high, high)
	}
	return low, high
}

// VMOVDQUx moves a vector of integers.
func VMOVDQUx(m machine, from, to Op) {
	if m.wide {
		VMOVDQU32(from, to)
		return
	}
	VMOVDQU(from, to)
}

// orderOf is the memory of the permutation that puts counter groups*i+L into lane i of
// the L-th 128 bits.
func orderOf(m machine, groups int) Mem {
	at := len(pool.values)
	for l := range groups {
		for i := range 4 {
			pool.values = append(pool.values, uint64(groups*i+l))
		}
	}
	return pool.mem.Offset(4 * at)
}
