// The register tiles of implicit products, which read an element of a at the offset of
// its row plus the offset of its column.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// implicit is one function: rows by n vectors of a panel of two.
type implicit struct {
	vectors
	rows, n int
}

// implicits lists the tiles of n vectors, the shortest first. Each row takes a pointer
// and n vector registers.
func (v vectors) implicits(n int) []implicit {
	var all []implicit
	for rows := 1; rows <= min(10, (len(v.reg)-4)/n); rows++ {
		all = append(all, implicit{v, rows, n})
	}
	return all
}

func (t implicit) name() string {
	return fmt.Sprintf("%sImplicit%dx%d%s", t.prefix, t.rows, t.n, t.suffix)
}

func (t implicit) write() {
	name := t.name()
	TEXT(name, NOSPLIT, fmt.Sprintf("func(k int, a *%[1]s, rows, steps *int32, b, c *%[1]s, accumulate int)", t.typ))
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is an implicitTile of %d rows and %d vectors of %d lanes.", name, t.rows, t.n, t.lanes()))
	acc := func(r, j int) VecPhysical { return t.reg[r*t.n+j] }
	spare := t.reg[t.rows*t.n:]
	inC := func(c Register, r, j int) Mem { return Mem{Base: c, Disp: (2*r + j) * t.bytes} }

	c := Load(Param("c"), GP64())
	resume := Load(Param("accumulate"), GP64())
	TESTQ(resume, resume)
	JNZ(LabelRef("resume"))
	for i := range t.rows * t.n {
		t.zero(t.reg[i])
	}
	JMP(LabelRef("multiply"))
	Label("resume")
	for r := range t.rows {
		for j := range t.n {
			VMOVUPS(inC(c, r, j), acc(r, j))
		}
	}

	Label("multiply")
	a, offsets := Load(Param("a"), GP64()), Load(Param("rows"), GP64())
	var rows []Register
	for r := range t.rows {
		row := GP64()
		MOVLQSX(Mem{Base: offsets, Disp: 4 * r}, row)
		LEAQ(Mem{Base: a, Index: row, Scale: uint8(t.size)}, row)
		rows = append(rows, row)
	}
	steps, b := Load(Param("steps"), GP64()), Load(Param("b"), GP64())
	k, at := Load(Param("k"), GP64()), GP64()
	TESTQ(k, k)
	JLE(LabelRef("store"))
	Label("step")
	MOVLQSX(Mem{Base: steps}, at)
	for j := range t.n {
		VMOVUPS(Mem{Base: b, Disp: j * t.bytes}, spare[j])
	}
	for r := range t.rows {
		ar := spare[t.n+r%2]
		t.broadcast(Mem{Base: rows[r], Index: at, Scale: uint8(t.size)}, ar)
		for j := range t.n {
			t.mulAdd(ar, spare[j], acc(r, j))
		}
	}
	ADDQ(Imm(4), steps)
	ADDQ(U32(uint32(2*t.bytes)), b)
	DECQ(k)
	JNZ(LabelRef("step"))

	Label("store")
	c = Load(Param("c"), GP64())
	for r := range t.rows {
		for j := range t.n {
			VMOVUPS(acc(r, j), inC(c, r, j))
		}
	}
	VZEROUPPER()
	RET()
}
