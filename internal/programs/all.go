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
		{"gan", "generator and discriminator, two machines over the same weights",
			gan{3, 4, 6, 5}, gan{64, 32, 128, 784}, single},
		{"dqn", "deep Q-learning: a net that acts, one that learns, a target net",
			dqn{6, 4, 2, 2}, dqn{64, 32, 4, 10}, double},
		{"gates", "recurrent cell by slices of 3 x 128, of which Gorgonia makes 2",
			gates{2, 5, 2, false}, gates{32, 64, 10, false}, single},
		{"gates-twice", "the same, cut twice to have all three",
			gates{2, 5, 2, true}, gates{32, 64, 10, true}, single},
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
