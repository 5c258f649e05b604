// Command peak writes the amd64 assembly of the fused multiply-add chains that
// package kernel times to find a core's arithmetic peak.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// chains is the number of independent accumulators. Two FMA units with a
// latency of five cycles keep ten in flight; twelve leave some slack.
const chains = 12

func main() {
	ConstraintExpr("amd64,!purego")
	fmaChains("fmaChainsAVX2", 32, func() VecVirtual { return YMM() })
	fmaChains("fmaChainsAVX512", 64, func() VecVirtual { return ZMM() })
	Generate()
}

// fmaChains writes one function: vectors of width bytes, made by vector.
func fmaChains(name string, width int, vector func() VecVirtual) {
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
