package main

import (
	"fmt"
	"strings"

	"github.com/stheno-ml/stheno/internal/kernel/_asm/dispatch"
)

// table is the dispatch of the tiles of both types.
func table() dispatch.File {
	f := dispatch.File{Runs: "kernels multiply matrices"}
	for _, bits := range []int{32, 64} {
		element := floats()[bits]
		f.Funcs = append(f.Funcs, dispatch.Func{
			Name:   fmt.Sprint("gemmTiles", bits),
			Doc:    fmt.Sprintf("returns the tiles for isa in %s.", element.typ),
			Result: fmt.Sprintf("*gemmTiles[%s]", element.typ),
			Sets: dispatch.Sets(func(isa string) []dispatch.Case {
				for _, v := range registers(element) {
					if v.suffix == isa {
						return dispatch.One("return " + v.literal())
					}
				}
				return nil
			}),
			Plain: dispatch.One(fmt.Sprintf("return plainTiles[%s]()", element.typ)),
		})
	}
	return f
}

// literal is the tiles of an instruction set as a Go expression.
func (v vectors) literal() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+",\n", args...) }
	line("&gemmTiles[%s]{\nlanes: %d, rows: %d, lowest: %d, maskedB: %t, packA: %d, packB: %d",
		v.typ, v.lanes(), v.rows, v.lowest, v.bytes == 64, v.packA, v.packB)
	line("narrow: [2][14]gemmTile[%s]{{\n%s}, {\n%s}}", v.typ, names(v.tiles(1)), names(v.tiles(2)))
	line("wide: []wideTile[%s]{\n%s}", v.typ, v.wideNames())
	line("packRows: [2]gemmPackRows[%s]{%s, %s}", v.typ, v.packRowsName(1), v.packRowsName(2))
	line("packColumns: %s", v.packColumnsName())
	line("implicit: [2][]implicitTile[%s]{{\n%s}, {\n%s}}", v.typ, names(v.implicits(1)), names(v.implicits(2)))
	return b.String()[:b.Len()-len(",\n")] + ",\n}"
}

// wideNames lists the wide tiles, with the panels of each.
func (v vectors) wideNames() string {
	var b strings.Builder
	for _, t := range v.wideTiles() {
		fmt.Fprintf(&b, "{%d, %s},\n", t.n/2, t.name())
	}
	return b.String()
}

// names lists functions, five on a line.
func names[K interface{ name() string }](kernels []K) string {
	var b strings.Builder
	for i, k := range kernels {
		end := " "
		if i%5 == 4 || i == len(kernels)-1 {
			end = "\n"
		}
		b.WriteString(k.name() + "," + end)
	}
	return b.String()
}
