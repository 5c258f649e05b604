// Package train is the training loop: it builds a model's training step as a
// program, compiles it on a backend, feeds it the fields of batches by name, by
// seed and epoch, evaluates, and tells how it goes.
//
//	result, err := train.Fit(ctx, dense.Config{}, set.Train, train.Options{
//		Backend:    cpu.Config{},
//		Epochs:     10,
//		Validation: set.Test,
//		Schedules:  map[string]train.Schedule{"rate": train.WarmUp(0.05, train.Cosine(1e-3, 1e-5))},
//		Progress:   os.Stderr,
//	})
//
// A model is anything that builds a graph.Net: a classifier, a predictor or an
// embedding as well as an autoencoder. Each input of the net is fed by the field
// of its name, so a net that reads "label" wants a set that has one.
//
// A cancelled context ends the run after the step in flight; what was reached is
// in the result all the same. So it is after a step that failed: the weights are
// those before it.
package train
