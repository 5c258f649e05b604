// Package nets lists the nets whose training steps are timed and counted: by bench, by the
// predictions for GPUs, and by the counts of instructions.
package nets

import (
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/models/seq"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/train"
)

// Net is a model and how it is timed.
type Net struct {
	Name  string
	Model train.Model
	Batch int // samples in a step, unless another number is asked for
	// Sample is the image shape of a model for other images than 28x28 digits.
	Sample []int
}

// All returns the nets.
func All() []Net {
	return []Net{
		{"conv", conv.Config{}, 128, nil},
		{"conv-strided", conv.Config{Strided: true}, 128, nil},
		{"conv-wide", conv.Config{Size: graph.Pair{32, 32}, Channels: 3, Encoder: []int{64, 128, 256}}, 128, []int{3, 32, 32}},
		{"vae", vae.Config{}, 128, nil},
		{"lstm", seq.Config{}, 128, nil},
		{"dense", dense.Config{}, 256, nil},
		{"dense-wide", dense.Config{Input: 4096, Hidden: []int{2048, 512}}, 512, []int{1, 64, 64}},
	}
}

// Named returns the net of a name.
func Named(name string) (Net, bool) {
	for _, n := range All() {
		if n.Name == name {
			return n, true
		}
	}
	return Net{}, false
}

// Names returns the names.
func Names() []string {
	var names []string
	for _, n := range All() {
		names = append(names, n.Name)
	}
	return names
}
