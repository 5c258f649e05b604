package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// lookup writes the kernels that find rows and elements by their numbers.
func lookup() {
	for _, m := range machines(8, 4) {
		m.takeRows()
		m.sumRows()
		m.addRowsAt()
		for _, op := range elementOps() {
			m.byElements(op)
		}
	}
}

// lookupOps are the names of the kernels, and their places in Lookup.
func lookupOps() [][2]string {
	all := [][2]string{{"takeRows", "takeRows"}, {"sumRows", "sumRows"}, {"addRowsAt", "addRows"}}
	for _, op := range elementOps() {
		all = append(all, [2]string{op.name, op.name})
	}
	return all
}

// finder finds rows by their numbers.
type finder struct {
	machine
	zero, limit VecVirtual // in XMM
	bytes       Register   // of a row
}

// finder makes a finder of rows of n elements.
func (m machine) finder(n Register) finder {
	f := finder{m, XMM(), XMM(), GP64()}
	VXORPS(f.zero, f.zero, f.zero)
	Load(Param("limit"), f.limit)
	MOVQ(n, f.bytes)
	SHLQ(U8(m.sizeShift()), f.bytes)
	return f
}

// number returns the number at a pointer. It jumps to none if no row has it.
func (f finder) number(at Register, none string) Register {
	x, r := XMM(), GP64()
	f.scalarMove(Mem{Base: at}, x)
	f.scalarCompare(f.zero, x)
	JCS(LabelRef(none)) // below zero, or NaN
	f.scalarCompare(x, f.limit)
	JLS(LabelRef(none))
	f.scalarToInt(x, r)
	return r
}

// row returns the address of the row in x whose number is at a pointer.
func (f finder) row(at, x Register, none string) Register {
	r := f.number(at, none)
	IMULQ(f.bytes, r)
	ADDQ(x, r)
	return r
}

// takeRows copies a row for each number. The last elements of a row that fill no vector
// are copied with those before them, so that no store needs a mask.
func (m machine) takeRows() {
	TEXT(m.name("takeRows"), NOSPLIT, "func(dst, x, at []"+m.typ+", n int, limit "+m.typ+")")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is takeRowsGeneric.", m.name("takeRows")))
	dst, x, at := Load(Param("dst").Base(), GP64()), Load(Param("x").Base(), GP64()), Load(Param("at").Base(), GP64())
	left, n := Load(Param("at").Len(), GP64()), Load(Param("n"), GP64())
	f := m.finder(n)
	rest := GP64()
	vector := m.size * m.lanes

	Label("row")
	CMPQ(left, U8(0))
	JLE(LabelRef("end"))
	MOVQ(n, rest)
	from := f.row(at, x, "none")
	copies := func(m machine) {
		m.store(m.load(from), dst)
		ADDQ(U32(vector*m.chains), from)
		ADDQ(U32(vector*m.chains), dst)
		SUBQ(U32(m.lanes*m.chains), rest)
	}
	Label("block")
	CMPQ(rest, U32(m.lanes*m.chains))
	JLT(LabelRef("single"))
	copies(m)
	JMP(LabelRef("block"))
	Label("single")
	CMPQ(rest, U32(m.lanes))
	JLT(LabelRef("part"))
	copies(m.chain())
	JMP(LabelRef("single"))

	Label("part")
	CMPQ(rest, U8(0))
	JLE(LabelRef("next"))
	CMPQ(n, U32(m.lanes))
	JLT(LabelRef("few"))
	last := func(p Register) Mem {
		return Mem{Base: p, Index: rest, Scale: uint8(m.size), Disp: -vector}
	}
	one := m.chain()
	one.storeTo(one.loadFrom(last(from)), last(dst))
	LEAQ(Mem{Base: dst, Index: rest, Scale: uint8(m.size)}, dst)
	Label("next")
	ADDQ(U8(uint8(m.size)), at)
	DECQ(left)
	JMP(LabelRef("row"))

	word := XMM()
	Label("few")
	m.scalarMove(Mem{Base: from}, word)
	m.scalarMove(word, Mem{Base: dst})
	ADDQ(U8(uint8(m.size)), from)
	ADDQ(U8(uint8(m.size)), dst)
	DECQ(rest)
	JNE(LabelRef("few"))
	JMP(LabelRef("next"))

	Label("none")
	m.scalarMove(m.constant(m.bitsOf(math.NaN())), word)
	Label("fill")
	m.scalarMove(word, Mem{Base: dst})
	ADDQ(U8(uint8(m.size)), dst)
	DECQ(rest)
	JNE(LabelRef("fill"))
	JMP(LabelRef("next"))

	Label("end")
	VZEROUPPER()
	RET()
}
