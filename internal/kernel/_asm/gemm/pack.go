// Packing: copying rows, or transposing columns, into panels.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func (v vectors) packRowsName(n int) string {
	return fmt.Sprintf("%sPackRows%d%s", v.prefix, n, v.suffix)
}

func (v vectors) packColumnsName() string { return v.prefix + "PackColumns" + v.suffix }

// packRows writes the function that copies k rows of up to n vectors.
func packRows(v vectors, n int, firstLanes Mem) {
	name := v.packRowsName(n)
	TEXT(name, NOSPLIT, fmt.Sprintf("func(dst *%[1]s, dstStep int, src *%[1]s, srcStep, k, cols int)", v.typ))
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is packRowsGeneric for width = %d and across = 1.", name, n*v.lanes()))

	dst := Load(Param("dst"), GP64())
	dstStep := Load(Param("dstStep"), GP64())
	src := Load(Param("src"), GP64())
	srcStep := Load(Param("srcStep"), GP64())
	k := Load(Param("k"), GP64())
	if v.bytes == 16 { // some lanes are loaded one by one
		CMPQ(Load(Param("cols"), GP64()), Imm(uint64(n*v.lanes())))
		JLT(LabelRef("part"))
		v.rowLoop("wholeRow", "wholeDone", k, func() {
			for j := range n {
				VMOVUPS(Mem{Base: src, Disp: j * v.bytes}, v.reg[j])
			}
			for j := range n {
				VMOVUPS(v.reg[j], Mem{Base: dst, Disp: j * v.bytes})
			}
			ADDQ(srcStep, src)
			ADDQ(dstStep, dst)
		})
		Label("part")
	}
	for j := range n {
		// The columns in vector j: cols-j*lanes, limited to 0..lanes.
		cols := Load(Param("cols"), GP64()).(GPVirtual)
		limit := GP64()
		SUBQ(U32(uint32(j*v.lanes())), cols)
		XORQ(limit, limit)
		CMPQ(cols, limit)
		CMOVQLT(limit, cols)
		MOVQ(U32(uint32(v.lanes())), limit)
		CMPQ(cols, limit)
		CMOVQGT(limit, cols)
		if v.masks() {
			maskOfLanes(cols, []OpmaskPhysical{K1, K2}[j])
		} else {
			VMOVDQU(v.lanePointer(firstLanes, cols), v.reg[2+j])
		}
	}

	v.rowLoop("row", "done", k, func() {
		for j := range n {
			from := Mem{Base: src, Disp: j * v.bytes}
			if v.masks() {
				v.zeroed(from, []OpmaskPhysical{K1, K2}[j], v.reg[j])
			} else {
				v.maskMove(from, v.reg[2+j], v.reg[j])
			}
			VMOVUPS(v.reg[j], Mem{Base: dst, Disp: j * v.bytes})
		}
		ADDQ(srcStep, src)
		ADDQ(dstStep, dst)
	})
}

// rowLoop writes a loop over k rows, and the return.
func (v vectors) rowLoop(label, done string, k Register, row func()) {
	Label(label)
	TESTQ(k, k)
	JLE(LabelRef(done))
	row()
	DECQ(k)
	JMP(LabelRef(label))
	Label(done)
	VZEROUPPER()
	RET()
}

// columns declares the function that transposes blocks of lanes by lanes. It returns the
// pointers of the function, and readRows, which calls read with the memory of each row
// of a block. Rows beyond the n-th are replaced by the n-th.
func (v vectors) columns() (dst, dstStep, src, blocks Register, readRows func(read func(i int, from Mem))) {
	name := v.packColumnsName()
	TEXT(name, NOSPLIT, fmt.Sprintf("func(dst *%[1]s, dstStep int, src *%[1]s, across, n, blocks int)", v.typ))
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is packRowsGeneric for step = 1, k = %d*blocks and n up to %[2]d.", name, v.lanes()))
	dst, dstStep = Load(Param("dst"), GP64()), Load(Param("dstStep"), GP64())
	src, blocks = Load(Param("src"), GP64()), Load(Param("blocks"), GP64())
	across, n, zero := Load(Param("across"), GP64()), Load(Param("n"), GP64()), GP64()
	XORQ(zero, zero)
	if v.bytes == 16 { // a register for each row
		rows := []Mem{{Base: src}}
		for i := 1; i < v.lanes(); i++ {
			step := GP64()
			MOVQ(across, step)
			CMPQ(n, Imm(uint64(i)))
			CMOVQLE(zero, step)
			if i > 1 {
				ADDQ(rows[i-1].Index, step)
			}
			rows = append(rows, Mem{Base: src, Index: step, Scale: 1})
		}
		return dst, dstStep, src, blocks, func(read func(i int, from Mem)) {
			for i, row := range rows {
				read(i, row)
			}
		}
	}
	return dst, dstStep, src, blocks, func(read func(i int, from Mem)) {
		row, step := GP64(), GP64()
		MOVQ(src, row)
		for i := range v.lanes() {
			read(i, Mem{Base: row})
			if i < v.lanes()-1 {
				MOVQ(across, step)
				CMPQ(n, Imm(uint64(i+1)))
				CMOVQLE(zero, step)
				ADDQ(step, row)
			}
		}
	}
}

// packColumns writes the function that transposes.
func packColumns(v vectors) {
	switch v.bytes {
	case 64:
		packColumnsAVX512(v)
	case 32:
		packColumnsAVX2(v)
	default:
		packColumnsNEON(v)
	}
}

