package main

import (
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/models/seq"
	"github.com/stheno-ml/stheno/models/vae"
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

// nets lists the models by name.
func nets() []net {
	return []net{
		{"conv", conv.Config{}, 128, nil, target{0.0100, 150}},
		{"conv-strided", conv.Config{Strided: true}, 128, nil, target{}},
		{"conv-wide", conv.Config{Size: graph.Pair{32, 32}, Channels: 3, Encoder: []int{64, 128, 256}}, 128, []int{3, 32, 32}, target{}},
		{"vae", vae.Config{}, 128, nil, target{}},
		{"lstm", seq.Config{}, 128, nil, target{0.0400, 400}},
		{"dense", dense.Config{}, 256, nil, target{}},
		{"dense-wide", dense.Config{Input: 4096, Hidden: []int{2048, 512}}, 512, []int{1, 64, 64}, target{}},
	}
}

func netNames() []string {
	var names []string
	for _, n := range nets() {
		names = append(names, n.name)
	}
	return names
}

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
	for _, n := range nets() {
		if n.name == name {
			if batch > 0 {
				n.batch = batch
			}
			return n
		}
	}
	return net{name: name, batch: batch}
}
