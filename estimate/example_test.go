package estimate_test

import (
	"context"
	"fmt"
	"log"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/estimate"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/train"
)

// With many draws, the estimate of log p(x) is above the bound that training maximises.
func ExampleLogLikelihood() {
	ctx := context.Background()
	set, err := data.InMemory(data.Array{Name: "x", Shape: []int{2}, Values: []float32{0, 0, 1, 1, 0, 0, 1, 1}})
	if err != nil {
		log.Fatal(err)
	}
	m := vae.Config{Input: 2, Hidden: []int{8}, Latent: 1}
	trained, err := train.Fit(ctx, m, set, train.Options{Backend: cpu.Config{}, Epochs: 300, Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	o := estimate.Options{Backend: cpu.Config{}, Params: trained.Params, Draws: 500}
	likelihood, err := estimate.LogLikelihood(ctx, m, set, o)
	if err != nil {
		log.Fatal(err)
	}
	bound, err := estimate.Bound(ctx, m, set, o)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("above the bound:", likelihood.Mean > bound.ELBO)
	// Output:
	// above the bound: true
}
