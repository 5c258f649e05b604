// Command conv writes the amd64 assembly of package kernel's convolutions on
// images with the batch innermost: tiles of outputs, tiles of the filter's
// gradient, sums over lanes and pixels, pooling, transposes.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// isa is a width of vectors and the tiles that its registers hold.
type isa struct {
	name   string
	lanes  int
	vector func() VecVirtual
	wide   bool // 32 registers, not 16
}

func (v isa) bytes() int { return 4 * v.lanes }

// halves is how many vectors the sixteen images of a group fill.
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

func main() {
	ConstraintExpr("amd64,!purego")
	lanes := laneTable()
	avx2 := isa{"AVX2", 8, func() VecVirtual { return YMM() }, false}
	avx512 := isa{"AVX512", 16, func() VecVirtual { return ZMM() }, true}
	for _, taps := range []int{1, 3} {
		for pixels := 1; pixels <= 14; pixels++ {
			tile(avx512, taps, pixels, 1)
			if pixels <= 7 {
				tile(avx512, taps, pixels, 2)
			}
			if pixels <= 6 {
				tile(avx512, taps, pixels, 4)
				tile(avx2, taps, pixels, 2)
			}
			if pixels <= 10 {
				tile(avx2, taps, pixels, 1)
			}
		}
	}
	for taps := 1; taps <= 3; taps++ {
		for ins := 1; ins <= 8; ins *= 2 {
			for outs := 1; outs <= 8; outs *= 2 {
				limit := 8
				if taps == 1 {
					limit = 16
				}
				if ins*outs <= limit {
					filter(avx512, taps, ins, outs)
				}
				if ins*outs <= limit/2 {
					filter(avx2, taps, ins, outs)
				}
			}
		}
	}
	for ins := 1; ins <= 8; ins *= 2 {
		filterRow(avx512, ins, 4)
		if ins <= 4 {
			filterRow(avx2, ins, 2)
		}
	}
	for _, v := range []isa{avx512, avx2} {
		laneSums(v)
		pixelSums(v, 8)
		pixelSums(v, 1)
		pools(v)
		transpose(v, lanes)
		reluGrad(v)
		boxSums(v)
	}
	Generate()
}

// field is the memory of a field of the struct that args points to. Every field
// is eight bytes; of a slice the first is the address of its first element.
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
