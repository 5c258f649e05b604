package programs

import "gorgonia.org/tensor"

// All returns the programs.
func All() []Program {
	single, double := []tensor.Dtype{tensor.Float32}, []tensor.Dtype{tensor.Float64}
	both := []tensor.Dtype{tensor.Float32, tensor.Float64}
	return []Program{
		{Name: "boards", About: "residual policy and value net on boards of 5x5, batch norm",
			Small: boards{4, 5, 3, 4, 1, 6}, Full: boards{32, 5, 3, 16, 3, 32}, Timed: single},
		{Name: "text", About: "LSTM over rows, whose slices UnsafeLet changes in each run",
			Small: text{40, 5, 6, 4}, Full: text{2000, 40, 100, 25}, Timed: single},
		{Name: "words", About: "embeddings by ByIndices, a softmax over the vocabulary",
			Small: words{11, 4, 3, 5}, Full: words{2000, 64, 4, 64}, Timed: single},
		{Name: "masks", About: "comparisons of integers and floats as masks, and booleans that are read",
			Small: masks{4, 6, 5}, Full: masks{256, 64, 128}, Timed: single, Right: masksRight()},
		{Name: "gan", About: "generator and discriminator, two machines over the same weights",
			Small: gan{3, 4, 6, 5}, Full: gan{64, 32, 128, 784}, Timed: single},
		{Name: "dqn", About: "deep Q-learning: a net that acts, one that learns, a target net",
			Small: dqn{6, 4, 2, 2}, Full: dqn{64, 32, 4, 10}, Timed: double},
		{Name: "stack", About: "stacked pretraining of autoencoders by CompileFunction",
			Small: stack{3, 7, []int{5, 4}, 3}, Full: stack{20, 784, []int{300, 150}, 10}, Timed: double},
		{Name: "detector", About: "YOLO's head with ops of the program's own, one of which writes to its operand",
			Small: detector{2, 8, 2, 3, 3}, Full: detector{4, 64, 3, 20, 8}, Timed: single},
		{Name: "gates", About: "recurrent cell from three slices of 128, of which Gorgonia keeps two",
			Small: gates{2, 5, 2, false}, Full: gates{32, 64, 10, false}, Timed: single},
		{Name: "gates-twice", About: "the same cell, sliced twice to get all three",
			Small: gates{2, 5, 2, true}, Full: gates{32, 64, 10, true}, Timed: single},
		{Name: "logistic", About: "Gorgonia's example: the graph computes the next weights",
			Small: logistic{30, 4}, Full: logistic{26733, 10}, Timed: double},
		{Name: "unet", About: "U-net: pooling, upsampling, concatenation",
			Small: unet{2, 8, 2}, Full: unet{4, 32, 8}, Timed: single},
		{Name: "policy", About: "policy gradient, a state at a time",
			Small: policy{4, 5, 3}, Full: policy{4, 24, 2}, Timed: double},
		{Name: "images", About: "Gorgonia's example on MNIST: a convnet",
			Small: images{10, 1, 8, []int{2, 3}, 5, 0}, Full: images{100, 1, 28, []int{32, 64, 128}, 625, .2}, Timed: both},
		{Name: "colours", About: "a convnet on CIFAR's images",
			Small: images{2, 3, 8, []int{3, 4}, 6, 0}, Full: images{64, 3, 32, []int{32, 64, 128}, 256, 0}, Timed: double},
		{Name: "yolo", About: "tiny YOLO, inference",
			Small: yolo{16, []int{3, 4}, []int{5, 4}, 6}, Full: yolo{416, []int{16, 32, 64, 128, 256}, []int{512, 1024, 512}, 425}, Timed: single},
	}
}
