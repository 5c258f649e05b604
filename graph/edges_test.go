package graph_test

import (
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/edges"
	"github.com/stheno-ml/stheno/internal/op"
	"github.com/stheno-ml/stheno/lower"
)

// arguments returns a builder with inputs, a weight and nodes, and values of all types
// that functions of this package take.
func arguments(dtype graph.Dtype) (b *graph.Builder, values []any) {
	p := graph.NewParams(dtype, 1)
	b = graph.New(p, graph.Config{Training: true})
	x := b.Input("x", 2, 4)
	w := b.Param("w", nil, 4, 4)
	s := b.Scalar("s", 1)
	image := b.Input("image", 1, 2, 4, 4)
	y := b.MatMul(x, w)
	loss := b.Sum(b.Square(y))
	foreign := graph.New(p, graph.Config{}).Input("x", 2, 4)
	other := gorgonia.NewGraph()
	whole := gorgonia.NewMatrix(other, tensor.Int, gorgonia.WithName("n"), gorgonia.WithShape(2, 4), gorgonia.WithInit(gorgonia.Zeroes()))
	bare := gorgonia.NewMatrix(other, dtype, gorgonia.WithName("bare"), gorgonia.WithShape(2, 4))
	of, _ := op.At(y)
	return b, []any{
		b, p, p.Get("w"), x, w, s, image, y, loss, foreign, whole, bare, of,
		b.Graph(), other, &graph.Param{}, graph.Zeros(), graph.Float32, graph.Float64, tensor.Int,
		lower.Arg(0), lower.Arg(7), lower.Num(1), []int{2, 4}, []float64{1, 2, 3, 4, 5, 6, 7, 8}, graph.Shape{2, 4}, graph.Pair{1, 1},
		[]graph.Update{{}}, []graph.Update{{Param: p.Get("w"), Node: w, Next: y}}, graph.Array{}, x.Value(), whole.Value(), s.Value(),
		graph.RecurrentWeights{Wx: w, Wh: w, Bias: w}, graph.LSTMState{H: x, C: x},
	}
}

func TestNoArgumentMakesABuilderPanic(t *testing.T) {
	for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
		edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
			b, values := arguments(dtype)
			return []any{b}, nil, values
		})
	}
}

func TestNoArgumentMakesAFunctionOrALayerPanic(t *testing.T) {
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		b, values := arguments(graph.Float32)
		p := b.Params()
		of := values[12]
		return []any{
				p, p.Get("w"), of, graph.Shape{}, graph.Activation(""), graph.Activation("tanh"), graph.ReconLoss(""), graph.ReconLoss("other"),
				graph.AvgPool2D{}, graph.BatchNorm{}, graph.Conv2D{}, graph.ConvTranspose2D{}, graph.Dense{}, graph.DenseTied{},
				graph.Dropout{}, graph.GaussianNoise{}, graph.LayerNorm{}, graph.GroupNorm{}, graph.GroupNorm{Groups: 1}, graph.InstanceNorm{},
				graph.Attention{}, graph.Attention{Heads: 2}, graph.TransformerBlock{}, graph.TransformerBlock{Heads: 2}, graph.SinePositions{}, graph.LearnedPositions{},
				graph.Embedding{}, graph.Embedding{Rows: 3, Units: 2}, graph.Embedding{Rows: 1 << 40, Units: 2}, graph.LSTM{}, graph.MaxPool2D{}, graph.Upsample2D{}, graph.Pair{},
				graph.Conv1D{}, graph.Conv1D{Filters: 1, Kernel: 2}, graph.Conv1D{Filters: 1, Kernel: 1 << 40}, graph.ConvTranspose1D{}, graph.ConvTranspose1D{Filters: 1, Kernel: 2}, graph.MaxPool1D{}, graph.MaxPool1D{Size: 2}, graph.AvgPool1D{}, graph.GlobalAvgPool{},
				graph.Conv2D{Filters: 2, Kernel: graph.Pair{1}, Groups: -1}, graph.DepthwiseConv2D{}, graph.DepthwiseConv2D{Kernel: graph.Pair{2}}, graph.DepthwiseConv2D{Kernel: graph.Pair{2}, Multiplier: 1 << 62}, graph.Resize2D{}, graph.Resize2D{Size: graph.Pair{3}}, graph.Resize2D{Size: graph.Pair{1 << 40}},
				graph.Dense{Units: 1 << 40}, graph.Dense{Units: -1}, graph.Conv2D{Filters: 1 << 40}, graph.LSTM{Units: -1}, graph.LSTM{Units: 2}, graph.GRU{}, graph.GRU{Units: 2, Bidirectional: true, Layers: 2}, graph.RNN{}, graph.RNN{Units: 2, Dropout: -1},
			}, map[string]any{
				"Fans":    graph.Fans,
				"Summary": graph.Summary, "SummaryOf": graph.SummaryOf,
				"New": graph.New, "NewParams": graph.NewParams,
				"Ops": graph.Ops,
			}, values
	}, "graph.applied.WriteHash") // a method of Gorgonia's Op, which cannot return an error
}

func TestNoStartMakesAParameterPanic(t *testing.T) {
	start := func(init graph.Init, shape []int) error {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
		b.Param("w", init, shape...)
		return b.Err()
	}
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		return nil, map[string]any{
			"Blocks":        func(axis, n int, init graph.Init, shape []int) { start(graph.Blocks(axis, n, init), shape) },
			"Constant":      func(v float64, shape []int) { start(graph.Constant(v), shape) },
			"GlorotNormal":  func(in, out int, shape []int) { start(graph.GlorotNormal(in, out), shape) },
			"GlorotUniform": func(in, out int, shape []int) { start(graph.GlorotUniform(in, out), shape) },
			"HeNormal":      func(in int, shape []int) { start(graph.HeNormal(in), shape) },
			"HeUniform":     func(in int, shape []int) { start(graph.HeUniform(in), shape) },
			"Normal":        func(mean, std float64, shape []int) { start(graph.Normal(mean, std), shape) },
			"Orthogonal":    func(gain float64, shape []int) { start(graph.Orthogonal(gain), shape) },
			"Sections":      func(axis int, inits []graph.Init, shape []int) { start(graph.Sections(axis, inits...), shape) },
			"Uniform":       func(lo, hi float64, shape []int) { start(graph.Uniform(lo, hi), shape) },
		}, []any{graph.Zeros(), []int{2, 4}, []int{4}}
	})
}
