// Command gemm writes the assembly of matrix multiplication: the register tiles
// (tile.go), the tiles of implicit products (implicit.go) and the packing of panels
// (pack.go), in float32 or, with -float 64, in float64; for amd64 or, with -neon, for
// arm64.
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/stheno-ml/stheno/internal/kernel/_asm/dispatch"
	"github.com/stheno-ml/stheno/internal/kernel/_asm/neon"
)

// float is an element type, with the instructions that depend on it.
type float struct {
	prefix string // of the functions' names
	typ    string // in Go
	size   int    // bytes of an element

	add, max, mulAdd, broadcast func(...Op)
	masked                      func(...Op)      // AVX-512: stores some lanes
	zeroed                      func(m, k, z Op) // AVX-512: loads some lanes, clears the others
	maskMove                    func(m, y, r Op) // AVX2 and NEON: both of these
}

// floats are the element types by their bits.
func floats() map[int]float {
	return map[int]float{
		32: {"gemm", "float32", 4, VADDPS, VMAXPS, VFMADD231PS, VBROADCASTSS, VMOVUPS, VMOVUPS_Z, VMASKMOVPS},
		64: {"gemm64", "float64", 8, VADDPD, VMAXPD, VFMADD231PD, VBROADCASTSD, VMOVUPD, VMOVUPD_Z, VMASKMOVPD},
	}
}

// vectors is an instruction set: its registers, and the tiles that fit into them.
type vectors struct {
	float
	suffix string // of the functions' names
	bytes  int    // in a vector
	reg    []VecPhysical
	rows   int   // of the tallest tile of two vectors
	lowest int   // height of the last tiles, if all others are the tallest; 0 if heights are equal
	wide   []int // vectors of the tiles of whole panels, by rows-1

	packA int // panels of c from which on a transposed a is packed; 0 for never
	packB int // rows of a from which on b is packed
}

// lanes is the number of elements in a vector.
func (v vectors) lanes() int { return v.bytes / v.size }

// masks reports whether there are mask registers.
func (v vectors) masks() bool { return v.bytes == 64 }

// mask is the register with the mask of the last vector where there are no mask registers.
func (v vectors) mask() VecPhysical { return v.reg[len(v.reg)-1] }

// zero clears a register.
func (v vectors) zero(r VecPhysical) {
	if v.masks() {
		VPXORD(r, r, r)
	} else {
		VXORPS(r, r, r)
	}
}

// registers returns the instruction sets, those of amd64 first, the wider before the
// narrower.
func registers(f float) [3]vectors {
	narrow := f
	if f.size == 8 {
		narrow.broadcast = VMOVDDUP // VBROADCASTSD has no form for 128 bits
	}
	return [3]vectors{{
		float: f, suffix: "AVX512", bytes: 64, rows: 14, wide: []int{8, 8, 8}, packB: 168,
		reg: []VecPhysical{
			Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15,
			Z16, Z17, Z18, Z19, Z20, Z21, Z22, Z23, Z24, Z25, Z26, Z27, Z28, Z29, Z30, Z31,
		},
	}, {
		float: f, suffix: "AVX2", bytes: 32, rows: 6, lowest: 4, wide: []int{8}, packA: 8, packB: 168,
		reg: []VecPhysical{
			Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15,
		},
	}, {
		float: narrow, suffix: "NEON", bytes: 16, rows: 8, wide: []int{8, 8, 4, 4}, packB: 96,
		reg: []VecPhysical{ // but for those of the translation
			X0, X1, X2, X3, X4, X5, X6, X7, X8, X9, X10, X11, X12, X13, X14, X15,
			X16, X17, X18, X19, X20, X21, X22, X23, X24, X25, X26, X27, X28, X29,
		},
	}}
}

func main() {
	bits := flag.Int("float", 32, "32 or 64, the bits of an element")
	prefix := flag.String("dispatch", "", "write the dispatch of both types to `name`_amd64.go, name_arm64.go and name_plain.go, and no assembly")
	isNEON := neon.Flag()
	flag.Parse()
	if *prefix != "" {
		dispatch.Write(*prefix, table())
		return
	}
	f, ok := floats()[*bits]
	if !ok {
		fmt.Fprintln(os.Stderr, "gemm: -float must be 32 or 64")
		os.Exit(2)
	}
	neon.Constraint(*isNEON)
	firstLanes := laneTable()
	sets := registers(f)
	chosen := sets[:2]
	if *isNEON {
		chosen = sets[2:]
	}
	for _, v := range chosen {
		for _, t := range slices.Concat(v.tiles(1), v.tiles(2), v.wideTiles()) {
			t.write(firstLanes)
		}
		for _, n := range []int{1, 2} {
			packRows(v, n, firstLanes)
		}
		for _, n := range []int{1, 2} {
			for _, t := range v.implicits(n) {
				t.write()
			}
		}
	}
	for _, v := range chosen {
		packColumns(v)
	}
	neon.Generate(*isNEON)
}

// laneTable declares eight words of ones followed by eight of zeros. From word 8-n on
// they are the AVX2 mask of the first n lanes.
func laneTable() Mem {
	table := GLOBL("gemmLanes", 24) // RODATA|NOPTR
	for i := range 16 {
		word := uint32(0)
		if i < 8 {
			word = 0xffffffff
		}
		DATA(4*i, U32(word))
	}
	return table
}

// maskOfLanes sets the mask register k to the first n lanes, for n in 0..16. It may
// overwrite n.
func maskOfLanes(n GPVirtual, k OpmaskPhysical) {
	ones := GP64()
	MOVQ(n, RCX)
	MOVQ(U32(1), ones)
	SHLQ(CL, ones)
	DECQ(ones)
	KMOVW(ones.As32(), k)
}

// lanePointer returns the address of the AVX2 mask of the first n lanes. It overwrites n.
func (v vectors) lanePointer(table Mem, n GPVirtual) Mem {
	base := GP64()
	LEAQ(table, base)
	NEGQ(n)
	return Mem{Base: base, Index: n, Scale: uint8(v.size), Disp: 32}
}
