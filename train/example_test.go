package train_test

import (
	"context"
	"fmt"
	"log"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
)

// Classifier recognises digits: 784-32-10.
type Classifier struct{}

// Build builds a net with the inputs "x", images, and "label", classes. It
// reconstructs nothing.
func (Classifier) Build(b *graph.Builder, batch int) graph.Net {
	x, label := b.Input(graph.InputX, batch, 784), b.Input(graph.InputLabel, batch)
	h := graph.Dense{Units: 32, Activation: "relu"}.Apply(b.Scope("hidden"), x)
	logits := graph.Dense{Units: 10}.Apply(b.Scope("logits"), h)
	loss := b.CrossEntropy(logits, b.OneHot(label, 10), 1)
	return graph.Net{
		Outputs: map[string]*graph.Node{"logits": logits},
		Tasks:   []graph.Task{{Name: "class", Loss: loss}},
	}
}

// A classifier trains like an autoencoder; its net has the input "label".
func ExampleFit() {
	result, err := train.Fit(context.Background(), Classifier{}, data.NewDigits(1, 2000), train.Options{
		Backend:    cpu.Config{},
		Optimizer:  optim.Adam{Rate: new(0.01)},
		Epochs:     4,
		Batch:      50,
		Validation: data.NewDigits(2, 200),
		Schedules:  map[string]train.Schedule{"rate": train.WarmUp(0.1, train.Cosine(0.01, 0))},
	})
	if err != nil {
		log.Fatal(err)
	}
	first, last := result.Epochs[0], result.Epochs[3]
	fmt.Println("steps in an epoch:", first.Steps)
	fmt.Println("cross entropy below that of chance, 2.30, after an epoch:", first.Validation["class"] < 2)
	fmt.Println("and lower after four:", last.Validation["class"] < first.Validation["class"])
	// Output:
	// steps in an epoch: 40
	// cross entropy below that of chance, 2.30, after an epoch: true
	// and lower after four: true
}
