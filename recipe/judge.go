package recipe

import (
	"context"
	"fmt"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/metrics"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// judge is a classifier of samples, trained on those of the run. It says how generated
// samples compare with these. Pictures of one size pass through two convolutions, other
// samples through a dense layer.
type judge struct {
	shape   graph.Shape
	classes int
}

// judgeFeatures is the number of units of the judge's last hidden layer, and
// judgeEpochs for how long it is trained.
const (
	judgeFeatures = 64
	judgeEpochs   = 3
)

// outputFeatures is the name of the output of the judge's last hidden layer.
const outputFeatures = "features"

// Build adds the classifier to the graph. The inputs are "x" and "label", the outputs
// "features" [batch, 64] and "logits" [batch, classes].
func (j judge) Build(b *graph.Builder, batch int) graph.Net {
	h := b.Input(graph.InputX, append([]int{batch}, j.shape...)...)
	label := b.Input(graph.InputLabel, batch)
	if len(j.shape) == 3 && j.shape[1] >= 8 && j.shape[2] >= 8 {
		for i, filters := range []int{8, 16} {
			s := b.Scope(fmt.Sprintf("conv%d", i+1))
			h = graph.Conv2D{Filters: filters, Kernel: graph.Pair{5}, Padding: graph.Same, Activation: "relu"}.Apply(s, h)
			h = graph.MaxPool2D{Size: graph.Pair{2}}.Apply(s, h)
		}
	}
	h = graph.Dense{Units: judgeFeatures, Activation: "relu"}.Apply(b.Scope("features"), b.Flatten(h))
	logits := graph.Dense{Units: j.classes}.Apply(b.Scope("logits"), h)
	return graph.Net{
		Outputs: map[string]*graph.Node{outputFeatures: h, outputLogits: logits},
		Tasks:   []graph.Task{{Name: "class", Loss: b.CrossEntropyOfLabels(logits, label)}},
	}
}

// Judged says how generated samples compare with test samples, by a classifier that is
// trained on the run's training samples from seed 7, for three epochs and at least 500 steps.
type Judged struct {
	// Accuracy is the share of test samples that the classifier finds the class of.
	Accuracy float64 `json:"accuracy"`
	// Recognised is the share of generated samples that it takes for the class that they are
	// generated for; nil if there is none.
	Recognised *float64 `json:"recognised,omitempty"`
	// Classes are the shares of generated samples that it takes for each class.
	Classes []float64 `json:"classes"`
	// Distance is the Fréchet distance of the generated samples from the test samples, of the
	// class if there is one, by the 64 units of the last hidden layer, and Floor that of as
	// many training samples. They depend on the number of samples.
	Distance float64 `json:"distance"`
	Floor    float64 `json:"floor"`
}

// Judge compares samples that were generated with the run's test samples, which need
// classes as the training samples do.
func (r *Run) Judge(ctx context.Context, x vm.Array, g Generation) (*Judged, error) {
	if g.Walk != nil {
		return nil, fmt.Errorf("a walk is not compared with other samples: generate samples without one")
	}
	const least = 2
	if x.Shape[0] < least {
		return nil, fmt.Errorf("%d samples are too few to compare: want at least %d", x.Shape[0], least)
	}
	training, err := r.Set(ctx, TrainPart)
	if err != nil {
		return nil, err
	}
	test, err := r.Set(ctx, "")
	if err != nil {
		return nil, err
	}
	label, classes, err := labelsOf(test.Set)
	if err != nil {
		return nil, test.blame(err)
	}
	if label == nil {
		return nil, fmt.Errorf("%s: the samples have no classes to train a classifier on: for a table, set data.label", test.Where)
	}
	field, err := data.FieldOf(training, graph.InputX)
	if err != nil {
		return nil, err
	}
	backend, err := r.Recipe.backend()
	if err != nil {
		return nil, err
	}
	m := judge{field.Shape, classes}
	o := train.Options{Backend: backend, Seed: 7, Epochs: judgeEpochs, Batch: 100, Scalers: r.Model.Scalers()}
	if n := (training.Len() + o.Batch - 1) / o.Batch; judgeEpochs*n < leastSteps {
		o.Epochs, o.Steps = 0, leastSteps
	}
	trained, err := train.Fit(ctx, m, training, o)
	if err != nil {
		return nil, fmt.Errorf("the classifier: %w", err)
	}
	o.Params, o.EvalBatch = trained.Params, 500
	see := func(set data.Set) (features []float64, class []int, err error) {
		out, err := train.Compute(m, set, o, outputFeatures, outputLogits)
		if err != nil {
			return nil, nil, fmt.Errorf("the classifier: %w", err)
		}
		for i := range set.Len() {
			class = append(class, greatest(out[1].Data[i*classes:(i+1)*classes]))
		}
		return float64s(out[0].Data), class, nil
	}
	generated, err := data.InMemory(data.Array{Name: graph.InputX, Shape: field.Shape, Values: x.Data},
		data.Array{Name: graph.InputLabel, Values: make([]float32, x.Shape[0])})
	if err != nil {
		return nil, err
	}
	features, class, err := see(generated)
	if err != nil {
		return nil, err
	}
	out := &Judged{Classes: make([]float64, classes)}
	for _, c := range class {
		out.Classes[c] += 1 / float64(len(class))
	}
	if want := r.wanted(g, len(class)); want != nil {
		hits := 0.0
		for i, c := range class {
			if c == want[i] {
				hits += 1 / float64(len(class))
			}
		}
		out.Recognised = &hits
	}
	_, class, err = see(test.Set)
	if err != nil {
		return nil, err
	}
	for i, c := range class {
		if c == label[i] {
			out.Accuracy += 1 / float64(len(class))
		}
	}
	like, floor := test.Set, training.Set
	if g.Class != nil {
		if like, err = ofClass(test, *g.Class); err != nil {
			return nil, err
		}
		if floor, err = ofClass(training, *g.Class); err != nil {
			return nil, err
		}
	}
	real, _, err := see(like)
	if err != nil {
		return nil, err
	}
	known, _, err := see(data.Limit(floor, x.Shape[0]))
	if err != nil {
		return nil, err
	}
	if out.Distance, err = metrics.Frechet(features, real, judgeFeatures); err != nil {
		return nil, err
	}
	out.Floor, err = metrics.Frechet(known, real, judgeFeatures)
	return out, err
}

// wanted are the classes that n samples are generated for; nil if there are none.
func (r *Run) wanted(g Generation, n int) []int {
	classes := r.classes()
	if g.Class == nil && (!r.conditional() || classes == 0) {
		return nil
	}
	out := make([]int, n)
	for i := range out {
		if g.Class != nil {
			out[i] = *g.Class
		} else {
			out[i] = i % classes
		}
	}
	return out
}

// greatest is the place of the greatest value.
func greatest(x []float32) int {
	at := 0
	for i, v := range x {
		if v > x[at] {
			at = i
		}
	}
	return at
}
