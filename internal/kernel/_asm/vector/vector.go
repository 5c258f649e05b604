// Command vector writes the assembly of package kernel for elementwise kernels,
// reductions, the steps of recurrent cells, windows of planes, depthwise convolutions, the
// random generator, and rows and elements by their numbers:
// -part elementwise, reduce, cells, planes, depthwise, random or lookup; for amd64 or, with
// -neon, for arm64.
//
// A kernel's arithmetic is written once, as calls to the methods of machine. They apply
// an operation to several independent vectors: a single vector would wait for the
// latency of every multiply-add.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/stheno-ml/stheno/internal/kernel/_asm/dispatch"
	"github.com/stheno-ml/stheno/internal/kernel/_asm/neon"
)

// lanesInUse is eight words of ones, then eight of zeros: masks for AVX2.
var lanesInUse Mem

// element is the element type of the kernels.
var element elementType

func main() {
	part := flag.String("part", "", "elementwise, reduce, cells, planes, depthwise, random or lookup")
	bits := flag.Int("float", 32, "32 or 64, the bits of an element; 64 for elementwise, cells, planes, depthwise and lookup")
	prefix := flag.String("dispatch", "", "write the dispatch of a part, of both types, to `name`_amd64.go, name_arm64.go and name_plain.go, and no assembly")
	isNEON := neon.Flag()
	flag.Parse()
	if *prefix != "" {
		t, ok := tables()[*part]
		if !ok {
			fmt.Fprintln(os.Stderr, "vector: -dispatch needs -part elementwise, cells, planes, depthwise, random or lookup")
			os.Exit(2)
		}
		dispatch.Write(*prefix, t())
		return
	}
	parts := map[string]func(){"elementwise": elementwise, "reduce": reduce, "cells": cells, "planes": planes, "depthwise": depthwise, "random": random, "lookup": lookup}
	write, ok := parts[*part]
	if !ok {
		fmt.Fprintln(os.Stderr, "vector: -part must be elementwise, reduce, cells, planes, depthwise, random or lookup")
		os.Exit(2)
	}
	if element, ok = elementTypes()[*bits]; !ok {
		fmt.Fprintln(os.Stderr, "vector: -float must be 32 or 64")
		os.Exit(2)
	}
	neon.Constraint(*isNEON)
	if *isNEON {
		isas = []string{dispatch.NEON}
	}
	pool.mem = NewDataAddr(NewStaticSymbol(*part+"Constants"), 0)
	lanesInUse = NewDataAddr(NewStaticSymbol(*part+"Lanes"), 0)
	wideOrder = NewDataAddr(NewStaticSymbol(*part+"Order"), 0)
	widePairs = NewDataAddr(NewStaticSymbol(*part+"Pairs"), 0)
	write()

	GLOBL(*part+"Constants", attr.RODATA|attr.NOPTR)
	for at, b := range pool.values {
		if element.size == 4 {
			DATA(4*at, U32(b))
		} else {
			DATA(8*at, U64(b))
		}
	}
	GLOBL(*part+"Lanes", attr.RODATA|attr.NOPTR)
	for i := range 16 {
		ones := ^uint32(0)
		if i >= 8 {
			ones = 0
		}
		DATA(4*i, U32(ones))
	}
	if *part == "planes" || *part == "depthwise" {
		order(*part+"Order", []uint64{0, 2, 4, 6, 1, 3, 5, 7})
	}
	if *part == "depthwise" {
		order(*part+"Pairs", []uint64{0, 4, 1, 5, 2, 6, 3, 7})
	}
	neon.Generate(*isNEON)
}

// order writes a permutation as constant data.
func order(name string, lanes []uint64) {
	GLOBL(name, attr.RODATA|attr.NOPTR)
	for i, lane := range lanes {
		DATA(8*i, U64(lane))
	}
}

// isas are the instruction sets that kernels are written for.
var isas = []string{"AVX2", "AVX512"}

// machines returns the instruction sets, with the numbers of chains for AVX2 and for the
// others, which have twice as many registers.
func machines(narrow, wide int) (all []machine) {
	for _, isa := range isas {
		all = append(all, machineOf(isa, narrow, wide))
	}
	return all
}

