// The loops of NEON's tiles of one or two vectors.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// multiplyByElements is multiply for NEON and up to four vectors, which multiplies a vector by an element of
// another one. A load takes as long as half a multiply-add or more, so elements of a are
// loaded by vectors where they are adjacent: those of some rows, or some products of a row.
// The products of each element of c are added in the same order in all loops.
func (t tile) multiplyByElements(k, a, aStep, b, bStep, next, nextStep Register) {
	lanes := t.lanes()
	acc := func(r int, ar VecPhysical) {
		for j := range t.n {
			t.mulAdd(ar, t.spare(j), t.acc(r, j))
		}
	}
	panels := []Register{b}
	if t.n == 4 {
		second := GP64()
		MOVQ(b, second)
		ADDQ(t.param("bPanel"), second)
		panels = append(panels, second)
	}
	// of b and of the next memory, for one product
	step := func() {
		if t.narrow() {
			PREFETCHT0(Mem{Base: next})
		}
		for j := range t.n {
			VMOVUPS(Mem{Base: panels[j/2], Disp: j % 2 * t.bytes}, t.spare(j))
		}
		for _, p := range panels {
			ADDQ(bStep, p)
		}
		if t.narrow() {
			ADDQ(nextStep, next)
		}
	}
	one := t.spare(t.n + t.rows)

	CMPQ(t.param("aRow"), Imm(uint64(t.size)))
	JNE(LabelRef("apart"))
	Label("adjacent") // rows
	step()
	for first := 0; first+lanes <= t.rows; first += lanes {
		VMOVUPS(Mem{Base: a, Disp: first * t.size}, t.spare(t.n+first/lanes))
	}
	whole := t.rows / lanes * lanes
	if t.rows-whole > 1 && whole > 0 { // the last vector overlaps the one before
		VMOVUPS(Mem{Base: a, Disp: (t.rows - lanes) * t.size}, t.spare(t.n+whole/lanes))
	}
	for r := range t.rows {
		switch {
		case r < whole:
			t.element(r%lanes, t.spare(t.n+r/lanes), one)
		case t.rows-whole > 1 && whole > 0:
			t.element(r-(t.rows-lanes), t.spare(t.n+whole/lanes), one)
		default:
			t.broadcast(Mem{Base: a, Disp: r * t.size}, one)
		}
		acc(r, one)
	}
	ADDQ(aStep, a)
	DECQ(k)
	JNZ(LabelRef("adjacent"))
	JMP(LabelRef("multiplied"))

	Label("apart")
	at := GP64()
	XORQ(at, at)
	rows := []Mem{{Base: a, Index: at, Scale: 1}}
	for r := 1; r < t.rows; r++ {
		row := GP64()
		MOVQ(rows[r-1].Base, row)
		ADDQ(t.param("aRow"), row)
		rows = append(rows, Mem{Base: row, Index: at, Scale: 1})
	}
	CMPQ(t.param("aStep"), Imm(uint64(t.size)))
	JNE(LabelRef("step"))
	Label("dense") // some products of a row
	CMPQ(k, Imm(uint64(lanes)))
	JLT(LabelRef("few"))
	for r := range t.rows {
		VMOVUPS(rows[r], t.spare(t.n+r))
	}
	for lane := range lanes {
		step()
		for r := range t.rows {
			t.element(lane, t.spare(t.n+r), one)
			acc(r, one)
		}
	}
	ADDQ(U32(uint32(t.bytes)), at)
	SUBQ(U32(uint32(lanes)), k)
	JMP(LabelRef("dense"))

	Label("few")
	TESTQ(k, k)
	JLE(LabelRef("multiplied"))
	Label("step")
	step()
	for r := range t.rows {
		t.broadcast(rows[r], one)
		acc(r, one)
	}
	ADDQ(t.param("aStep"), at)
	DECQ(k)
	JNZ(LabelRef("step"))
	Label("multiplied")
}

// param is an argument in memory, where no register is free for it.
func (t tile) param(name string) Mem {
	p, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return p.Addr
}

// element makes all lanes of a register those of a lane of another one.
func (t tile) element(lane int, from, to VecPhysical) {
	switch {
	case t.size == 4:
		VPERMILPS(U8(uint8(lane*0x55)), from, to)
	case lane == 0:
		VMOVDDUP(from, to)
	default:
		VUNPCKHPD(from, from, to)
	}
}
