// Package train is the training loop: it builds a model's training step as
// one graph, gets a machine for it, feeds it batches by seed and epoch,
// evaluates, and tells how it goes.
//
//	result, err := train.Fit(ctx, dense.Config{}, set.Train, set.Test, train.Options{
//		Compile: tape.Compile,
//		Epochs:  10,
//		Progress: os.Stderr,
//	})
//
// A cancelled context ends the run after the step under way; what was reached
// is in the result all the same.
package train
