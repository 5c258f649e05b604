package data_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"

	"github.com/stheno-ml/stheno/data"
)

// Generated digits need neither files nor a network. "mnist" falls back to them if it cannot be had.
func ExampleOpen() {
	set, err := data.Open(context.Background(), "digits", data.Options{Seed: 1, Train: 1000, Test: 100})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(set.Name, set.Train.Len(), set.Test.Len(), set.Train.Fields())
	fmt.Println(set.Source)
	// Output:
	// digits 1000 100 [x [1 28 28] label [] of 10 classes]
	// generated digits, seed 1
}

// Each array is a field of the set; batches give the fields by name.
func ExampleInMemory() {
	set, err := data.InMemory(
		data.Array{Name: "x", Shape: []int{2}, Values: []float32{1, 2, 3, 4, 5, 6}},
		data.Array{Name: "label", Classes: 10, Values: []float32{7, 8, 9}},
	)
	if err != nil {
		log.Fatal(err)
	}
	batches, err := data.NewBatches(set, data.BatchOptions{Size: 2})
	if err != nil {
		log.Fatal(err)
	}
	defer batches.Close()
	batch, err := batches.Next(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(set.Fields())
	fmt.Println(batch.Field("x"), batch.Field("label"))
	// Output:
	// [x [2] label [] of 10 classes]
	// [1 2 3 4] [7 8]
}

func ExampleNewBatches() {
	set, err := data.InMemory(data.Array{Name: "x", Values: []float32{0, .1, .2, .3, .4}})
	if err != nil {
		log.Fatal(err)
	}
	batches, err := data.NewBatches(set, data.BatchOptions{Size: 2, Shuffle: true, Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	defer batches.Close()
	for range 2 {
		for {
			batch, err := batches.Next(context.Background())
			if err == io.EOF {
				break // the epoch is over
			}
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println("epoch", batch.Epoch, "samples", batch.Index, batch.Field("x"))
		}
	}
	// Output:
	// epoch 0 samples [3 4] [0.3 0.4]
	// epoch 0 samples [0 1] [0 0.1]
	// epoch 0 samples [2] [0.2]
	// epoch 1 samples [1 2] [0.1 0.2]
	// epoch 1 samples [3 4] [0.3 0.4]
	// epoch 1 samples [0] [0]
}

// A position is kept in a checkpoint; what follows it is the same after the restart.
func ExampleBatches_Seek() {
	opts := data.BatchOptions{Size: 100, Shuffle: true, Seed: 1}
	before, err := data.NewBatches(data.NewDigits(1, 1000), opts)
	if err != nil {
		log.Fatal(err)
	}
	defer before.Close()
	for range 3 {
		if _, err := before.Next(context.Background()); err != nil {
			log.Fatal(err)
		}
	}
	saved, err := json.Marshal(before.Position())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(saved))

	after, err := data.NewBatches(data.NewDigits(1, 1000), opts)
	if err != nil {
		log.Fatal(err)
	}
	defer after.Close()
	var position data.Position
	if err := json.Unmarshal(saved, &position); err != nil {
		log.Fatal(err)
	}
	if err := after.Seek(position); err != nil {
		log.Fatal(err)
	}
	batch, err := after.Next(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("epoch", batch.Epoch, "from sample", batch.First)
	// Output:
	// {"epoch":0,"next":300,"of":"1000 samples shuffled with seed 1"}
	// epoch 0 from sample 300
}

// A source that can only be read forwards, such as a log, is shuffled through a buffer.
func ExampleShuffle() {
	squares := data.FromFunc([]data.Field{{Name: "x"}}, func(epoch int) (func([][]float32) error, error) {
		n := 0
		return func(to [][]float32) error {
			if n == 6 {
				return io.EOF
			}
			to[0][0] = float32(n * n)
			n++
			return nil
		}, nil
	})
	batches, err := data.NewStreamBatches(data.Shuffle(squares, 3, 2), data.BatchOptions{Size: 3})
	if err != nil {
		log.Fatal(err)
	}
	defer batches.Close()
	for {
		batch, err := batches.Next(context.Background())
		if err == io.EOF {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(batch.Field("x"))
	}
	// Output:
	// [1 4 0]
	// [9 25 16]
}
