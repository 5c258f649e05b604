package train_test

import (
	"context"
	"fmt"
	"log"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/train"
)

// Sizes is a callback that records how large the weights are. Logs that come after it
// have the number as well.
type Sizes struct{ train.Base }

// Epoch records a number.
func (Sizes) Epoch(r *train.Run) error {
	sum := 0.0
	for _, w := range r.Params().Trainable() {
		for _, v := range w.Floats() {
			sum += v * v
		}
	}
	r.Record("sum of squares", sum)
	return nil
}

// A callback of one's own embeds Base and writes the methods that it needs.
func ExampleCallback() {
	r, err := train.Fit(context.Background(), narrow{}, points{n: 90}, train.Options{
		Backend:   cpu.Config{},
		Epochs:    2,
		Callbacks: []train.Callback{Sizes{}},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range r.Epochs {
		fmt.Println("epoch", e.Epoch, "has the number:", e.Extra["sum of squares"] > 0)
	}
	// Output:
	// epoch 1 has the number: true
	// epoch 2 has the number: true
}

// A table for a spreadsheet, and the same numbers as JSON.
func ExampleCSVLog() {
	o := train.Options{Callbacks: []train.Callback{
		Sizes{},
		&train.CSVLog{Path: "run/log.csv"},
		&train.JSONLines{Path: "run/log.jsonl", EverySteps: 100},
	}}
	fmt.Println(len(o.Callbacks))
	// Output: 3
}

// A training that goes back when a batch spoils the weights, and says when the latent
// dimensions of a variational autoencoder fall out of use.
func ExampleWatch() {
	o := train.Options{
		Checkpoints: &train.Checkpoints{Dir: "run", EverySteps: 500, Resume: true},
		Callbacks: []train.Callback{
			&train.Watch{Factor: 5, GoBack: true},
			&train.CollapseWatch{Share: 0.2, From: 3},
		},
	}
	fmt.Println(len(o.Callbacks))
	// Output: 2
}
