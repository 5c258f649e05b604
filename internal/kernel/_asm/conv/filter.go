package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The fields of convFilterTile.
const (
	filterAcc   = 0
	filterX     = 3
	filterDY    = 6
	filterRows  = 9
	filterCols  = 10
	filterXRow  = 11
	filterXCol  = 12
	filterXTap  = 13
	filterDYRow = 14
	filterDYCol = 15
)

// filter writes the kernel that keeps taps by ins by outs sums of products in
// registers, over a rectangle of pixels.
func filter(v isa, taps, ins, outs int) {
	name := fmt.Sprintf("convFilter%sT%dC%dO%d", v.name, taps, ins, outs)
	begin(name, "func(a *uint64)", fmt.Sprintf("convFilterGeneric for %d taps, %d inputs and %d outputs", taps, ins, outs))
	args := Load(Param("a"), GP64())
	sums := load(args, filterAcc)
	acc := v.vectors(taps * ins * outs)
	for i, a := range acc {
		VMOVUPS(Mem{Base: sums, Disp: i * v.bytes()}, a)
	}
	xRow, dyRow := load(args, filterX), load(args, filterDY)
	xCol, xTap := loadBytes(args, filterXCol), loadBytes(args, filterXTap)
	dyCol, rows := loadBytes(args, filterDYCol), load(args, filterRows)
	x, dy, cols := GP64(), GP64(), GP64()
	nextX, nextDY := loadBytes(args, filterXRow), loadBytes(args, filterDYRow)

	Label("row")
	CMPQ(rows, Imm(0))
	JLE(LabelRef("done"))
	MOVQ(xRow, x)
	MOVQ(dyRow, dy)
	MOVQ(field(args, filterCols), cols)
	Label("col")
	for half := range v.halves() {
		products(v, x, dy, xTap, acc, half*v.bytes(), taps, ins, outs)
	}
	ADDQ(xCol, x)
	ADDQ(dyCol, dy)
	DECQ(cols)
	JNE(LabelRef("col"))
	ADDQ(nextX, xRow)
	ADDQ(nextDY, dyRow)
	DECQ(rows)
	JMP(LabelRef("row"))

	Label("done")
	for i, a := range acc {
		VMOVUPS(a, Mem{Base: sums, Disp: i * v.bytes()})
	}
	VZEROUPPER()
	RET()
}

// products adds those of one pixel and the images from byte disp on. The fewer
// of gradients and pixels stay in registers, the others pass through one.
func products(v isa, x, dy, xTap Register, acc []VecVirtual, disp, taps, ins, outs int) {
	xAt := func(i int) Mem {
		m := Mem{Base: x, Disp: 64*(i/taps) + disp}
		if t := i % taps; t > 0 {
			m.Index, m.Scale = xTap, uint8(t)
		}
		return m
	}
	dyAt := func(o int) Mem { return Mem{Base: dy, Disp: 64*o + disp} }
	kept, passing, keptAt, passingAt := outs, ins*taps, dyAt, xAt
	sum := func(o, i int) VecVirtual { return acc[o*ins*taps+i] }
	if outs > ins*taps {
		kept, passing, keptAt, passingAt = ins*taps, outs, xAt, dyAt
		sum = func(i, o int) VecVirtual { return acc[o*ins*taps+i] }
	}
	held := v.vectors(kept)
	for i, r := range held {
		VMOVUPS(keptAt(i), r)
	}
	for j := range passing {
		r := v.vector()
		VMOVUPS(passingAt(j), r)
		for i, h := range held {
			VFMADD231PS(h, r, sum(i, j))
		}
	}
}

