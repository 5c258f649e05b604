package vae_test

import (
	"fmt"
	"log"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/vae"
)

func ExampleConfig_Summary() {
	s, err := vae.Config{}.Summary()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(s)
	// Output:
	// variational autoencoder 784-400-20 relu beta 1
	// ----------------------------------------
	// Layer           Kind    Output   Weights
	// ----------------------------------------
	// encoder/fc1     Dense   [N 400]  314,000
	// encoder/mu      Dense   [N 20]     8,020
	// encoder/logvar  Dense   [N 20]     8,020
	// latent          Sample  [N 20]         0
	// decoder/fc1     Dense   [N 400]    8,400
	// decoder/logits  Dense   [N 784]  314,384
	// ----------------------------------------
	// Trainable weights: 652,824 (2.5 MiB)
	// States: 0 (0 B)
}

func ExampleConfig_Summary_convolutional() {
	s, err := vae.Config{Latent: 2, Hidden: []int{16}, Conv: &vae.Conv{}}.Summary()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(s)
	// Output:
	// variational autoencoder 1x28x28-32-64-16-2 relu beta 1
	// ------------------------------------------------------
	// Layer           Kind             Output        Weights
	// ------------------------------------------------------
	// encoder/conv1   Conv2D           [N 32 14 14]      320
	// encoder/conv2   Conv2D           [N 64 7 7]     18,496
	// encoder/fc1     Dense            [N 16]         50,192
	// encoder/mu      Dense            [N 2]              34
	// encoder/logvar  Dense            [N 2]              34
	// latent          Sample           [N 2]               0
	// decoder/fc1     Dense            [N 16]             48
	// decoder/image   Dense            [N 3136]       53,312
	// decoder/conv1   ConvTranspose2D  [N 32 14 14]   18,464
	// decoder/conv2   ConvTranspose2D  [N 1 28 28]       289
	// ------------------------------------------------------
	// Trainable weights: 141,189 (551.5 KiB)
	// States: 0 (0 B)
}

// A table of two continuous columns, one of 0 and 1, and a category of three classes in
// one-hot columns.
func ExampleBlock() {
	c := vae.Config{Hidden: []int{16}, Latent: 2, Blocks: []vae.Block{
		{Likelihood: vae.Gaussian, Size: 2},
		{Likelihood: vae.Bernoulli},
		{Likelihood: vae.Multinomial, Size: 3},
	}}
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	y := c.Decode(b, b.Input("z", 5, 2), nil)
	fmt.Println(y.Shape(), c.Recon(b, y).Shape(), c.LogLikelihood(b, y, b.Input("x", 5, 6)).Shape(), b.Err())
	// Output:
	// (5, 6) (5, 6) (5) <nil>
}

func ExampleImportance() {
	m := vae.Importance{Config: vae.Config{Hidden: []int{200, 200}, Latent: 50, Activation: "tanh", Binarize: true}, Draws: 5}
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	net := m.Build(b, 20)
	fmt.Println(m)
	fmt.Println(net.Outputs["code"].Shape(), net.Outputs["bound"].Shape())
	// Output:
	// 784-200-200-50 tanh beta 1 binarised, 5 draws
	// (20, 50) (20)
}
