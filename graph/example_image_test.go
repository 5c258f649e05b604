package graph_test

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// Layers of images: an encoder shrinks the image and a decoder enlarges it again.
func ExampleConv2D() {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
	x := b.Input("x", 32, 3, 28, 28)
	h := graph.Conv2D{Filters: 16, Kernel: graph.Pair{3}, Padding: graph.Same, Activation: "relu"}.Apply(b.Scope("conv1"), x)
	h = graph.MaxPool2D{Size: graph.Pair{2}}.Apply(b.Scope("pool"), h)
	h = graph.Conv2D{Filters: 8, Kernel: graph.Pair{5, 3}, Stride: graph.Pair{2}, Padding: graph.Same}.Apply(b.Scope("conv2"), h)
	h = graph.ConvTranspose2D{Filters: 8, Kernel: graph.Pair{3}, Stride: graph.Pair{2}, Padding: graph.Same}.Apply(b.Scope("up1"), h)
	h = graph.Upsample2D{Factor: graph.Pair{2}}.Apply(b.Scope("up2"), h)
	graph.AvgPool2D{Size: graph.Pair{28}}.Apply(b.Scope("mean"), h)
	if err := b.Err(); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(graph.Summary(b, "images"))
	// Output:
	// images
	// ---------------------------------------------
	// Layer  Kind             Output        Weights
	// ---------------------------------------------
	// conv1  Conv2D           [N 16 28 28]      448
	// pool   MaxPool2D        [N 16 14 14]        0
	// conv2  Conv2D           [N 8 7 7]       1,928
	// up1    ConvTranspose2D  [N 8 14 14]       584
	// up2    Upsample2D       [N 8 28 28]         0
	// mean   AvgPool2D        [N 8 1 1]           0
	// ---------------------------------------------
	// Trainable weights: 2,960 (11.6 KiB)
	// States: 0 (0 B)
}
