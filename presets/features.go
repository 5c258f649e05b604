package presets

import (
	"context"
	"path/filepath"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/metrics"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// digitFeatures is how many features of a digit lenet has.
const digitFeatures = 64

// lenet is a classifier of digits in the manner of LeNet-5 (LeCun et al. 1998). The units
// of its last hidden layer are the features by which sets of digits are compared. All
// presets that do so use the same one, trained for three epochs from seed 7.
type lenet struct{}

// Build adds the classifier to the graph. The inputs are "x" [batch, 1, 28, 28] and "label"
// [batch], the outputs "features" [batch, 64] and "logits" [batch, 10].
func (lenet) Build(b *graph.Builder, batch int) graph.Net {
	h := b.Input(graph.InputX, batch, 1, 28, 28)
	label := b.Input(graph.InputLabel, batch)
	for i, filters := range []int{8, 16} {
		s := b.Scope([]string{"conv1", "conv2"}[i])
		h = graph.Conv2D{Filters: filters, Kernel: graph.Pair{5}, Padding: graph.Same, Activation: "relu"}.Apply(s, h)
		h = graph.MaxPool2D{Size: graph.Pair{2}}.Apply(s, h)
	}
	h = graph.Dense{Units: digitFeatures, Activation: "relu"}.Apply(b.Scope("features"), b.Flatten(h))
	logits := graph.Dense{Units: 10}.Apply(b.Scope("logits"), h)
	return graph.Net{
		Outputs: map[string]*graph.Node{"features": h, "logits": logits},
		Tasks: []graph.Task{{
			Name: "class", Loss: b.CrossEntropyOfLabels(logits, label),
			Metrics: []graph.Metric{{Name: "accuracy", Node: b.Accuracy(logits, label)}},
		}},
	}
}

// yardstick measures how far sets of digits are from the test images.
type yardstick struct {
	f    *vm.Function
	test []float64 // features of the test images
}

// yardstick trains the classifier once for all runs in a folder.
func (r *Run) yardstick(ctx context.Context, training, test data.Set) (*yardstick, error) {
	own := *r
	own.Seed, own.Untrained, own.Dir = 7, false, filepath.Join(r.Dir, "..", "..", "features")
	p, err := own.Fit(ctx, "lenet", lenet{}, training, train.Options{Epochs: 3, Batch: 100})
	if err != nil {
		return nil, err
	}
	y := &yardstick{}
	if y.f, err = train.NewFunction(lenet{}, train.Options{Backend: r.Backend, Params: p}, vm.FunctionOptions{Batch: 500}); err != nil {
		return nil, err
	}
	x, err := data.ArrayOf(test, graph.InputX)
	if err != nil {
		return nil, err
	}
	y.test, err = y.features(x.Values)
	return y, err
}

// features returns the features of digits [N, 784].
func (y *yardstick) features(digits []float32) ([]float64, error) {
	out := []vm.Array{{Name: "features"}}
	if err := y.f.Call([]vm.Array{{Name: graph.InputX, Shape: []int{len(digits) / 784, 1, 28, 28}, Data: digits}}, out); err != nil {
		return nil, err
	}
	return float64s(out[0].Data), nil
}

// distance is the Fréchet distance of digits [N, 784] from the test images.
func (y *yardstick) distance(digits []float32) (float64, error) {
	features, err := y.features(digits)
	if err != nil {
		return 0, err
	}
	return metrics.Frechet(features, y.test, digitFeatures)
}

func float64s(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}
