package train_test

import (
	"context"
	"fmt"
	"log"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
)

// Folds of a classifier have the same part of each class.
func ExampleCrossValidate() {
	c, err := train.CrossValidate(context.Background(), Classifier{}, data.NewDigits(1, 600), train.Options{
		Backend: cpu.Config{}, Optimizer: optim.Adam{Rate: new(0.01)}, Epochs: 2, Batch: 50,
	}, train.FoldOptions{Folds: 3, By: data.FoldOptions{Stratify: "label"}})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range c.Folds {
		fmt.Println("trained on", f.Samples, "samples, tested on", f.Tested)
	}
	fmt.Println("mean cross entropy below that of chance, 2.30:", c.Mean["class"] < 2.3)
	// Output:
	// trained on 400 samples, tested on 200
	// trained on 400 samples, tested on 200
	// trained on 400 samples, tested on 200
	// mean cross entropy below that of chance, 2.30: true
}
