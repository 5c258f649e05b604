package vae

import "github.com/stheno-ml/stheno/graph"

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

// numbered is a layer of a masked autoencoder: its units, and the number of each.
type numbered struct {
	units  int
	number func(unit int) int
}

// apply returns the last hidden layer of x [M,D], with the context [M,C], which
// every unit may read.
func (m made) apply(b *graph.Builder, x, context *graph.Node) (h *graph.Node, of numbered) {
	if b.Err() != nil {
		return nil, of
	}
	d := x.Shape()[1]
	h, of = x, m.inOrder(d)
	for i, units := range m.hidden {
		layer := layerScope(b, "fc", i)
		next := numbered{units, func(j int) int { return 1 + j%max(d-1, 1) }}
		h = m.masked(layer, h, of, next, 0)
		if i == 0 && context != nil {
			h = layer.Add(h, graph.Dense{Units: units, NoBias: true, Init: m.Init}.Apply(layer.Scope("context"), context))
		}
		h, of = layer.Activate("elu", h), next
	}
	return h, of
}

// head is an output layer [M,d] on the last hidden layer.
func (m made) head(b *graph.Builder, h *graph.Node, of numbered, d int) *graph.Node {
	return m.masked(b, h, of, m.inOrder(d), 1)
}

// masked is a dense layer in which a unit reads those whose numbers are at most its
// own less the margin.
func (m made) masked(b *graph.Builder, x *graph.Node, from, to numbered, margin int) *graph.Node {
	if x == nil || b.Err() != nil {
		return nil
	}
	w := m.dense(to.units, "").Weight(b, from.units)
	if w == nil {
		return nil
	}
	mask := make([]float64, 0, from.units*to.units)
	for i := range from.units {
		for j := range to.units {
			if from.number(i) <= to.number(j)-margin {
				mask = append(mask, 1)
			} else {
				mask = append(mask, 0)
			}
		}
	}
	y := b.MatMul(x, b.Mul(w, b.Constant(mask, from.units, to.units)))
	return b.Layer("MaskedDense", b.Add(y, b.Param("b", nil, to.units)))
}

// inOrder numbers d inputs, or the outputs for them.
func (m made) inOrder(d int) numbered {
	return numbered{d, func(i int) int {
		if m.reversed {
			return d - i
		}
		return i + 1
	}}
}
