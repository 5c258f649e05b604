package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
)

// wrongModel is a model with one mistake, in the layer "net/wrong".
type wrongModel struct {
	name  string
	build func(good, wrong *graph.Builder)
	says  string // what the error must contain
}

// image, rows and sequence are valid first layers of wrong models.
func image(b *graph.Builder) *graph.Node {
	return graph.Conv2D{Filters: 4, Kernel: graph.Pair{3}, Padding: graph.Same}.Apply(b.Scope("conv1"), b.Input("x", 2, 3, 8, 6))
}

func rows(b *graph.Builder) *graph.Node {
	return graph.Dense{Units: 10}.Apply(b.Scope("fc1"), b.Input("x", 2, 12))
}

func sequence(b *graph.Builder) *graph.Node {
	return graph.LSTM{Units: 5, ReturnSequences: true}.Apply(b.Scope("lstm1"), b.Input("x", 2, 7, 3))
}

func wrongModels() []wrongModel {
	type B = graph.Builder
	return []wrongModel{
		{"dense layer without units", func(g, w *B) { graph.Dense{}.Apply(w, rows(g)) }, "0"},
		{"dense layer of negative size", func(g, w *B) { graph.Dense{Units: -3}.Apply(w, rows(g)) }, "-3"},
		{"dense layer on a scalar", func(g, w *B) { graph.Dense{Units: 3}.Apply(w, g.Sum(rows(g))) }, "[]"},
		{"unknown activation", func(g, w *B) { graph.Dense{Units: 3, Activation: "rleu"}.Apply(w, rows(g)) }, "rleu"},
		{"tied to a weight of another shape", func(g, w *B) {
			x := rows(g)
			graph.DenseTied{Of: graph.Dense{Units: 3}.Weight(g.Scope("fc2"), 10)}.Apply(w, x)
		}, "3"},
		{"tied to nothing", func(g, w *B) { graph.DenseTied{}.Apply(w, rows(g)) }, "nil"},
		{"convolution of rows", func(g, w *B) { graph.Conv2D{Filters: 4, Kernel: graph.Pair{3}}.Apply(w, rows(g)) }, "[2 10]"},
		{"convolution without filters", func(g, w *B) { graph.Conv2D{Kernel: graph.Pair{3}}.Apply(w, image(g)) }, "0"},
		{"kernel larger than its image", func(g, w *B) { graph.Conv2D{Filters: 4, Kernel: graph.Pair{9}}.Apply(w, image(g)) }, "9"},
		{"dilated kernel larger than its image", func(g, w *B) {
			graph.Conv2D{Filters: 4, Kernel: graph.Pair{3}, Dilation: graph.Pair{4}}.Apply(w, image(g))
		}, "9"},
		{"negative stride", func(g, w *B) {
			graph.Conv2D{Filters: 4, Kernel: graph.Pair{3}, Stride: graph.Pair{-1}}.Apply(w, image(g))
		}, "-1"},
		{"negative margin", func(g, w *B) {
			graph.Conv2D{Filters: 4, Kernel: graph.Pair{3}, Margins: graph.Margins{Top: -1}}.Apply(w, image(g))
		}, "-1"},
		{"weights for other channels", func(g, w *B) {
			x := image(g)
			w.Conv2D(x, w.Param("w", nil, 4, 3, 3, 3), graph.ConvGeometry{})
		}, "channels"},
		{"weights of rank 2", func(g, w *B) {
			x := image(g)
			w.Conv2D(x, w.Param("w", nil, 4, 3), graph.ConvGeometry{})
		}, "[4 3]"},
		{"transposed convolution of rows", func(g, w *B) {
			graph.ConvTranspose2D{Filters: 4, Kernel: graph.Pair{3}}.Apply(w, rows(g))
		}, "[2 10]"},
		{"output padding beyond the stride", func(g, w *B) {
			graph.ConvTranspose2D{Filters: 4, Kernel: graph.Pair{3}, Stride: graph.Pair{2}, OutputPadding: graph.Pair{2}}.Apply(w, image(g))
		}, "padding"},
		{"pool larger than its image", func(g, w *B) { graph.MaxPool2D{Size: graph.Pair{7}}.Apply(w, image(g)) }, "7"},
		{"pool without a size", func(g, w *B) { graph.MaxPool2D{}.Apply(w, image(g)) }, "0"},
		{"average pool of a sequence", func(g, w *B) { graph.AvgPool2D{Size: graph.Pair{2}}.Apply(w, sequence(g)) }, "[2 7 5]"},
		{"upsampling by a negative factor", func(g, w *B) { graph.Upsample2D{Factor: graph.Pair{-2}}.Apply(w, image(g)) }, "-2"},
		{"LSTM without units", func(g, w *B) { graph.LSTM{}.Apply(w, sequence(g)) }, "0"},
		{"LSTM of an image", func(g, w *B) { graph.LSTM{Units: 4}.Apply(w, image(g)) }, "[2 4 8 6]"},
		{"LSTM of rows without steps", func(g, w *B) { graph.LSTM{Units: 4}.Apply(w, rows(g)) }, "[2 10]"},
		{"LSTM from a state of another size", func(g, w *B) {
			h := w.Input("h", 2, 9)
			graph.LSTM{Units: 4}.ApplyFrom(w, sequence(g), graph.LSTMState{H: h, C: h})
		}, "9"},
		{"batch norm of a sequence", func(g, w *B) { graph.BatchNorm{}.Apply(w, sequence(g)) }, "[2 7 5]"},
		{"batch norm of one sample", func(g, w *B) { graph.BatchNorm{}.Apply(w, w.Input("one", 1, 4)) }, "a batch of one sample with one value per channel, and training wants more than one: take a larger batch, or leave a short last one out by train.Options.DropLast"},
		{"dropout of everything", func(g, w *B) { graph.Dropout{Rate: 1}.Apply(w, rows(g)) }, "1"},
		{"negative noise", func(g, w *B) { graph.GaussianNoise{Std: -1}.Apply(w, rows(g)) }, "-1"},
		{"repeat vector of an image", func(g, w *B) { w.RepeatVector(image(g), 3) }, "[2 4 8 6]"},
		{"repeat vector no times", func(g, w *B) { w.RepeatVector(rows(g), 0) }, "0"},
		{"mismatched concat", func(g, w *B) { w.Concat(1, image(g), w.Input("y", 2, 4, 8, 5)) }, "axis 3"},
		{"reshape to another size", func(g, w *B) { w.Reshape(image(g), 2, 100) }, "384 elements"},
		{"softmax over a missing axis", func(g, w *B) { w.Softmax(rows(g), 2) }, "axis 2"},
		{"loss of different shapes", func(g, w *B) { w.MSE(rows(g), w.Input("y", 2, 9)) }, "mean squared error: the shapes [2 10] and [2 9] differ"},
		{"loss that would broadcast", func(g, w *B) { w.MSE(w.Input("y", 2, 1), rows(g)) }, "mean squared error: the shapes [2 1] and [2 10] differ"},
		{"cross entropy that would broadcast", func(g, w *B) { w.BCEWithLogits(rows(g), w.Input("y", 2, 1)) }, "[2 1]"},
		{"sum over a missing axis", func(g, w *B) { w.Sum(rows(g), 5) }, "axis 5"},
		{"bias of another width", func(g, w *B) { w.Add(rows(g), w.Param("b", nil, 9)) }, "broadcast"},
		{"zero batch", func(g, w *B) { w.Input("x", 0, 12) }, "extent 0"},
		{"a parameter of two shapes", func(g, w *B) { w.Param("w", nil, 3); w.Param("w", nil, 4) }, "[3]"},
	}
}

