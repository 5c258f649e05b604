package data_test

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"

	"github.com/stheno-ml/stheno/data"
)

// augmented prints the first batch of a set under an augmentation.
func augmented(set data.Set, err error, a ...data.Augmentation) {
	if err != nil {
		log.Fatal(err)
	}
	batches, err := data.NewBatches(set, data.BatchOptions{Seed: 1, Augment: a})
	if err != nil {
		log.Fatal(err)
	}
	defer batches.Close()
	batch, err := batches.Next(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range batch.Fields() {
		fmt.Printf("%s %.3g\n", f.Name, batch.Field(f.Name))
	}
}

// corner is an image of 3 by 3 and a mask of classes.
func corner() (data.Set, error) {
	return data.InMemory(
		data.Array{Name: "x", Shape: []int{1, 3, 3}, Values: []float32{1, 2, 3, 4, 5, 6, 7, 8, 9}},
		data.Array{Name: "mask", Shape: []int{3, 3}, Classes: 2, Values: []float32{1, 0, 0, 0, 0, 0, 0, 0, 0}},
	)
}

// The images of each epoch are turned, moved and bent in other ways.
func ExampleWarp() {
	batches, err := data.NewBatches(data.NewDigits(1, 1000), data.BatchOptions{
		Shuffle: true,
		Seed:    1,
		Augment: []data.Augmentation{data.Warp{Rotate: 15, Shift: 2, Elastic: 1.4}},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer batches.Close()
	batch, err := batches.Next(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(batch.N, len(batch.Field("x")))
	// Output: 128 100352
}

func ExampleFlip() {
	set, err := corner()
	augmented(set, err, data.Flip{Fields: []string{"x", "mask"}, Horizontal: 1})
	// Output:
	// x [3 2 1 6 5 4 9 8 7]
	// mask [0 0 1 0 0 0 0 0 0]
}

func ExampleCrop() {
	set, err := corner()
	augmented(set, err, data.Crop{Fields: []string{"x", "mask"}, Pad: 1})
	// Output:
	// x [0 1 2 0 4 5 0 7 8]
	// mask [0 1 0 0 0 0 0 0 0]
}

func ExampleErase() {
	set, err := corner()
	augmented(set, err, data.Erase{Probability: 1, Least: 0.3, Most: 0.5, Fill: -1})
	// Output:
	// x [1 2 3 4 -1 -1 7 8 9]
	// mask [1 0 0 0 0 0 0 0 0]
}

func ExampleSaltAndPepper() {
	set, err := corner()
	augmented(set, err, data.SaltAndPepper{Fraction: 0.5, Salt: 9})
	// Output:
	// x [0 2 3 9 0 0 0 8 9]
	// mask [1 0 0 0 0 0 0 0 0]
}

// A denoising autoencoder reads x with noise and has the clean target.
func ExampleNoise() {
	set, err := corner()
	if err != nil {
		log.Fatal(err)
	}
	target, err := data.Rename(set, "x", "target")
	if err != nil {
		log.Fatal(err)
	}
	if target, err = data.Select(target, "target"); err != nil {
		log.Fatal(err)
	}
	if set, err = data.Select(set, "x"); err != nil {
		log.Fatal(err)
	}
	set, err = data.With(set, target)
	augmented(set, err, data.Noise{Deviation: 0.1})
	// Output:
	// x [1.15 1.94 3.05 4.01 4.99 6.05 6.87 7.91 9.1]
	// target [1 2 3 4 5 6 7 8 9]
}

// Images and their one-hot labels are mixed alike.
func ExampleMixup() {
	hot, err := data.OneHot(three(), "label")
	augmented(hot, err, data.Mixup{Alpha: 1})
	// Output:
	// x [1 2 3.46 4.46 4.75 5.75]
	// label [0 0 1 0.771 0.229 0 0.127 0.873 0]
}

func ExampleAugmentFunc() {
	negative := data.AugmentFunc(func(r *rand.Rand, sample [][]float32) error {
		if r.IntN(2) == 0 {
			for i := range sample[0] {
				sample[0][i] *= -1
			}
		}
		return nil
	})
	augmented(three(), nil, negative)
	// Output:
	// x [-1 -2 3 4 5 6]
	// label [2 0 1]
}
