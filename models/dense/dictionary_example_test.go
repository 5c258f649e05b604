package dense_test

import (
	"fmt"
	"log"

	"github.com/stheno-ml/stheno/models/dense"
)

func ExampleTopKSAE_Summary() {
	s, err := dense.TopKSAE{Dictionary: dense.Dictionary{Input: 64, Units: 256}, K: 8}.Summary()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(s)
	// Output:
	// sparse autoencoder sae 64-256 topk 8
	// -------------------------------------
	// Layer    Kind        Output   Weights
	// -------------------------------------
	// encoder  TopK        [N 256]   16,640
	// decoder  Dictionary  [N 64]    16,448
	// -------------------------------------
	// Trainable weights: 33,088 (129.2 KiB)
	// States: 256 (1.0 KiB)
}
