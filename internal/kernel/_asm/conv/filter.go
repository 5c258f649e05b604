package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/stheno-ml/stheno/internal/kernel/_asm/dispatch"
	"github.com/stheno-ml/stheno/internal/kernel/_asm/strided"
)

// The words of convFilterTile.
const (
	filterAcc     = 0
	filterX       = 3
	filterDY      = 6
	filterRows    = 9
	filterCols    = 10
	filterXRow    = 11
	filterXCol    = 12
	filterXTap    = 13
	filterDYRow   = 14
	filterDYCol   = 15
	filterFresh   = 16
	filterXTapRow = 17
)

// filter is the kernel that keeps taps by ins by outs sums of products in
// registers, over a rectangle of pixels.
type filter struct {
	isa
	taps, ins, outs int
}

// filters are the kernels whose sums fit into the registers.
func filters() []filter {
	var all []filter
	avx512, avx2, arm := isas()[0], isas()[1], isas()[2]
	for taps := 1; taps <= 3; taps++ {
		for ins := 1; ins <= 8; ins *= 2 {
			for outs := 1; outs <= 8; outs *= 2 {
				limit := 8
				if taps == 1 {
					limit = 16
				}
				if ins*outs <= limit {
					all = append(all, filter{avx512, taps, ins, outs}, filter{arm, taps, ins, outs})
				}
				if ins*outs <= limit/2 {
					all = append(all, filter{avx2, taps, ins, outs})
				}
			}
		}
	}
	return all
}

func (k filter) name() string {
	return fmt.Sprintf("convFilter%sT%dC%dO%d", k.isa.name, k.taps, k.ins, k.outs)
}

func (k filter) write() {
	v, taps, ins, outs := k.isa, k.taps, k.ins, k.outs
	doc := fmt.Sprintf("convFilterGeneric for %d taps, %d inputs and %d outputs", taps, ins, outs)
	var at places
	filterKernel(v, k.name(), doc, taps*ins*outs, 1, func(_ int, x, dy, xTap, _ Register, acc []VecVirtual, disp int) {
		products(v, at.from(v, x, xTap, taps-1, disp), dy, acc, disp, taps, ins, outs)
	})
}

// rowFilter is the kernel for three taps and one output where the taps have the same
// stride in x as the pixels. The gradients of a few pixels stay in registers, and each
// x that they read is loaded once.
type rowFilter struct {
	isa
	ins, pixels int
}

// rowFilters are the kernels whose sums and gradients fit into the registers.
func rowFilters() []rowFilter {
	var all []rowFilter
	avx512, avx2, arm := isas()[0], isas()[1], isas()[2]
	for ins := 1; ins <= 8; ins *= 2 {
		all = append(all, rowFilter{avx512, ins, 4}, rowFilter{arm, ins, 4})
		if ins <= 4 {
			all = append(all, rowFilter{avx2, ins, 2})
		}
	}
	return all
}

func (k rowFilter) name() string { return fmt.Sprintf("convFilterRow%sC%d", k.isa.name, k.ins) }

func (k rowFilter) write() {
	v, ins := k.isa, k.ins
	doc := fmt.Sprintf("convFilterGeneric for 3 taps, %d inputs, 1 output and xCol = xTap", ins)
	var at places
	filterKernel(v, k.name(), doc, 3*ins, k.pixels, func(pixels int, x, dy, xTap, dyCol Register, acc []VecVirtual, disp int) {
		grads := v.vectors(pixels)
		along, dyStep := at.from(v, x, xTap, pixels+1, disp), strided.New(dyCol, pixels-1)
		for i, r := range grads {
			m := dyStep.At(dy, i)
			m.Disp = disp
			VMOVUPS(m, r)
		}
		for c := range ins {
			for k := range pixels + 2 {
				px := v.vector()
				m := along(k)
				m.Disp += 64 * c
				VMOVUPS(m, px)
				for t := range 3 {
					if i := k - t; i >= 0 && i < pixels {
						VFMADD231PS(px, grads[i], acc[3*c+t])
					}
				}
			}
		}
	})
}

// squareFilter writes the kernel for kernels of 3x3 with one input and one output.
func squareFilter(v isa) {
	filterKernel(v, squareFilterName(v), "convFilterSquareGeneric", 9, 1, func(_ int, x, dy, xTap, _ Register, acc []VecVirtual, disp int) {
		row := GP64()
		MOVQ(field(Load(Param("a"), GP64()), filterXTapRow), row)
		px := v.vector()
		VMOVUPS(Mem{Base: dy, Disp: disp}, px)
		at := x
		for i := range 3 {
			if i > 0 {
				next := GP64()
				LEAQ(Mem{Base: at, Index: row, Scale: 4}, next)
				at = next
			}
			for t := range 3 {
				from := Mem{Base: at, Disp: disp}
				if t > 0 {
					from.Index, from.Scale = xTap, uint8(t)
				}
				VFMADD231PS(from, px, acc[3*i+t])
			}
		}
	})
}

