package main

import (
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/models/seq"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/train"
)

// net is a model of the benchmark. All of them take the 784 pixels of an image.
type net struct {
	name  string
	model train.Model
}

// nets lists the models by name.
func nets() []net {
	return []net{
		{"conv", conv.Config{}},
		{"conv-strided", conv.Config{Strided: true}},
		{"vae", vae.Config{}},
		{"lstm", seq.Config{}},
		{"dense", dense.Config{}},
	}
}

func netNames() []string {
	var names []string
	for _, n := range nets() {
		names = append(names, n.name)
	}
	return names
}

// netNamed returns the model of a name that parse has checked.
func netNamed(name string) net {
	for _, n := range nets() {
		if n.name == name {
			return n
		}
	}
	return net{name: name}
}
