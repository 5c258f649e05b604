package vae_test

import (
	"fmt"
	"log"

	"github.com/stheno-ml/stheno/models/vae"
)

func ExampleQuantized_Summary() {
	s, err := vae.Quantized{Config: vae.Config{Conv: &vae.Conv{}}, Codes: 64}.Summary()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(s)
	// Output:
	// autoencoder, quantized 1x28x28-32-64-16 relu, 64 codes of 16
	// -----------------------------------------------------
	// Layer          Kind             Output        Weights
	// -----------------------------------------------------
	// encoder/conv1  Conv2D           [N 32 14 14]      320
	// encoder/conv2  Conv2D           [N 64 7 7]     18,496
	// encoder/code   Conv2D           [N 16 7 7]      1,040
	// decoder/image  Conv2D           [N 64 7 7]      9,280
	// decoder/conv1  ConvTranspose2D  [N 32 14 14]   18,464
	// decoder/conv2  ConvTranspose2D  [N 1 28 28]       289
	// -----------------------------------------------------
	// Trainable weights: 47,889 (187.1 KiB)
	// States: 1,089 (4.3 KiB)
}

func ExampleFactor_Summary() {
	s, err := vae.Factor{Config: vae.Config{Latent: 10}, Discriminator: []int{200, 200}}.Summary()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(s)
	// Output:
	// variational autoencoder, factor 784-400-10 relu beta 1
	// ---------------------------------------------
	// Layer                Kind    Output   Weights
	// ---------------------------------------------
	// encoder/fc1          Dense   [N 400]  314,000
	// encoder/mu           Dense   [N 10]     4,010
	// encoder/logvar       Dense   [N 10]     4,010
	// latent               Sample  [N 10]         0
	// decoder/fc1          Dense   [N 400]    4,400
	// decoder/logits       Dense   [N 784]  314,384
	// discriminator/fc1    Dense   [N 200]    2,200
	// discriminator/fc2    Dense   [N 200]   40,200
	// discriminator/logit  Dense   [N 1]        201
	// discriminator/fc1    Dense   [N 200]        0
	// discriminator/fc2    Dense   [N 200]        0
	// discriminator/logit  Dense   [N 1]          0
	// ---------------------------------------------
	// Trainable weights: 683,405 (2.6 MiB)
	// States: 0 (0 B)
}
