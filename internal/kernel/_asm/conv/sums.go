package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// laneSums writes the sums over lanes of as many vectors at a time as a vector has lanes.
// Each round folds two vectors into one: the upper half of the lanes is added to the
// lower half, then the upper quarter of each half to the lower, and so on.
func laneSums(v isa) {
	begin("laneSums"+v.name, "func(dst, src []float32)",
		fmt.Sprintf("laneSumsGeneric for %d lanes and len(dst) a multiple of %d", v.lanes, v.lanes))
	dst, n := Load(Param("dst").Base(), GP64()), Load(Param("dst").Len(), GP64())
	src := Load(Param("src").Base(), GP64())
	Label("loop")
	CMPQ(n, U32(v.lanes))
	JLT(LabelRef("done"))
	var tree func(sources []int) VecVirtual
	tree = func(sources []int) VecVirtual {
		r := v.vector()
		if len(sources) == 1 {
			VMOVUPS(Mem{Base: src, Disp: v.bytes() * sources[0]}, r)
			return r
		}
		h := len(sources) / 2
		a, b, upper := tree(sources[:h]), tree(sources[h:]), v.vector()
		foldLanes(v, v.lanes/len(sources), a, b, r, upper)
		VADDPS(upper, r, r)
		return r
	}
	sum := tree(laneOrder(v))
	VADDPS(Mem{Base: dst}, sum, sum)
	VMOVUPS(sum, Mem{Base: dst})
	ADDQ(U32(v.bytes()), dst)
	ADDQ(U32(v.bytes()*v.lanes), src)
	SUBQ(U32(v.lanes), n)
	JMP(LabelRef("loop"))
	Label("done")
	VZEROUPPER()
	RET()
}

// foldLanes splits the lanes for a fold of the given width: it gathers the lower parts of
// a and b, and the upper parts, which are then added.
func foldLanes(v isa, width int, a, b, lower, upper VecVirtual) {
	switch {
	case width == 8:
		VSHUFF64X2(U8(0x44), b, a, lower)
		VSHUFF64X2(U8(0xee), b, a, upper)
	case width == 4 && v.wide:
		VSHUFF64X2(U8(0x88), b, a, lower)
		VSHUFF64X2(U8(0xdd), b, a, upper)
	case width == 4:
		VPERM2F128(U8(0x20), b, a, lower)
		VPERM2F128(U8(0x31), b, a, upper)
	case width == 2:
		VSHUFPS(U8(0x44), b, a, lower)
		VSHUFPS(U8(0xee), b, a, upper)
	default:
		VSHUFPS(U8(0x88), b, a, lower)
		VSHUFPS(U8(0xdd), b, a, upper)
	}
}

// laneOrder returns the order of sources at the leaves of the tree of folds that puts the
// sum of source i into lane i. It simulates the folds on the numbers of the leaves.
func laneOrder(v isa) []int {
	var tree func(leaves []int) []int
	tree = func(leaves []int) []int {
		out := make([]int, v.lanes)
		if len(leaves) == 1 {
			for i := range out {
				out[i] = leaves[0]
			}
			return out
		}
		h := len(leaves) / 2
		a, b, width := tree(leaves[:h]), tree(leaves[h:]), v.lanes/len(leaves)
		for i := range out {
			from, quarters := a, i/4
			switch {
			case width >= 4: // whole quarters: the first half of them is from a
				if quarters >= v.lanes/8 {
					from, quarters = b, quarters-v.lanes/8
				}
				if v.wide && width == 4 {
					quarters *= 2
				}
				out[i] = from[4*quarters+i%4]
			case width == 2:
				if i%4 >= 2 {
					from = b
				}
				out[i] = from[4*quarters+i%2]
			default:
				if i%4 >= 2 {
					from = b
				}
				out[i] = from[4*quarters+2*(i%2)]
			}
		}
		return out
	}
	leaves := make([]int, v.lanes)
	for i := range leaves {
		leaves[i] = i
	}
	order := make([]int, v.lanes)
	for lane, leaf := range tree(leaves) {
		order[leaf] = lane
	}
	return order
}

// pixelSumChannels are the numbers of channels that there are kernels for.
func pixelSumChannels() []int { return []int{8, 1} }

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
