package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// transpose writes the transpose of a square of as many rows as lanes.
func transpose(v isa) {
	begin("transpose"+v.name, "func(dst, src []float32, dstStep, srcStep int)",
		fmt.Sprintf("dst[i*dstStep+j] = src[j*srcStep+i] for i and j below %d", v.lanes))
	dst, src := Load(Param("dst").Base(), GP64()), Load(Param("src").Base(), GP64())
	dstStep, srcStep := Load(Param("dstStep"), GP64()), Load(Param("srcStep"), GP64())
	rows := make([]VecVirtual, v.lanes)
	for i := range rows {
		rows[i] = v.vector()
		VMOVUPS(Mem{Base: src}, rows[i])
		LEAQ(Mem{Base: src, Index: srcStep, Scale: 4}, src)
	}
	for i, c := range transposed(v, rows) {
		VMOVUPS(c, Mem{Base: dst})
		if i < v.lanes-1 {
			LEAQ(Mem{Base: dst, Index: dstStep, Scale: 4}, dst)
		}
	}
	VZEROUPPER()
	RET()
}

// transposed exchanges rows and columns: squares of 4 within quarters of the
// vectors first, then the quarters.
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
