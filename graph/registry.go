package graph

import "github.com/stheno-ml/stheno/lower"

// Ops lists the declarations of every op of this package.
func Ops() []Info {
	return []Info{
		mapOp().Info(),
		sumOp().Info(),
		maxOp().Info(),
		softmaxOp().Info(),
		logSumExpOp().Info(),
		stopGradientOp().Info(),
		straightThroughOp().Info(),
		reshapeOp().Info(),
		broadcastOp().Info(),
		transposeOp().Info(),
		sliceOp().Info(),
		unsliceOp().Info(),
		concatOp().Info(),
		unpackOp().Info(),
		repackOp().Info(),
		gatherOp().Info(),
		scatterAddOp().Info(),
		cumSumOp().Info(),
		topKOp().Info(),
		takeAlongOp().Info(),
		putAlongOp().Info(),
		matmulOp().Info(),
		uniformOp().Info(),
		normalOp().Info(),
		recurOp(lower.CellLSTM).Info(),
		recurGradOp(lower.CellLSTM).Info(),
		recurOp(lower.CellGRU).Info(),
		recurGradOp(lower.CellGRU).Info(),
		recurOp(lower.CellRNN).Info(),
		recurGradOp(lower.CellRNN).Info(),
		conv2dOp().Info(),
		conv2dDataOp().Info(),
		conv2dFilterOp().Info(),
		maxPoolOp().Info(),
		maxPoolGradOp().Info(),
		maxPoolAtOp().Info(),
		avgPoolOp().Info(),
		avgPoolGradOp().Info(),
		upsampleOp().Info(),
		upsampleGradOp().Info(),
	}
}