// packColumnsNEON transposes lanes by lanes: it interleaves rows, by twos and, for float32,
// by fours.
func packColumnsNEON(v vectors) {
	dst, dstStep, src, blocks, readRows := v.columns()
	n := v.lanes()
	x, t := v.reg[:n], v.reg[n:2*n]

	Label("block")
	TESTQ(blocks, blocks)
	JLE(LabelRef("done"))
	readRows(func(i int, from Mem) { VMOVUPS(from, x[i]) })
	if v.size == 4 {
		for i := 0; i < n; i += 2 {
			VUNPCKLPS(x[i+1], x[i], t[i])
			VUNPCKHPS(x[i+1], x[i], t[i+1])
		}
		VUNPCKLPD(t[2], t[0], x[0])
		VUNPCKHPD(t[2], t[0], x[1])
		VUNPCKLPD(t[3], t[1], x[2])
		VUNPCKHPD(t[3], t[1], x[3])
	} else {
		VUNPCKLPD(x[1], x[0], t[0])
		VUNPCKHPD(x[1], x[0], t[1])
		x = t
	}
	for i := range n {
		VMOVUPS(x[i], Mem{Base: dst})
		ADDQ(dstStep, dst)
	}
	ADDQ(Imm(uint64(v.bytes)), src)
	DECQ(blocks)
	JMP(LabelRef("block"))

	Label("done")
	VZEROUPPER()
	RET()
}

// packColumnsAVX512 transposes lanes by lanes. It interleaves rows within the quarters
// of a register, by twos and, for float32, by fours. Then it exchanges the quarters.
func packColumnsAVX512(z vectors) {
	dst, dstStep, src, blocks, readRows := z.columns()
	n := z.lanes()
	a, b := z.reg[:n], z.reg[16:16+n]

	Label("block")
	TESTQ(blocks, blocks)
	JLE(LabelRef("done"))
	readRows(func(i int, from Mem) { VMOVUPS(from, a[i]) })
	if z.size == 4 {
		for i := 0; i < n; i += 2 {
			VUNPCKLPS(a[i+1], a[i], b[i])
			VUNPCKHPS(a[i+1], a[i], b[i+1])
		}
		for i := 0; i < n; i += 4 {
			VUNPCKLPD(b[i+2], b[i], a[i])
			VUNPCKHPD(b[i+2], b[i], a[i+1])
			VUNPCKLPD(b[i+3], b[i+1], a[i+2])
			VUNPCKHPD(b[i+3], b[i+1], a[i+3])
		}
	} else {
		for i := 0; i < n; i += 2 {
			VUNPCKLPD(a[i+1], a[i], b[i])
			VUNPCKHPD(a[i+1], a[i], b[i+1])
		}
		a, b = b, a
	}
	q := n / 4 // now a[q*g+c] has rows q*g to q*g+q-1 of columns c, q+c, 2q+c, 3q+c
	for c := range q {
		VSHUFF32X4(Imm(0x88), a[q+c], a[c], b[c])
		VSHUFF32X4(Imm(0xdd), a[q+c], a[c], b[q+c])
		VSHUFF32X4(Imm(0x88), a[3*q+c], a[2*q+c], b[2*q+c])
		VSHUFF32X4(Imm(0xdd), a[3*q+c], a[2*q+c], b[3*q+c])
	}
	for c := range q {
		VSHUFF32X4(Imm(0x88), b[2*q+c], b[c], a[c])
		VSHUFF32X4(Imm(0xdd), b[2*q+c], b[c], a[2*q+c])
		VSHUFF32X4(Imm(0x88), b[3*q+c], b[q+c], a[q+c])
		VSHUFF32X4(Imm(0xdd), b[3*q+c], b[q+c], a[3*q+c])
	}
	for i := range n {
		VMOVUPS(a[i], Mem{Base: dst})
		ADDQ(dstStep, dst)
	}
	ADDQ(Imm(64), src)
	DECQ(blocks)
	JMP(LabelRef("block"))

	Label("done")
	VZEROUPPER()
	RET()
}

// packColumnsAVX2 transposes lanes by lanes. It reads rows i and i+lanes/2 into the
// halves of a register, and then interleaves rows within the halves.
func packColumnsAVX2(v vectors) {
	dst, dstStep, src, blocks, readRows := v.columns()
	x := []VecPhysical{X0, X1, X2, X3, X4, X5, X6, X7}
	n := v.lanes()
	y, t := v.reg[:n], v.reg[8:8+n]

	Label("block")
	TESTQ(blocks, blocks)
	JLE(LabelRef("done"))
	readRows(func(i int, from Mem) {
		for half := range 2 {
			from.Disp = 16 * half
			if to := n/2*half + i%(n/2); i < n/2 {
				VMOVUPS(from, x[to])
			} else {
				VINSERTF128(Imm(1), from, y[to], y[to])
			}
		}
	})
	if v.size == 4 {
		for i := 0; i < n; i += 2 {
			VUNPCKLPS(y[i+1], y[i], t[i])
			VUNPCKHPS(y[i+1], y[i], t[i+1])
		}
		for i := 0; i < n; i += 4 {
			VUNPCKLPD(t[i+2], t[i], y[i])
			VUNPCKHPD(t[i+2], t[i], y[i+1])
			VUNPCKLPD(t[i+3], t[i+1], y[i+2])
			VUNPCKHPD(t[i+3], t[i+1], y[i+3])
		}
	} else {
		for i := 0; i < n; i += 2 {
			VUNPCKLPD(y[i+1], y[i], t[i])
			VUNPCKHPD(y[i+1], y[i], t[i+1])
		}
		y = t
	}
	for i := range n {
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
