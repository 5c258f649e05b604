package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// elementOp is a kernel on k elements of each of some vectors of n, found by their numbers.
type elementOp struct {
	name string
	// vectors is the operand with the vectors, and list the one with k elements for each.
	vectors, list string
	// all runs on an element of a vector and one of the list, without a jump. none runs on
	// an element of the list whose number does not exist.
	all  func(m machine, vector, list Mem)
	none func(m machine, list Mem)
}

func elementOps() []elementOp {
	return []elementOp{
		{
			name: "takeElements", vectors: "x", list: "dst",
			all: machine.moveWord,
			none: func(m machine, list Mem) {
				nan := XMM()
				m.scalarMove(m.constant(m.bitsOf(math.NaN())), nan)
				m.scalarMove(nan, list)
			},
		},
		{
			name: "addElements", vectors: "dst", list: "x",
			all: func(m machine, vector, list Mem) {
				sum := XMM()
				m.scalarMove(vector, sum)
				m.scalarAdd(list, sum, sum)
				m.scalarMove(sum, vector)
			},
			none: func(machine, Mem) {},
		},
	}
}

// byElements writes a kernel that takes blocks of elements, as long as all exist, and then
// one element at a time. The instructions that gather elements are slower than single
// loads on many processors.
func (m machine) byElements(op elementOp) {
	m = m.chain()
	TEXT(m.name(op.name), NOSPLIT, "func(dst, x, at []"+m.typ+", n, k int, limit "+m.typ+")")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is %sGeneric.", m.name(op.name), op.name))
	vector, list, at := Load(Param(op.vectors).Base(), GP64()), Load(Param(op.list).Base(), GP64()), Load(Param("at").Base(), GP64())
	total, k := Load(Param("at").Len(), GP64()), Load(Param("k"), GP64())
	f := m.finder(Load(Param("n"), GP64()))
	zero, limit := m.zeros(), m.same(m.register())
	m.broadcast("limit", limit[0])
	rest := GP64()
	element := func(number Register) Mem { return Mem{Base: vector, Index: number, Scale: uint8(m.size)} }

	Label("row")
	CMPQ(total, U8(0))
	JLE(LabelRef("end"))
	SUBQ(k, total)
	MOVQ(k, rest)

	Label("block")
	CMPQ(rest, U32(m.lanes))
	JLT(LabelRef("few"))
	v := m.load(at)
	CMPL(m.bitsOfBoth(m.compare(greaterEq, v, zero), m.compare(less, v, limit)), U32(1<<m.lanes-1))
	JNE(LabelRef("few"))
	for i := range m.lanes {
		number := GP64()
		m.scalarToInt(Mem{Base: at, Disp: m.size * i}, number)
		op.all(m, element(number), Mem{Base: list, Disp: m.size * i})
	}
	ADDQ(U32(m.size*m.lanes), at)
	ADDQ(U32(m.size*m.lanes), list)
	SUBQ(U32(m.lanes), rest)
	JMP(LabelRef("block"))

	Label("few")
	CMPQ(rest, U8(0))
	JLE(LabelRef("next"))
	Label("one")
	op.all(m, element(f.number(at, "none")), Mem{Base: list})
	Label("after")
	ADDQ(U8(uint8(m.size)), at)
	ADDQ(U8(uint8(m.size)), list)
	DECQ(rest)
	JNE(LabelRef("one"))
	JMP(LabelRef("next"))
	Label("none")
	op.none(m, Mem{Base: list})
	JMP(LabelRef("after"))

	Label("next")
	ADDQ(f.bytes, vector)
	JMP(LabelRef("row"))

	Label("end")
	VZEROUPPER()
	RET()
}

// moveWord copies an element, in an integer register.
func (m machine) moveWord(from, to Mem) {
	word := GP64()
	if m.size == 8 {
		MOVQ(from, word)
		MOVQ(word, to)
		return
	}
	MOVL(from, word.As32())
	MOVL(word.As32(), to)
}

// bitsOfBoth is a bit for each lane, set where both conditions hold.
func (m machine) bitsOfBoth(a, b mask) Register {
	bits := GP32()
	switch {
	case m.wide:
		KANDW(a[0], b[0], b[0])
		KMOVW(b[0], bits)
	case m.size == 8:
		VANDPS(a[0], b[0], b[0])
		VMOVMSKPD(b[0], bits)
	default:
		VANDPS(a[0], b[0], b[0])
		VMOVMSKPS(b[0], bits)
	}
	return bits
}
