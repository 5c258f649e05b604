package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// sumRows adds up the rows of count numbers at a time, some columns in registers.
func (m machine) sumRows() {
	TEXT(m.name("sumRows"), NOSPLIT, "func(dst, x, at []"+m.typ+", n, count int, limit "+m.typ+")")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is sumRowsGeneric.", m.name("sumRows")))
	dst, x, at := Load(Param("dst").Base(), GP64()), GP64(), Load(Param("at").Base(), GP64())
	total, n := Load(Param("dst").Len(), GP64()), Load(Param("n"), GP64())
	f := m.finder(n)
	rest, p, left := GP64(), GP64(), GP64()
	part := 0

	Label("row")
	CMPQ(total, U8(0))
	JLE(LabelRef("end"))
	SUBQ(n, total)
	MOVQ(n, rest)
	MOVQ(Load(Param("x").Base(), GP64()), x)
	m.loop(rest, func(m machine) {
		again, none, next := fmt.Sprint("again", part), fmt.Sprint("none", part), fmt.Sprint("next", part)
		part++
		acc := m.zeros()
		MOVQ(at, p)
		MOVQ(Load(Param("count"), GP64()), left)
		Label(again)
		from := f.row(p, x, none)
		for i := range acc {
			if m.tail == nil {
				m.addOp(m.at(from, i), acc[i], acc[i])
			} else {
				m.addOp(m.load(from)[i], acc[i], acc[i])
			}
		}
		Label(next)
		ADDQ(U8(uint8(m.size)), p)
		DECQ(left)
		JNE(LabelRef(again))
		m.store(acc, dst)
		ADDQ(U32(m.size*m.lanes*m.chains), x)
		ADDQ(U32(m.size*m.lanes*m.chains), dst)
		SUBQ(U32(m.lanes*m.chains), rest)
		skip := fmt.Sprint("after", part)
		JMP(LabelRef(skip))
		Label(none)
		nan := m.num(math.NaN())[0]
		for i := range acc {
			m.addOp(nan, acc[i], acc[i])
		}
		JMP(LabelRef(next))
		Label(skip)
	})
	// The last vector of a row may go beyond it.
	LEAQ(Mem{Base: dst, Index: rest, Scale: uint8(m.size)}, dst)
	MOVQ(p, at)
	JMP(LabelRef("row"))

	Label("end")
	VZEROUPPER()
	RET()
}

// addRowsAt adds rows to those that their numbers name, if they are among the rows of dst.
func (m machine) addRowsAt() {
	m.chains = min(m.chains, 4)
	TEXT(m.name("addRowsAt"), NOSPLIT, "func(dst, x, at []"+m.typ+", n, first, rows int, limit "+m.typ+")")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is addRowsAtGeneric.", m.name("addRowsAt")))
	dst, x, at := Load(Param("dst").Base(), GP64()), Load(Param("x").Base(), GP64()), Load(Param("at").Base(), GP64())
	left, n := Load(Param("at").Len(), GP64()), Load(Param("n"), GP64())
	first, rows := Load(Param("first"), GP64()), Load(Param("rows"), GP64())
	f := m.finder(n)
	rest, from := GP64(), GP64()

	Label("row")
	CMPQ(left, U8(0))
	JLE(LabelRef("end"))
	to := f.number(at, "next")
	SUBQ(first, to)
	CMPQ(to, rows)
	JCC(LabelRef("next"))
	IMULQ(f.bytes, to)
	ADDQ(dst, to)
	MOVQ(n, rest)
	MOVQ(x, from)
	m.loop(rest, func(m machine) {
		m.store(m.add(m.load(to), m.load(from)), to)
		ADDQ(U32(m.size*m.lanes*m.chains), from)
		ADDQ(U32(m.size*m.lanes*m.chains), to)
		SUBQ(U32(m.lanes*m.chains), rest)
	})
	Label("next")
	ADDQ(f.bytes, x)
	ADDQ(U8(uint8(m.size)), at)
	DECQ(left)
	JMP(LabelRef("row"))

	Label("end")
	VZEROUPPER()
	RET()
}
