package main

import (
	"fmt"
	"math/bits"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/stheno-ml/stheno/internal/kernel/_asm/strided"
)

// rowBlocks writes the loops over blocks of rows and over the vectors of a block.
type rowBlocks struct {
	machine
	sizes []int      // rows of a block, the largest first
	x     []Register // along a row of x; several begin at the offsets of as many taps
	y     Register   // along a row of y
	ofY   int        // vectors of y for one of x
	mask  Register   // of the lanes of y that count; nil: all do
}

// newRowBlocks makes the registers that go along rows. The last vector of a row goes back
// and ends with the row. If masked, it leaves out the lanes that the vector before it had,
// and a row may be shorter than a vector.
func (m machine) newRowBlocks(sizes []int, xs, ofY int, masked bool) rowBlocks {
	b := rowBlocks{machine: m, sizes: sizes, y: GP64(), ofY: ofY}
	for range xs {
		b.x = append(b.x, GP64())
	}
	switch {
	case masked && m.wide:
		b.mask = K()
	case masked:
		b.mask = m.register()
	}
	return b
}

// write calls body for a vector of each row of a block.
func (b rowBlocks) write(body func(rows int)) {
	args := Load(Param("a"), GP64())
	for _, move := range [][2]int{{depthRows, depthLeft}, {depthX, depthXAt}, {depthY, depthYAt}} {
		MOVQ(arg(move[0]), field(args, move[1]))
	}
	n := GP64()
	for _, rows := range b.sizes {
		label := func(s string) string { return fmt.Sprint(s, rows) }
		Label(label("block"))
		CMPQ(field(Load(Param("a"), GP64()), depthLeft), U8(uint8(rows)))
		JLT(LabelRef(label("fewer")))
		b.begin(n)

		Label(label("vector"))
		CMPQ(n, U32(b.lanes))
		JGE(LabelRef(label("whole")))
		CMPQ(n, U8(0))
		JLE(LabelRef(label("next")))
		b.last(n, label)
		Label(label("whole"))
		prefetch(fmt.Sprint(rows))
		body(rows)
		for _, x := range b.x {
			ADDQ(U32(b.size*b.lanes), x)
		}
		ADDQ(U32(b.size*b.lanes*b.ofY), b.y)
		SUBQ(U32(b.lanes), n)
		JMP(LabelRef(label("vector")))

		Label(label("next"))
		args := Load(Param("a"), GP64())
		for _, step := range [][2]int{{depthXRow, depthXAt}, {depthYRow, depthYAt}} {
			by := b.argBytes(step[0])
			IMUL3Q(U8(uint8(rows)), by, by)
			ADDQ(by, field(args, step[1]))
		}
		SUBQ(U8(uint8(rows)), field(args, depthLeft))
		JMP(LabelRef(label("block")))
		Label(label("fewer"))
	}
}

// begin sets the registers to the beginning of a block.
func (b rowBlocks) begin(n Register) {
	MOVQ(arg(depthYAt), b.y)
	MOVQ(arg(depthCols), n)
	at := arg(depthXAt)
	if len(b.x) == 1 {
		MOVQ(at, b.x[0])
	} else {
		taps := arg(depthTaps)
		for i, x := range b.x {
			MOVQ(Mem{Base: taps, Disp: 8 * i}, x)
			LEAQ(Mem{Base: at, Index: x, Scale: uint8(b.size)}, x)
		}
	}
	if b.mask != nil {
		b.ones(b.mask)
	}
}

// ones sets all lanes of a mask.
func (m machine) ones(mask Register) {
	if m.wide {
		KXNORW(mask, mask, mask)
	} else {
		VPCMPEQD(mask, mask, mask)
	}
}