func squareFilterName(v isa) string { return "convFilterSquare" + v.name }

// filterKernel writes the loops over pixels: some pixels of a row at a time, then one
// at a time.
func filterKernel(v isa, name, doc string, sums, pixels int, body func(pixels int, x, dy, xTap, dyCol Register, acc []VecVirtual, disp int)) {
	begin(name, "func(a *uint64)", doc)
	args := Load(Param("a"), GP64())
	acc, at := v.vectors(sums), load(args, filterAcc)
	for _, a := range acc {
		v.zero(a)
	}
	CMPQ(field(args, filterFresh), Imm(0))
	JNE(LabelRef("start"))
	for i, a := range acc {
		VMOVUPS(Mem{Base: at, Disp: i * v.bytes()}, a)
	}
	Label("start")
	x, dy := load(args, filterX), load(args, filterDY)
	xTap, dyCol := loadBytes(args, filterXTap), loadBytes(args, filterDYCol)
	rows, cols := load(args, filterRows), GP64()

	Label("row")
	CMPQ(rows, Imm(0))
	JLE(LabelRef("done"))
	MOVQ(field(args, filterCols), cols)
	sizes := []int{pixels}
	if pixels > 1 {
		sizes = append(sizes, 1)
	}
	for _, n := range sizes {
		loop, out := fmt.Sprintf("cols%d", n), fmt.Sprintf("fewer%d", n)
		CMPQ(cols, Imm(uint64(n)))
		JLT(LabelRef(out))
		Label(loop)
		for half := range v.halves() {
			body(n, x, dy, xTap, dyCol, acc, half*v.bytes())
		}
		more := loadBytes(args, filterXCol)
		if n > 1 {
			IMUL3Q(U32(n), more, more)
		}
		ADDQ(more, x)
		for range n {
			ADDQ(dyCol, dy)
		}
		SUBQ(Imm(uint64(n)), cols)
		CMPQ(cols, Imm(uint64(n)))
		JGE(LabelRef(loop))
		Label(out)
	}
	// From the end of a row to the start of the next.
	for i, r := range []Register{x, dy} {
		col, row := filterXCol, filterXRow
		if i == 1 {
			col, row = filterDYCol, filterDYRow
		}
		back := load(args, col)
		IMULQ(field(args, filterCols), back)
		NEGQ(back)
		ADDQ(field(args, row), back)
		LEAQ(Mem{Base: r, Index: back, Scale: 4}, r)
	}
	DECQ(rows)
	JMP(LabelRef("row"))

	Label("done")
	for i, a := range acc {
		VMOVUPS(a, Mem{Base: at, Disp: i * v.bytes()})
	}
	VZEROUPPER()
	RET()
}

// products adds the products of one pixel, for a vector of images that begins at byte
// disp. Of gradients and inputs, the smaller set stays in registers, and the others are
// loaded one at a time.
func products(v isa, along func(k int) Mem, dy Register, acc []VecVirtual, disp, taps, ins, outs int) {
	xAt := func(i int) Mem {
		m := along(i % taps)
		m.Disp += 64 * (i / taps)
		return m
	}
	dyAt := func(o int) Mem { return Mem{Base: dy, Disp: 64*o + disp} }
	fixed, streamed, fixedAt, streamedAt := outs, ins*taps, dyAt, xAt
	sum := func(o, i int) VecVirtual { return acc[o*ins*taps+i] }
	if outs > ins*taps {
		fixed, streamed, fixedAt, streamedAt = ins*taps, outs, xAt, dyAt
		sum = func(i, o int) VecVirtual { return acc[o*ins*taps+i] }
	}
	loaded := v.vectors(fixed)
	for i, r := range loaded {
		VMOVUPS(fixedAt(i), r)
	}
	for j := range streamed {
		r := v.vector()
		VMOVUPS(streamedAt(j), r)
		for i, l := range loaded {
			VFMADD231PS(l, r, sum(i, j))
		}
	}
}

// places are the memory at multiples of a step from a pixel on. NEON's loads take no offset
// beside an index, so it keeps a pointer to each of them.
type places struct{ pointers []Register }

// from returns the places up to last, for the vector of images that begins at byte disp. The
// first vector sets the pointers.
func (p *places) from(v isa, x, step Register, last, disp int) func(k int) Mem {
	if v.name != dispatch.NEON {
		steps := strided.New(step, last)
		return func(k int) Mem {
			m := steps.At(x, k)
			m.Disp = disp
			return m
		}
	}
	if disp == 0 {
		p.pointers = []Register{x}
		for k := range last {
			next := GP64()
			LEAQ(Mem{Base: p.pointers[k], Index: step, Scale: 1}, next)
			p.pointers = append(p.pointers, next)
		}
	}
	return func(k int) Mem { return Mem{Base: p.pointers[k], Disp: disp} }
}