func machineOf(isa string, narrow, wide int) machine {
	m := machine{elementType: element, isa: isa, chains: wide}
	switch isa {
	case "AVX2":
		m.lanes, m.chains = 32/m.size, narrow
	case "AVX512":
		m.lanes, m.wide = 64/m.size, true
	case dispatch.NEON:
		m.lanes = 16 / m.size
		if m.size == 8 {
			m.broadcastOp = VMOVDDUP // VBROADCASTSD has no form for 128 bits
		}
	}
	return m
}

// kernel is an elementwise kernel: dst = body(inputs, scalars), or several results.
type kernel struct {
	name    string
	place   string // the field of Vector; empty for none
	inputs  int    // of x, y, z, a
	scalars int    // of s, t, u, p, q, r, o
	narrow  int    // chains with AVX2
	wide    int    // chains with AVX-512
	body    func(m machine, in []vec, s []vec) vec

	results []string                                 // empty for dst
	several func(m machine, in []vec, s []vec) []vec // body, if there are results
}

func elementwise() {
	for _, k := range kernels() {
		for _, m := range machines(k.narrow, k.wide) {
			k.write(m)
		}
	}
}

func (k kernel) write(m machine) {
	inputs, scalars := []string{"x", "y", "z", "a"}[:k.inputs], []string{"s", "t", "u", "p", "q", "r", "o"}[:k.scalars]
	results, body := k.results, k.several
	if len(results) == 0 {
		results = []string{"dst"}
		body = func(m machine, in, s []vec) []vec { return []vec{k.body(m, in, s)} }
	}
	signature := strings.Join(results, ", ")
	if k.inputs > 0 {
		signature += ", " + strings.Join(inputs, ", ")
	}
	signature += " []" + m.typ
	if k.scalars > 0 {
		signature += ", " + strings.Join(scalars, ", ") + " " + m.typ
	}
	TEXT(m.name(k.name), NOSPLIT, "func("+signature+")")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is %sGeneric.", m.name(k.name), k.name))

	pointers := []Register{Load(Param(results[0]).Base(), GP64())}
	n := Load(Param(results[0]).Len(), GP64())
	for _, name := range append(results[1:], inputs...) {
		length := Load(Param(name).Len(), GP64())
		CMPQ(length, n)
		CMOVQLT(length, n)
		pointers = append(pointers, Load(Param(name).Base(), GP64()))
	}
	var values []VecVirtual
	for _, name := range scalars {
		r := m.register()
		m.broadcast(name, r)
		values = append(values, r)
	}
	step := func(m machine) {
		var in, s []vec
		for _, p := range pointers[len(results):] {
			in = append(in, m.load(p))
		}
		for _, r := range values {
			s = append(s, m.same(r))
		}
		for i, v := range body(m, in, s) {
			m.store(v, pointers[i])
		}
		for _, p := range pointers {
			ADDQ(U32(m.size*m.lanes*m.chains), p)
		}
		SUBQ(U32(m.lanes*m.chains), n)
	}
	m.loop(n, step)
	VZEROUPPER()
	RET()
}

// loop writes step for blocks of all chains, then for single vectors, then for the first
// n lanes of one vector.
func (m machine) loop(n Register, step func(m machine)) {
	one := m
	one.chains = 1
	if m.chains > 1 {
		Label("block")
		CMPQ(n, U32(m.lanes*m.chains))
		JLT(LabelRef("single"))
		step(m)
		JMP(LabelRef("block"))
	}
	Label("single")
	CMPQ(n, U32(m.lanes))
	JLT(LabelRef("tail"))
	step(one)
	JMP(LabelRef("single"))

	Label("tail")
	CMPQ(n, U8(0))
	JLE(LabelRef("done"))
	one.tail = one.tailMask(n)
	step(one)
	Label("done")
}

// broadcast fills every lane of v with the parameter called name.
func (m machine) broadcast(name string, v VecVirtual) {
	p, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	m.broadcastOp(p.Addr, v)
}
