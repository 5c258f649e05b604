package main

import (
	"errors"
	"fmt"

	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/models/seq"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/train/search"
)

// codeSize is that of all models, so that none can win by a longer code.
const codeSize = 32

// training is the part of a space that all models share.
func training() search.Space {
	return search.Space{
		search.Float("train.rate", 3e-4, 3e-2).Log(),
		search.Choice("train.batch", 32, 64, 128, 256),
		search.Choice("train.schedule", "constant", "cosine"),
	}
}

// denseSpace has fully connected autoencoders. Layers narrow from the width of the first
// by a factor.
func denseSpace() search.Space {
	return append(search.Space{
		search.Int("layers", 1, 3),
		search.Int("width", 64, 512).Log(),
		search.Float("narrowing", 0.3, 1).When("layers", 2, 3),
		search.Choice("dense.activation", "relu", "leaky_relu", "silu", "tanh"),
		search.Choice("dense.codeActivation", "linear", "relu"),
		search.Bool("dense.tied"),
	}, training()...)
}

// familySpace has three families, each with settings of its own.
func familySpace() search.Space {
	return append(search.Space{
		search.Choice("model", dense.Name, conv.Name, seq.Name),
		search.Int("width", 64, 512).Log().When("model", dense.Name),
		search.Choice("dense.activation", "relu", "silu").When("model", dense.Name),
		search.Int("channels", 4, 16).Log().When("model", conv.Name),
		search.Choice("conv.activation", "relu", "silu").When("model", conv.Name),
		search.Bool("conv.strided").When("model", conv.Name),
		search.Int("seq.hidden.0", 32, 128).Log().When("model", seq.Name),
	}, training()...)
}

// build returns the model and the training of a trial.
func build(v search.Values, epochs int) (m train.Model, o train.Options, err error) {
	o = train.Options{Epochs: epochs, Seed: 1}
	switch v.Text("model") {
	case "", dense.Name:
		net := dense.Config{CodeActivation: "linear"}
		width := v.Float("width")
		for range max(1, v.Int("layers")) {
			net.Hidden = append(net.Hidden, max(codeSize, int(width)))
			width *= v.Float("narrowing")
		}
		net.Hidden = append(net.Hidden, codeSize)
		err = v.Into(dense.Name, &net)
		m = net
	case conv.Name: // 28, 14, 7 and 4 rows; a code of two channels of 4 by 4
		c := v.Int("channels")
		net := conv.Config{Encoder: []int{c, 2 * c, 4 * c, codeSize / 16}, Decoder: []int{4 * c, 4 * c, 2 * c, c}, CodeActivation: "linear"}
		err = v.Into(conv.Name, &net)
		m = net
	case seq.Name: // rows of the picture as steps
		net := seq.Config{Code: codeSize}
		err = v.Into(seq.Name, &net)
		m = net
	default:
		err = fmt.Errorf("the model %q is unknown", v.Text("model"))
	}
	return m, o, errors.Join(err, v.Training("train", &o))
}
