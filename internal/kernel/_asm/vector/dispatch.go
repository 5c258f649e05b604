package main

import (
	"fmt"
	"strings"

	"github.com/stheno-ml/stheno/internal/kernel/_asm/dispatch"
)

// tables are the dispatch of the kernels by part.
func tables() map[string]func() dispatch.File {
	return map[string]func() dispatch.File{
		"elementwise": vectorTable, "cells": cellTable, "planes": planeTable, "depthwise": depthwiseTable, "random": randomTable, "lookup": lookupTable,
	}
}

// vectorTable is the elementwise kernels and the reductions.
func vectorTable() dispatch.File {
	f := dispatch.File{Runs: "kernels of vectors run"}
	for _, bits := range []int{32, 64} {
		f.Funcs = append(f.Funcs, typed(bits, "bindVector", "replaces the plain kernels of v by those for isa.", "v *Vector[$]", func(m machine) string {
			var b strings.Builder
			for _, k := range kernels() {
				if k.place != "" {
					fmt.Fprintf(&b, "v.%s = %s\n", k.place, m.name(k.name))
				}
			}
			if bits == 32 {
				for _, r := range reductions() {
					fmt.Fprintf(&b, "v.%s = %s\n", r[1], m.name(r[0]))
				}
			}
			return b.String()
		}))
	}
	f.Funcs = append(f.Funcs, dispatch.Func{
		Name:   "normalFor",
		Doc:    "returns normalGeneric for isa.",
		Result: "func(dst []float32, words []uint32)",
		Sets:   dispatch.Each("return func(dst []float32, words []uint32) { normal$(dst, asFloats(words)) }"),
		Plain:  dispatch.One("return normalGeneric"),
	})
	return f
}

// cellTable is the kernels of the steps of recurrent cells.
func cellTable() dispatch.File {
	f := dispatch.File{Runs: "kernels of recurrent cells run"}
	for _, bits := range []int{32, 64} {
		fn := typed(bits, "", "returns the kernels for isa.", "", func(m machine) string {
			var b strings.Builder
			fmt.Fprintf(&b, "return [cellKinds]cellCode[%s]{\n", m.typ)
			for _, cell := range cellNames() {
				fmt.Fprintf(&b, `{
					func(x CellForward[%[1]s]) { a := forwardRows(&x, %[2]d); %[3]s(a.pointer()) },
					func(x CellBackward[%[1]s]) { a := backwardRows(&x, %[2]d); %[4]s(a.pointer()) },
				},
				`, m.typ, m.lanes, m.name(cell+"Forward"), m.name(cell+"Backward"))
			}
			b.WriteString("}")
			return b.String()
		})
		fn.Name, fn.Result = fmt.Sprint("cells", bits), fmt.Sprintf("[cellKinds]cellCode[%s]", element.typ)
		fn.Plain = dispatch.One(fmt.Sprintf("return cellsPlain%d()", bits))
		f.Funcs = append(f.Funcs, fn)
	}
	return f
}

// planeTable is the kernels on planes.
func planeTable() dispatch.File {
	f := dispatch.File{Runs: "kernels on planes run"}
	for _, bits := range []int{32, 64} {
		f.Funcs = append(f.Funcs, typed(bits, "bindPlanes", "sets the assembly of p for isa.", "p *Planes[$]", func(m machine) string {
			var b strings.Builder
			fmt.Fprintf(&b, "p.lanes = %d\n", m.lanes)
			for _, op := range planeOps() {
				fmt.Fprintf(&b, "p.%s.assembly = [%d]func(a planeRows[%s]){\n", op.field, len(planeSteps()), m.typ)
				for _, step := range planeSteps() {
					fmt.Fprintf(&b, "func(a planeRows[%s]) { %s(a.pointer()) },\n", m.typ, m.planeName(op.name, step))
				}
				b.WriteString("}\n")
			}
			return b.String()
		}))
	}
	return f
}

// depthwiseTable is the kernels of depthwise convolutions.
func depthwiseTable() dispatch.File {
	f := dispatch.File{Runs: "kernels of depthwise convolutions run"}
	for _, bits := range []int{32, 64} {
		f.Funcs = append(f.Funcs, typed(bits, "bindDepthwise", "replaces the plain kernels of k by those for isa.", "k *depthwiseKernels[$]", func(m machine) string {
			var b strings.Builder
			fmt.Fprintf(&b, "k.lanes = %d\n", m.lanes)
			for _, op := range depthwiseOps() {
				fmt.Fprintf(&b, "k.%s = func(a depthwiseRows[%s]) { %s(a.pointer()) }\n", op.field, m.typ, op.name(m))
			}
			return b.String()
		}))
	}
	return f
}

// randomTable is the random generator.
func randomTable() dispatch.File {
	return dispatch.File{Runs: "kernel of the random generator runs", Funcs: []dispatch.Func{{
		Name:   "runPhilox",
		Doc:    "is philoxGeneric for len(c0) a multiple of 16.",
		Params: "dst, c0, c1 []uint32, c2, c3, k0, k1 uint32",
		Sets:   dispatch.Each("philox$(dst, c0, c1, c2, c3, k0, k1)"),
		Plain:  dispatch.One("philoxGeneric(dst, c0, c1, c2, c3, k0, k1)"),
	}}}
}

// lookupTable is the kernels that find rows and elements by their numbers.
func lookupTable() dispatch.File {
	f := dispatch.File{Runs: "kernels that look up rows run"}
	for _, bits := range []int{32, 64} {
		f.Funcs = append(f.Funcs, typed(bits, "bindLookup", "replaces the plain kernels of l by those for isa.", "l *Lookup[$]", func(m machine) string {
			var b strings.Builder
			for _, op := range lookupOps() {
				fmt.Fprintf(&b, "l.%s = %s\n", op[1], m.name(op[0]))
			}
			return b.String()
		}))
	}
	return f
}

// typed is a function for the kernels of a type, whose name replaces $ in params. It sets
// element. body writes the case of an instruction set.
func typed(bits int, name, doc, params string, body func(m machine) string) dispatch.Func {
	element = elementTypes()[bits]
	return dispatch.Func{
		Name: name + element.suffix, Doc: doc, Params: strings.ReplaceAll(params, "$", element.typ),
		Sets: dispatch.Sets(func(isa string) []dispatch.Case {
			return dispatch.One(body(machineOf(isa, 1, 1)))
		}),
	}
}
