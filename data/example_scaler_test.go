package data_test

import (
	"encoding/json"
	"fmt"
	"log"

	"github.com/stheno-ml/stheno/data"
)

// The scaler is fitted to the training set, applied to both, and kept with the model.
func ExampleFitScaler() {
	train, test, err := data.Split(three(), data.SplitOptions{Count: 1, InOrder: true})
	if err != nil {
		log.Fatal(err)
	}
	scaler, err := data.FitScaler(train, "x", data.ScaleOptions{Kind: data.MinMax})
	if err != nil {
		log.Fatal(err)
	}
	show(scaler.Apply(train))
	show(scaler.Apply(test))
	text, err := json.Marshal(scaler)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(text))
	// Output:
	// [x [2] label [] of 3 classes]
	// [[0 0] [2]]
	// [[1 1] [0]]
	// [x [2] label [] of 3 classes]
	// [[2 2] [1]]
	// {"field":"x","shape":[2],"kind":"min-max","per":"value","max":1,"center":[1,2],"width":[2,2]}
}

// Values that a model computes are brought back to their units.
func ExampleScaler_Undo() {
	scaler, err := data.FitScaler(three(), "x", data.ScaleOptions{Kind: data.Robust})
	if err != nil {
		log.Fatal(err)
	}
	scaled, err := scaler.Transform([]float32{1, 2, 5, 6})
	if err != nil {
		log.Fatal(err)
	}
	back, err := scaler.Undo(scaled)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(scaled, back)
	// Output: [-1 -1 1 1] [1 2 5 6]
}

func ExampleScaler_ApplyStream() {
	scaler, err := data.FitScaler(three(), "x", data.ScaleOptions{Kind: data.MinMax})
	if err != nil {
		log.Fatal(err)
	}
	stream := scaler.ApplyStream(data.FromSet(three()))
	sample := data.NewSample(three())
	if err := stream.Next(sample); err != nil {
		log.Fatal(err)
	}
	fmt.Println(sample)
	// Output: [[0 0] [2]]
}
