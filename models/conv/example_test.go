package conv_test

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/conv"
)

func ExampleConfig_Summary() {
	s, err := conv.Config{}.Summary()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(s)
	// Output:
	// convolutional autoencoder 1-16-8-8-8-8-16-1 28x28 relu bce
	// ------------------------------------------------
	// Layer          Kind        Output        Weights
	// ------------------------------------------------
	// encoder/conv1  Conv2D      [N 16 28 28]      160
	// encoder/pool1  MaxPool2D   [N 16 14 14]        0
	// encoder/conv2  Conv2D      [N 8 14 14]     1,160
	// encoder/pool2  MaxPool2D   [N 8 7 7]           0
	// encoder/conv3  Conv2D      [N 8 7 7]         584
	// decoder/conv1  Conv2D      [N 8 7 7]         584
	// decoder/up1    Upsample2D  [N 8 14 14]         0
	// decoder/conv2  Conv2D      [N 8 14 14]       584
	// decoder/up2    Upsample2D  [N 8 28 28]         0
	// decoder/conv3  Conv2D      [N 16 28 28]    1,168
	// decoder/conv4  Conv2D      [N 1 28 28]       145
	// ------------------------------------------------
	// Trainable weights: 4,385 (17.1 KiB)
	// States: 0 (0 B)
}

// A strided net for images whose sides are not multiples of the strides.
func ExampleConfig_Build() {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
	c := conv.Config{Size: graph.Pair{45, 33}, Channels: 3, Encoder: []int{16, 32, 32, 4}, Strided: true}
	net := c.Build(b, 64)
	if err := b.Err(); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(net.Outputs["code"].Shape(), net.Outputs["recon"].Shape())
	// Output: (64, 4, 6, 5) (64, 3, 45, 33)
}
