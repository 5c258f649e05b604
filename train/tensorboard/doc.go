// Package tensorboard writes what TensorBoard shows: losses, metrics and scalars over
// the steps, pictures of reconstructions, and histograms of weights and codes.
//
//	o.Callbacks = append(o.Callbacks, &tensorboard.Writer{Dir: "runs/one"})
//
// Then look at it with
//
//	tensorboard --logdir runs
package tensorboard
