package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/stheno-ml/stheno/internal/kernel/_asm/dispatch"
	"github.com/stheno-ml/stheno/internal/kernel/_asm/strided"
)

// The words of convTile.
const (
	tileX      = 0
	tileW      = 3
	tileY      = 6
	tileBias   = 9
	tileSegs   = 12
	tileSegLen = 13
	tileC      = 15
	tileXStep  = 16
	tileYStep  = 17
	tileTiles  = 18
	tileGroups = 19
	tileAdd    = 20
	tileReLU   = 21
	tileLeft   = 22
	tileOffset = 26 // reluOffset
)

// tile is the kernel that keeps pixels by outs outputs in registers and takes the
// taps of a segment together.
type tile struct {
	isa
	taps, pixels, outs int
}

// tiles lists the kernels whose outputs fit into the registers.
func tiles() []tile {
	var all []tile
	avx512, avx2, arm := isas()[0], isas()[1], isas()[2]
	for _, taps := range []int{1, 3} {
		for pixels := 1; pixels <= 14; pixels++ {
			all = append(all, tile{avx512, taps, pixels, 1}, tile{arm, taps, pixels, 1})
			if pixels <= 7 {
				all = append(all, tile{avx512, taps, pixels, 2})
			}
			if pixels <= 6 {
				all = append(all, tile{avx512, taps, pixels, 4}, tile{avx2, taps, pixels, 2})
			}
			if pixels <= 10 {
				all = append(all, tile{avx2, taps, pixels, 1}, tile{arm, taps, pixels, 2})
			}
		}
	}
	return all
}

func (k tile) name() string {
	return fmt.Sprintf("convTile%sT%dP%dO%d", k.isa.name, k.taps, k.pixels, k.outs)
}

func (k tile) write() {
	v, taps, pixels, outs := k.isa, k.taps, k.pixels, k.outs
	begin(k.name(), "func(a *uint64)", fmt.Sprintf("convTileGeneric for %d taps, %d pixels and %d outputs", taps, pixels, outs))
	args := Load(Param("a"), GP64())
	x, y := load(args, tileX), load(args, tileY)
	step := strided.New(loadBytes(args, tileXStep), min(pixels+taps-2, 8))
	acc := v.vectors(pixels * outs)

	Label("tile")
	CMPQ(field(args, tileTiles), Imm(0))
	JLE(LabelRef("done"))
	for half := range v.halves() {
		tileGroup(v, fmt.Sprint(half), args, x, y, step, acc, taps, pixels, outs)
		ADDQ(U32(v.bytes()), x)
		ADDQ(U32(v.bytes()), y)
	}
	SUBQ(Imm(64), x)
	SUBQ(Imm(64), y)
	skip := loadBytes(args, tileXStep)
	IMUL3Q(U32(pixels), skip, skip)
	ADDQ(skip, x)
	MOVQ(field(args, tileYStep), skip)
	SHLQ(U8(2), skip)
	IMUL3Q(U32(pixels), skip, skip)
	ADDQ(skip, y)
	DECQ(field(args, tileTiles))
	JMP(LabelRef("tile"))

	Label("done")
	VZEROUPPER()
	RET()
}

