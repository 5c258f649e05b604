package conv_test

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/conv"
)

// A denoising autoencoder of series, with residual blocks and a code of 8 numbers. 50
// steps shrink to 17 and 6; the decoder crops what it enlarges.
func ExampleConfig_denoising() {
	c := conv.Config{
		Steps: 50, Channels: 3, Encoder: []int{16, 32, 32}, Kernel: graph.Pair{5}, Factor: graph.Pair{3},
		Residual: 1, Norm: conv.BatchNorm, Code: 8, CodeActivation: "linear",
		Noise: graph.Corruption{Kind: graph.AddedNoise, Level: 0.1}, Loss: graph.MSE,
	}
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
	net := c.Build(b, 64)
	if err := b.Err(); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c)
	fmt.Println(net.Outputs["code"].Shape(), net.Outputs["recon"].Shape())
	// Output:
	// 3-16-32-32-(8)-32-32-16-3 50 steps relu mse 1 residual batch norm gaussian 0.1 crop 18 to 17, crop 51 to 50
	// (64, 8) (64, 3, 50)
}

// The mask is 1 where a pixel is shown. What is hidden is filled in.
func ExampleInpainting() {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
	net := conv.Inpainting{Config: conv.Config{Size: graph.Pair{32}, Channels: 3, Strided: true}}.Build(b, 16)
	if err := b.Err(); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(b.InputNode("x").Shape(), b.InputNode("mask").Shape(), net.Outputs["filled"].Shape())
	// Output: (16, 3, 32, 32) (16, 3, 32, 32) (16, 3, 32, 32)
}

// In evaluation there are also features for a classifier, from all patches.
func ExampleMasked() {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	c := conv.Masked{Size: graph.Pair{32}, Channels: 3}
	net := c.Build(b, 16)
	if err := b.Err(); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c)
	fmt.Println(len(c.Kept()), net.Outputs["code"].Shape(), net.Outputs["recon"].Shape(), net.Outputs[conv.OutputFeatures].Shape())
	// Output:
	// 3x32x32 patches 4x4, 16 of 64 kept, encoder 4x64, decoder 2x32, 4 heads, mse
	// 16 (16, 16, 64) (16, 3, 32, 32) (16, 64)
}
