// Package train is the training loop. It builds a model's training step as a program
// and compiles it on a backend. Then it feeds the fields of batches to the inputs of
// the same names, evaluates the model and reports progress. All random numbers depend
// on the seed and the epoch.
//
//	result, err := train.Fit(ctx, dense.Config{}, set.Train, train.Options{
//		Backend:    cpu.Config{},
//		Epochs:     10,
//		Validation: set.Test,
//		Schedules:  map[string]train.Schedule{"rate": train.WarmUp(0.05, train.Cosine(1e-3, 1e-5))},
//		Progress:   os.Stderr,
//	})
//
// A model is any type that builds a graph.Net: an autoencoder, a classifier, a
// predictor or an embedding. Each input of the net reads the field of its name, so a
// net with an input "label" needs a set with such a field.
//
// CrossValidate trains a model on the folds of a set. Package search, below this one,
// looks for the settings of a model and its training.
//
// If the context is cancelled, training ends after the step in flight, and the result
// contains the epochs so far. The same holds after a step that failed; the weights
// are then those before it.
//
// Callbacks follow a training. EarlyStopping ends it when a number no longer improves,
// and ReduceOnPlateau lowers the learning rate. Watch goes back to a checkpoint after a
// bad batch, and CollapseWatch counts the latent dimensions in use. CSVLog and JSONLines
// write the numbers down. Package picture draws reconstructions, and package tensorboard
// writes event files. A callback of one's own embeds Base.
package train