// tileGroup writes the loop over groups of output channels for one tile.
func tileGroup(v isa, id string, args, x, y Register, step strided.Steps, acc []VecVirtual, taps, pixels, outs int) {
	label := func(s string) string { return s + id }
	w, out, groups := load(args, tileW), GP64(), load(args, tileGroups)
	MOVQ(groups, field(args, tileLeft)) // no register is free for the count
	bias := load(args, tileBias)
	MOVQ(y, out)

	Label(label("group"))
	CMPQ(field(args, tileLeft), Imm(0))
	JLE(LabelRef(label("next")))
	walk := GP64()
	each := func(f func(m Mem, a VecVirtual)) {
		yStep := loadBytes(args, tileYStep)
		MOVQ(out, walk)
		for p := range pixels {
			for o := range outs {
				f(Mem{Base: walk, Disp: 64 * o}, acc[p*outs+o])
			}
			if p < pixels-1 {
				ADDQ(yStep, walk)
			}
		}
	}
	CMPQ(field(args, tileAdd), Imm(0))
	JNE(LabelRef(label("add")))
	TESTQ(bias, bias)
	JNE(LabelRef(label("bias")))
	for _, a := range acc {
		v.zero(a)
	}
	JMP(LabelRef(label("sum")))
	Label(label("bias"))
	for p := range pixels {
		for o := range outs {
			if p == 0 {
				VBROADCASTSS(Mem{Base: bias, Disp: 4 * o}, acc[o])
			} else {
				VMOVAPS(acc[o], acc[p*outs+o])
			}
		}
	}
	ADDQ(U32(4*outs), bias)
	JMP(LabelRef(label("sum")))
	Label(label("add"))
	each(func(m Mem, a VecVirtual) { VMOVUPS(m, a) })

	Label(label("sum"))
	segs, left := load(args, tileSegs), load(args, tileSegLen)
	Label(label("seg"))
	CMPQ(left, Imm(0))
	JLE(LabelRef(label("summed")))
	at, c := GP64(), load(args, tileC)
	MOVQ(Mem{Base: segs}, at)
	LEAQ(Mem{Base: x, Index: at, Scale: 4}, at)
	Label(label("channel"))
	multiply(v, w, at, step, acc, taps, pixels, outs)
	ADDQ(U32(4*taps*outs), w)
	ADDQ(Imm(64), at)
	DECQ(c)
	JNE(LabelRef(label("channel")))
	ADDQ(Imm(8), segs)
	DECQ(left)
	JMP(LabelRef(label("seg")))

	Label(label("summed"))
	CMPQ(field(args, tileReLU), Imm(0))
	JEQ(LabelRef(label("store")))
	zero := v.vector()
	v.zero(zero)
	for _, a := range acc {
		VMAXPS(a, zero, a) // NaN stays
	}
	Label(label("store"))
	CMPQ(field(args, tileOffset), Imm(0))
	JNE(LabelRef(label("gated")))
	each(func(m Mem, a VecVirtual) { VMOVUPS(a, m) })
	JMP(LabelRef(label("stored")))
	Label(label("gated"))
	offset, mask := load(args, tileOffset), K()
	v.zero(zero)
	each(func(m Mem, a VecVirtual) {
		reluOutput := Mem{Base: m.Base, Index: offset, Scale: 1, Disp: m.Disp}
		to := v.vector()
		if v.wide {
			VCMPPS(U8(lessThan), reluOutput, zero, mask)
			VMOVAPS_Z(a, mask, to)
		} else {
			VCMPPS(U8(lessThan), reluOutput, zero, to)
			VANDPS(to, a, to)
		}
		VMOVUPS(to, m)
	})
	Label(label("stored"))
	ADDQ(U32(64*outs), out)
	DECQ(field(args, tileLeft))
	JMP(LabelRef(label("group")))
	Label(label("next"))
}

// multiply adds the taps of one channel to the tile. With enough registers the weights
// stay in them, and every pixel is loaded once. With four outputs on AVX-512 the pixels
// slide through registers, and weights are loaded one at a time. Otherwise a pixel is
// loaded for every tap.
func multiply(v isa, w, x Register, step strided.Steps, acc []VecVirtual, taps, pixels, outs int) {
	step = step.From(x, pixels+taps-2)
	weightAt := func(t, o int) Mem { return Mem{Base: w, Disp: 4 * (t*outs + o)} }
	switch {
	case outs == 1 || v.many() && outs == 2:
		weight := v.factors(w, taps*outs)
		for k := range pixels + taps - 1 {
			px := v.vector()
			VMOVUPS(step.At(x, k), px)
			for t := range taps {
				if p := k - t; p >= 0 && p < pixels {
					for o := range outs {
						VFMADD231PS(px, weight(t*outs+o), acc[p*outs+o])
					}
				}
			}
		}
	case v.wide:
		px := v.vectors(pixels)
		for t := range taps {
			for p := range pixels {
				if t == 0 || p == pixels-1 {
					VMOVUPS(step.At(x, p+t), px[(p+t)%pixels])
				}
			}
			for o := range outs {
				b := v.vector()
				VBROADCASTSS(weightAt(t, o), b)
				for p := range pixels {
					VFMADD231PS(px[(p+t)%pixels], b, acc[p*outs+o])
				}
			}
		}
	default:
		for t := range taps {
			weights := v.vectors(outs)
			for o := range weights {
				VBROADCASTSS(weightAt(t, o), weights[o])
			}
			for p := range pixels {
				px := v.vector()
				VMOVUPS(step.At(x, p+t), px)
				for o := range outs {
					VFMADD231PS(px, weights[o], acc[p*outs+o])
				}
			}
		}
	}
}

// factors loads n floats, and returns the function that copies one of them to all lanes of a
// register. NEON loads some at a time, and multiplies by one where it lies.
func (v isa) factors(at Register, n int) func(i int) VecVirtual {
	if v.name != dispatch.NEON {
		all := v.vectors(n)
		for i, r := range all {
			VBROADCASTSS(Mem{Base: at, Disp: 4 * i}, r)
		}
		return func(i int) VecVirtual { return all[i] }
	}
	type place struct {
		vector VecVirtual
		lane   int
	}
	var all []place
	for len(all) < n {
		from, r, size := Mem{Base: at, Disp: 4 * len(all)}, v.vector(), 1
		switch left := n - len(all); {
		case left >= 4:
			VMOVUPS(from, r)
			size = 4
		case left >= 2:
			VMOVSD(from, r)
			size = 2
		default:
			VMOVSS(from, r)
		}
		for lane := range size {
			all = append(all, place{r, lane})
		}
	}
	return func(i int) VecVirtual {
		to := v.vector()
		VPERMILPS(U8(uint8(all[i].lane*0x55)), all[i].vector, to)
		return to
	}
}
