package recipe

import (
	"cmp"
	"context"
	"fmt"
	"reflect"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/train"
)

// headed is a softmax classifier on the code of a model. It shares the model's weights by
// name.
type headed struct {
	stheno.Model
	classes int
	frozen  bool // only the head is trained
}

// leastSteps is the least number of steps of fine-tuning, unless it is set.
const leastSteps = 500

// outputLogits is the name of the classifier's output.
const outputLogits = "logits"

// Build adds the classifier to the graph. The inputs are those of the model and "label"
// [batch], the output is "logits" [batch, classes].
func (m headed) Build(b *graph.Builder, batch int) graph.Net {
	net := m.Model.Build(b, batch)
	if b.Err() != nil {
		return graph.Net{}
	}
	label := b.InputNode(graph.InputLabel)
	if label == nil {
		label = b.Input(graph.InputLabel, batch)
	}
	head := b.Scope("head")
	logits := graph.Dense{Units: m.classes}.Apply(head, head.Flatten(net.Outputs[graph.OutputCode]))
	task := graph.Task{Name: "class", Loss: b.CrossEntropyOfLabels(logits, label)}
	if m.frozen {
		task.Trains = []string{"head/*"}
	}
	return graph.Net{Outputs: map[string]*graph.Node{outputLogits: logits}, Tasks: []graph.Task{task}}
}

// fineTune trains the model's encoder with a softmax head on labelled samples, from weights
// or from new ones, and returns its error on other samples. The head of an encoder that was
// trained is trained alone at first, so that its first gradients do not spoil the encoder
// (Kumar et al. 2022). Samples are read without the noise of a denoising autoencoder.
func (r *Run) fineTune(ctx context.Context, labelled data.Set, test *points, classes int, from *graph.Params, o Probing) (wrong float64, err error) {
	backend, err := r.Recipe.backend()
	if err != nil {
		return 0, err
	}
	m := headed{Model: withoutNoise(r.Model.Model()), classes: classes}
	n := labelled.Len()
	t := train.Options{
		Backend: backend, Params: graph.NewParams(graph.Float32, o.Seed), Seed: o.Seed, Scalers: r.Model.Scalers(),
		Batch: min(100, n), EvalBatch: min(500, test.n),
		Schedules: map[string]train.Schedule{"rate": train.Cosine(1e-3, 1e-5)},
	}
	t.Steps = cmp.Or(o.Steps, max(leastSteps, 5*n/t.Batch))
	if _, err := train.EvalProgram(m, 1, t); err != nil { // makes the weights
		return 0, err
	}
	if from != nil {
		if err := takeOver(t.Params, from); err != nil {
			return 0, err
		}
		head, alone := m, t
		head.frozen, alone.Steps = true, cmp.Or(o.Steps, leastSteps)
		alone.Schedules = map[string]train.Schedule{"rate": train.Cosine(1e-2, 1e-4)}
		if _, err := train.Fit(ctx, head, labelled, alone); err != nil {
			return 0, err
		}
	}
	if _, err := train.Fit(ctx, m, labelled, t); err != nil {
		return 0, err
	}
	logits, err := train.Compute(m, test.set, t, outputLogits)
	if err != nil {
		return 0, err
	}
	for i, want := range test.label {
		if greatest(logits[0].Data[i*classes:(i+1)*classes]) != want {
			wrong += 1 / float64(test.n)
		}
	}
	return wrong, nil
}

// takeOver sets parameters to those of the same names.
func takeOver(to, from *graph.Params) error {
	taken := 0
	for _, p := range to.All() {
		was := from.Get(p.Name())
		if was == nil || !was.Shape().Equal(p.Shape()) {
			continue
		}
		if err := p.SetFloats(was.Floats()); err != nil {
			return err
		}
		taken++
	}
	if taken == 0 {
		return fmt.Errorf("no weight of the model is one of the trained ones")
	}
	return nil
}

// withoutNoise is a model that does not corrupt its samples in training.
func withoutNoise(m stheno.Model) stheno.Model {
	if m == nil || reflect.TypeOf(m).Kind() != reflect.Struct {
		return m
	}
	v := valueOf(m)
	s := settingsOf{}.of(v)
	if !s.isSet("noise") {
		return m
	}
	s.value("noise").SetZero()
	if s.isSet("emphasis") {
		s.value("emphasis").SetZero()
	}
	quiet, ok := v.Interface().(stheno.Model)
	if !ok {
		return m
	}
	return quiet
}
