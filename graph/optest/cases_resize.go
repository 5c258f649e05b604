package optest

import (
	"math"

	"github.com/stheno-ml/stheno/graph"
)

// resizeCases test compositions of ops: products with constant matrices, and gathered
// rows.
func resizeCases() []Case {
	x := graph.Shape{2, 2, 3, 4}
	of := func(op, name string, l graph.Resize2D) Case {
		return Case{Op: op, Name: "resize, " + name, In: shapes(x), Build: layer(l)}
	}
	return []Case{
		of("matmul", "doubled", graph.Resize2D{Scale: [2]float64{2}}),
		of("matmul", "larger and smaller", graph.Resize2D{Size: graph.Pair{7, 2}}),
		of("matmul", "rows only", graph.Resize2D{Size: graph.Pair{5, 4}}),
		of("matmul", "columns only", graph.Resize2D{Size: graph.Pair{3, 9}}),
		of("matmul", "to one pixel", graph.Resize2D{Size: graph.Pair{1}}),
		of("matmul", "a scale that leaves a rest", graph.Resize2D{Scale: [2]float64{1.5, 0.6}}),
		of("gather", "nearest", graph.Resize2D{Size: graph.Pair{5, 3}, Mode: graph.Nearest}),
		of("gather", "nearest, rows only", graph.Resize2D{Size: graph.Pair{2, 4}, Mode: graph.Nearest}),
		of("upsample", "nearest, tripled", graph.Resize2D{Scale: [2]float64{3}, Mode: graph.Nearest}),
		{Op: "matmul", Name: "resize, from one pixel", In: shapes(graph.Shape{1, 3, 1, 1}), Build: layer(graph.Resize2D{Size: graph.Pair{2, 3}})},
	}
}

func resizeWrongs() []Wrong {
	x := graph.Shape{2, 3, 4, 5}
	of := func(name string, l graph.Resize2D, want string) Wrong { return refused("resize", name, x, l, want) }
	return []Wrong{
		refused("resize", "flat images", graph.Shape{2, 12}, graph.Resize2D{Size: graph.Pair{2}}, "resize: operand 0 is [2 12], want images"),
		of("neither", graph.Resize2D{}, "want one of the two"),
		of("both", graph.Resize2D{Size: graph.Pair{2}, Scale: [2]float64{2}}, "want one of the two"),
		of("negative size", graph.Resize2D{Size: graph.Pair{2, -1}}, "size [2 -1]: want at least 1"),
		of("no rows", graph.Resize2D{Size: graph.Pair{0, 2}}, "want at least 1"),
		of("a scale to nothing", graph.Resize2D{Scale: [2]float64{0.1}}, "want at least 1 pixel"),
		of("a scale that is no number", graph.Resize2D{Scale: [2]float64{math.NaN()}}, "want at least 1 pixel"),
		of("huge size", graph.Resize2D{Size: graph.Pair{1 << 30}}, "2^31"),
		of("no such mode", graph.Resize2D{Size: graph.Pair{2}, Mode: "cubic"}, `mode "cubic" is unknown: want "bilinear" or "nearest"`),
	}
}
