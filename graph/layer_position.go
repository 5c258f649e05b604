package graph

import "math"

// SinePositions adds fixed positions to a sequence x [N,T,D] (Vaswani et al. 2017,
// section 3.5): for step t and feature pair i,
//
//	sin(t / 10000^(2i/D)) at feature 2i,   cos of the same at feature 2i+1
//
// It has no parameters.
type SinePositions struct{}

// Apply adds the layer to the graph.
func (SinePositions) Apply(b *Builder, x *Node) *Node {
	steps, features, ok := b.sequenceOf("sine positions", x)
	if !ok {
		return nil
	}
	table := make([]float64, steps*features)
	for t := range steps {
		for d := range features {
			angle := float64(t) / math.Pow(10000, float64(d/2*2)/float64(features))
			if d%2 == 0 {
				table[t*features+d] = math.Sin(angle)
			} else {
				table[t*features+d] = math.Cos(angle)
			}
		}
	}
	return b.Layer("SinePositions", b.Add(x, b.Constant(table, steps, features)))
}

// LearnedPositions adds a learned vector to each step of a sequence x [N,T,D]. Its
// parameter is "positions" [T,D].
type LearnedPositions struct {
	Init Init // nil is Normal(0, 0.02)
}

// Apply adds the layer to the graph.
func (l LearnedPositions) Apply(b *Builder, x *Node) *Node {
	steps, features, ok := b.sequenceOf("learned positions", x)
	if !ok {
		return nil
	}
	init := l.Init
	if init == nil {
		init = Normal(0, .02)
	}
	return b.Layer("LearnedPositions", b.Add(x, b.Param("positions", init, steps, features)))
}

// sequenceOf returns the extents of a sequence. If x is not a sequence, ok is false
// and it records the mistake.
func (b *Builder) sequenceOf(what string, x *Node) (steps, features int, ok bool) {
	if x == nil || b.Err() != nil {
		return 0, 0, false
	}
	if x.Dims() != 3 {
		b.Failf("%s: x is %v, want a sequence [N,T,D]", what, Shape(x.Shape()))
		return 0, 0, false
	}
	return x.Shape()[1], x.Shape()[2], true
}
