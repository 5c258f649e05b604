// Command peak writes the amd64 assembly of the fused multiply-add chains that
// package kernel times to find a core's arithmetic peak.
package main

import (
	"flag"
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/stheno-ml/stheno/internal/kernel/_asm/dispatch"
)

// chains is the number of independent accumulators. Two units with a latency of five
// cycles keep ten multiply-adds in flight; twelve leave some slack.
const chains = 12

// widths are the bytes of a vector by instruction set.
func widths() map[string]int { return map[string]int{"AVX2": 32, "AVX512": 64} }

func main() {
	prefix := flag.String("dispatch", "", "write the dispatch to `name`_amd64.go and name_plain.go, and no assembly")
	flag.Parse()
	if *prefix != "" {
		dispatch.Write(*prefix, table())
		return
	}
	ConstraintExpr("amd64,!purego")
	fmaChains("AVX2", func() VecVirtual { return YMM() })
	fmaChains("AVX512", func() VecVirtual { return ZMM() })
	Generate()
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

// fmaChains writes one function; vector returns a new vector register.
func fmaChains(isa string, vector func() VecVirtual) {
	name, width := "fmaChains"+isa, widths()[isa]
	TEXT(name, NOSPLIT, "func(acc []float32, x, y float32, n int)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is fmaChainsGeneric for len(acc) = %d*%d.", name, chains, width/4))

	base := Load(Param("acc").Base(), GP64())
	rounds := Load(Param("n"), GP64())
	x, y := vector(), vector()
	broadcast("x", x)
	broadcast("y", y)

	acc := make([]VecVirtual, chains)
	for i := range acc {
		acc[i] = vector()
		VMOVUPS(Mem{Base: base, Disp: i * width}, acc[i])
	}

	Label("round")
	CMPQ(rounds, Imm(0))
	JLE(LabelRef("done"))
	for _, a := range acc {
		VFMADD213PS(y, x, a)
	}
	DECQ(rounds)
	JMP(LabelRef("round"))

	Label("done")
	for i, a := range acc {
		VMOVUPS(a, Mem{Base: base, Disp: i * width})
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
