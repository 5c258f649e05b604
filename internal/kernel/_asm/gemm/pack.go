// Packing: rows copied, or columns transposed, into panels that the tiles read
// in order.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// packRows writes the function that copies k rows of up to n vectors.
func packRows(v vectors, n int, firstLanes Mem) {
	name := fmt.Sprintf("gemmPackRows%d%s", n, v.suffix)
	TEXT(name, NOSPLIT, "func(dst *float32, dstStep int, src *float32, srcStep, k, cols int)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is packRowsGeneric for width = %d and across = 1.", name, n*v.lanes()))

	dst := Load(Param("dst"), GP64())
	dstStep := Load(Param("dstStep"), GP64())
	src := Load(Param("src"), GP64())
	srcStep := Load(Param("srcStep"), GP64())
	k := Load(Param("k"), GP64())
	for j := range n {
		// The columns in vector j: cols-j*lanes brought into 0..lanes.
		cols := Load(Param("cols"), GP64()).(GPVirtual)
		limit := GP64()
		SUBQ(U32(uint32(j*v.lanes())), cols)
		XORQ(limit, limit)
		CMPQ(cols, limit)
		CMOVQLT(limit, cols)
		MOVQ(U32(uint32(v.lanes())), limit)
		CMPQ(cols, limit)
		CMOVQGT(limit, cols)
		if v.bytes == 64 {
			maskOfLanes(cols, []OpmaskPhysical{K1, K2}[j])
		} else {
			VMOVDQU(lanePointer(firstLanes, cols), v.reg[2+j])
		}
	}

	Label("row")
	TESTQ(k, k)
	JLE(LabelRef("done"))
	for j := range n {
		from := Mem{Base: src, Disp: j * v.bytes}
		if v.bytes == 64 {
			VMOVUPS_Z(from, []OpmaskPhysical{K1, K2}[j], v.reg[j])
		} else {
			VMASKMOVPS(from, v.reg[2+j], v.reg[j])
		}
		VMOVUPS(v.reg[j], Mem{Base: dst, Disp: j * v.bytes})
	}
	ADDQ(srcStep, src)
	ADDQ(dstStep, dst)
	DECQ(k)
	JMP(LabelRef("row"))

	Label("done")
	VZEROUPPER()
	RET()
}

// columns declares the function that transposes blocks of lanes by lanes. It
// returns its pointers, and readRows, which calls read with a register that points
// to each of the rows to transpose; the last of the n rows stands for those beyond.
func columns(suffix string, lanes int) (dst, dstStep, src, blocks Register, readRows func(read func(i int, row Register))) {
	name := "gemmPackColumns" + suffix
	TEXT(name, NOSPLIT, "func(dst *float32, dstStep int, src *float32, across, n, blocks int)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is packRowsGeneric for step = 1, k = %d*blocks and n up to %[2]d.", name, lanes))
	dst, dstStep = Load(Param("dst"), GP64()), Load(Param("dstStep"), GP64())
	src, blocks = Load(Param("src"), GP64()), Load(Param("blocks"), GP64())
	across, n, zero := Load(Param("across"), GP64()), Load(Param("n"), GP64()), GP64()
	XORQ(zero, zero)
	return dst, dstStep, src, blocks, func(read func(i int, row Register)) {
		row, step := GP64(), GP64()
		MOVQ(src, row)
		for i := range lanes {
			read(i, row)
			if i < lanes-1 {
				MOVQ(across, step)
				CMPQ(n, Imm(uint64(i+1)))
				CMOVQLE(zero, step)
				ADDQ(step, row)
			}
		}
	}
}

// packColumnsAVX512 transposes 16 by 16: pairs and fours of rows are interleaved
// within quarters of a register, then the quarters are exchanged.
func packColumnsAVX512(z vectors) {
	dst, dstStep, src, blocks, readRows := columns(z.suffix, 16)
	lo, hi := z.reg[:16], z.reg[16:]

	Label("block")
	TESTQ(blocks, blocks)
	JLE(LabelRef("done"))
	readRows(func(i int, row Register) { VMOVUPS(Mem{Base: row}, lo[i]) })
	for i := 0; i < 16; i += 2 {
		VUNPCKLPS(lo[i+1], lo[i], hi[i])
		VUNPCKHPS(lo[i+1], lo[i], hi[i+1])
	}
	for i := 0; i < 16; i += 4 {
		VUNPCKLPD(hi[i+2], hi[i], lo[i])
		VUNPCKHPD(hi[i+2], hi[i], lo[i+1])
		VUNPCKLPD(hi[i+3], hi[i+1], lo[i+2])
		VUNPCKHPD(hi[i+3], hi[i+1], lo[i+3])
	}
	for c := range 4 { // lo[4g+c] has rows 4g..4g+3 of columns c, 4+c, 8+c, 12+c
		VSHUFF32X4(Imm(0x88), lo[4+c], lo[c], hi[c])
		VSHUFF32X4(Imm(0xdd), lo[4+c], lo[c], hi[4+c])
		VSHUFF32X4(Imm(0x88), lo[12+c], lo[8+c], hi[8+c])
		VSHUFF32X4(Imm(0xdd), lo[12+c], lo[8+c], hi[12+c])
	}
	for c := range 4 {
		VSHUFF32X4(Imm(0x88), hi[8+c], hi[c], lo[c])
		VSHUFF32X4(Imm(0xdd), hi[8+c], hi[c], lo[8+c])
		VSHUFF32X4(Imm(0x88), hi[12+c], hi[4+c], lo[4+c])
		VSHUFF32X4(Imm(0xdd), hi[12+c], hi[4+c], lo[12+c])
	}
	for i := range 16 {
		VMOVUPS(lo[i], Mem{Base: dst})
		ADDQ(dstStep, dst)
	}
	ADDQ(Imm(64), src)
	DECQ(blocks)
	JMP(LabelRef("block"))

	Label("done")
	VZEROUPPER()
	RET()
}

// packColumnsAVX2 transposes 8 by 8: rows i and i+4 are read into the halves of a
// register, then fours of rows are interleaved within the halves.
func packColumnsAVX2() {
	dst, dstStep, src, blocks, readRows := columns("AVX2", 8)
	x := []VecPhysical{X0, X1, X2, X3, X4, X5, X6, X7}
	y := []VecPhysical{Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7}
	t := []VecPhysical{Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15}

	Label("block")
	TESTQ(blocks, blocks)
	JLE(LabelRef("done"))
	readRows(func(i int, row Register) {
		for half := range 2 {
			from := Mem{Base: row, Disp: 16 * half}
			if to := 4*half + i%4; i < 4 {
				VMOVUPS(from, x[to])
			} else {
				VINSERTF128(Imm(1), from, y[to], y[to])
			}
		}
	})
	for i := 0; i < 8; i += 2 {
		VUNPCKLPS(y[i+1], y[i], t[i])
		VUNPCKHPS(y[i+1], y[i], t[i+1])
	}
	for i := 0; i < 8; i += 4 {
		VUNPCKLPD(t[i+2], t[i], y[i])
		VUNPCKHPD(t[i+2], t[i], y[i+1])
		VUNPCKLPD(t[i+3], t[i+1], y[i+2])
		VUNPCKHPD(t[i+3], t[i+1], y[i+3])
	}
	for i := range 8 {
		VMOVUPS(y[i], Mem{Base: dst})
		ADDQ(dstStep, dst)
	}
	ADDQ(Imm(32), src)
	DECQ(blocks)
	JMP(LabelRef("block"))

	Label("done")
	VZEROUPPER()
	RET()
}
