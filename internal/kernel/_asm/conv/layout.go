package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The words of transposeTiles.
const (
	tileDst     = 0
	tileSrc     = 3
	tileDstAt   = 6
	tileSrcAt   = 9
	tileRows    = 12
	tileCols    = 13
	tileWidth   = 14
	tileRepeat  = 15
	tileDstNext = 16 // then tileSrcNext, tileDstAtNext, tileSrcAtNext
)

// transpose writes the kernel that transposes tiles of at most as many rows and columns
// as a vector has lanes.
func transpose(v isa, lanes Mem) {
	begin("transpose"+v.name, "func(a *uint64)",
		fmt.Sprintf("transposeGeneric for up to %d rows and columns and a width of up to %[1]d", v.lanes))
	args := Load(Param("a"), GP64())
	dst, src := load(args, tileDst), load(args, tileSrc)
	dstAt, srcAt := load(args, tileDstAt), load(args, tileSrcAt)
	rows, cols, repeat := load(args, tileRows), load(args, tileCols), load(args, tileRepeat)
	columns, widths := v.firstLanes(args, tileCols, lanes), v.firstLanes(args, tileWidth, lanes)

	zero := v.vector()
	v.zero(zero)

	Label("tile")
	tile := v.vectors(v.lanes)
	for _, r := range tile {
		VMOVAPS(zero, r)
	}
	mask := columns()
	for i, r := range tile {
		CMPQ(rows, U8(i))
		JLE(LabelRef("read"))
		at := GP64()
		MOVQ(Mem{Base: srcAt, Disp: 8 * i}, at)
		from := Mem{Base: src, Index: at, Scale: 4}
		ahead := from // the hardware does not prefetch this many streams well
		ahead.Disp = 512
		PREFETCHT1(ahead)
		if v.wide {
			VMOVUPS_Z(from, mask, r)
		} else {
			VMASKMOVPS(from, mask, r)
		}
	}
	Label("read")
	out := transposed(v, tile)
	store := func(move func(r VecVirtual, to Mem)) {
		for i, r := range out {
			CMPQ(cols, U8(i))
			JLE(LabelRef("written"))
			at := GP64()
			MOVQ(Mem{Base: dstAt, Disp: 8 * i}, at)
			move(r, Mem{Base: dst, Index: at, Scale: 4})
		}
	}
	if v.wide {
		k := widths()
		store(func(r VecVirtual, to Mem) { VMOVUPS(r, k, to) })
	} else { // masked stores of AVX2 are slow
		CMPQ(field(args, tileWidth), U8(v.lanes))
		JL(LabelRef("narrow"))
		store(func(r VecVirtual, to Mem) { VMOVUPS(r, to) })
		JMP(LabelRef("written"))
		Label("narrow")
		k := widths()
		store(func(r VecVirtual, to Mem) { VMASKMOVPS(r, k, to) })
	}
	Label("written")
	for i, r := range []GPVirtual{dst, src, dstAt, srcAt} {
		next, size := load(args, tileDstNext+i), uint8(8)
		if i < 2 {
			size = 4
		}
		LEAQ(Mem{Base: r, Index: next, Scale: size}, r)
	}
	DECQ(repeat)
	JG(LabelRef("tile"))
	VZEROUPPER()
	RET()
}

// firstLanes makes the mask of the first lanes; the word index has their number. It
// returns a function that returns the mask in a register. AVX-512 keeps it in a mask
// register. AVX2 reads it each time, because the tile needs all registers.
func (v isa) firstLanes(args Register, index int, table Mem) func() Op {
	n := load(args, index)
	if v.wide {
		ones, k := GP64(), K()
		MOVQ(n, RCX)
		MOVQ(U32(1), ones)
		SHLQ(CL, ones)
		DECQ(ones)
		KMOVW(ones.As32(), k)
		return func() Op { return k }
	}
	at := GP64()
	LEAQ(table, at)
	NEGQ(n)
	LEAQ(Mem{Base: at, Index: n, Scale: 4, Disp: 32}, at)
	return func() Op {
		r := v.vector()
		VMOVDQU(Mem{Base: at}, r)
		return r
	}
}

// laneTable declares 8 words of ones followed by 8 of zeros. From word 8-n on they are
// the mask of the first n of 8 lanes.
func laneTable() Mem {
	table := GLOBL("imageLanes", 24) // RODATA|NOPTR
	for i := range 16 {
		word := uint32(0)
		if i < 8 {
			word = 0xffffffff
		}
		DATA(4*i, U32(word))
	}
	return table
}

// transposed returns the columns of a square of rows. It transposes squares of 4 within
// the quarters of the vectors first, and then exchanges the quarters.
func transposed(v isa, rows []VecVirtual) []VecVirtual {
	for g := 0; g < len(rows); g += 4 {
		r, t := rows[g:g+4], v.vectors(4)
		VUNPCKLPS(r[1], r[0], t[0])
		VUNPCKHPS(r[1], r[0], t[1])
		VUNPCKLPS(r[3], r[2], t[2])
		VUNPCKHPS(r[3], r[2], t[3])
		u := v.vectors(4)
		VUNPCKLPD(t[2], t[0], u[0])
		VUNPCKHPD(t[2], t[0], u[1])
		VUNPCKLPD(t[3], t[1], u[2])
		VUNPCKHPD(t[3], t[1], u[3])
		copy(r, u)
	}
	columns := make([]VecVirtual, len(rows))
	for j := range 4 { // columns j, 4+j, ...: quarters 0, 1, ... of rows j, 4+j, ...
		if v.lanes == 4 {
			columns[j] = rows[j]
			continue
		}
		if !v.wide {
			out := v.vectors(2)
			VPERM2F128(U8(0x20), rows[4+j], rows[j], out[0])
			VPERM2F128(U8(0x31), rows[4+j], rows[j], out[1])
			columns[j], columns[4+j] = out[0], out[1]
			continue
		}
		even, odd := v.vectors(2), v.vectors(2)
		for h := range 2 {
			VSHUFF64X2(U8(0x88), rows[8*h+4+j], rows[8*h+j], even[h])
			VSHUFF64X2(U8(0xdd), rows[8*h+4+j], rows[8*h+j], odd[h])
		}
		out := v.vectors(4)
		VSHUFF64X2(U8(0x88), even[1], even[0], out[0])
		VSHUFF64X2(U8(0x88), odd[1], odd[0], out[1])
		VSHUFF64X2(U8(0xdd), even[1], even[0], out[2])
		VSHUFF64X2(U8(0xdd), odd[1], odd[0], out[3])
		for q, c := range out {
			columns[4*q+j] = c
		}
	}
	return columns
}
