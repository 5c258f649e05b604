package data_test

import (
	"fmt"
	"log"

	"github.com/stheno-ml/stheno/data"
)

func ExampleSplit() {
	train, validation, err := data.Split(data.NewDigits(1, 100), data.SplitOptions{Fraction: 0.2, Seed: 1, Stratify: "label"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(train)
	fmt.Println(validation)
	// Output:
	// 80 of 100 samples, to train on, split at random with seed 1, stratified by label
	// 20 of 100 samples, held out at random with seed 1, stratified by label
}

// A series in the order of time is trained on what came before.
func ExampleFolds() {
	folds, err := data.Folds(three(), 2, data.FoldOptions{InOrder: true})
	if err != nil {
		log.Fatal(err)
	}
	for _, fold := range folds {
		fmt.Println(fold.Train)
		fmt.Println(fold.Test, data.Indices(fold.Test))
	}
	// Output:
	// 1 of 3 samples, training part of fold 1 of 2, in the order of the set
	// 1 of 3 samples, test part of fold 1 of 2, in the order of the set [1]
	// 2 of 3 samples, training part of fold 2 of 2, in the order of the set
	// 1 of 3 samples, test part of fold 2 of 2, in the order of the set [2]
}

func ExamplePick() {
	show(data.Pick(three(), []int{2, 0}))
	// Output:
	// [x [2] label [] of 3 classes]
	// [[5 6] [1]]
	// [[1 2] [2]]
}

func ExampleIndices() {
	part, err := data.OfClasses(three(), "label", 1, 2)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(data.Indices(part))
	// Output: [0 2]
}
