package baseline_test

import (
	"fmt"

	"github.com/stheno-ml/stheno/bench/internal/baseline"
)

// Train on one batch and look at it again.
func ExampleNew() {
	const batch = 4
	net, err := baseline.New("dense", batch, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer net.Close()

	x := make([]float32, batch*28*28) // a bright square in every image
	for i := range x {
		if row, col := i/28%28, i%28; 8 <= row && row < 20 && 8 <= col && col < 20 {
			x[i] = 1
		}
	}
	for range 40 {
		if _, err := net.Step(x); err != nil {
			fmt.Println(err)
			return
		}
	}
	loss, recon, err := net.Eval(x)
	fmt.Println("weights:", net.Params())
	fmt.Println("learned:", loss < .1 && recon[14*28+14] > .9 && recon[0] < .1, err)
	// Output:
	// weights: 222384
	// learned: true <nil>
}
