package programs

import "gorgonia.org/tensor"

// All returns the programs.
func All() []Program {
	single, double := []tensor.Dtype{tensor.Float32}, []tensor.Dtype{tensor.Float64}
	both := []tensor.Dtype{tensor.Float32, tensor.Float64}
	return []Program{
		{"boards", "residual policy and value net on boards of 5x5, batch norm",
			boards{4, 5, 3, 4, 1, 6}, boards{32, 5, 3, 16, 3, 32}, single},
		{"text", "LSTM over rows, whose slices UnsafeLet switches in each run",
			text{40, 5, 6, 4}, text{2000, 40, 100, 25}, single},
		{"words", "embeddings by ByIndices, a softmax over the vocabulary",
			words{11, 4, 3, 5}, words{2000, 64, 4, 64}, single},
		{"unet", "U-net: pooling, upsampling, concatenation",
			unet{2, 8, 2}, unet{4, 32, 8}, single},
		{"policy", "policy gradient, a state at a time",
			policy{4, 5, 3}, policy{4, 24, 2}, double},
		{"images", "Gorgonia's example on MNIST: a convnet",
			images{3, 1, 8, []int{2, 3}, 5, 0}, images{100, 1, 28, []int{32, 64, 128}, 625, .2}, both},
		{"colours", "a convnet on CIFAR's images",
			images{2, 3, 8, []int{3, 4}, 6, 0}, images{64, 3, 32, []int{32, 64, 128}, 256, 0}, double},
		{"yolo", "tiny YOLO, inference",
			yolo{16, []int{3, 4}, []int{5, 4}, 6}, yolo{416, []int{16, 32, 64, 128, 256}, []int{512, 1024, 512}, 425}, single},
	}
}
