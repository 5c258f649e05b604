package onnx

// ops are the ops that the reader has, by ONNX's names.
var ops = map[string]operation{
	// elementwise, in ops_elements.go
	"Abs": one(abs), "Ceil": one(ceil), "Celu": one(celu), "Cos": one(cos), "Elu": one(elu), "Erf": one(erf), "Exp": one(exp),
	"Floor": one(floor), "Gelu": one(gelu), "HardSigmoid": one(hardSigmoid), "HardSwish": one(hardSwish), "LeakyRelu": one(leakyRelu),
	"Log": one(logarithm), "Mish": one(mish), "Neg": one(neg), "Not": one(not), "Reciprocal": one(reciprocal), "Relu": one(relu),
	"Round": one(round), "Selu": one(selu), "Sigmoid": one(sigmoid), "Sign": one(sign), "Sin": one(sin), "Softplus": one(softplus),
	"Softsign": one(softsign), "Sqrt": one(sqrt), "Swish": one(swish), "Tan": one(tan), "Tanh": one(tanh), "ThresholdedRelu": one(thresholdedRelu),
	"Add": two(add), "Sub": two(sub), "Mul": two(mul), "Div": two(div), "Mod": {2, false, mod}, "Pow": two(pow), "PRelu": two(prelu),
	"Less": two(less), "Greater": two(greater), "LessOrEqual": two(lessOrEqual), "GreaterOrEqual": two(greaterOrEqual),
	"Equal": two(equal), "And": two(and), "Or": two(or), "Xor": two(xor),
	"Max": {1, false, fold(maximum)}, "Min": {1, false, fold(minimum)}, "Sum": {1, false, fold(add)}, "Mean": {1, false, mean},
	"Cast": {1, false, cast}, "Clip": {1, false, clip}, "Dropout": {1, false, dropout}, "Identity": {1, true, identity}, "Where": {3, false, where},

	// shapes, in ops_shapes.go
	"Concat": {1, true, concat}, "Constant": {0, true, constant}, "ConstantOfShape": {1, true, constantOfShape}, "DepthToSpace": {1, false, depthToSpace},
	"Expand": {2, false, expand}, "Flatten": {1, false, flatten}, "Pad": {1, false, pad}, "Range": {3, true, rangeOp}, "Reshape": {1, false, reshape},
	"Shape": {1, true, shapeOp}, "Size": {1, true, sizeOp}, "Slice": {1, false, slice}, "SpaceToDepth": {1, false, spaceToDepth}, "Split": {1, false, split},
	"Squeeze": {1, false, squeeze}, "Tile": {2, false, tile}, "Transpose": {1, false, transpose}, "Unsqueeze": {1, false, unsqueeze},

	// by number and in order, in ops_order.go
	"ArgMax": {1, false, argMax}, "ArgMin": {1, false, argMin}, "CumSum": {2, false, cumSum}, "Gather": {2, false, gather}, "GatherElements": {2, false, gatherElements},
	"OneHot": {3, false, oneHot}, "ScatterElements": {3, false, scatterElements}, "ScatterND": {3, false, scatterND}, "TopK": {1, false, topK},

	// reductions and norms, in ops_norms.go
	"BatchNormalization": {5, false, batchNorm}, "GroupNormalization": {3, false, groupNorm}, "InstanceNormalization": {3, false, instanceNorm},
	"LayerNormalization": {2, false, layerNorm}, "LogSoftmax": {1, false, logSoftmax}, "Softmax": {1, false, softmax}, "LpNormalization": {1, false, lpNorm},
	"ReduceL1": {1, false, reduceL1}, "ReduceL2": {1, false, reduceL2}, "ReduceLogSumExp": {1, false, reduceLogSumExp}, "ReduceMax": {1, false, reduceMax},
	"ReduceMean": {1, false, reduceMean}, "ReduceMin": {1, false, reduceMin}, "ReduceProd": {1, true, reduceProd}, "ReduceSum": {1, false, reduceSum}, "ReduceSumSquare": {1, false, reduceSumSquare},

	// products and images, in ops_images.go and ops_products.go
	"Gemm": {2, false, gemm}, "MatMul": {2, false, matMul},
	"AveragePool": {1, false, averagePool}, "Conv": {2, false, conv}, "ConvTranspose": {2, false, convTranspose}, "GlobalAveragePool": {1, false, globalAveragePool},
	"GlobalMaxPool": {1, false, globalMaxPool}, "MaxPool": {1, false, maxPool}, "Resize": {1, false, resize}, "Upsample": {1, false, resize},

	// sequences, in ops_recur.go
	"GRU": {3, false, recur}, "LSTM": {3, false, recur}, "RNN": {3, false, recur},
}
