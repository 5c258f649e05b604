package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/internal/kernel/_asm/dispatch"
)

// table is the dispatch of the kernels of this generator.
func table() dispatch.File {
	return dispatch.File{
		Runs: "kernels of convolutions, pooling and image layouts run",
		Funcs: []dispatch.Func{{
			Name:   "convLanes",
			Doc:    "is the lanes of an accumulator of pixelSums and, with assembly, of runConvFilter,\nand the side of the largest tile of runTranspose.",
			Result: "int",
			Sets: dispatch.Sets(func(name string) []dispatch.Case {
				return dispatch.One(fmt.Sprintf("return %d", named(name).lanes))
			}),
			Plain: dispatch.One("return Group"),
		}, {
			Name:   "runConvTile",
			Doc:    "computes tiles of these pixels and outputs, for segments of these taps; see\nconvTileGeneric.",
			Params: "a *convTile, taps, pixels, outs int",
			Key:    "taps<<8 | pixels<<4 | outs",
			KeyDoc: "A hexadecimal digit each: taps, pixels, outputs.",
			Sets: keyed(tiles(), func(k tile) (isa, string, string) {
				return k.isa, fmt.Sprintf("%#x", k.taps<<8|k.pixels<<4|k.outs), k.name()
			}),
			Plain: dispatch.One("convTileGeneric(a, taps, pixels, outs)"),
		}, {
			Name:   "runConvFilter",
			Doc:    "adds the products of these taps, inputs and outputs; see convFilterGeneric.",
			Params: "a *convFilterTile, taps, ins, outs int",
			Key:    "taps<<8 | ins<<4 | outs",
			KeyDoc: "A hexadecimal digit each: taps, inputs, outputs.",
			Sets: keyed(filters(), func(k filter) (isa, string, string) {
				return k.isa, fmt.Sprintf("%#x", k.taps<<8|k.ins<<4|k.outs), k.name()
			}),
			Plain: dispatch.One("convFilterGeneric(a, taps, ins, outs, 1)"),
		}, {
			Name:   "runConvFilterRow",
			Doc:    "is runConvFilter for 3 taps and 1 output, where xCol is xTap.",
			Params: "a *convFilterTile, ins int",
			Key:    "ins",
			Sets: keyed(rowFilters(), func(k rowFilter) (isa, string, string) {
				return k.isa, fmt.Sprint(k.ins), k.name()
			}),
			Plain: dispatch.One("convFilterGeneric(a, 3, ins, 1, 1)"),
		}, {
			Name:   "runConvFilterSquare",
			Doc:    "is convFilterSquareGeneric.",
			Params: "a *convFilterTile",
			Sets:   dispatch.Each("convFilterSquare$(a.pointer())"),
			Plain:  dispatch.One("convFilterSquareGeneric(a, 1)"),
		}, {
			Name:   "runLaneSums",
			Doc:    "is laneSumsGeneric for len(dst) a multiple of convLanes.",
			Params: "dst, src []float32",
			Sets:   dispatch.Each("laneSums$(dst, src)"),
			Plain:  dispatch.One("laneSumsGeneric(dst, src, Group)"),
		}, {
			Name:   "runPixelSums",
			Doc:    "is pixelSumsGeneric for these channels: for 8 or 1 with assembly.",
			Params: "channels int, acc, x []float32, pixels, step int",
			Key:    "channels",
			Sets: dispatch.Sets(func(name string) (cases []dispatch.Case) {
				for _, n := range pixelSumChannels() {
					cases = append(cases, dispatch.Case{Key: fmt.Sprint(n), Body: fmt.Sprintf("pixelSums%sC%d(acc, x, pixels, step)", name, n)})
				}
				return cases
			}),
			Plain: dispatch.One("pixelSumsGeneric(acc, x, channels, Group, pixels, step)"),
		}, {
			Name:   "runPool",
			Doc:    "runs a pooling kernel on neighbouring windows.",
			Params: "op poolOp, a *poolRow",
			Key:    "op",
			Sets:   dispatch.Sets(func(name string) []dispatch.Case { return poolCases(name + "(a.pointer())") }),
			Plain:  poolCases("Generic(a)"),
		}, {
			Name:   "runTranspose",
			Doc:    "is transposeGeneric for tiles of at most convLanes rows, columns and width.",
			Params: "a *transposeTiles",
			Sets:   dispatch.Each("transpose$(a.pointer())"),
			Plain:  dispatch.One("transposeGeneric(a)"),
		}, {
			Name:   "runReLUGrad",
			Doc:    "is reluGradGeneric for len(dx) a multiple of Group.",
			Params: "dx, dy, y []float32",
			Sets:   dispatch.Each("reluGrad$(dx, dy, y)"),
			Plain:  dispatch.One("reluGradGeneric(dx, dy, y)"),
		}},
	}
}

// named returns the instruction set of that name.
func named(name string) isa {
	all := isas()
	return all[slices.IndexFunc(all[:], func(v isa) bool { return v.name == name })]
}

// keyed makes a case for each kernel, in the order of the keys.
func keyed[K any](kernels []K, entry func(K) (v isa, key, name string)) []dispatch.Set {
	return dispatch.Sets(func(name string) (cases []dispatch.Case) {
		for _, k := range kernels {
			if v, key, function := entry(k); v.name == name {
				cases = append(cases, dispatch.Case{Key: key, Body: function + "(a.pointer())"})
			}
		}
		slices.SortFunc(cases, func(a, b dispatch.Case) int { return cmp.Compare(a.Key, b.Key) })
		return cases
	})
}

// poolCases makes a case for each pooling kernel; call is the end of the kernel's name and
// its arguments.
func poolCases(call string) (cases []dispatch.Case) {
	for _, k := range append(pools(), poolKernel{op: "Box"}) {
		cases = append(cases, dispatch.Case{Key: "op" + k.op, Body: "pool" + k.op + call})
	}
	return cases
}
