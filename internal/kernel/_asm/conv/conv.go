// Command conv writes the assembly of package kernel's convolutions on images with the
// batch innermost: tiles of outputs, tiles of the filter gradient, sums over lanes and
// pixels, pooling, transposes; for amd64 or, with -neon, for arm64.
package main

import (
	"flag"
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/stheno-ml/stheno/internal/kernel/_asm/dispatch"
	"github.com/stheno-ml/stheno/internal/kernel/_asm/neon"
)

// isa is an instruction set.
type isa struct {
	name   string
	lanes  int
	vector func() VecVirtual
	wide   bool // AVX-512: masks
}

// many reports whether there are 32 registers, not 16.
func (v isa) many() bool { return v.name != "AVX2" }

func (v isa) bytes() int { return 4 * v.lanes }

// halves is the number of vectors that the sixteen images of a group fill.
func (v isa) halves() int { return 16 / v.lanes }

// vectors returns n new registers.
func (v isa) vectors(n int) []VecVirtual {
	r := make([]VecVirtual, n)
	for i := range r {
		r[i] = v.vector()
	}
	return r
}

// zero clears r.
func (v isa) zero(r VecVirtual) {
	if v.wide {
		VPXORD(r, r, r)
		return
	}
	VXORPS(r, r, r)
}

// isas are the instruction sets, those of amd64 first, the wider before the narrower.
func isas() [3]isa {
	return [3]isa{
		{"AVX512", 16, func() VecVirtual { return ZMM() }, true},
		{"AVX2", 8, func() VecVirtual { return YMM() }, false},
		{dispatch.NEON, 4, func() VecVirtual { return XMM() }, false},
	}
}

func main() {
	prefix := flag.String("dispatch", "", "write the dispatch to `name`_amd64.go, name_arm64.go and name_plain.go, and no assembly")
	isNEON := neon.Flag()
	flag.Parse()
	if *prefix != "" {
		dispatch.Write(*prefix, table())
		return
	}
	neon.Constraint(*isNEON)
	lanes := laneTable()
	wanted := func(v isa) bool { return (v.name == dispatch.NEON) == *isNEON }
	for _, k := range tiles() {
		if wanted(k.isa) {
			k.write()
		}
	}
	for _, k := range filters() {
		if wanted(k.isa) {
			k.write()
		}
	}
	for _, k := range rowFilters() {
		if wanted(k.isa) {
			k.write()
		}
	}
	for _, v := range isas() {
		if !wanted(v) {
			continue
		}
		squareFilter(v)
		laneSums(v)
		for _, channels := range pixelSumChannels() {
			pixelSums(v, channels)
		}
		for _, k := range pools() {
			k.write(v)
		}
		transpose(v, lanes)
		reluGrad(v)
		boxSums(v)
	}
	neon.Generate(*isNEON)
}

// field is the memory of a word of the struct that args points to; index counts words
// of eight bytes. The first word of a slice is the address of its first element.
func field(args Register, index int) Mem { return Mem{Base: args, Disp: 8 * index} }

// load reads a field into a new register.
func load(args Register, index int) GPVirtual {
	r := GP64()
	MOVQ(field(args, index), r)
	return r
}

// loadBytes reads a field that counts floats, in bytes.
func loadBytes(args Register, index int) GPVirtual {
	r := load(args, index)
	SHLQ(U8(2), r)
	return r
}

func begin(name, args, doc string) {
	TEXT(name, NOSPLIT, args)
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is %s.", name, doc))
}
