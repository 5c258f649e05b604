package dense

import (
	"cmp"
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// OutputLogits is the name of a classifier's output.
const OutputLogits = "logits"

// Classifier is a softmax classifier on the code of Config's encoder. With weights of
// a trained autoencoder, or of stages of pretraining, it is fine-tuned from there; with
// new ones it is a plain net. It has neither noise nor penalties nor a decoder.
type Classifier struct {
	Config
	// Classes is the number of classes; 0 means 10.
	Classes int `json:"classes,omitzero"`
}

// Validate returns an error that names the first field out of range.
func (m Classifier) Validate() error {
	if m.Classes < 0 || m.Classes == 1 {
		return fmt.Errorf("dense: Classes is %d, want at least 2, or 0 for 10", m.Classes)
	}
	return m.Config.Validate()
}

// Build adds the classifier to the graph, for batches of the given size. The inputs
// are "x" [batch, Input] and "label" [batch], whole numbers from 0. The outputs are
// "code" [batch, last of Hidden], "logits" [batch, Classes] and, in evaluation, "score"
// [batch], the cross entropy of each sample in nats. The task "classify" is their mean.
// The metric "error" is the share of samples whose greatest logit is not at the label.
// If a setting is invalid, the net is empty and the builder has the error.
func (m Classifier) Build(b *graph.Builder, batch int) graph.Net {
	if err := m.Validate(); err != nil {
		b.Failf("%w", err)
	}
	x, label := b.Input(graph.InputX, batch, m.Config.withDefaults().Input), b.Input(graph.InputLabel, batch)
	code := m.Encode(b, x)
	logits := graph.Dense{Units: cmp.Or(m.Classes, 10), Init: m.Init}.Apply(b.Scope("head"), code)
	loss := b.Scope("loss")
	each := loss.CrossEntropyOfLabelsPerSample(logits, label)
	task := graph.Task{Name: "classify", Loss: loss.Mean(each)}
	wrong := loss.AddConst(loss.Neg(loss.Accuracy(logits, label)), 1)
	task.Metrics = []graph.Metric{{Name: "error", Node: wrong}}
	if b.Err() != nil {
		return graph.Net{}
	}
	net := graph.Net{Outputs: map[string]*graph.Node{graph.OutputCode: code, OutputLogits: logits}, Tasks: []graph.Task{task}}
	if !b.Training {
		net.Outputs[graph.OutputScore] = each
	}
	return net
}

// Summary returns a table of the layers, or the error of Validate.
func (m Classifier) Summary() (string, error) {
	return graph.SummaryOf("dense classifier "+m.String(), m.Build)
}

// String describes the net, such as "784-500-100 relu, 10 classes".
func (m Classifier) String() string {
	c := m.Config.withDefaults()
	s := fmt.Sprint(c.Input)
	for _, units := range c.Hidden {
		s += fmt.Sprintf("-%d", units)
	}
	return fmt.Sprintf("%s %s, %d classes", s, c.Activation, cmp.Or(m.Classes, 10))
}
