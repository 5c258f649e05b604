// Command peak writes the assembly of the fused multiply-add chains that package kernel
// times to find a core's arithmetic peak, for amd64 or, with -neon, for arm64.
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

// chains is the number of independent accumulators. Two units with a latency of five
// cycles keep ten multiply-adds in flight; twelve leave some slack.
const chains = 12

// widths are the bytes of a link of a chain by instruction set: a vector, or two of NEON,
// because there are cores that start four in each cycle.
func widths() map[string]int { return map[string]int{"AVX2": 32, "AVX512": 64, dispatch.NEON: 32} }

func main() {
	prefix := flag.String("dispatch", "", "write the dispatch to `name`_amd64.go, name_arm64.go and name_plain.go, and no assembly")
	isNEON := neon.Flag()
	flag.Parse()
	if *prefix != "" {
		dispatch.Write(*prefix, table())
		return
	}
	neon.Constraint(*isNEON)
	if *isNEON {
		fmaChains(dispatch.NEON, 16, func() VecVirtual { return XMM() })
	} else {
		fmaChains("AVX2", 32, func() VecVirtual { return YMM() })
		fmaChains("AVX512", 64, func() VecVirtual { return ZMM() })
	}
	neon.Generate(*isNEON)
}

// table is the dispatch of the chains.
func table() dispatch.File {
	return dispatch.File{Runs: "chains Peak times", Funcs: []dispatch.Func{{
		Name:   "fmaChains",
		Doc:    "returns the chains for isa and the lanes of its vectors.",
		Result: "chainKernel",
		Sets: dispatch.Sets(func(isa string) []dispatch.Case {
			return dispatch.One(fmt.Sprintf("return chainKernel{%d, fmaChains%s}", widths()[isa]/4, isa))
		}),
		Plain: dispatch.One("return chainKernel{1, fmaChainsGeneric}"),
	}}}
}

// fmaChains writes one function; vector returns a new vector register of some bytes.
func fmaChains(isa string, bytes int, vector func() VecVirtual) {
	name, width := "fmaChains"+isa, widths()[isa]
	TEXT(name, NOSPLIT, "func(acc []float32, x, y float32, n int)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is fmaChainsGeneric for len(acc) = %d*%d.", name, chains, width/4))

	base := Load(Param("acc").Base(), GP64())
	rounds := Load(Param("n"), GP64())
	x, y := vector(), vector()
	broadcast("x", x)
	broadcast("y", y)

	acc := make([]VecVirtual, chains*width/bytes)
	for i := range acc {
		acc[i] = vector()
		VMOVUPS(Mem{Base: base, Disp: i * bytes}, acc[i])
	}

	Label("round")
	CMPQ(rounds, Imm(0))
	JLE(LabelRef("done"))
	for _, a := range acc {
		VFMADD231PS(y, x, a)
	}
	DECQ(rounds)
	JMP(LabelRef("round"))

	Label("done")
	for i, a := range acc {
		VMOVUPS(a, Mem{Base: base, Disp: i * bytes})
	}
	VZEROUPPER()
	RET()
}

// broadcast fills every lane of v with the float32 parameter called name.
func broadcast(name string, v VecVirtual) {
	p, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	VBROADCASTSS(p.Addr, v)
}
