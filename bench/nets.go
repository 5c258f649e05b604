package main

import (
	"cmp"

	"github.com/stheno-ml/stheno/internal/nets"
	"github.com/stheno-ml/stheno/train"
)

// net is a model of the benchmark.
type net struct {
	name  string
	model train.Model
	batch int // samples per step, unless -batch is set
	// sample is the image shape of a model for other images than 28x28 digits. Such a
	// model gets generated images.
	sample []int
	target target
}

// target is a reconstruction error: the mean squared error per value on the test
// images of MNIST. The time until training reaches it is measured.
type target struct {
	mse    float64 // 0: none
	epochs int     // after which to give up
}

// targets are the errors that training is timed to, by the name of the model.
var targets = map[string]target{"conv": {0.0100, 150}, "lstm": {0.0400, 400}}

// nets returns the requested models, each with every requested batch size.
func (o options) nets() []net {
	batches := o.batches
	if len(batches) == 0 {
		batches = []int{0}
	}
	var all []net
	for _, name := range o.models {
		for _, batch := range batches {
			all = append(all, netNamed(name, batch))
		}
	}
	return all
}

// netNamed returns the model of a name that parse has checked, with the given batch
// size, or its default if that is 0.
func netNamed(name string, batch int) net {
	n, _ := nets.Named(name)
	return net{name: name, model: n.Model, batch: cmp.Or(batch, n.Batch), sample: n.Sample, target: targets[name]}
}