// last prepares the last vector of a row, of which n elements are left.
func (b rowBlocks) last(n Register, label func(string) string) {
	if b.mask != nil {
		CMPQ(arg(depthCols), U32(b.lanes))
		JGE(LabelRef(label("long")))
		b.setMask(b.tailMask(n), false)
		JMP(LabelRef(label("whole")))
		Label(label("long"))
		seen := GP64()
		MOVQ(U32(b.lanes), seen)
		SUBQ(n, seen)
		b.setMask(b.tailMask(seen), true)
	}
	back := GP64() // minus the elements to go back
	MOVQ(n, back)
	SUBQ(U32(b.lanes), back)
	for _, x := range b.x {
		LEAQ(Mem{Base: x, Index: back, Scale: uint8(b.size)}, x)
	}
	LEAQ(Mem{Base: b.y, Index: back, Scale: uint8(b.size)}, b.y)
	if b.ofY == 2 {
		LEAQ(Mem{Base: b.y, Index: back, Scale: uint8(b.size)}, b.y)
	}
	MOVQ(U32(b.lanes), n)
}

// setMask sets the mask, or its complement.
func (b rowBlocks) setMask(lanes Op, complement bool) {
	switch {
	case b.wide && complement:
		KNOTW(lanes, b.mask)
	case b.wide:
		KMOVW(lanes, b.mask)
	case complement:
		all := b.register()
		b.ones(all)
		VXORPS(lanes, all, b.mask)
	default:
		VMOVAPS(lanes, b.mask)
	}
}

// eachRow calls f with the memory of each row's vector of y.
func (b rowBlocks) eachRow(rows int, f func(r int, at Mem)) {
	at := GP64()
	MOVQ(b.y, at)
	step := b.argBytes(depthYRow)
	for r := range rows {
		f(r, Mem{Base: at})
		if r < rows-1 {
			ADDQ(step, at)
		}
	}
}

// depthwiseTaps writes the sums over any taps, for all columns of y or, with two phases,
// over some taps for the even columns and over others for the odd ones.
func (m machine) depthwiseTaps(phases int) {
	sizes := []int{8, 4, 2, 1}[bits.TrailingZeros(uint(phases)):]
	b := m.newRowBlocks(sizes, 1, phases, false)
	step := strided.New(m.argBytes(depthXRow), sizes[0]-1)
	b.write(func(rows int) {
		w := arg(depthW)
		acc := make([][]VecVirtual, phases)
		for p := range acc {
			for range rows {
				acc[p] = append(acc[p], m.zeros()[0])
			}
			words := []int{depthTaps, depthMore}[p]
			tap, left := arg(words), arg(words+1)
			loop, done := fmt.Sprintf("tap%d_%d", p, rows), fmt.Sprintf("taps%d_%d", p, rows)
			TESTQ(left, left)
			JEQ(LabelRef(done))
			Label(loop)
			at, weight := GP64(), m.register()
			MOVQ(Mem{Base: tap}, at)
			LEAQ(Mem{Base: b.x[0], Index: at, Scale: uint8(m.size)}, at)
			m.broadcastOp(Mem{Base: w}, weight)
			for r, a := range acc[p] {
				m.fma231(step.At(at, r), weight, a)
			}
			ADDQ(U8(8), tap)
			ADDQ(U8(uint8(m.size)), w)
			DECQ(left)
			JNE(LabelRef(loop))
			Label(done)
		}
		b.eachRow(rows, func(r int, at Mem) {
			if phases == 1 {
				m.storeTo(vec{acc[0][r]}, at)
				return
			}
			even, odd := m.pairs(vec{acc[0][r]}), m.pairs(vec{acc[1][r]})
			m.storeTo(m.binary(m.unpackLow, even, odd), at)
			m.storeTo(m.binary(m.unpackHigh, even, odd), at.Offset(m.size*m.lanes))
		})
	})
}

// pairs prepares the lanes of a vector for unpackLow and unpackHigh, which work within 128
// bits.
func (m machine) pairs(v vec) vec {
	if !m.crosses() {
		return v
	}
	if !m.wide {
		return m.unary(VPERMPD, v, U8(0b11_01_10_00))
	}
	order := ZMM()
	VMOVUPS(widePairs, order)
	to := m.vec()
	for i := range to {
		VPERMPD(v[i], order, to[i])
	}
	return to
}

// widePairs is the memory of the permutation of pairs for AVX-512.
var widePairs Mem