// laneSums writes the sums of sixteen vectors at a time: four rounds, each of
// which folds two vectors into one.
func laneSums(v isa) {
	begin("laneSums"+v.name, "func(dst, src []float32)", "laneSumsGeneric for 16 lanes and len(dst) a multiple of 16")
	dst, n := Load(Param("dst").Base(), GP64()), Load(Param("dst").Len(), GP64())
	src := Load(Param("src").Base(), GP64())
	Label("loop")
	CMPQ(n, Imm(16))
	JLT(LabelRef("done"))
	fold := func(a, b VecVirtual, level int) VecVirtual {
		lo, hi := v.vector(), v.vector()
		switch level {
		case 0: // halves of 8
			VSHUFF64X2(U8(0x44), b, a, lo)
			VSHUFF64X2(U8(0xee), b, a, hi)
		case 1: // quarters of 4, of each half
			VSHUFF64X2(U8(0x88), b, a, lo)
			VSHUFF64X2(U8(0xdd), b, a, hi)
		case 2: // pairs
			VSHUFPS(U8(0x44), b, a, lo)
			VSHUFPS(U8(0xee), b, a, hi)
		default:
			VSHUFPS(U8(0x88), b, a, lo)
			VSHUFPS(U8(0xdd), b, a, hi)
		}
		VADDPS(hi, lo, lo)
		return lo
	}
	// Which source ends in which lane: follow the positions through the rounds.
	var tree func(level int, sources []int) VecVirtual
	tree = func(level int, sources []int) VecVirtual {
		if len(sources) == 1 {
			r := v.vector()
			VMOVUPS(Mem{Base: src, Disp: 64 * sources[0]}, r)
			return r
		}
		h := len(sources) / 2
		return fold(tree(level-1, sources[:h]), tree(level-1, sources[h:]), level)
	}
	VMOVUPS(tree(3, laneOrder()), Mem{Base: dst})
	ADDQ(Imm(64), dst)
	ADDQ(U32(1024), src)
	SUBQ(Imm(16), n)
	JMP(LabelRef("loop"))
	Label("done")
	VZEROUPPER()
	RET()
}

// laneOrder is the sources at the leaves of the tree of folds, chosen so that
// source i ends in lane i. It runs the folds on names.
func laneOrder() []int {
	var tree func(level int, leaves []int) [16]int
	tree = func(level int, leaves []int) [16]int {
		var a, b, out [16]int
		if len(leaves) == 1 {
			for i := range out {
				out[i] = leaves[0]
			}
			return out
		}
		h := len(leaves) / 2
		a, b = tree(level-1, leaves[:h]), tree(level-1, leaves[h:])
		for i := range out {
			lane, in := i/4, i%4
			from, pos := a, i
			switch level {
			case 0, 1: // the low half comes of a
				if lane >= 2 {
					from = b
				}
				pos = 4*map[int][4]int{0: {0, 1, 0, 1}, 1: {0, 2, 0, 2}}[level][lane] + in
			case 2:
				if in >= 2 {
					from = b
				}
				pos = 4*lane + in%2
			default:
				if in >= 2 {
					from = b
				}
				pos = 4*lane + 2*(in%2)
			}
			out[i] = from[pos]
		}
		return out
	}
	leaves := make([]int, 16)
	for i := range leaves {
		leaves[i] = i
	}
	order := make([]int, 16)
	for lane, leaf := range tree(3, leaves) {
		order[leaf] = lane
	}
	return order
}

// pixelSums writes the sums of channels over a row of pixels.
func pixelSums(v isa, channels int) {
	begin(fmt.Sprintf("pixelSums%sC%d", v.name, channels), "func(acc, x []float32, pixels, step int)",
		fmt.Sprintf("pixelSumsGeneric for %d channels and acc of %d lanes", channels, v.lanes))
	sums, x := Load(Param("acc").Base(), GP64()), Load(Param("x").Base(), GP64())
	n, step := Load(Param("pixels"), GP64()), Load(Param("step"), GP64())
	SHLQ(U8(2), step)
	acc := v.vectors(channels)
	for i, a := range acc {
		VMOVUPS(Mem{Base: sums, Disp: i * v.bytes()}, a)
	}
	Label("loop")
	CMPQ(n, Imm(0))
	JLE(LabelRef("done"))
	for half := range v.halves() {
		for i, a := range acc {
			VADDPS(Mem{Base: x, Disp: 64*i + half*v.bytes()}, a, a)
		}
	}
	ADDQ(step, x)
	DECQ(n)
	JMP(LabelRef("loop"))
	Label("done")
	for i, a := range acc {
		VMOVUPS(a, Mem{Base: sums, Disp: i * v.bytes()})
	}
	VZEROUPPER()
	RET()
}
