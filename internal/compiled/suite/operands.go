package suite

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

// badOperands are operands with which an op's own Do would read past the end, end the
// process or return wrong elements, and good ones for comparison.
var badOperands = []struct {
	name  string
	build func(g *gorgonia.ExprGraph) *graph.Node // returns the node that the error must name
	want  string                                  // "" if the operands are good
}{
	{"computed indices", func(g *gorgonia.ExprGraph) *graph.Node { return doubled(g, 0, 2) }, "index 4, element 1, is outside of axis 0 of extent 4"},
	{"computed indices in range", func(g *gorgonia.ExprGraph) *graph.Node { return doubled(g, 0, 1) }, ""},
	{"labels", func(g *gorgonia.ExprGraph) *graph.Node { return ctc(g, []int{1, 2, 1, 2}, []int{3, 3}, []int{2, 2}) }, ""},
	{"a label out of range", func(g *gorgonia.ExprGraph) *graph.Node { return ctc(g, []int{1, 2, 1, 5}, []int{3, 3}, []int{2, 2}) }, "label 1 of sample 1 is 5, want 0 to 3"},
	{"a sample with too few labels", func(g *gorgonia.ExprGraph) *graph.Node { return ctc(g, []int{1, 2, 1, 2}, []int{3, 3}, []int{2, 3}) }, "sample 1 has 3 labels, but only 2 are left"},
	{"a sample of length 0", func(g *gorgonia.ExprGraph) *graph.Node { return ctc(g, []int{1, 2, 1, 2}, []int{0, 3}, []int{2, 2}) }, "sample 0 is 0 long, want 1 to 3"},
	{"a sample that is too long", func(g *gorgonia.ExprGraph) *graph.Node { return ctc(g, []int{1, 2, 1, 2}, []int{3, 4}, []int{2, 2}) }, "sample 1 is 4 long, want 1 to 3"},
	{"too few lengths", func(g *gorgonia.ExprGraph) *graph.Node { return ctc(g, []int{1, 2}, []int{3}, []int{2}) }, "1 lengths for 2 samples"},
	{"sparsemax", func(g *gorgonia.ExprGraph) *graph.Node { return must(gorgonia.Sparsemax(vector(g, "x", 1, 0.5, -3))) }, ""},
	{"sparsemax of not a number", func(g *gorgonia.ExprGraph) *graph.Node {
		return must(gorgonia.Sparsemax(vector(g, "x", 1, math.NaN(), 2)))
	}, "sparsemax of NaN, element 1"},
	{"sparsemax of columns", func(g *gorgonia.ExprGraph) *graph.Node {
		x := gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithName("x"), gorgonia.WithShape(2, 3), gorgonia.WithInit(gorgonia.Ones()))
		return must(gorgonia.Sparsemax(x, 0))
	}, "transpose to make it the last axis"},
}

// doubled takes the rows at twice the indices.
func doubled(g *gorgonia.ExprGraph, at ...int) *graph.Node {
	table := gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithName("table"), gorgonia.WithShape(4, 3), gorgonia.WithInit(gorgonia.Ones()))
	from := integers(g, "at", at)
	return must(gorgonia.ByIndices(table, must(gorgonia.Add(from, from)), 0))
}

// ctc is the CTC loss of 2 samples with 3 steps over 4 labels.
func ctc(g *gorgonia.ExprGraph, labels, read, lengths []int) *graph.Node {
	x := gorgonia.NewTensor(g, tensor.Float64, 3, gorgonia.WithName("x"), gorgonia.WithShape(3, 2, 4), gorgonia.WithInit(gorgonia.ValuesOf(-1.4)))
	return must(gorgonia.CTCLoss(x, integers(g, "labels", labels), integers(g, "read", read), integers(g, "lengths", lengths), gorgonia.ReductionSum))
}

func integers(g *gorgonia.ExprGraph, name string, x []int) *graph.Node {
	return gorgonia.NewVector(g, tensor.Int, gorgonia.WithName(name), gorgonia.WithShape(len(x)), gorgonia.WithValue(tensor.New(tensor.WithShape(len(x)), tensor.WithBacking(x))))
}

func (on Machine) operandsThatAnOpDoesNotCheckAreChecked(t *testing.T) {
	for _, c := range badOperands {
		g := gorgonia.NewGraph()
		n := c.build(g)
		m := on.New(g)
		err := m.RunAll()
		if c.want == "" {
			require.NoError(t, err, c.name)
		} else {
			require.ErrorContains(t, err, c.want, c.name)
			require.ErrorContains(t, err, n.Name(), c.name)
		}
		require.NoError(t, m.Close())
	}
}
