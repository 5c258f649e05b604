package vae

import "github.com/stheno-ml/stheno/graph"

// Inputs adds the inputs of a batch: x [batch, Input], or [batch, channels, rows,
// columns] with Conv, from "x"; and what encoder and decoder are conditional on. given
// is nil, or the label [batch] from "label" with Classes, or the values
// [batch, Condition] from "condition", or [batch, Classes+Condition], the one-hot
// labels and the values. With Binarize, x is the binarised sample in training.
func (c Config) Inputs(b *graph.Builder, batch int) (x, given *graph.Node) {
	if !c.valid(b) {
		return nil, nil
	}
	c = c.withDefaults()
	x = b.Input(graph.InputX, append([]int{batch}, c.sampleShape()...)...)
	if c.Classes > 0 {
		given = b.Input(graph.InputLabel, batch)
	}
	if c.Condition > 0 {
		values := b.Input(graph.InputCondition, batch, c.Condition)
		if given != nil {
			values = b.Concat(1, b.OneHot(given, c.Classes), values)
		}
		given = values
	}
	if c.Binarize && b.Training && b.Err() == nil {
		b.Domain(x, graph.Domain{Hi: 1, Loss: "binarisation", Remedy: "scale it, such as pixels by 1/255"})
		x = b.Less(b.Uniform("binarize", x.Shape()...), x)
	}
	return x, given
}

// with concatenates h [N, D] and what the model is conditional on.
func (c Config) with(b *graph.Builder, h, given *graph.Node) *graph.Node {
	size := c.Classes + c.Condition
	switch {
	case h == nil || b.Err() != nil:
		return nil
	case size == 0 && given != nil:
		b.Failf("vae: there is a label, but Classes is 0: set it to the number of classes")
		return nil
	case size == 0:
		return h
	}
	n := h.Shape()[0]
	if given != nil && given.Dims() == 1 && c.Condition == 0 && n%given.Shape()[0] == 0 {
		given = b.OneHot(given, c.Classes)
	}
	if b.Err() != nil {
		return nil
	}
	if given == nil || given.Dims() != 2 || given.Shape()[1] != size || n%given.Shape()[0] != 0 {
		have := "nil"
		if given != nil {
			have = graph.Shape(given.Shape()).String()
		}
		if c.Condition == 0 {
			b.Failf("vae: want the label of each of %d samples, [%[1]d], have %s", n, have)
		} else {
			b.Failf("vae: want the %d values that each of %d samples is conditional on, [%d %d], have %s", size, n, n, size, have)
		}
		return nil
	}
	if rows := given.Shape()[0]; rows < n {
		given = b.Reshape(b.RepeatVector(given, n/rows), n, size)
	}
	return b.Concat(1, h, given)
}
