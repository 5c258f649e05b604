package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// depthwiseOps are the kernels of depthwise convolutions. Each takes a pointer to a
// depthwiseRows.
func depthwiseOps() []depthwiseOp {
	strided := func(of func(m machine, stride int), stride int) func(machine) {
		return func(m machine) { of(m, stride) }
	}
	return []depthwiseOp{
		{"depthwiseFrame", "", "frame[0]", machine.depthwiseFrame},
		{"depthwiseSplit", "", "frame[1]", machine.depthwiseSplit},
		{"depthwiseTaps", "", "taps[0]", strided(machine.depthwiseTaps, 1)},
		{"depthwiseSpread", "", "taps[1]", strided(machine.depthwiseTaps, 2)},
		{"depthwiseSquare", "", "square[0]", strided(machine.depthwiseSquare, 1)},
		{"depthwiseSquare", "Strided", "square[1]", strided(machine.depthwiseSquare, 2)},
		{"depthwiseFilter", "", "filter", machine.depthwiseFilter},
		{"depthwiseFilterSquare", "", "filterSquare[0]", strided(machine.depthwiseFilterSquare, 1)},
		{"depthwiseFilterSquare", "Strided", "filterSquare[1]", strided(machine.depthwiseFilterSquare, 2)},
	}
}

// depthwiseOp is a kernel. Kernels for a row stride of 2 have the same twin as those for 1.
type depthwiseOp struct {
	twin, strided string // the twin's name before Generic, and Strided or nothing
	field         string // of depthwiseKernels
	write         func(m machine)
}

func (op depthwiseOp) name(m machine) string { return m.name(op.twin + op.strided) }

func depthwise() {
	for _, m := range machines(1, 1) {
		for _, op := range depthwiseOps() {
			TEXT(op.name(m), NOSPLIT, "func(a *uintptr)")
			Pragma("noescape")
			doc := fmt.Sprintf("%s is %sGeneric", op.name(m), op.twin)
			if op.strided != "" {
				doc += " for a row stride of 2"
			}
			Doc(doc + ".")
			op.write(m)
			VZEROUPPER()
			RET()
		}
	}
}

// The words of a depthwiseRows. The first word of a slice is its address.
const (
	depthX     = 0
	depthY     = 3
	depthW     = 6
	depthTaps  = 9
	depthCount = 10 // of taps
	depthMore  = 12 // the taps of the odd columns, their number one word later
	depthRows  = 15
	depthCols  = 16
	depthXRow  = 17
	depthYRow  = 18
	depthLD    = 19
	depthLeft  = 20 // rows left; the assembly uses this word and the next two
	depthXAt   = 21
	depthYAt   = 22
	depthSoon  = 23 // memory to prefetch
	depthLines = 24 // cache lines of it for each vector, or for each row of a frame
)

// arg reads a word of the argument.
func arg(at int) Register {
	r := GP64()
	MOVQ(field(Load(Param("a"), GP64()), at), r)
	return r
}

// argBytes reads a word that counts elements, in bytes.
func (m machine) argBytes(at int) Register {
	r := arg(at)
	IMUL3Q(U8(uint8(m.size)), r, r)
	return r
}

// depthwiseFrame writes the copy of rows into a frame. After the last element of a row it
// writes zeros up to a whole vector.
func (m machine) depthwiseFrame() {
	m.copyRows(1, func(x, y Register, cells []Op) {
		for by, tail := range cells {
			some := m
			some.tail = tail
			m.store(some.loadFrom(m.at(x, by)), y)
		}
	})
}

// depthwiseSplit writes depthwiseFrame with the even and the odd columns apart. The odd
// ones come at w.
func (m machine) depthwiseSplit() {
	apart := arg(depthW)
	SUBQ(arg(depthY), apart)
	m.copyRows(2, func(x, y Register, cells []Op) {
		var v [2]vec
		for by, tail := range cells {
			some := m
			some.tail = tail
			v[by] = some.loadFrom(m.at(x, by))
		}
		m.store(m.unshuffled(m.binary(m.evens, v[0], v[1])), y)
		m.storeTo(m.unshuffled(m.binary(m.odds, v[0], v[1])), Mem{Base: y, Index: apart, Scale: 1})
	})
}

// copyRows calls copy for some vectors of a row at a time, with the masks of the elements
// to read: all but the last vectors of a row are whole.
func (m machine) copyRows(vectors int, copy func(x, y Register, cells []Op)) {
	row, to, rows := arg(depthX), arg(depthY), arg(depthRows)
	xRow, yRow := m.argBytes(depthXRow), m.argBytes(depthYRow)
	step, whole := vectors*m.lanes, arg(depthCols)
	rest, x, y, n := GP64(), GP64(), GP64(), GP64()
	MOVQ(whole, rest)
	ANDQ(U32(step-1), rest)
	SUBQ(rest, whole)
	masks := make([]Op, vectors)
	for i := range masks {
		masks[i] = m.tailMask(m.between(rest, i*m.lanes))
	}
	Label("row")
	CMPQ(rows, U8(0))
	JLE(LabelRef("end"))
	MOVQ(row, x)
	MOVQ(to, y)
	MOVQ(whole, n)
	Label("vector")
	TESTQ(n, n)
	JEQ(LabelRef("part"))
	copy(x, y, make([]Op, vectors))
	ADDQ(U32(m.size*step), x)
	ADDQ(U32(m.size*m.lanes), y)
	SUBQ(U32(step), n)
	JMP(LabelRef("vector"))
	Label("part")
	TESTQ(rest, rest)
	JEQ(LabelRef("next"))
	copy(x, y, masks)
	Label("next")
	prefetch("")
	ADDQ(xRow, row)
	ADDQ(yRow, to)
	DECQ(rows)
	JMP(LabelRef("row"))
	Label("end")
}

// prefetch prefetches the next lines of memory.
func prefetch(id string) {
	at, left := arg(depthSoon), arg(depthLines)
	Label("line" + id)
	TESTQ(left, left)
	JEQ(LabelRef("fetched" + id))
	PREFETCHT0(Mem{Base: at})
	ADDQ(U8(64), at)
	DECQ(left)
	JMP(LabelRef("line" + id))
	Label("fetched" + id)
	MOVQ(at, field(Load(Param("a"), GP64()), depthSoon))
}

// between is n-from, or the nearest number of lanes of a vector.
func (m machine) between(n Register, from int) Register {
	count, bound := GP64(), GP64()
	MOVQ(n, count)
	SUBQ(U32(from), count)
	XORQ(bound, bound)
	CMPQ(count, bound)
	CMOVQLT(bound, count)
	MOVQ(U32(m.lanes), bound)
	CMPQ(count, bound)
	CMOVQGT(bound, count)
	return count
}
