package vae

import (
	"slices"

	"github.com/stheno-ml/stheno/graph"
)

// made is a masked autoencoder for distribution estimation (Germain et al. 2015,
// section 4): dense layers in which output i of each of several heads depends only on
// inputs before i, in an order of the inputs. Each unit of a layer has a number, and
// reads the units of the layer before whose numbers are at most its own; the heads
// read those with lesser numbers.
type made struct {
	Config
	hidden   []int
	reversed bool // the order is from the last input to the first
}

// apply returns the last hidden layer of x [M,D], with the context [M,C], which
// every unit may read, and the numbers of its units.
func (m made) apply(b *graph.Builder, x, context *graph.Node) (h *graph.Node, numbers []int) {
	if b.Err() != nil {
		return nil, nil
	}
	d := x.Shape()[1]
	h, numbers = x, inOrder(d, m.reversed)
	for i, units := range m.hidden {
		layer := layerScope(b, "fc", i)
		next := make([]int, units)
		for j := range next {
			next[j] = 1 + j%max(d-1, 1)
		}
		h = m.masked(layer, h, numbers, next, 0)
		if i == 0 && context != nil {
			h = layer.Add(h, graph.Dense{Units: units, NoBias: true, Init: m.Init}.Apply(layer.Scope("context"), context))
		}
		h, numbers = layer.Activate("elu", h), next
	}
	return h, numbers
}

// head is an output layer [M,D] on the last hidden layer.
func (m made) head(b *graph.Builder, h *graph.Node, numbers []int, d int) *graph.Node {
	return m.masked(b, h, numbers, inOrder(d, m.reversed), 1)
}

// masked is a dense layer in which a unit reads those whose numbers are at most its
// own less the margin.
func (m made) masked(b *graph.Builder, x *graph.Node, from, to []int, margin int) *graph.Node {
	if x == nil || b.Err() != nil {
		return nil
	}
	mask := make([]float64, 0, len(from)*len(to))
	for _, i := range from {
		for _, j := range to {
			if i <= j-margin {
				mask = append(mask, 1)
			} else {
				mask = append(mask, 0)
			}
		}
	}
	w := m.dense(len(to), "").Weight(b, len(from))
	y := b.MatMul(x, b.Mul(w, b.Constant(mask, len(from), len(to))))
	return b.Layer("MaskedDense", b.Add(y, b.Param("b", nil, len(to))))
}

// inOrder numbers d inputs from 1.
func inOrder(d int, reversed bool) []int {
	numbers := make([]int, d)
	for i := range numbers {
		numbers[i] = i + 1
	}
	if reversed {
		slices.Reverse(numbers)
	}
	return numbers
}