func TestWrongModelsNameTheLayer(t *testing.T) {
	require.GreaterOrEqual(t, len(wrongModels()), 30)
	for _, m := range wrongModels() {
		t.Run(m.name, func(t *testing.T) {
			b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
			require.NotPanics(t, func() { m.build(b, b.Scope("net").Scope("wrong")) })
			require.ErrorContains(t, b.Err(), `"net/wrong"`)
			require.ErrorContains(t, b.Err(), m.says)
			t.Log(b.Err())
			_, err := b.Program()
			require.Equal(t, b.Err(), err, "Program returns the error")
		})
	}
}

func TestAReconstructionOfAnotherShapeThanTheInputIsAnError(t *testing.T) {
	for loss, says := range map[graph.ReconLoss]string{
		graph.MSE: `layer "net/loss": mean squared error: the shapes [3 1] and [3 794] differ`,
		graph.BCE: `layer "net/loss": binary cross entropy: the shapes [3 1] and [3 794] differ`,
	} {
		for _, training := range []bool{true, false} {
			b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: training})
			x, y := b.Input("x", 3, 794), b.Input("y", 3, 1)
			require.Zero(t, loss.Net(b.Scope("net"), x, y, y))
			require.ErrorContains(t, b.Err(), says)
		}
	}
}
