package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// reductions are the names of the reductions, and their places in Vector.
func reductions() [][2]string {
	return [][2]string{{"sum", "Sum"}, {"maxOf", "Max"}, {"addRows", "AddRows"}}
}

func reduce() {
	for _, m := range machines(8, 4) {
		m.chains = 64 / m.lanes
		laneSum(m)
	}
	for _, m := range machines(4, 4) {
		maximum(m)
	}
	for _, m := range machines(8, 8) {
		addRows(m)
	}
}

// laneSum writes the sum in 64 lanes, and the tree that adds the lanes.
func laneSum(m machine) {
	TEXT(m.name("sum"), NOSPLIT, "func(x []float32) float32")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is sumGeneric.", m.name("sum")))

	n := Load(Param("x").Len(), GP64())
	x := Load(Param("x").Base(), GP64())
	acc := m.zeros()
	block := m.lanes * m.chains

	Label("block")
	CMPQ(n, U32(block))
	JLT(LabelRef("tail"))
	// One chain at a time: the registers do not suffice for all.
	for i := range acc {
		v := m.register()
		VMOVUPS(m.at(x, i), v)
		VADDPS(v, acc[i], acc[i])
	}
	ADDQ(U32(4*block), x)
	SUBQ(U32(block), n)
	JMP(LabelRef("block"))

	Label("tail")
	for i := range acc {
		CMPQ(n, U8(0))
		JLE(LabelRef("tree"))
		count, full := GP64(), GP64()
		MOVQ(n, count)
		MOVQ(U32(m.lanes), full)
		CMPQ(count, full)
		CMOVQGT(full, count)
		one := m.chain()
		one.tail = one.tailMask(count)
		VADDPS(one.load(x)[0], acc[i], acc[i])
		ADDQ(U32(4*m.lanes), x)
		SUBQ(U32(m.lanes), n)
	}
	Label("tree")
	for half := m.chains / 2; half > 0; half /= 2 {
		for i := range half {
			VADDPS(acc[i+half], acc[i], acc[i])
		}
	}
	sum := m.fold(acc[0], VADDPS)
	VZEROUPPER() // before the store, which is not an AVX instruction
	Store(sum, ReturnIndex(0))
	RET()
}

func (m machine) chain() machine {
	m.chains = 1
	return m
}

func (m machine) zeros() vec {
	v := m.vec()
	for _, r := range v {
		if m.wide {
			VPXORD(r, r, r)
		} else {
			VXORPS(r, r, r)
		}
	}
	return v
}

// fold combines the lanes of v by halves: 16 to 8 to 4 to 2 to 1.
func (m machine) fold(v VecVirtual, op func(...Op)) VecVirtual {
	y := v
	if m.wide {
		high := YMM()
		VEXTRACTF64X4(U8(1), v, high)
		y = YMM()
		op(high, v.(Vec).AsY(), y)
	}
	x := y
	if m.crosses() {
		high := XMM()
		VEXTRACTF128(U8(1), y, high)
		x = XMM()
		op(high, y.(Vec).AsX(), x)
	}
	pair := XMM()
	VPERMILPS(U8(0b1110), x, pair)
	op(pair, x, x)
	VPERMILPS(U8(1), x, pair)
	op(pair, x, x)
	return x
}

func maximum(m machine) {
	TEXT(m.name("maxOf"), NOSPLIT, "func(x []float32) float32")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is maxOfGeneric.", m.name("maxOf")))
	p, n := Load(Param("x").Base(), GP64()), Load(Param("x").Len(), GP64())

	least := m.num(math.Inf(-1))
	acc := m.vec()
	for i := range acc {
		VMOVAPS(least[i], acc[i])
	}
	// The lanes that were NaN.
	var nan Register
	if m.wide {
		nan = K()
		KXORW(nan, nan, nan)
	} else {
		y := m.register()
		VXORPS(y, y, y)
		nan = y
	}
	m.loop(n, func(m machine) {
		x := m.load(p)
		for i, c := range m.compare(unordered, x, x) {
			if m.wide {
				KORW(c, nan, nan)
			} else {
				VORPS(c, nan, nan)
			}
			switch {
			case m.tail != nil && m.wide:
				VMAXPS(x[i], acc[i], m.tail, acc[i])
				continue
			case m.tail != nil:
				VBLENDVPS(m.tail, x[i], least[i], x[i])
			}
			VMAXPS(x[i], acc[i], acc[i])
		}
		ADDQ(U32(4*m.lanes*m.chains), p)
		SUBQ(U32(m.lanes*m.chains), n)
	})
	for half := m.chains / 2; half > 0; half /= 2 {
		for i := range half {
			VMAXPS(acc[i+half], acc[i], acc[i])
		}
	}
	y := m.fold(acc[0], VMAXPS)
	zero := XMM()
	VXORPS(zero, zero, zero)
	VADDSS(zero, y, y)
	any := GP32()
	if m.wide {
		KMOVW(nan, any)
	} else {
		VMOVMSKPS(nan, any)
	}
	CMPL(any, U8(0))
	JEQ(LabelRef("number"))
	VMOVSS(m.constant(m.bitsOf(math.NaN())), y)
	Label("number")
	VZEROUPPER()
	Store(y, ReturnIndex(0))
	RET()
}

func addRows(m machine) {
	TEXT(m.name("addRows"), NOSPLIT, "func(dst, x []float32, rows, stride int)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is addRowsGeneric.", m.name("addRows")))
	dst, n := Load(Param("dst").Base(), GP64()), Load(Param("dst").Len(), GP64())
	column := Load(Param("x").Base(), GP64())
	rows, stride := Load(Param("rows"), GP64()), Load(Param("stride"), GP64())
	SHLQ(U8(2), stride)
	part := 0
	m.loop(n, func(m machine) {
		again, end := fmt.Sprint("row", part), fmt.Sprint("column", part)
		part++
		acc := m.load(dst)
		p, left := GP64(), GP64()
		MOVQ(column, p)
		MOVQ(rows, left)
		Label(again)
		CMPQ(left, U8(0))
		JLE(LabelRef(end))
		for i := range acc {
			switch {
			case m.tail == nil:
				VADDPS(m.at(p, i), acc[i], acc[i])
			case m.wide:
				VADDPS(m.at(p, i), acc[i], m.tail, acc[i])
			default:
				VADDPS(m.load(p)[i], acc[i], acc[i])
			}
		}
		ADDQ(stride, p)
		DECQ(left)
		JMP(LabelRef(again))
		Label(end)
		m.store(acc, dst)
		ADDQ(U32(4*m.lanes*m.chains), dst)
		ADDQ(U32(4*m.lanes*m.chains), column)
		SUBQ(U32(m.lanes*m.chains), n)
	})
	VZEROUPPER()
	RET()
}
